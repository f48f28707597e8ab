"""What SQS refuses of a message, and with which words. Pure functions; moto lets most of this pass.

The rules are those of the SQS API reference and developer guide ("Message metadata", "Message quotas"); the words are
those that SQS has been seen to answer with, where they are known.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from panoply_testing._sqs_wire import Attribute, Refusal, SendMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["GREATEST_LIMIT", "LEAST_LIMIT", "USUAL_LIMIT", "misplaced", "queue_of", "refused", "size"]

# What a queue's MaximumMessageSize may be. Queues made before August 2025, as Panoply's are, have 256 KiB.
LEAST_LIMIT: Final = 1024
USUAL_LIMIT: Final = 256 * 1024
GREATEST_LIMIT: Final = 1024 * 1024

_MOST_ATTRIBUTES: Final = 10
_LONGEST_NAME: Final = 256
_LONGEST_TYPE: Final = 256

# XML 1.0's characters: SQS began with XML, and its queues still hold no others. Lone surrogates are not among them.
_NOT_ALLOWED: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALLOWED: Final = "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
_RESERVED: Final = re.compile(r"aws\.|amazon\.", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

# The hosts of SQS, each with its region; `queue.amazonaws.com` is the oldest, and us-east-1's.
_HOST: Final = re.compile(r"(?:sqs(?:-fips)?\.([a-z0-9-]+)|(?:([a-z0-9-]+)\.)?queue)\.amazonaws\.com")


def queue_of(queue_url: str) -> tuple[str, str]:
    """Take the account and the name out of a queue's URL or path; SQS takes a name alone, too, without an account."""
    account, _, name = urlsplit(queue_url).path.rpartition("/")
    return account.rpartition("/")[2], name


def misplaced(queue_url: str, *, account: str, region: str) -> Refusal | None:
    """Say what is wrong with where a message goes to, if it is meant for a queue of this account and region."""
    host = urlsplit(queue_url).hostname or ""
    match = _HOST.fullmatch(host)
    if match and (match[1] or match[2] or "us-east-1") != region:
        return Refusal(
            status=HTTPStatus.NOT_FOUND,
            code="InvalidAddress",
            message=f"The address https://{host}/ is not valid for this endpoint.",
        )
    if queue_of(queue_url)[0] not in {"", account}:
        return Refusal(
            status=HTTPStatus.BAD_REQUEST,
            code="QueueDoesNotExist",
            message="The specified queue does not exist or you do not have access to it.",
        )
    return None


def refused(message: SendMessage, *, limit: int) -> Refusal | None:
    """Say why SQS does not take a message, if it does not.

    Args:
        message: what was sent.
        limit: the queue's MaximumMessageSize, in bytes.
    """
    if not message.body:
        return _refusal("The request must contain the parameter MessageBody.", code="MissingParameter")
    if _NOT_ALLOWED.search(message.body):
        return _refusal(
            f"Invalid characters found. Valid unicode characters are {_ALLOWED}", code="InvalidMessageContents"
        )
    wrong = _wrong_attributes(message.attributes)
    if wrong:
        return _refusal(wrong)
    sent = {attribute.name: attribute for attribute in message.attributes}
    if size(message.body, sent) > limit:
        return _refusal(f"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.")
    return None


def size(body: str, attributes: Mapping[str, Attribute]) -> int:
    """Count as the queue's limit does: the bytes of the body, and of the attributes' names, types and values."""
    used = sum(len(name.encode()) + len(each.type.encode()) + _length(each) for name, each in attributes.items())
    return len(body.encode()) + used


def _length(attribute: Attribute) -> int:
    return len(base64.b64decode(attribute.value) if _is_binary(attribute) else attribute.value.encode())


def _is_binary(attribute: Attribute) -> bool:
    return attribute.type.partition(".")[0] == "Binary"


def _wrong_attributes(attributes: tuple[Attribute, ...]) -> str:
    if len(attributes) > _MOST_ATTRIBUTES:
        return f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{_MOST_ATTRIBUTES}]."
    wrongs = (_wrong_name(each.name) or _wrong_type(each) or _wrong_value(each) for each in attributes)
    return next(filter(None, wrongs), "") or _repeated(each.name for each in attributes)


def _wrong_name(name: str) -> str:
    if not name:
        return "The request must contain non-empty message attribute name."
    if len(name) > _LONGEST_NAME:
        return f"Message (user) attribute names must be shorter than {_LONGEST_NAME} Bytes"
    if not _NAME.fullmatch(name):
        return (
            "Message (user) attributes name can only contain upper and lower score characters, digits, periods, "
            "hyphens and underscores. "
        )
    if _RESERVED.match(name) or name.startswith(".") or name.endswith("."):
        return (
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
            "These strings are reserved for internal use. Additionally, they cannot start or end with '.'."
        )
    return "Message (user) attribute name must not have successive '.' characters." if ".." in name else ""


def _wrong_type(attribute: Attribute) -> str:
    if not attribute.type:
        return f"The message attribute '{attribute.name}' must contain non-empty message attribute type."
    if attribute.type.partition(".")[0] not in {"Binary", "Number", "String"} or _NOT_ALLOWED.search(attribute.type):
        return (
            f"The type of message (user) attribute '{attribute.name}' is invalid. "
            "You must use only the following supported type prefixes: Binary, Number, String."
        )
    if len(attribute.type.encode()) > _LONGEST_TYPE:
        return f"Message (user) attribute types must be shorter than {_LONGEST_TYPE} Bytes"
    return ""


def _wrong_value(attribute: Attribute) -> str:
    kind = attribute.type.partition(".")[0]
    if not attribute.value or (_is_binary(attribute) and not _is_base64(attribute.value)):
        return f"Message (user) attribute '{attribute.name}' must contain a non-empty value of type '{kind}'."
    if _NOT_ALLOWED.search(attribute.value):
        return f"Invalid characters found. Valid unicode characters are {_ALLOWED}"
    if kind == "Number" and not _NUMBER.fullmatch(attribute.value):
        return f"Can't cast the value of message (user) attribute '{attribute.name}' to a number."
    return ""


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


def _repeated(names: Iterable[str]) -> str:
    twice = [name for name, count in Counter(names).items() if count > 1]
    return f"Message (user) attribute name '{twice[0]}' must be unique." if twice else ""


def _refusal(message: str, *, code: str = "InvalidParameterValue") -> Refusal:
    return Refusal(status=HTTPStatus.BAD_REQUEST, code=code, message=message)
