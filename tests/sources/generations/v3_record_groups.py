"""SDK 3: record groups for each resource, resources for the form, and errors in one shape."""

from panoply import DataSource
from panoply.errors import IncorrectParamError, PanoplyException, Phase, set_internal_code, wrap_errors
from panoply.errors.exceptions import DataSourceException
from panoply.records import RecordGroup, to_record
from panoply.resources import Field, Resource, convert_to_ui_format

DATA = {"orders": [{"id": 1}, {"id": 2}, {"id": 3}], "customers": {"id": 7}}

TABLES = {"shop_orders": 3, "shop_customers": 1}


@set_internal_code(404)
class NoSuchResource(PanoplyException):
    def __init__(self, name):
        super().__init__(f"There is no {name}", retryable=False)


class Shop(DataSource):
    def __init__(self, source: dict, options: dict = {}):
        super(Shop, self).__init__(source, options)
        self.source["destination"] = source.get("destination", "shop")
        self.resources = list(source.get("resources") or DATA)
        self.total = len(self.resources)

    @wrap_errors(Phase.COLLECT)
    def read(self, batch_size: int = None) -> list[RecordGroup]:
        if not self.resources:
            return None
        resource = self.resources[0]
        if resource not in DATA:
            raise NoSuchResource(resource)
        group = to_record(resource, DATA[resource])
        self.resources = self.resources[1:]
        self.progress(self.total - len(self.resources), self.total, resource)
        self.log("Read", resource)
        return [group]

    @classmethod
    def list_resources(cls, source, options={}) -> list[Resource]:
        return [Resource(id=name, title=name.title(), available=name != "customers") for name in DATA]

    @classmethod
    def get_resource(cls, resource_id, source, options={}) -> Resource:
        if resource_id not in DATA:
            raise IncorrectParamError(f"No resource {resource_id}")
        return Resource(id=resource_id, title=resource_id.title(), fields=[Field(name="id", type="int")])


@wrap_errors(Phase.CONFIG)
def resources(source, options={}):
    if source.get("resources") == ["refused"]:
        raise DataSourceException("refused", 403, "x.Y", "collect", "shop", 1, 2, retryable=False)
    return convert_to_ui_format(
        Shop.list_resources(source, options),
        lambda item: item["title"],
        lambda item: item["id"],
        lambda item: not item.get("available"),
    )


Stream = Shop
CONFIG = {"title": "Shop", "params": [{"name": "resources", "type": "list", "values": resources}]}
