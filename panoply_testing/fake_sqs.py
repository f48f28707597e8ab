"""A queue to test against: moto's SQS on a loopback port, with the queue of a made-up account in it.

It decodes messages by itself rather than with the SDK's code, so that a mistake in one does not hide in the other.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import secrets
import socket
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from panoply.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["FakeSQS", "Message", "Server", "serve"]

REGION = "us-east-1"
AWS_ACCOUNT = "123456789012"

# How soon the server notices that it shall stop.
POLL_SECONDS = 0.05

# How long the server may take for one answer.
ANSWER_SECONDS = 30

# SQS hands out ten messages at most in one answer.
MOST_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived in the queue.

    Attributes:
        body: the text, one JSON object a line.
        attributes: the message attributes; `key` and `secret` are what the sender was given as credentials.
    """

    body: str
    attributes: Mapping[str, str] = field(repr=False)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records in it, each with its `__table`."""
        # Not splitlines(): it would also cut at U+2028 and its like, which JSON allows inside a text.
        return [json.loads(line) for line in self.body.split("\n") if line]

    @property
    def size(self) -> int:
        """What the queue's limit counts: the bytes of the body, and of the attributes' names, types and values."""
        attributes = sum(len((name + "String" + value).encode()) for name, value in self.attributes.items())
        return len(self.body.encode()) + attributes


@dataclass(frozen=True, slots=True)
class _Fault:
    """What becomes of the next message for a queue: refused with a status, or (0) taken without a reply."""

    status: int
    code: str = ""


class Server:
    """An SQS on a loopback port, for any number of queues."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._faults: dict[str, deque[_Fault]] = {}

    def __repr__(self) -> str:
        return f"<Server at {self.url}>"

    def plan(self, queue: str, faults: Iterable[_Fault]) -> None:
        """Let the next messages for a queue meet with these faults."""
        self._faults.setdefault(queue, deque()).extend(faults)

    def forget(self, queue: str) -> None:
        """Let no more messages for a queue meet with faults."""
        self._faults.pop(queue, None)

    def faulty(self, app: WSGIApplication) -> WSGIApplication:
        """The application `app` with the faults that were planned."""

        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            fault = self._next_fault(environ)
            if fault is None:
                return app(environ, start_response)
            if fault.status:
                body = json.dumps({"__type": f"com.amazonaws.sqs#{fault.code}", "message": "a fault on demand"})
                start_response(f"{fault.status} On demand", [("Content-Type", "application/x-amz-json-1.0")])
                return [body.encode()]
            answer = list(app(environ, start_response))
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return answer

        return respond

    def _next_fault(self, environ: WSGIEnvironment) -> _Fault | None:
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("AmazonSQS.SendMessage"):
            return None
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        faults = self._faults.get(json.loads(body).get("QueueUrl", "").rpartition("/")[2])
        try:
            return faults.popleft() if faults else None
        except IndexError:  # another thread was faster
            return None


@contextmanager
def serve() -> Iterator[Server]:
    """Serve an SQS on loopback, in a thread of its own."""
    try:
        from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415 - heavy, and only needed here
        from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415
    except ImportError as exc:
        raise MissingExtra("testing", "the fake SQS") from exc

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - as werkzeug calls it
            """Leave the test session's log alone."""

        def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
            """Likewise, where a client goes away, or a reply is lost on demand."""

    served = Server("")
    # The application of SQS alone. A moto for all services tells by its signature which one a request is for, and takes
    # an unsigned one, such as the SDK sends, for S3's.
    app = served.faulty(create_backend_app("sqs"))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="FakeSQS", daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class FakeSQS:
    """A queue of its own on a server that `serve` started, with credentials that lead an SDK to it.

    Attributes:
        apikey, apisecret: made up at random, as Panoply would give them out.
        queue_url: where the queue is. endpoint_url: where its server is.
    """

    def __init__(self, server: Server) -> None:
        account, rand1, rand2 = "fake", secrets.token_hex(6), secrets.token_hex(6)
        parts = (rand2, secrets.token_hex(8), AWS_ACCOUNT, REGION)
        self.apikey = f"{account}/{rand1}"
        self.apisecret = base64.b64encode("/".join(parts).encode()).decode()
        self.endpoint_url = server.url
        self._server = server
        self._name = f"sdk-{account}-{rand2}"
        self.queue_url: str = self._ask("CreateQueue", QueueName=self._name)["QueueUrl"]
        self._seen: dict[str, Message] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<FakeSQS at {self.endpoint_url}: {len(self._seen)} messages looked at>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.forget(self._name)
        self._ask("DeleteQueue", QueueUrl=self.queue_url)

    @property
    def messages(self) -> list[Message]:
        """All messages that have arrived until now."""
        # One thread at a time: what another has taken out of the queue it may not have written down yet.
        with self._lock:
            while batch := self._ask(
                "ReceiveMessage",
                QueueUrl=self.queue_url,
                MaxNumberOfMessages=MOST_AT_ONCE,
                MessageAttributeNames=["All"],
            ).get("Messages"):
                for message in batch:
                    attributes = message.get("MessageAttributes", {})
                    self._seen[message["MessageId"]] = Message(
                        message["Body"], {name: value["StringValue"] for name, value in attributes.items()}
                    )
                    self._ask("DeleteMessage", QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
            return list(self._seen.values())

    @property
    def tables(self) -> list[str]:
        """The tables that records have arrived for, in the order of their first one."""
        return list(dict.fromkeys(record["__table"] for record in self.records()))

    def records(self, table: str | None = None) -> list[dict[str, Any]]:
        """All records that have arrived, or those for one table, each with its `__table`."""
        found = [record for message in self.messages for record in message.records]
        return found if table is None else [record for record in found if record["__table"] == table]

    def refuse(self, times: int = 1, *, status: int = 503, code: str = "ServiceUnavailable") -> None:
        """Refuse the next messages: they do not arrive, and the sender is told so."""
        self._server.plan(self._name, [_Fault(status, code)] * times)

    def lose_reply(self, times: int = 1) -> None:
        """Take the next messages and close the connection without a reply: the sender cannot know that they arrived."""
        self._server.plan(self._name, [_Fault(0)] * times)

    def _ask(self, action: str, **request: Any) -> dict[str, Any]:
        """Ask the server over plain HTTP: a client of boto3's would heed the machine's AWS settings and proxies."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint_url).netloc, timeout=ANSWER_SECONDS)
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        try:
            connection.request("POST", "/", json.dumps(request), headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"The fake SQS refused {action}: {response.status} {body.decode(errors='replace')}")
        answer: dict[str, Any] = json.loads(body or "{}")
        return answer
