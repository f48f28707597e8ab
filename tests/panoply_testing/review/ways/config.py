"""The ways in which CONFIG is not ready to be handed in, or is another source's."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, edit, in_constructor, in_read, method, way, write

CONFIG = "shop/config.py"
_ICON = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>"
_REGION = '{"name": "region", "title": "Region"}'


def _region(text: str):
    return edit(CONFIG, _REGION, text)


WAYS = {
    "config_is_ready": Ways(
        broken=(
            way("no icon", edit(CONFIG, f'    "icon": "{_ICON}",\n', "")),
            way(
                "no categories and no keywords",
                edit(CONFIG, '    "categories": ["APIS"],\n    "keywords": ["shop"],\n', ""),
            ),
            way("a param without a title", _region('{"name": "region"}')),
            way(
                "a default that is not among the values",
                _region(
                    '{"name": "region", "title": "Region", "type": "select", "values": ["eu", "us"], "default": "asia"}'
                ),
            ),
            way("it was created in the future", edit(CONFIG, "2024-05-01", "2094-05-01")),
            way(
                "a list without anything to choose from",
                _region('{"name": "region", "title": "Region", "type": "list"}'),
            ),
            way(
                "a param that depends on one further down",
                _region(
                    '{"name": "region", "title": "Region", "dependencies": ["city"]},\n        {"name": "city", "title": "City"}'
                ),
                in_read('self.log("in", self.source.get("city"))'),
                append("README.md", "\n`city`: where.\n"),
            ),
            way("an icon that is empty", edit(CONFIG, _ICON, "")),
        ),
        kept=(
            way(
                "a key of one's own, which begins with x-",
                _region('{"name": "region", "title": "Region", "x-note": "as ISO has it"}'),
            ),
            way(
                "values that are looked up",
                _region('{"name": "region", "title": "Region", "type": "list", "values": lambda source: ["eu", "us"]}'),
            ),
            way("a hidden param without a title", _region('{"name": "region", "type": "hidden"}')),
        ),
    ),
    "template_is_filled_in": Ways(
        broken=(
            way("in the README", append("README.md", "\nInstall {{ cookiecutter.package }}.\n")),
            way(
                "a condition in the CI's settings",
                write(".github/workflows/ci.yml", "{% if cookiecutter.ci == 'github' %}\non: push\n{% endif %}\n"),
            ),
            way("the name of a file", write("docs/{{cookiecutter.slug}}.md", "Use it.\n")),
            way(
                "in a docstring of the code",
                method('def about(self):\n    """Tell of {{cookiecutter.title}}."""\n    return "Shop"'),
                in_read("self.log(self.about())"),
            ),
            way("with a filter", append("CHANGELOG.md", "\n{{ cookiecutter.title|upper }}\n")),
        ),
        kept=(
            way(
                "braces of GitHub's",
                write(".github/workflows/ci.yml", "on: push\nenv:\n  TOKEN: ${{ secrets.SHOP }}\n"),
            ),
            way(
                "a template of its own",
                write(
                    "shop/query.sql", "select * from {{ table }} {% if since %} where at > {{ since }} {% endif %}\n"
                ),
            ),
            way("the word itself", append("README.md", "\nIt was made with cookiecutter.\n")),
        ),
    ),
    "texts_are_about_this_source": Ways(
        broken=(
            way(
                "the title of the source that it was copied from", edit(CONFIG, '"title": "Shop"', '"title": "Stripe"')
            ),
            way("a keyword of another source", edit(CONFIG, '["shop"]', '["shop", "zendesk"]')),
            way(
                "the description of another source",
                edit("pyproject.toml", "Panoply data source: Shop", "Panoply data source: HubSpot"),
            ),
            way(
                "the README of another source",
                edit("README.md", "# Shop\n", "# Zendesk Support\n"),
                edit("README.md", "table `shop`", "table `tickets`"),
                edit("README.md", "where the shop is", "of the desk"),
            ),
        ),
        kept=(
            way("a longer name for the same", edit(CONFIG, '"title": "Shop"', '"title": "The Shop (beta)"')),
            way(
                "a README that begins with a welcome",
                edit("README.md", "# Shop\n", "# Welcome\n\nThis reads the Shop.\n"),
            ),
            way(
                "a keyword for what it works with, which the README tells of",
                edit(CONFIG, '["shop"]', '["shop", "shopify"]'),
                append("README.md", "\nIt reads shops of Shopify.\n"),
            ),
        ),
    ),
    "source_keys_are_declared": Ways(
        broken=(
            way("a key that was misspelt", in_read('self.log("in", self.source.get("regoin"))')),
            way(
                "a key that was forgotten in CONFIG",
                in_read(
                    'if "since" in self.source and self.source["since"]:\n    self.log("since", self.source["since"])'
                ),
            ),
            way("in the constructor, with a default", in_constructor('self._size = int(source.get("page_size", 100))')),
            way("taken out of it", in_constructor('self._old = source.pop("legacy_region", None)')),
            way(
                "by a function that is given the source",
                method("def _where(self):\n    return _city(self.source)"),
                append(SOURCE, '\n\ndef _city(params):\n    return params.get("city")\n'),
                in_read("self.log(self._where())"),
            ),
            way(
                "through a constant",
                in_read('self.log("in", self.source.get(KEY))'),
                edit(SOURCE, "import panoply\n", 'import panoply\n\nKEY = "currency"\n'),
            ),
        ),
        kept=(
            way(
                "what the platform sets by itself",
                in_read('self.log("last time:", self.source.get("lastTimeSucceed"), self.source.get("destination"))'),
            ),
            way(
                "what it writes itself",
                in_constructor('source.setdefault("idpattern", "{number}")'),
                in_read('self.log(self.source["idpattern"])'),
            ),
            way(
                "a key of another dict that is called source, too",
                append(
                    SOURCE,
                    '\n\ndef told(row):\n    """In words."""\n    source = {"city": row}\n    return source["city"]\n',
                ),
            ),
            way(
                "each param by its name in CONFIG",
                in_read(
                    'from .config import CONFIG\n\nself.log(sum(bool(self.source.get(each["name"])) for each in CONFIG["params"]))'
                ),
            ),
        ),
    ),
    "params_are_read": Ways(
        broken=(
            way(
                "a param that nothing came of",
                edit(CONFIG, _REGION, f'{_REGION},\n        {{"name": "since", "title": "Since"}}'),
                append("README.md", "\n`since`: from when on.\n"),
            ),
            way("it is read under another name", edit(SOURCE, 'source.get("region")', 'source.get("id")')),
            way(
                "only the tests read it",
                edit(SOURCE, 'source.get("region") == "nowhere"', "not source"),
                append(
                    "tests/test_source.py",
                    "\n\ndef test_region():\n    source = {'token': 'made-up', 'region': 'eu'}\n    assert Stream(source, {}).source.get('region') == 'eu'\n",
                ),
            ),
            way(
                "it is only named in a comment",
                edit(SOURCE, 'source.get("region") == "nowhere"', 'not source  # the "region" is for later'),
            ),
        ),
        kept=(
            way(
                "what the platform consumes",
                edit(
                    CONFIG,
                    _REGION,
                    f'{_REGION},\n        {{"name": "destination", "title": "Destination", "type": "destination"}}',
                ),
                append("README.md", "\n`destination`: the table.\n"),
            ),
            way(
                "it is read through a loop over names",
                edit(
                    SOURCE,
                    'source.get("region") == "nowhere"',
                    'any(source.get(each) == "nowhere" for each in ("region",))',
                ),
            ),
            way(
                "all params are handed on",
                edit(SOURCE, 'source.get("region") == "nowhere"', "_ends(**{'token': '', **source})"),
                append(SOURCE, '\n\ndef _ends(token, region="", **others):\n    return region == "nowhere"\n'),
            ),
        ),
    ),
}
