"""A far end that is faster than what is measured: an HTTP/1.1 server which counts messages and forgets them.

It runs in a process of its own (`python -m benchmarks.standin`), so that its CPU time is not the sender's, until its
standard input ends. It speaks both protocols of SQS, as far as SendMessage goes, with the MD5 that senders check; and takes
the batches of event trackers (a JSON object with a list `batch`). It is no general server: bodies need a Content-Length.

What the measuring side wants of it goes over the plain port, by GET:

    /_control/reset?delay=SECONDS&hang=1&keep=1    forget all counts; how to behave from now on
    /_control/stats                                the counts
    /_control/wait?records=N&timeout=SECONDS       the counts, as soon as N records are there
    /_control/ids                                  with keep: the `id` of each record that came
"""

from __future__ import annotations

import argparse
import asyncio
import binascii
import contextlib
import hashlib
import json
import ssl
import sys
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson

__all__ = ["Counts", "StandIn", "form_value", "main"]

# What an SQS queue takes at most for body and attributes.
_QUEUE_LIMIT: Final = 256 * 1024

_RECEIPT: Final = "c0ffee00-0000-4000-8000-000000000000"


@dataclass(slots=True)
class Counts:
    """What came since the last reset.

    Attributes:
        requests: all that was asked for, whatever the answer.
        records: lines of messages, or elements of batches.
        sizes: of each message that was taken, the bytes of its body.
    """

    requests: int = 0
    refused: int = 0
    connections: int = 0
    records: int = 0
    sizes: list[int] = field(default_factory=list)


