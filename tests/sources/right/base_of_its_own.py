"""Stream inherits from a base class that inherits from DataSource."""

import abc

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Paged(panoply.DataSource, abc.ABC):
    page = 0

    @abc.abstractmethod
    def rows_of(self, page): ...

    def read(self, n=None):
        self.page += 1
        rows = self.rows_of(self.page)
        if rows is not None:
            self.progress(self.page, 2)
        return rows


class Orders(Paged):
    def rows_of(self, page):
        return [{"page": page}] if page <= 2 else None


Stream = Orders
