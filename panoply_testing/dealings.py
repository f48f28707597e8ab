"""Words for what a source has to do with the world in a run: what it reads, which tables it fills, what it touches and starts.

Values only, for people who have to decide about a source that they do not know. None of them is a value of a record, or a
credential: of what was read there are types and shapes, of what was asked for the parts of the path that are words.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Column", "Dealings", "File", "Host", "Program", "Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        types: what its values were, in the order in which they were met: "text", "integer" ...
        filled: of the records that were looked at, so many had a value there.
        samples: the shapes of its values in the first records: "Aaaaa 99" for a text. Empty: no value.
    """

    column: str
    types: tuple[str, ...] = ()
    filled: int = 0
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table that records go into.

    Attributes:
        table: its name; `{column}` where the destination names one to be filled in.
        records: how many there were; `looked_at`: of so many of them the columns were looked at.
        columns: the first ones; `column_count` counts all.
    """

    table: str
    records: int = 0
    looked_at: int = 0
    columns: tuple[Column, ...] = ()
    column_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Whom it spoke to.

    Attributes:
        host: as in "api.acme.com:443".
        operations: how many operations on the network. 0: they were not seen, only the connection.
        requests: the first kinds of HTTP requests, "GET /items/*"; `*` stands for what may be a value.
        encrypted: whether there was a TLS handshake that the kit could see.
    """

    host: str
    operations: int = 0
    requests: tuple[str, ...] = ()
    encrypted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file or folder that the source's own code had to do with, and how: "read", "written", "removed" ..."""

    path: str
    how: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A process that the source started: the program, and what its arguments are, without their values."""

    program: str
    arguments: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealings:
    """All of that, of one run."""

    tables: tuple[Table, ...] = ()
    hosts: tuple[Host, ...] = ()
    files: tuple[File, ...] = ()
    programs: tuple[Program, ...] = ()
