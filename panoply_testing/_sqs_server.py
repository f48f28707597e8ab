"""An SQS for any number of queues: moto's, behind a gate that is as strict as the real one, keeps book, and makes faults.

It is a WSGI application. Who serves it, and on which port, is `_sqs_http`'s part.
"""

from __future__ import annotations

import io
import json
import selectors
import socket
import struct
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from panoply_testing._sqs_arrivals import Arrivals, Attempt, Message
from panoply_testing._sqs_faults import Plan
from panoply_testing._sqs_rules import GREATEST_LIMIT, USUAL_LIMIT, misplaced, queue_of, refused
from panoply_testing._sqs_wire import Refusal, SendMessage, call_of, message_of, reply, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from panoply_testing._sqs_faults import Met
    from panoply_testing._sqs_wire import Protocol

__all__ = ["AWS_ACCOUNT", "REGION", "Queue", "Server"]

REGION: Final = "us-east-1"
AWS_ACCOUNT: Final = "123456789012"

# How soon a request that hangs is let go.
_POLL_SECONDS: Final = 0.05

_PORTAL: Final = b"<!doctype html><html><title>Welcome</title><p>Please sign in to use this network.</p></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the server knows of a queue beside what moto does.

    Attributes:
        limit: its MaximumMessageSize.
        plan: the faults that its next messages meet with. arrivals: what has come.
    """

    limit: int = USUAL_LIMIT
    plan: Plan = field(default_factory=Plan)
    arrivals: Arrivals = field(default_factory=Arrivals)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    content: bytes


class Server:
    """An SQS on a loopback port, for any number of queues.

    Args:
        moto: what stores and hands out messages.
        url: where this is served.
        down: cuts it off from there, for a while.
    """

    def __init__(self, moto: WSGIApplication, *, url: str, down: Callable[[], AbstractContextManager[None]]) -> None:
        self.url = url
        self._moto = moto
        self._down = down
        self._queues: dict[str, Queue] = {}

    def __repr__(self) -> str:
        return f"<Server at {self.url}>"

    def down(self) -> AbstractContextManager[None]:
        """Refuse connections for a while, whichever queue they are for, and cut those that there are."""
        return self._down()

    def open(self, name: str, limit: int) -> tuple[str, Queue]:
        """Make a queue, and give its URL."""
        url: str = self._ask("CreateQueue", QueueName=name, Attributes={"MaximumMessageSize": str(limit)})["QueueUrl"]
        self._queues[name] = queue = Queue(limit=limit)
        return url, queue

    def remove(self, name: str) -> None:
        """Delete a queue, with what was planned for it."""
        queue = self._queues.pop(name, None)
        if queue is not None:
            queue.plan.heal()
            self._ask("DeleteQueue", QueueUrl=f"{self.url}/{AWS_ACCOUNT}/{name}")

    # --- what comes in

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        content = _content_of(environ)
        call = call_of(
            target=environ.get("HTTP_X_AMZ_TARGET", ""),
            content_type=environ.get("CONTENT_TYPE", ""),
            query=environ.get("QUERY_STRING", ""),
            content=content,
        )
        if call is None or not call.action.startswith("SendMessage"):
            answer = self._ask_moto(environ, content)
        elif call.action == "SendMessage":
            answer = self._send(environ, content, call.protocol)
        else:
            unknown = Refusal(
                status=HTTPStatus.BAD_REQUEST,
                code="UnsupportedOperation",
                message=f"This fake SQS takes messages by SendMessage alone, not by {call.action}.",
            )
            answer = _refusing(unknown, call.protocol)
        start_response(f"{answer.status} {_phrase(answer.status)}", answer.headers)
        return [answer.content]

    def _send(self, environ: WSGIEnvironment, content: bytes, protocol: Protocol) -> _Answer:
        message = message_of(
            protocol, path=environ.get("PATH_INFO", ""), query=environ.get("QUERY_STRING", ""), content=content
        )
        url = message.queue_url if isinstance(message, SendMessage) else ""
        queue = self._queues.get(queue_of(url)[1])
        met = None if queue is None else queue.plan.meet(protocol)
        # A request for a queue that nobody watches is answered like any other, and its book thrown away.
        page = _Page(Arrivals() if queue is None else queue.arrivals, protocol, message, met)
        kind = "" if met is None else met.fault.kind
        answer: _Answer | None = None
        if kind == "captive_portal":
            answer = _answer(HTTPStatus.OK, [("Content-Type", "text/html")], _PORTAL)
        elif kind not in {"hang", "reset"}:
            refusal = None if met is None else met.fault.refusal
            # Of a queue that is none of ours, moto knows the limit.
            refusal = refusal or _refused(message, limit=GREATEST_LIMIT if queue is None else queue.limit)
            answer = self._ask_moto(environ, content) if refusal is None else _refusing(refusal, protocol)
        heard = answer is not None and kind != "lose_reply"
        page.note(answer, heard=heard)
        if answer is not None and heard:
            return answer
        if met is not None and kind == "hang":
            _hang(environ, met)
        raise _cut(environ, reset=kind == "reset")

    # --- moto

    def _ask_moto(self, environ: WSGIEnvironment, content: bytes) -> _Answer:
        environ["wsgi.input"] = io.BytesIO(content)
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            started.append((status, headers))
            return bytes  # the old way to send content, which flask does not use

        parts = self._moto(environ, start_response)
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = started[-1]
        return _Answer(status=int(status.split()[0]), headers=headers, content=body)

    def _ask(self, action: str, **request: Any) -> dict[str, Any]:
        """Ask moto for something without a connection: there may be none just now, and proxies are none of its business."""
        content = json.dumps(request).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "HTTP_HOST": urlsplit(self.url).netloc,
            "HTTP_X_AMZ_TARGET": f"AmazonSQS.{action}",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(content)),
        }
        setup_testing_defaults(environ)
        answer = self._ask_moto(environ, content)
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(
                f"The fake SQS refused {action}: {answer.status} {answer.content.decode(errors='replace')}"
            )
        found: dict[str, Any] = json.loads(answer.content or b"{}")
        return found


class _Page:
    """Where the outcome of one request is written down."""

    def __init__(self, arrivals: Arrivals, protocol: Protocol, message: SendMessage | Refusal, met: Met | None) -> None:
        self._arrivals = arrivals
        self._protocol: Protocol = protocol
        self._message = message
        self._fault = "" if met is None else met.fault.kind

    def note(self, answer: _Answer | None, *, heard: bool) -> None:
        """Note what became of the request; `answer` is None where there is none, and not `heard` where it gets lost."""
        at = time.time()
        sent = self._message if isinstance(self._message, SendMessage) else None
        stored, code, message_id = None, "", ""
        if answer is not None:
            message_id = told(self._protocol, "MessageId", answer.content) if answer.status == HTTPStatus.OK else ""
            code = "" if message_id else _code_of(answer, self._protocol)
        if sent is not None and message_id:
            stored = Message(
                sent.body or "",
                {each.name: each.value for each in sent.attributes},
                types={each.name: each.type for each in sent.attributes},
                arrived_at=at,
                protocol=self._protocol,
                message_id=message_id,
            )
        attempt = Attempt(
            status=answer.status if answer is not None and heard else 0,
            code=code,
            fault=self._fault,
            protocol=self._protocol,
            message_id=message_id,
            at=at,
            body="" if sent is None else sent.body or "",
        )
        self._arrivals.note(attempt, stored)


def _content_of(environ: WSGIEnvironment) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):  # it was sent in chunks
        content: bytes = stream.read()
        # moto is to read as much as there is.
        environ["CONTENT_LENGTH"] = str(len(content))
        return content
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content = stream.read(length)
    if len(content) < length:
        raise ConnectionAbortedError("the sender went away in the middle of a request")
    return content


def _refused(message: SendMessage | Refusal, *, limit: int) -> Refusal | None:
    if isinstance(message, Refusal):  # it cannot even be read
        return message
    return misplaced(message.queue_url, account=AWS_ACCOUNT, region=REGION) or refused(message, limit=limit)


def _refusing(refusal: Refusal, protocol: Protocol) -> _Answer:
    return _answer(refusal.status, *reply(refusal, protocol, str(uuid.uuid4())))


def _answer(status: int, headers: list[tuple[str, str]], content: bytes) -> _Answer:
    return _Answer(status=int(status), headers=[*headers, ("Content-Length", str(len(content)))], content=content)


def _code_of(answer: _Answer, protocol: Protocol) -> str:
    """The error code that an answer tells; the same in both protocols."""
    if answer.status == HTTPStatus.OK:
        return ""
    if protocol == "query":
        return told(protocol, "Code", answer.content).rpartition(".")[2]
    named = next((value for name, value in answer.headers if name.lower() == "x-amzn-query-error"), "")
    return named.partition(";")[0].rpartition(".")[2] or told(protocol, "__type", answer.content).rpartition("#")[2]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "On Demand"


def _hang(environ: WSGIEnvironment, met: Met) -> None:
    """Wait until the sender gives up, or the fault is healed."""
    connection: socket.socket = environ["werkzeug.socket"]
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        while not met.healed.is_set():
            if selector.select(_POLL_SECONDS):
                # There is something to read: the end of the connection. SQS's clients send nothing more before an answer.
                return


def _cut(environ: WSGIEnvironment, *, reset: bool) -> ConnectionError:
    """Close the connection without an answer, with a reset or in good order: the error that ends its thread."""
    connection: socket.socket = environ["werkzeug.socket"]
    if reset:
        # To linger for no time at all is how a program asks for a reset (RST) rather than for the usual end (FIN).
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    return ConnectionAbortedError("cut on demand")
