"""Where records lie for a moment between `write` and the delivery, so that not each of them has to wait for a lock.

A row is put here by `rows.append`, which Python does in one step whatever other threads do; and whoever holds the SDK's
lock settles all rows at once. A row that is here has been accepted.

`open` is what keeps the two sides from missing each other. It is True only while somebody is sure to come for the rows
before their message is due. Whoever closes it does so first and settles then; whoever adds a row adds it first and looks
then whether this is still open, and settles by itself if it is not. In whatever order the four steps happen, one of the two
sees the other's.
"""

from __future__ import annotations

from typing import Final

from panoply.encoding import SHORT

__all__ = ["LONGEST", "MOST_ROWS", "MOST_UNSEEN", "Inbox", "Row"]

# A table and a record's JSON, which is no longer than `SHORT`.
Row = tuple[str, bytes]

# Rows after which they are settled: enough for the lock's costs to be nothing beside those of encoding them.
MOST_ROWS: Final = 128

# Bytes of the line that is made of a row at most: how it begins, its JSON and its end.
LONGEST: Final = 2 * SHORT + 1

# Bytes of records that may be here, and so count for nothing in the buffer's limit yet. Threads that were all about to add a
# row when it became full add one each.
MOST_UNSEEN: Final = MOST_ROWS * LONGEST


class Inbox:
    """Rows that nobody has looked at yet."""

    __slots__ = ("open", "rows")

    def __init__(self) -> None:
        self.open = False
        self.rows: list[Row] = []
