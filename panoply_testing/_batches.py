"""Looks a batch over without keeping it, and without consuming what is no list.

What is found depends on the plan: a run that is only compared with another needs fingerprints, and little else.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from panoply import errors
from panoply.encoding import encode_record
from panoply.records import is_record_group, rows
from panoply_testing._facts import EXAMPLES
from panoply_testing._prints import Columns, fingerprint
from panoply_testing.observation import LARGEST_RECORD, PRINT, Batch, RecordProblem, Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from panoply_testing.plans import Plan

__all__ = ["Batches"]

# Batches that are held on to, to see whether a later read changes them: the first ones and the last ones. Records in all of
# them together are bounded too, so that a source of millions costs no more memory than its own batches do.
HELD: Final = 8
HELD_RECORDS: Final = 20_000

# Records whose lines are looked through for credentials in one go.
_LINES: Final = 500


class Batches:
    """Looks over the batches of one instance of a source.

    Args:
        plan: what for.
        search: looks a text through for credentials.
        search_records: looks through records, a line each, by their numbers in the batch.
        describe: a record as a message may show it.
        numbers: gives each record its number in the run, from 0: one counter for all instances.
        note: is told of each record, with its resource's id, what is to be told of them all. None: nobody wants to know.
    """

    def __init__(  # noqa: PLR0913 - all of them by name
        self,
        plan: Plan,
        *,
        search: Callable[[str], None],
        search_records: Callable[[str, Sequence[int]], None],
        describe: Callable[[Mapping[str, Any]], str],
        numbers: Iterator[int],
        note: Callable[[Any, str | None], None] | None = None,
    ) -> None:
        self._plan = plan
        self._search = search
        self._search_records = search_records
        self._describe = describe
        self._show = frozenset(plan.show)
        self._held: list[tuple[int, list[Any], bytes]] = []
        self._reported: set[int] = set()
        self._lines: list[tuple[int, bytes]] = []
        self.columns = Columns()
        self.shown: list[Shown] = []
        self._numbers = numbers
        self._note = note

    def look(self, value: Any, read: int, state_ids: frozenset[str] = frozenset()) -> Batch:
        """What there is to say of the batch that `read` number so-and-so gave.

        Args:
            value: the batch, or whatever it gave.
            read: its number.
            state_ids: the ids of the states that were reported in that read.
        """
        name = type(value).__name__
        # The last one after each read, all that are held at the end: the fault shows at once or lasts.
        changed = self._changes(self._held if value is None else self._held[-1:])
        if value is None:
            self._held.clear()
            return Batch(type_name=name, is_none=True, changed=changed)
        if not isinstance(value, list | tuple):
            return Batch(type_name=name, changed=changed)
        same_as = next((number for number, held, _ in self._held if held is value), 0)
        looked = _Looked(thorough=self._plan.is_plain, ignoring=self._plan.ignoring)
        for index, item in enumerate(value):
            if isinstance(item, dict):
                self._look_at_item(looked, index, item, read)
                if state_ids:
                    looked.state(index, item, state_ids)
            else:
                looked.odd(index, item)
                if self._plan.is_plain:
                    self._lines.append((index, _printed(item)))
        self._search_lines()
        batch = looked.batch(name, value, same_as, changed)
        if isinstance(value, list) and self._plan.is_plain:
            self._hold(read, value, batch.prints)
        return batch

    def _look_at_item(self, looked: _Looked, index: int, item: dict[str, Any], read: int) -> None:
        if self._plan.is_plain and is_record_group(item):
            self._search(_written(item["metadata"]))
        for number, (resource, row) in enumerate(rows(item)):
            line = looked.row(index, number, item, row)
            if line is not None:
                self._lines.append((index, line))
            elif self._plan.is_plain:
                self._lines.append((index, _printed(row)))
            if len(self._lines) >= _LINES:
                self._search_lines()
            if self._plan.by_column and isinstance(row, Mapping):
                self.columns.add(row)
            if self._note is not None:
                self._note(row, resource)
            position = next(self._numbers)
            if position in self._show:
                text = self._describe(row if isinstance(row, Mapping) else {})
                self.shown.append(Shown(number=position, read=read, index=index, text=text))

    def _search_lines(self) -> None:
        if self._lines:
            text = b"".join(line for _, line in self._lines).decode("utf-8", "replace")
            self._search_records(text, [index for index, _ in self._lines])
            self._lines.clear()

    def _hold(self, read: int, value: list[Any], prints: bytes) -> None:
        self._held.append((read, value, prints + self._groups(value)))
        # From the middle: a batch may be changed by the next read, or by the one that comes to the end.
        while len(self._held) > HELD or (
            len(self._held) > 1 and sum(len(held) for _, held, _ in self._held) > HELD_RECORDS
        ):
            del self._held[len(self._held) // 2 - 1 if len(self._held) > 2 else 0]

    def _changes(self, suspects: list[tuple[int, list[Any], bytes]]) -> tuple[int, ...]:
        """The numbers of the reads whose batches are no longer what they were."""
        if not self._plan.is_plain:
            return ()
        changed = []
        for read, held, prints in suspects:
            if read not in self._reported and self._printed(held) + self._groups(held) != prints:
                self._reported.add(read)
                changed.append(read)
        return tuple(changed)

    @staticmethod
    def _groups(value: list[Any]) -> bytes:
        """The fingerprints of what record groups say of their rows."""
        return array(PRINT, (fingerprint(item["metadata"]) for item in value if is_record_group(item))).tobytes()

    def _printed(self, value: list[Any]) -> bytes:
        found = (
            fingerprint(row, self._plan.ignoring) for item in value if isinstance(item, dict) for _, row in rows(item)
        )
        return array(PRINT, found).tobytes()


class _Looked:
    """What has been found out about one batch so far."""

    def __init__(self, *, thorough: bool, ignoring: tuple[str, ...]) -> None:
        self._thorough = thorough
        self._ignoring = ignoring
        self._odd: list[tuple[int, str]] = []
        self._odd_count = 0
        self._problems: list[RecordProblem] = []
        self._problem_count = 0
        self._too_large: list[tuple[int, int]] = []
        self._too_large_count = 0
        self._stateless: list[tuple[int, str]] = []
        self._stateless_count = 0
        self._prints = array(PRINT)

    def odd(self, index: int, item: object) -> None:
        """An item that is no dict."""
        self._odd_count += 1
        if len(self._odd) < EXAMPLES:
            self._odd.append((index, type(item).__name__))

    def row(self, index: int, number: int, item: Mapping[str, Any], row: Any) -> bytes | None:
        """One record; gives the line that would be sent, where there is one."""
        self._prints.append(fingerprint(row, self._ignoring))
        if not self._thorough:
            return None
        line, problem = _line(index, number, item, row)
        if problem is not None:
            self._problem_count += 1
            if len(self._problems) < EXAMPLES:
                self._problems.append(problem)
        if line is not None and len(line) > LARGEST_RECORD:
            self._too_large_count += 1
            if len(self._too_large) < EXAMPLES:
                self._too_large.append((index, len(line)))
        return line

    def state(self, index: int, item: Mapping[str, Any], reported: frozenset[str]) -> None:
        """Whether each row of the item carries one of the ids that were reported."""
        # A group is judged by its rows, also one that carries the id beside them.
        group = isinstance(item.get("data"), list) and isinstance(item.get("metadata"), Mapping)
        for row in item["data"] if group else (item,):
            carried = row.get("__state") if isinstance(row, Mapping) else None
            if isinstance(carried, str) and carried in reported:
                continue
            self._stateless_count += 1
            if len(self._stateless) < EXAMPLES:
                what = (
                    "no __state" if carried is None else f"a __state that this read did not report ({_kind(carried)})"
                )
                self._stateless.append((index, what))

    def batch(self, name: str, value: list[Any] | tuple[Any, ...], same_as: int, changed: tuple[int, ...]) -> Batch:
        """All of it."""
        return Batch(
            type_name=name,
            is_list=isinstance(value, list),
            length=len(value),
            odd_items=tuple(self._odd),
            odd_count=self._odd_count,
            problems=tuple(self._problems),
            problem_count=self._problem_count,
            records=len(self._prints),
            too_large=tuple(self._too_large),
            too_large_count=self._too_large_count,
            prints=self._prints.tobytes(),
            same_as=same_as,
            changed=changed,
            stateless=tuple(self._stateless),
            stateless_count=self._stateless_count,
        )


def _written(value: Any) -> str:
    try:
        return encode_record("table", value).decode("utf-8", "replace")
    except errors.RecordError:
        return _printed(value).decode()


def _printed(value: object) -> bytes:
    """What cannot travel, as it prints: that it cannot is for another rule to say, and what is in it was let out all the same."""
    try:
        text = repr(value)
    except Exception as exc:  # noqa: BLE001 - a __repr__ of the source's own
        text = type(exc).__name__
    # On one line, as all records are here.
    return b"%s\n" % text.replace("\n", "\\n").encode("utf-8", "replace")


def _kind(value: object) -> str:
    return "another id" if isinstance(value, str) else f"of type {type(value).__name__}"


def _line(index: int, number: int, item: Mapping[str, Any], row: Any) -> tuple[bytes | None, RecordProblem | None]:
    """The line that would be sent for a record, and what is wrong with it."""
    prefix = "" if row is item else f" row {number} of its data:"
    try:
        line = encode_record("table", row)
    except errors.RecordError as exc:
        # A source has no SDK to pass an encoder to.
        reason = exc.reason.removesuffix(" (or pass encoder= to SDK)")
        return None, RecordProblem(index=index, place=f"{prefix} {exc.place}".strip(), reason=reason)
    place = _non_text_key(row)
    if place is None:
        return line, None
    reason = (
        "this key is no text. The SDK would turn it into text; JSON, and a table, know no other keys: write str(key)."
    )
    return line, RecordProblem(index=index, place=f"{prefix} {place}".strip(), reason=reason)


def _non_text_key(record: Any) -> str | None:
    """The place of a key that is no text, anywhere in a record that is known to be finite."""
    todo: list[tuple[str, Any]] = [("record", record)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if not isinstance(key, str):
                    return f"{place}[{key!r}]"
                if isinstance(inner, Mapping | list | tuple):
                    todo.append((f"{place}[{key!r}]", inner))
        else:
            todo.extend(
                (f"{place}[{index}]", inner)
                for index, inner in enumerate(value)
                if isinstance(inner, Mapping | list | tuple)
            )
    return None
