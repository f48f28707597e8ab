"""The ways in which a README does not tell which tables a source fills."""

from __future__ import annotations

from ways._making import SOURCE, Ways, edit, way

_ROW = '{"number": number} for number in batch'
_LINE = "It fills the table `shop`.\n"

# The first of the three numbers goes into another table.
_TWO = edit(SOURCE, _ROW, '{"number": number, "__table": "first" if number == 1 else "others"} for number in batch')
_NAMED = edit(SOURCE, _ROW, '{"number": number, "__table": f"shop_{number}"} for number in batch')

WAYS = {
    "readme_names_each_table": Ways(
        broken=(
            way("one of two tables is left out", _TWO, edit("README.md", _LINE, "It fills the table `first`.\n")),
            way("the tables of an earlier version", _TWO, edit("README.md", _LINE, "It fills `rows` and `totals`.\n")),
            way("only params are described", _TWO, edit("README.md", f"\n{_LINE}", "")),
            way(
                "the name is only part of a longer word",
                _TWO,
                edit("README.md", _LINE, "From firsthand; otherstuff.\n"),
            ),
        ),
        kept=(
            way(
                "both are named, in a list",
                _TWO,
                edit("README.md", _LINE, "* `first`: one row\n* `others`: two rows\n"),
            ),
            way(
                "a name that stands for many", _NAMED, edit("README.md", _LINE, "It fills the tables `shop_NUMBER`.\n")
            ),
            way("in words, in another case", _TWO, edit("README.md", _LINE, "It fills First, and the table OTHERS.\n")),
        ),
    ),
}
