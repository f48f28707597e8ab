"""The least that a careful program needs: orjson, a list of lines, and SQS's JSON protocol over urllib3. It retries nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import urllib3

from benchmarks.rivals import APIKEY, APISECRET, MESSAGE_LIMIT, QUEUE_URL

if TYPE_CHECKING:
    from benchmarks.far_end import FarEnd

__all__ = ["Urllib3ByHand", "connect"]


class Urllib3ByHand:
    """One thread, which also sends."""

    def __init__(self, url: str, certificate: str | None) -> None:
        self._url = url + "/"
        self._pool = urllib3.PoolManager(ca_certs=certificate)
        self._headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}
        self._attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in [("key", APIKEY), ("secret", APISECRET), ("sdk", "by-hand")]
        }
        self._lines: list[bytes] = []
        self._size = 0

    def write(self, table: str, record: dict[str, Any]) -> None:
        """Keep a record, and send those before it if it does not fit to them."""
        line = orjson.dumps({"__table": table, **record}, option=orjson.OPT_APPEND_NEWLINE)
        if self._size + len(line) > MESSAGE_LIMIT:
            self.settle()
        self._lines.append(line)
        self._size += len(line)

    def settle(self) -> None:
        """Send what there is."""
        if self._lines:
            message = {
                "QueueUrl": QUEUE_URL,
                "MessageBody": b"".join(self._lines).decode(),
                "MessageAttributes": self._attributes,
            }
            reply = self._pool.request("POST", self._url, body=orjson.dumps(message), headers=self._headers)
            if reply.status != 200:
                raise OSError(f"the far end answered with {reply.status}")
        self._lines, self._size = [], 0

    def close(self) -> None:
        """Send what there is, and close the connection."""
        self.settle()
        self._pool.clear()


def connect(far_end: FarEnd, url: str) -> Urllib3ByHand:
    """Connect it."""
    return Urllib3ByHand(url, far_end.certificate if url.startswith("https:") else None)