class StandIn:
    """What the server knows and how it behaves; the connections share it."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.delay = 0.0
        self.hang = False
        self.keep = False
        self.ids: list[int] = []
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    def reset(self, *, delay: float = 0.0, hang: bool = False, keep: bool = False) -> None:
        """Forget all counts, and behave like this from now on."""
        self.counts = Counts()
        self.delay, self.hang, self.keep, self.ids = delay, hang, keep, []

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """Take a request in: status, content type and body of the reply to it."""
        self.counts.requests += 1
        kind = headers.get("content-type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return self._query(body)
        if headers.get("x-amz-target", "").endswith(".SendMessage"):
            return self._json(body)
        if urlsplit(path).path.rstrip("/").endswith("/batch"):
            return self._batch(body)
        return self._refuse(f"this stand-in has nothing at {path}")

    async def wait(self, records: int, timeout: float) -> None:  # noqa: ASYNC109 - the asker's wish, not the caller's
        """Return as soon as so many records are there, or after so many seconds."""
        if self.counts.records >= records:
            return
        arrived = asyncio.get_running_loop().create_future()
        self._waiters.append((records, arrived))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived, timeout)

    def _json(self, body: bytes) -> tuple[int, str, bytes]:
        asked = orjson.loads(body)
        digest = self._take(asked["MessageBody"].encode())
        if digest is None:
            return self._refuse("the message is larger than 256 KiB")
        reply = orjson.dumps({"MessageId": _RECEIPT, "MD5OfMessageBody": digest})
        return 200, "application/x-amz-json-1.0", reply

    def _query(self, body: bytes) -> tuple[int, str, bytes]:
        message = form_value(body, b"MessageBody")
        if form_value(body, b"Action") != b"SendMessage" or message is None:
            return self._refuse("only SendMessage is known here")
        digest = self._take(message)
        if digest is None:
            return self._refuse("the message is larger than 256 KiB")
        reply = (
            '<?xml version="1.0"?><SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">'
            f"<SendMessageResult><MessageId>{_RECEIPT}</MessageId><MD5OfMessageBody>{digest}</MD5OfMessageBody>"
            f"</SendMessageResult><ResponseMetadata><RequestId>{_RECEIPT}</RequestId></ResponseMetadata>"
            "</SendMessageResponse>"
        )
        return 200, "text/xml", reply.encode()

    def _batch(self, body: bytes) -> tuple[int, str, bytes]:
        batch = orjson.loads(body)["batch"]
        self._count(len(batch), len(body))
        return 200, "application/json", b'{"status":1,"success":true}'

    def _take(self, message: bytes) -> str | None:
        if len(message) > _QUEUE_LIMIT:
            return None
        if self.keep:
            self.ids += [orjson.loads(line)["id"] for line in message.split(b"\n") if line]
        # Each line is an object, and no line break is within one. Some senders put more than one after it.
        self._count(message.count(b"}\n"), len(message))
        return hashlib.md5(message, usedforsecurity=False).hexdigest()

    def _count(self, records: int, size: int) -> None:
        self.counts.records += records
        self.counts.sizes.append(size)
        for waiter in self._waiters[:]:
            wanted, arrived = waiter
            if self.counts.records >= wanted:
                self._waiters.remove(waiter)
                if not arrived.done():
                    arrived.set_result(None)

    def _refuse(self, reason: str) -> tuple[int, str, bytes]:
        self.counts.refused += 1
        # Like SQS, so that boto3 can tell what it was.
        return 400, "application/json", orjson.dumps({"__type": "InvalidParameterValue", "message": reason})


def form_value(body: bytes, name: bytes) -> bytes | None:
    """The decoded value of a form's field; None if it has no such field.

    By way of quoted-printable, which the interpreter decodes 25 times as fast as percent signs.
    """
    for pair in body.split(b"&"):
        key, _, value = pair.partition(b"=")
        if key == name:
            quoted = value.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
            return binascii.a2b_qp(quoted)
    return None


class _Connection(asyncio.Protocol):
    """One connection: cuts requests out of what comes, and answers them."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._buffer = bytearray()
        self._end = 0  # of the request that is being received; 0: its head is not complete
        self._head = (b"", "", dict[str, str]())
        self._begin = 0
        self._transport: Any = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._stand_in.counts.connections += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            if not self._end and not self._read_head():
                return
            if len(self._buffer) < self._end:
                return
            body = bytes(self._buffer[self._begin : self._end])
            del self._buffer[: self._end]
            self._end = 0
            self._handle(*self._head, body)

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        first, *lines = bytes(self._buffer[:end]).split(b"\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(b":")
            headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
        method, path, _ = first.split(b" ", 2)
        self._head = (method, path.decode("latin-1"), headers)
        self._begin = end + 4
        self._end = self._begin + int(headers.get("content-length", 0))
        if headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _handle(self, method: bytes, path: str, headers: dict[str, str], body: bytes) -> None:
        if method == b"GET" and path.startswith("/_control/"):
            task = asyncio.get_running_loop().create_task(self._control(path))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        stand_in = self._stand_in
        if stand_in.hang:
            stand_in.counts.requests += 1
            return
        last = headers.get("connection", "").lower() == "close"
        reply = stand_in.answer(path, headers, body)
        if stand_in.delay:
            asyncio.get_running_loop().call_later(stand_in.delay, self._reply, *reply, last)
        else:
            self._reply(*reply, last)

    async def _control(self, path: str) -> None:
        url = urlsplit(path)
        wanted = {name: values[0] for name, values in parse_qs(url.query).items()}
        stand_in = self._stand_in
        what = url.path.rpartition("/")[2]
        if what == "reset":
            stand_in.reset(delay=float(wanted.get("delay", 0)), hang="hang" in wanted, keep="keep" in wanted)
        elif what == "wait":
            await stand_in.wait(int(wanted["records"]), float(wanted["timeout"]))
        reply: object = {"ids": stand_in.ids} if what == "ids" else asdict(stand_in.counts)
        self._reply(200, "application/json", orjson.dumps(reply), last=True)

    def _reply(self, status: int, kind: str, body: bytes, last: bool) -> None:  # noqa: FBT001 - call_later takes no names
        if self._transport.is_closing():
            return
        head = (
            f"HTTP/1.1 {status} {'OK' if status < 400 else 'Bad Request'}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n{'Connection: close' if last else 'Connection: keep-alive'}\r\n\r\n"
        )
        self._transport.write(head.encode() + body)
        if last:
            self._transport.close()


async def _serve(certificate: str | None) -> None:
    stand_in = StandIn()
    loop = asyncio.get_running_loop()
    servers = {"http": await loop.create_server(lambda: _Connection(stand_in), "127.0.0.1", 0)}
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        servers["https"] = await loop.create_server(lambda: _Connection(stand_in), "127.0.0.1", 0, ssl=context)
    ports = {scheme: server.sockets[0].getsockname()[1] for scheme, server in servers.items()}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    # Until whoever started it closes the pipe, or is no more.
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until standard input ends. The first line on standard output tells the ports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate", help="PEM file with certificate and key: serve TLS, too")
    asyncio.run(_serve(parser.parse_args().certificate))


if __name__ == "__main__":
    main()
