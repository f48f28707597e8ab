"""SQS's newer protocol, AWS JSON 1.0, as boto3 speaks it: one address for all queues, and the action in a header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from panoply._sqs_wire import ANSWER_LIMIT, Reply, Wire
from panoply._sqs_xml import error_in, texts_in

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["JSON"]


def _path(_: str) -> str:
    return ""


def _encode(queue_url: str, body: bytes, attributes: Mapping[str, str]) -> bytes:
    return orjson.dumps(
        {
            "QueueUrl": queue_url,
            "MessageBody": body.decode(),
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        }
    )


def _decode(status: int, content: bytes) -> Reply:
    answer = _object(content)
    if answer is None:  # S3, for one, answers any question in XML
        return error_in(texts_in(content), status, native=False)
    receipt, md5 = _text(answer, "MessageId"), _text(answer, "MD5OfMessageBody")
    # `com.amazonaws.sqs#QueueDoesNotExist`, in some services with `:` and an address after it
    code = (_text(answer, "__type") or _text(answer, "code")).rpartition("#")[2].partition(":")[0]
    message = _text(answer, "message") or _text(answer, "Message")
    if 200 <= status < 300:
        return Reply(status=status, receipt=receipt, md5=md5, native=bool(receipt))
    return Reply(status=status, code=code, message=message, native=bool(code))


def _object(content: bytes) -> dict[str, object] | None:
    try:
        answer = orjson.loads(content) if len(content) <= ANSWER_LIMIT else None
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


JSON: Final = Wire(
    name="AWS JSON",
    headers={"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"},
    path=_path,
    encode=_encode,
    decode=_decode,
)
