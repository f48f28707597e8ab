"""Who is compared. Each rival is a module with `connect`, which is imported only in the process that measures it."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

if TYPE_CHECKING:
    from benchmarks.far_end import FarEnd

__all__ = ["APIKEY", "APISECRET", "MESSAGE_LIMIT", "QUEUE_URL", "RIVALS", "Connection", "Rival", "connect", "named"]

# Made up, and of the form that Panoply gives out.
APIKEY: Final = "benchmark/rand-one"
APISECRET: Final = "cmFuZC10d28vMmYxYTdjMWUtdXVpZC8xMjM0NTY3ODkwMTIvdXMtZWFzdC0x"
QUEUE_URL: Final = "https://sqs.us-east-1.amazonaws.com/123456789012/sdk-benchmark-rand-two"

# Bytes of a message's body, for all who fill them by hand: as the published SDK has it.
MESSAGE_LIMIT: Final = 250 * 1024


class Connection(Protocol):
    """What a cell needs of a rival."""

    def write(self, table: str, record: Any) -> object:
        """Take one record over. The timed call."""

    def settle(self) -> None:
        """Send all that was written, as far as the rival knows how to; the connection stays open."""

    def close(self) -> None:
        """Send all that was written, as far as the rival knows how to, and end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One way to send records.

    Attributes:
        module: where its `connect(far_end, url, **options)` is, in this package.
        needs: what has to be importable, and how to get it.
        sqs: it sends SQS messages; the others have a wire format of their own, so their messages do not compare.
        lingers: it cannot be told to send now: the clock stops when it has taken in all, and waiting for its own timer to
            send the rest is not held against it.
        max_record: bytes of the largest record that it takes; None: as large as a message.
        settings: what it is run with, where that is not what it has by default.
    """

    name: str
    module: str
    needs: tuple[str, ...] = ()
    install: str = ""
    sqs: bool = True
    lingers: bool = False
    max_record: int | None = None
    settings: str = ""

    @property
    def missing(self) -> str | None:
        """Why it cannot be run here, and what to do about it; None if it can."""
        for name in self.needs:
            try:
                found = importlib.util.find_spec(name)
            except ModuleNotFoundError:  # the package that it should be in
                found = None
            if found is None:
                return f"{self.name}: not installed; pip install {self.install}"
        return None


RIVALS: Final = (
    Rival(name="panoply", module="this_sdk", settings="max_in_flight=4"),
    Rival(
        name="published",
        module="published",
        lingers=True,
        settings="rebuilt from its public description; does not install on Python 3 from the registry",
    ),
    Rival(
        name="segment",
        module="segment",
        needs=("segment.analytics.client",),
        install="segment-analytics-python",
        sqs=False,
        max_record=32 * 1024,
        settings="unbounded queue, batches of 250 KiB of records, upload_interval 0.1 s, no gzip",
    ),
    Rival(
        name="posthog",
        module="posthog_events",
        needs=("posthog",),
        install="posthog",
        sqs=False,
        settings="unbounded queue, batches of 250 KiB of records, no gzip",
    ),
    Rival(
        name="boto3 by hand",
        module="boto3_by_hand",
        needs=("boto3",),
        install="boto3",
        settings="json.dumps, one thread, messages of 250 KiB",
    ),
    Rival(
        name="urllib3 by hand",
        module="urllib3_by_hand",
        needs=("orjson", "urllib3"),
        install="orjson urllib3",
        settings="orjson.dumps, one thread, messages of 250 KiB",
    ),
)


def named(name: str) -> Rival:
    """The rival of that name."""
    return next(rival for rival in RIVALS if rival.name == name)


def connect(rival: Rival, far_end: FarEnd, url: str, **options: Any) -> Connection:
    """Import a rival, and connect it to the far end at that address."""
    module = import_module(f"{__name__}.{rival.module}")
    return cast("Connection", module.connect(far_end, url, **options))
