"""SQS's older protocol, Query: a form that is posted to the queue's own address, and XML that comes back."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes, urlsplit

from panoply._sqs_wire import Reply, Wire
from panoply._sqs_xml import error_in, texts_in

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["QUERY"]

_RESULT: Final = ("SendMessageResponse", "SendMessageResult")

# What stands for itself in a form (RFC 3986's unreserved characters). A space, too, is escaped: then no reader has to
# know that a `+` means one.
_PLAIN: Final = (string.ascii_letters + string.digits + "-._~").encode()

# Up to so many different bytes, replacing one after the other beats looking at each byte (1 against 8 ms for 250 KiB of
# JSON, 10 for text in every script at once).
_FEW: Final = 48


def _path(queue_url: str) -> str:
    return urlsplit(queue_url).path


def _encode(_: str, body: bytes, attributes: Mapping[str, str]) -> bytes:
    form: dict[str, bytes] = {"Action": b"SendMessage", "Version": b"2012-11-05", "MessageBody": body}
    for number, (name, value) in enumerate(attributes.items(), 1):
        prefix = f"MessageAttribute.{number}"
        form[f"{prefix}.Name"] = name.encode()
        form[f"{prefix}.Value.DataType"] = b"String"
        form[f"{prefix}.Value.StringValue"] = value.encode()
    return b"&".join(b"%b=%b" % (name.encode(), _escaped(value)) for name, value in form.items())


def _escaped(value: bytes) -> bytes:
    odd = set(value.translate(None, _PLAIN))
    if len(odd) > _FEW:
        return quote_from_bytes(value, safe="").encode()
    for byte in sorted(odd, key=lambda byte: byte != ord("%")):  # `%` first, as the others become one
        value = value.replace(bytes((byte,)), b"%%%02X" % byte)
    return value


def _decode(status: int, content: bytes) -> Reply:
    texts = texts_in(content)
    receipt = texts.get((*_RESULT, "MessageId"), "")
    if 200 <= status < 300 and receipt:
        return Reply(status=status, receipt=receipt, md5=texts.get((*_RESULT, "MD5OfMessageBody"), ""))
    return error_in(texts, status, native=True)


QUERY: Final = Wire(
    name="Query",
    headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
    path=_path,
    encode=_encode,
    decode=_decode,
)
