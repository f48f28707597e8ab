"""The two protocols of SQS: what a request asks for, and how a refusal is worded in each.

AWS JSON 1.0 names the action in a header and sends an object; the older Query protocol sends a form. Everything here is
code of its own, with nothing of the SDK's or of moto's in it, and does no I/O.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

__all__ = ["Attribute", "Call", "Protocol", "Refusal", "SendMessage", "call_of", "message_of", "reply", "told"]

Protocol = Literal["json", "query"]

_TARGET: Final = "AmazonSQS."
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/x-amz-json-1.0"

# Codes that are called otherwise in an answer's `__type`, and in the Query protocol, which x-amzn-query-error repeats.
# SQS's own errors are shapes of `com.amazonaws.sqs`, those of any service are `com.amazon.coral.service`'s.
_TYPES: Final = {
    "AccessDenied": "com.amazon.coral.service#AccessDeniedException",
    "InvalidParameterValue": "com.amazon.coral.service#InvalidParameterValueException",
    "MissingParameter": "com.amazon.coral.service#MissingRequiredParameterException",
    "SerializationException": "com.amazon.coral.service#SerializationException",
}
_QUERY_CODES: Final = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
}

# `MessageAttributes.1.key`, as some clients spell it, is taken for an attribute without a name. So does SQS.
_ATTRIBUTE: Final = re.compile(r"MessageAttributes?\.([0-9]+)\.(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request is answered with an error: its HTTP status, its code, and what it says."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A message attribute as it was sent; a binary value is still base64, and what was left out is empty."""

    name: str
    type: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """What a SendMessage asks for. `body` is None where there was none."""

    queue_url: str
    body: str | None
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Which action a request names, in which protocol."""

    protocol: Protocol
    action: str


def call_of(*, target: str, content_type: str, query: str, content: bytes) -> Call | None:
    """Tell what a request asks for, or None: it is in neither protocol."""
    if target.startswith(_TARGET):
        return Call(protocol="json", action=target.removeprefix(_TARGET))
    if target:
        return None
    # Without `strict_parsing`, only the bytes of a value can be wrong, which message_of() sees to.
    form = query if not content_type.startswith(_FORM) else f"{query}&{content.decode('latin-1')}"
    action = dict(parse_qsl(form, errors="replace")).get("Action")
    return None if action is None else Call(protocol="query", action=action)


def message_of(protocol: Protocol, *, path: str, query: str, content: bytes) -> SendMessage | Refusal:
    """Read a SendMessage; a Refusal, where it cannot be read."""
    if protocol == "json":
        return _from_json(content)
    try:
        form = f"{query}&{content.decode('ascii')}"
        pairs = parse_qsl(form, keep_blank_values=True, errors="strict")
    except ValueError:  # which a UnicodeDecodeError is
        return Refusal(
            status=HTTPStatus.NOT_FOUND,
            code="MalformedQueryString",
            message="The query string contains a syntax error.",
        )
    return _from_form(path, dict(pairs))


def _from_json(content: bytes) -> SendMessage | Refusal:
    try:
        request = json.loads(content)
        attributes = _text_map(request.get("MessageAttributes"))
        url, body = _text(request.get("QueueUrl")), _text(request.get("MessageBody"))
    except (AttributeError, TypeError, ValueError, RecursionError):
        return Refusal(
            status=HTTPStatus.BAD_REQUEST,
            code="SerializationException",
            message="The request is not what JSON 1.0 wants.",
        )
    found = tuple(_attribute(name, fields) for name, fields in attributes.items())
    return SendMessage(queue_url=url or "", body=body, attributes=found)


def _text_map(attributes: Any) -> dict[str, dict[str, str]]:
    found = {}
    for name, fields in (attributes or {}).items():
        texts = {key: _text(value) for key, value in fields.items() if key.endswith(("Type", "Value"))}
        found[name] = {key: value for key, value in texts.items() if value is not None}
    return found


def _text(value: object) -> str | None:
    if not isinstance(value, str | None):
        raise TypeError("no text")
    return value


def _from_form(path: str, form: dict[str, str]) -> SendMessage:
    numbered: dict[int, dict[str, str]] = {}
    for key, value in form.items():
        if match := _ATTRIBUTE.fullmatch(key):
            numbered.setdefault(int(match[1]), {})[match[2].removeprefix("Value.")] = value
    found = tuple(_attribute(fields.get("Name", ""), fields) for _, fields in sorted(numbered.items()))
    return SendMessage(queue_url=form.get("QueueUrl") or path, body=form.get("MessageBody"), attributes=found)


def _attribute(name: str, fields: dict[str, str]) -> Attribute:
    kind = fields.get("DataType", "")
    value = fields.get("BinaryValue" if kind.partition(".")[0] == "Binary" else "StringValue", "")
    return Attribute(name=name, type=kind, value=value)


def reply(refusal: Refusal, protocol: Protocol, request_id: str) -> tuple[list[tuple[str, str]], bytes]:
    """Word a refusal as SQS does: the headers and the content of the answer."""
    fault = "Receiver" if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Sender"
    code = _QUERY_CODES.get(refusal.code, refusal.code)
    if protocol == "json":
        content = {
            "__type": _TYPES.get(refusal.code, f"com.amazonaws.sqs#{refusal.code}"),
            "message": refusal.message,
        }
        headers = [("Content-Type", _JSON), ("x-amzn-query-error", f"{code};{fault}")]
        return [*headers, ("x-amzn-RequestId", request_id)], json.dumps(content).encode()
    xml = (
        '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error>'
        f"<Type>{fault}</Type><Code>{escape(code)}</Code><Message>{escape(refusal.message)}</Message><Detail/></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)], xml.encode()


def told(protocol: Protocol, name: str, content: bytes) -> str:
    """Find a text in moto's answer, such as its MessageId; empty, where it is not there."""
    if protocol == "query":
        match = re.search(rb"<%b>([^<]*)</" % name.encode(), content)
        return match[1].decode() if match else ""
    try:
        return str(json.loads(content).get(name, ""))
    except (AttributeError, ValueError):
        return ""
