"""A queue to test against: moto's SQS on a loopback port, with the queue of a made-up account in it.

It is as strict as the real SQS, has faults on demand, and decodes messages by itself rather than with the SDK's code, so
that a mistake in one does not hide in the other.

    def test_it_survives_a_bad_day(panoply_sqs, panoply_sdk):
        panoply_sqs.throttle(2)
        panoply_sqs.lose_reply()
        panoply_sdk.write("users", {"id": 1})
        panoply_sdk.flush()
        panoply_sqs.expect("users", {"id": 1})
        assert [attempt.fault for attempt in panoply_sqs.attempts] == ["throttle", "throttle", "lose_reply", ""]
"""

from __future__ import annotations

import base64
import secrets
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, Self

from panoply.errors import MissingExtra
from panoply_testing._sqs_arrivals import Attempt, Duplicate, Message, duplicates, text_of
from panoply_testing._sqs_faults import Fault
from panoply_testing._sqs_nearest import explain, missing, summary
from panoply_testing._sqs_rules import GREATEST_LIMIT, LEAST_LIMIT, USUAL_LIMIT
from panoply_testing._sqs_server import AWS_ACCOUNT, REGION, Server
from panoply_testing._sqs_wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

    from panoply_testing._sqs_wire import Protocol

__all__ = ["Attempt", "Duplicate", "FakeSQS", "Message", "Server", "serve"]

# How long to wait for what is sent in the background: far longer than it takes, as only a failing test waits for so long.
_PATIENCE = 10.0


@contextmanager
def serve() -> Iterator[Server]:
    """Serve an SQS on loopback, in threads of its own."""
    try:
        from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415 - heavy, and only needed here

        from panoply_testing._sqs_http import Listener  # noqa: PLC0415 - it needs werkzeug
    except ImportError as exc:
        raise MissingExtra("testing", "the fake SQS") from exc

    # The application of SQS alone. A moto for all services tells by its signature which one a request is for, and takes
    # an unsigned one, such as the SDK sends, for S3's.
    moto = create_backend_app("sqs")
    listener = Listener()
    server = Server(moto, url=listener.url, down=listener.down)
    listener.up(server)
    try:
        yield server
    finally:
        listener.close()


