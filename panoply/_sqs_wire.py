"""What a protocol of SQS has to say about itself: how a message is asked for, and what an answer means.

Values only. `_sqs_json` and `_sqs_query` are the two that there are, and `sqs` carries what they say over the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ANSWER_LIMIT", "Reply", "Wire"]

# SQS answers SendMessage in under 2 KiB. What is far longer is somebody else's, and not worth taking apart.
ANSWER_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer, as far as it can be read. What is not in it is empty.

    Attributes:
        status: of HTTP.
        receipt: the MessageId; only of an answer that has the form of success.
        md5: the MD5OfMessageBody; likewise.
        code: the error's code, as it was written.
        message: what the far end says about the error.
        native: whether the answer is in the protocol in which it was asked. A captive portal's page is not.
    """

    status: int
    receipt: str = ""
    md5: str = ""
    code: str = field(default="", repr=False)  # these two may repeat a secret
    message: str = field(default="", repr=False)
    native: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One protocol.

    Attributes:
        name: as it is told to the program.
        headers: of each request.
        path: where on the endpoint the queue of this URL is asked.
        encode: the request that puts this body with these attributes into the queue of this URL.
        decode: what this status and content mean. There is nothing that it raises for.
    """

    name: str
    headers: Mapping[str, str]
    path: Callable[[str], str]
    encode: Callable[[str, bytes, Mapping[str, str]], bytes]
    decode: Callable[[int, bytes], Reply]
