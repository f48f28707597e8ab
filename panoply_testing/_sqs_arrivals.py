"""What has come to a queue: the messages that it took, and every attempt to send one."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from panoply_testing._sqs_rules import size
from panoply_testing._sqs_wire import Attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from panoply_testing._sqs_wire import Protocol

__all__ = ["Arrivals", "Attempt", "Duplicate", "Message", "duplicates", "text_of"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the queue took it.

    Attributes:
        body: the text, one JSON object a line.
        attributes: the message attributes; `key` and `secret` are what the sender was given as credentials. A binary
            value is base64.
        types: the attributes' types, where they are not `String`.
        arrived_at: when it was stored, in seconds since the epoch as `time.time()` counts them.
        protocol: the one that it was sent in, `json` or `query`.
        message_id: the queue's id for it, which is what the sender was told.
    """

    body: str
    attributes: Mapping[str, str] = field(repr=False)
    types: Mapping[str, str] = field(default_factory=dict, repr=False, kw_only=True)
    arrived_at: float = field(default=0.0, kw_only=True)
    protocol: Protocol = field(default="json", kw_only=True)
    message_id: str = field(default="", kw_only=True)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records in it, each with its `__table`."""
        # Not splitlines(): it would also cut at U+2028 and its like, which JSON allows inside a text.
        return [json.loads(line) for line in self.body.split("\n") if line]

    @property
    def size(self) -> int:
        """What the queue's limit counts: the bytes of the body, and of the attributes' names, types and values."""
        attributes = {
            name: Attribute(name=name, type=self.types.get(name, "String"), value=value)
            for name, value in self.attributes.items()
        }
        return size(self.body, attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request to send a message to the queue, and what became of it.

    Attributes:
        status: the HTTP status that it was answered with; 0 where there was no answer.
        code: SQS's error code; empty where there was none.
        fault: the fault on demand that it met with, by the name of the method that plans it; empty for none.
        protocol: the one that it was sent in, `json` or `query`.
        message_id: the queue's id for the message, if it was stored: also where the sender never heard of it.
        at: when its outcome was known, as `time.time()` counts. Of one that hangs: when it came.
        body: what was sent, if it could be read.
    """

    status: int
    code: str
    fault: str
    protocol: Protocol
    message_id: str
    at: float
    body: str = field(repr=False)

    @property
    def stored(self) -> bool:
        """Whether the message is in the queue."""
        return bool(self.message_id)

    def __str__(self) -> str:
        answer = f"HTTP {self.status}" if self.status else "no answer"
        stored = ", stored" if self.stored else ""
        words = f"{self.code} ({answer}{stored})" if self.code else f"{answer}{stored}"
        return f"{self.fault}: {words}" if self.fault else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A record that has arrived more than once, and how many times."""

    record: dict[str, Any]
    times: int


def text_of(record: Mapping[str, Any]) -> str:
    """The record as one text, by which records are compared: 1 is neither True nor 1.0, and the keys' order is nothing."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False)


def duplicates(records: Iterable[dict[str, Any]]) -> list[Duplicate]:
    """The records that are there more than once, in the order in which they first came."""
    first: dict[str, dict[str, Any]] = {}
    counts: Counter[str] = Counter()
    for record in records:
        text = text_of(record)
        first.setdefault(text, record)
        counts[text] += 1
    return [Duplicate(record=first[text], times=times) for text, times in counts.items() if times > 1]


class Arrivals:
    """The book that the server keeps for one queue, and that the test reads, each in a thread of its own."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._attempts: list[Attempt] = []

    def note(self, attempt: Attempt, message: Message | None = None) -> None:
        """Write down an attempt, and the message if it was stored."""
        with self._changed:
            self._attempts.append(attempt)
            if message is not None:
                self._messages.append(message)
            self._changed.notify_all()

    @property
    def messages(self) -> list[Message]:
        """The messages until now, in the order in which they were stored."""
        with self._changed:
            return list(self._messages)

    @property
    def attempts(self) -> list[Attempt]:
        """The attempts until now."""
        with self._changed:
            return list(self._attempts)

    def wait_until(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds, which can change only when something arrives. Whether it does."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not holds():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
        return True