class FakeSQS:
    """A queue of its own on a server that `serve` started, with credentials that lead an SDK to it.

    Faults meet the next messages that are sent to this queue, in the order in which they were planned, each `times`
    messages; with `times=None` all of them, until `heal()`. With `protocol="json"` or `"query"` they meet those alone that
    are sent in that protocol.

    Args:
        server: where the queue is to be.
        max_message: how many bytes a message may have, with its attributes: from 1024 to 1,048,576. Panoply's have 256 KiB.

    Attributes:
        apikey, apisecret: made up at random, as Panoply would give them out.
        queue_url: where the queue is. endpoint_url: where its server is.
    """

    def __init__(self, server: Server, *, max_message: int = USUAL_LIMIT) -> None:
        if not LEAST_LIMIT <= max_message <= GREATEST_LIMIT:
            raise ValueError(f"max_message is from {LEAST_LIMIT:,} to {GREATEST_LIMIT:,} bytes, not {max_message:,}")
        account, rand1, rand2, uuid = "fake", secrets.token_hex(6), secrets.token_hex(6), secrets.token_hex(8)
        self.apikey = f"{account}/{rand1}"
        self.apisecret = base64.b64encode(f"{rand2}/{uuid}/{AWS_ACCOUNT}/{REGION}".encode()).decode()
        self.endpoint_url = server.url
        self._secrets = (self.apisecret, rand1, rand2, uuid)
        self._server = server
        self._name = f"sdk-{account}-{rand2}"
        self.queue_url, self._queue = server.open(self._name, max_message)

    def __repr__(self) -> str:
        return f"<FakeSQS at {self.endpoint_url}: {len(self.messages)} messages, {len(self.attempts)} attempts>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.remove(self._name)

    # --- what arrived

    @property
    def messages(self) -> list[Message]:
        """All messages that the queue has taken until now, in the order in which it did."""
        return self._queue.arrivals.messages

    @property
    def attempts(self) -> list[Attempt]:
        """Every request to send a message to this queue, with its outcome; also those that were refused or got lost."""
        return self._queue.arrivals.attempts

    @property
    def tables(self) -> list[str]:
        """The tables that records have arrived for, in the order of their first one."""
        return list(dict.fromkeys(record["__table"] for record in self.records()))

    def records(self, table: str | None = None) -> list[dict[str, Any]]:
        """All records that have arrived, or those for one table, each with its `__table`. Duplicates are among them."""
        found = [record for message in self.messages for record in message.records]
        return found if table is None else [record for record in found if record["__table"] == table]

    @property
    def duplicates(self) -> list[Duplicate]:
        """The records that arrived more than once, as they may where delivery is at least once; each with how often.

        `assert sqs.duplicates == []`, or `[each.times for each in sqs.duplicates]`.
        """
        return duplicates(self.records())

    # --- expectations

    def expect(self, table: str, *records: Mapping[str, Any], timeout: float = 0.0) -> None:
        """Fail the test unless these records have arrived for a table, whatever else did; one given twice, twice.

        `sqs.expect("users", {"id": 1}, {"id": 2}, timeout=10)` waits up to 10 seconds for what is sent in the background.
        Records are compared as JSON: 1 is neither 1.0 nor True.

        Raises:
            AssertionError: one did not arrive. The text shows it beside the nearest that did.
            TypeError: a record holds something that JSON cannot say, which no record that arrives can be equal to.
        """
        __tracebackhide__ = True
        expected = [{**record, "__table": table} for record in records]
        for record in expected:
            text_of(record)
        self._queue.arrivals.wait_until(lambda: not missing(expected, self.records()), timeout)
        arrived = self.records()
        lacking = missing(expected, arrived)
        if lacking:
            raise AssertionError(explain(lacking, arrived, self.attempts, self._hidden))

    def wait_for(
        self,
        count: int,
        what: Literal["records", "messages", "attempts"] = "records",
        *,
        table: str | None = None,
        timeout: float = _PATIENCE,
    ) -> None:
        """Wait until at least so many records (of a table), messages or attempts have come: no test needs to sleep.

        `sqs.wait_for(100)`, `sqs.wait_for(2, table="users")`, `sqs.wait_for(1, "attempts")`.

        Raises:
            AssertionError: they did not come within `timeout` seconds.
            ValueError: a table was named, and not records.
        """
        __tracebackhide__ = True
        if table is not None and what != "records":
            raise ValueError(f"only records are of a table, not {what}")
        if not self._queue.arrivals.wait_until(lambda: self._count(what, table) >= count, timeout):
            of = "" if table is None else f" for {table!r}"
            told = summary(self.records(), self.attempts, self._hidden)
            come = self._count(what, table)
            raise AssertionError(f"Of {count:,} {what}{of}, {come:,} came within {timeout:g} seconds.\n{told}")

    # --- faults on demand

    def refuse(
        self,
        times: int | None = 1,
        *,
        status: int = 503,
        code: str = "ServiceUnavailable",
        protocol: Protocol | None = None,
    ) -> None:
        """Refuse the next messages: they do not arrive, and the sender is told so.

        `sqs.refuse(None, status=403, code="AccessDenied", protocol="json")` takes messages by the Query protocol alone.
        """
        refusal = Refusal(status=status, code=code, message="a fault on demand")
        self._plan(Fault(kind="refuse", refusal=refusal, protocol=protocol), times)

    def throttle(self, times: int | None = 1, *, protocol: Protocol | None = None) -> None:
        """Refuse the next messages as too many at a time: RequestThrottled, with HTTP 403, as SQS does."""
        refusal = Refusal(
            status=HTTPStatus.FORBIDDEN,
            code="RequestThrottled",
            message="The request was denied due to request throttling.",
        )
        self._plan(Fault(kind="throttle", refusal=refusal, protocol=protocol), times)

    def fail(self, times: int | None = 1, *, protocol: Protocol | None = None) -> None:
        """Answer the next messages with a fault of the service's own: InternalError, with HTTP 500. They do not arrive."""
        refusal = Refusal(
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            code="InternalError",
            message="We encountered an internal error. Please try again.",
        )
        self._plan(Fault(kind="fail", refusal=refusal, protocol=protocol), times)

    def hang(self, times: int | None = 1, *, protocol: Protocol | None = None) -> None:
        """Take the next requests and never answer. They end when the sender gives up, at `heal()`, or with this fake.

        `sqs.hang(); sdk.write("t", {"id": 1}); sqs.wait_for(1, "attempts"); sqs.heal()`. What hangs does not arrive.
        """
        self._plan(Fault(kind="hang", protocol=protocol), times)

    def reset(self, times: int | None = 1, *, protocol: Protocol | None = None) -> None:
        """Reset the connection of the next requests (RST) before anything is stored."""
        self._plan(Fault(kind="reset", protocol=protocol), times)

    def lose_reply(self, times: int | None = 1, *, protocol: Protocol | None = None) -> None:
        """Take the next messages and close the connection without a reply: the sender cannot know that they arrived."""
        self._plan(Fault(kind="lose_reply", protocol=protocol), times)

    def captive_portal(self, times: int | None = 1, *, protocol: Protocol | None = None) -> None:
        """Answer the next requests with a web page and HTTP 200, as a hotel's network does. They do not arrive."""
        self._plan(Fault(kind="captive_portal", protocol=protocol), times)

    def down(self) -> AbstractContextManager[None]:
        """Refuse connections and cut those that there are, for the length of a `with`. What arrived can be looked at.

        `with sqs.down(): sdk.write("t", {"id": 1})`. Afterwards the same port answers again. It is the whole server that
        is down, with the queues of all other fakes on it.
        """
        return self._server.down()

    def heal(self) -> None:
        """End all faults that were planned for this queue, and let go of the requests that hang."""
        self._queue.plan.heal()

    def _count(self, what: Literal["records", "messages", "attempts"], table: str | None) -> int:
        if what == "records":
            return len(self.records(table))
        return len(self.messages if what == "messages" else self.attempts)

    def _plan(self, fault: Fault, times: int | None) -> None:
        self._queue.plan.add(fault, times)

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
