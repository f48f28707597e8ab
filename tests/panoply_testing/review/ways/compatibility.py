"""The ways in which a new version breaks the collections that customers have set up with the last one."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, commit, edit, in_constructor, in_read, tag, way

CONFIG = "shop/config.py"
_REGION = '{"name": "region", "title": "Region"}'
_NEXT = (
    edit("pyproject.toml", 'version = "1.2.0"', 'version = "1.3.0"'),
    edit("CHANGELOG.md", "## 1.2.0\n", "## 1.3.0\n\n- More.\n\n## 1.2.0\n"),
    append("README.md", "\n`area`, `city`, `since`, `regions`: see the form.\n"),
)


def _since(phrase, *steps, before=()):
    """A version more, with these changes; `before`: how the last one differs from the usual one."""
    return way(phrase, *before, then=(*_NEXT, *steps, commit("The next version"), tag("v1.3.0")))


def _region(text: str):
    return edit(CONFIG, _REGION, text)


def _now(old: str, new: str):
    return edit(CONFIG, old, new)


_SELECT = '{"name": "region", "title": "Region", "type": "select", "values": ["eu", "us"]}'
_LIST = '{"name": "region", "title": "Region", "type": "list", "values": ["eu", "us"]}'
_NAMED = '{"name": "region", "title": "Region", "type": "list", "values": [{"name": "EU", "value": "eu"}]}'
_READS = 'self.log("for", self.source.get("city"))'
_CITY = ', "title": "Region"},\n        {"name": "city", "title": "City"'
_WRITES = 'source.setdefault("destination", "shop_orders")\nsource.setdefault("idpattern", "{number}")'

WAYS = {
    "params_are_kept": Ways(
        broken=(
            _since(
                "a param is gone",
                edit(CONFIG, f"        {_REGION},\n", ""),
                edit(SOURCE, 'source.get("region") == "nowhere"', "not source"),
            ),
            _since(
                "a param was renamed",
                _region(_REGION.replace('"region"', '"area"')),
                edit(SOURCE, 'source.get("region")', 'source.get("area")'),
            ),
            _since(
                "the spelling of names was made the same",
                _region(_REGION.replace('"region"', '"Region"')),
                edit(SOURCE, 'source.get("region")', 'source.get("Region")'),
            ),
            _since(
                "two params have become one",
                _region('{"name": "regions", "title": "Regions", "type": "list", "values": ["eu", "us"]}'),
                edit(SOURCE, 'source.get("region") == "nowhere"', '"nowhere" in (source.get("regions") or [])'),
            ),
        ),
        kept=(
            _since("a param more", _region(_REGION + ',\n        {"name": "city", "title": "City"}'), in_read(_READS)),
            _since("another title, and another order", _region('{"name": "region", "title": "Where it is"}')),
            _since(
                "the old name is left as hidden, and read",
                _region('{"name": "region", "type": "hidden"},\n        {"name": "area", "title": "Area"}'),
                edit(SOURCE, 'source.get("region")', '(source.get("area") or source.get("region"))'),
            ),
        ),
    ),
    "params_stay_optional": Ways(
        broken=(
            _since("what was optional is required", _region('{"name": "region", "title": "Region", "required": True}')),
            _since(
                "a new param is required",
                _region(_REGION + ',\n        {"name": "city", "title": "City", "required": True}'),
                in_read(_READS),
            ),
            _since(
                "a new one is required, with an empty default",
                _region(_REGION + ',\n        {"name": "city", "title": "City", "required": True, "default": ""}'),
                in_read(_READS),
            ),
            _since(
                "it is required by a constant of its own",
                edit(CONFIG, "CONFIG = {", 'MUST = {"required": True}\n\nCONFIG = {'),
                _region('{"name": "region", "title": "Region", **MUST}'),
            ),
        ),
        kept=(
            _since(
                "a new one is required, and has a default",
                _region(_REGION + ',\n        {"name": "city", "title": "City", "required": True, "default": "Bonn"}'),
                in_read(_READS),
            ),
            _since("what was required is optional", edit(CONFIG, '"required": True', '"required": False')),
        ),
    ),
    "params_keep_their_shape": Ways(
        broken=(
            _since("text has become a list", _region(_LIST)),
            _since("one choice has become several", edit(CONFIG, _SELECT, _LIST), before=(_region(_SELECT),)),
            _since("values have become names with values", edit(CONFIG, _LIST, _NAMED), before=(_region(_LIST),)),
            _since("text has become a number", _region('{"name": "region", "title": "Region", "type": "number"}')),
            _since(
                "text has become yes or no",
                _region('{"name": "region", "title": "Region", "type": "checkbox"}'),
                before=(),
            ),
        ),
        kept=(
            _since("free text has become a choice of texts", _region(_SELECT)),
            _since(
                "a line has become a field that is masked",
                _region('{"name": "region", "title": "Region", "type": "password"}'),
            ),
            _since("more to choose from", edit(CONFIG, '"us"]', '"us", "asia"]'), before=(_region(_LIST),)),
        ),
    ),
    "table_defaults_are_kept": Ways(
        broken=(
            _since(
                "another destination, in the constructor",
                edit(SOURCE, '"shop_orders"', '"orders"'),
                before=(in_constructor(_WRITES),),
            ),
            _since(
                "another idpattern, in the constructor",
                edit(SOURCE, '"{number}"', '"{number}-{region}"'),
                before=(in_constructor(_WRITES),),
            ),
            _since("the first idpattern of all", in_constructor('source.setdefault("idpattern", "{number}")')),
            _since(
                "another default of the param in CONFIG",
                edit(CONFIG, '"default": "shop"', '"default": "shop_rows"'),
                before=(
                    _region(
                        _REGION
                        + ',\n        {"name": "destination", "title": "Table", "type": "destination", "default": "shop"}'
                    ),
                    append("README.md", "\n`destination`: the table.\n"),
                ),
            ),
            _since(
                "no destination any more",
                edit(SOURCE, '        source.setdefault("destination", "shop_orders")\n', ""),
                before=(in_constructor(_WRITES),),
            ),
        ),
        kept=(
            _since(
                "the same, written in another way",
                edit(
                    SOURCE,
                    'source.setdefault("destination", "shop_orders")',
                    'if not source.get("destination"):\n            source["destination"] = "shop_" + "orders"',
                ),
                before=(in_constructor(_WRITES),),
            ),
            _since(
                "the same, by a constant",
                edit(SOURCE, '"shop_orders"', "TABLE"),
                edit(SOURCE, "import panoply\n", 'import panoply\n\nTABLE = "shop_orders"\n'),
                before=(in_constructor(_WRITES),),
            ),
        ),
    ),
    "identity_is_kept": Ways(
        broken=(
            _since("another title", _now('"title": "Shop"', '"title": "Shop (new)"')),
            _since(
                "the host is now in another param",
                _now('"hostProperty": "region"', '"hostProperty": "token"'),
                before=(_now('"title": "Shop",', '"title": "Shop",\n    "hostProperty": "region",'),),
            ),
            _since(
                "the host is named for the first time",
                _now('"title": "Shop",', '"title": "Shop",\n    "hostProperty": "region",'),
            ),
            _since("the same title in capital letters", _now('"title": "Shop"', '"title": "SHOP"')),
        ),
        kept=(
            _since("another icon, and more keywords", _now('["shop"]', '["shop", "orders"]')),
            _since("the title of a param", _region('{"name": "region", "title": "Where"}')),
        ),
    ),
}
