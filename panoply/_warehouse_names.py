"""How tables and columns are called in the warehouse. Pure.

From Panoply's documentation: letters become lower case; blanks, dashes and what else a name has stay, so that SQL has to
quote them. Decided here: what cannot be printed, and quotation marks, become `_`, blanks at either end go, no name is empty;
a name over 127 bytes, Redshift's limit, is cut, and told apart from others by a checksum. Names of one row that become the
same are numbered: `name`, `name_2`.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["free", "named", "quoted", "spelled"]

_LONGEST: Final = 127


def spelled(name: str) -> str:
    """The name as the warehouse spells it."""
    plain = name.lower()
    if not plain.isprintable() or '"' in plain:
        plain = "".join("_" if each == '"' or not each.isprintable() else each for each in plain)
    plain = plain.strip() or "_"
    if len(plain) * 4 > _LONGEST and len(plain.encode()) > _LONGEST:
        mark = f"_{zlib.crc32(plain.encode()):08x}"
        plain = plain.encode()[: _LONGEST - len(mark)].decode(errors="ignore") + mark
    return plain


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number if it is taken."""
    if name not in taken:
        return name
    number = 2
    while (other := spelled(f"{name}_{number}")) in taken:
        number += 1
    return other


def named(keys: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """The column for each key of a row. Who is spelled as in the warehouse comes first, then who stands first."""
    taken = set(reserved)
    columns = {}
    keys = list(keys)
    spellings = {key: spelled(key) for key in keys}
    for key in keys:
        if spellings[key] == key and key not in taken:
            columns[key] = key
            taken.add(key)
    for key in keys:
        if key not in columns:
            columns[key] = free(spellings[key], taken)
            taken.add(columns[key])
    return {key: columns[key] for key in keys}


def quoted(name: str) -> str:
    """The name in SQL."""
    return '"' + name.replace('"', '""') + '"'
