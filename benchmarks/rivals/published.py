"""The published Panoply SDK's way of sending, rebuilt: 1.6.3, the last release to be had by name, is for Python 2.

Rebuilt in our own words from its public README and its module `panoply/sdk.py` of the 1.x releases (repository
panoplyio/panoply-python-sdk), and only what costs time or memory when records are sent:

- `write` makes a shallow copy, adds `__table`, serialises it with the standard `json`, percent-encodes the text at once, and
  puts it, with a line break, on an unbounded `queue.Queue`.
- One daemon thread takes the records off the queue one by one, and appends each with a further line break to one text. After
  that it compares the length of the encoded text with 250 KiB; or 2 seconds may have passed. Then it sends.
- It sends a SendMessage in SQS's Query protocol by `urllib.request.urlopen`, on a new connection each time. The key, the
  secret and the package's name and version go along as attributes, not encoded.
- A message that fails is dropped after the event `error`. There is neither `flush` nor `close`: what is left is sent when the
  2 seconds are over, if the process lives that long.

Left out: the line that some releases print for each request, and the events, which nobody listens to here.

For the measurement, `settle` and `close` wait until the thread has taken everything off its queue and sent all full messages
(the queue's own `join`). What it then still holds goes by its timer, and the harness does not count the time until then.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from copy import copy
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from benchmarks.rivals import APIKEY, APISECRET, QUEUE_URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.far_end import FarEnd

__all__ = ["Published", "connect"]

_MESSAGE_SIZE: Final = 250 * 1024
_FLUSH_SECONDS: Final = 2.0
_NAME: Final = "panoply-python-sdk-1.6.3"


class Published:
    """Writes and sends as the published SDK does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._records: queue.Queue[str] = queue.Queue()
        self._attributes = "".join(
            f"&MessageAttribute.{number}.Name={name}&MessageAttribute.{number}.Value.DataType=String"
            f"&MessageAttribute.{number}.Value.StringValue={value}"
            for number, (name, value) in enumerate([("key", APIKEY), ("secret", APISECRET), ("sdk", _NAME)], start=1)
        )
        threading.Thread(target=self._run, daemon=True).start()

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Put a record, ready to be sent, on the queue."""
        row = dict(copy(record))
        row["__table"] = table
        self._records.put(quote(json.dumps(row).encode("utf-8")) + "\n")

    def settle(self) -> None:
        """Wait until the thread has taken in all records."""
        self._records.join()

    def close(self) -> None:
        """Do what `settle` does: there is nothing to close."""
        self._records.join()

    def _run(self) -> None:
        text, sent_at = "", time.time()
        while True:
            try:
                record = self._records.get(timeout=_FLUSH_SECONDS)
            except queue.Empty:
                record = ""
            else:
                text += record + "\n"
            if not text:
                sent_at = time.time()
            elif len(text) > _MESSAGE_SIZE or time.time() - sent_at > _FLUSH_SECONDS:
                sent_at = time.time()
                self._send(text)
                text = ""
            if record:
                self._records.task_done()

    def _send(self, text: str) -> None:
        form = f"Action=SendMessage&MessageBody={text}{self._attributes}".encode()
        request = Request(self._url, form, {"Content-Type": "application/x-www-form-urlencoded"})  # noqa: S310 - our own
        try:
            with urlopen(request) as reply:  # noqa: S310
                reply.read()
        except OSError:
            return  # as published: the message is lost


def connect(far_end: FarEnd, url: str) -> Published:
    """Connect it."""
    del far_end
    return Published(url + urlsplit(QUEUE_URL).path)
