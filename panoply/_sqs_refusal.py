"""Why a message was not taken: in the program's words, and whether another try or the other protocol can help.

The error's code decides, not HTTP's status: SQS throttles with a 403. When to try again is `delivery`'s subject.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panoply.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from panoply._sqs_wire import Reply

__all__ = ["Refusal", "judged", "misset", "together", "unreached"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message is not in the queue, or nothing proves that it is.

    Attributes:
        reason: what the far end did: the end of a sentence that begins with its name.
        retryable: whether the same message may be taken when it is sent again.
        elsewhere: whether it may be taken in the other protocol.
        cause: what was raised, if it can be shown.
    """

    reason: str
    retryable: bool
    elsewhere: bool = False
    cause: BaseException | None = field(default=None, repr=False)

    def error(self, host: str) -> DeliveryError:
        """The exception that tells the program."""
        error = DeliveryError(f"{host} {self.reason}")
        error.retryable = self.retryable
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    advice: str
    retryable: bool = False
    elsewhere: bool = False


_ASK_PANOPLY: Final = "check that apikey and apisecret belong together and are still valid"
_AN_SQS: Final = "check endpoint_url or AWS_ENDPOINT_URL if you set one"

_LATER: Final = _Kind(advice="nothing is wrong with the records, write them again later", retryable=True)
_NO_ACCESS: Final = _Kind(advice=_ASK_PANOPLY, elsewhere=True)
_NO_QUEUE: Final = _Kind(advice=f"there is no such queue; {_ASK_PANOPLY}")
_BAD_MESSAGE: Final = _Kind(advice="the queue does not take such a message, however often it is sent")
_BAD_ADDRESS: Final = _Kind(advice=_ASK_PANOPLY)
_BAD_KEY: Final = _Kind(advice="the queue's own encryption key is not usable: tell Panoply")
_NO_TLS: Final = _Kind(advice="the endpoint wants https")
_NOT_SPOKEN: Final = _Kind(advice=f"it does not know what was asked: {_AN_SQS}", elsewhere=True)
_UNKNOWN: Final = _Kind(advice="see the error code in AWS's SQS reference")
_UNKNOWN_LOCK: Final = _Kind(advice="see the error code in AWS's SQS reference", elsewhere=True)
_NO_PROXY: Final = _Kind(
    advice="the proxy wants a user name and a password: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
)
# A captive portal, which goes away when somebody logs in to it. It would say the same in the other protocol.
_A_PAGE: Final = _Kind(
    advice="check that the network asks for no login, and endpoint_url or AWS_ENDPOINT_URL if you set one",
    retryable=True,
)
# Who knows only the other protocol need not say so in a code.
_NOT_SQS: Final = _Kind(advice=_AN_SQS, elsewhere=True)

# Codes by their last part (`AWS.SimpleQueueService.NonExistentQueue`) or else their first one (`Throttling.User`), without
# the `Exception` that some protocols put after them.
_KINDS: Final[Mapping[str, _Kind]] = {
    **dict.fromkeys(
        (
            *("BandwidthLimitExceeded", "KmsThrottled", "LimitExceeded", "OverLimit", "PriorRequestNotComplete"),
            *("RequestLimitExceeded", "RequestThrottled", "SlowDown", "Throttled", "Throttling", "ThrottlingRate"),
            *("TooManyRequests", "QueueDeletedRecently", "RequestTimeout", "ServiceUnavailable", "Unavailable"),
            *("InternalError", "InternalFailure", "InternalServer", "InternalServerError", "ServiceFailure"),
        ),
        _LATER,
    ),
    **dict.fromkeys(
        (
            *("AccessDenied", "AuthFailure", "AuthMissingFailure", "Forbidden", "IncompleteSignature"),
            *("InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignature", "MissingAuthenticationToken"),
            *("MissingSecurityHeader", "NotAuthorized", "SignatureDoesNotMatch", "Unauthorized"),
            *("UnauthorizedOperation", "UnrecognizedClient"),
        ),
        _NO_ACCESS,
    ),
    **dict.fromkeys(("InvalidAction", "MissingAction", "UnknownAction", "UnknownOperation"), _NOT_SPOKEN),
    **dict.fromkeys(("NonExistentQueue", "QueueDoesNotExist"), _NO_QUEUE),
    **dict.fromkeys(
        (
            *("BatchRequestTooLong", "EntityTooLarge", "InvalidAttributeValue", "InvalidMessageContents"),
            *("InvalidParameterCombination", "InvalidParameterValue", "MessageTooLong", "MissingParameter"),
            *("RequestEntityTooLarge", "SerializationError", "Serialization", "UnsupportedOperation", "Validation"),
            "ValidationError",
        ),
        _BAD_MESSAGE,
    ),
    **dict.fromkeys(("KmsAccessDenied", "KmsDisabled", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired"), _BAD_KEY),
    "InvalidAddress": _BAD_ADDRESS,
    "InvalidSecurity": _NO_TLS,
}

# What a status means that comes without a code.
_STATUSES: Final[Mapping[int, _Kind]] = {407: _NO_PROXY, 413: _BAD_MESSAGE, 511: _A_PAGE}

# Exceptions of botocore's, and http.client's, told by name so that neither need be imported to know them. Each may pass.
_UNREACHED: Final[Mapping[str, str]] = {
    "ProxyConnectionError": "could not be reached through the proxy: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    "SSLError": "could not be trusted: check its TLS certificate, and AWS_CA_BUNDLE",
    "ConnectTimeoutError": "could not be reached in time: check the network, and that a firewall lets it through",
    "ReadTimeoutError": "did not answer in time: the message may or may not have arrived",
    "EndpointConnectionError": "could not be reached: check the network, and endpoint_url or AWS_ENDPOINT_URL if you set one",
    "ConnectionClosedError": "closed the connection without an answer: the message may or may not have arrived",
    "IncompleteRead": "cut its answer short: the message may or may not have arrived",
    "HTTPClientError": "could not be talked to",
    "OSError": "could not be talked to",
}

# Of these it is known that what they say names a setting, and nothing that may be in one.
_TELLING: Final = frozenset({"ConfigNotFound", "ConfigParseError", "ProfileNotFound"})

_NO_FILE: Final = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_SHOWN: Final = 200  # characters of what the far end says; SQS's longest sentences have some 150


def judged(reply: Reply, body: bytes, tells: Callable[[str], bool]) -> Refusal | None:
    """What is wrong with this answer to this body; None if it proves that the message is in the queue.

    Args:
        reply: the answer.
        body: what was sent.
        tells: whether a text gives a secret away: then it is not repeated.
    """
    if reply.receipt:
        if reply.md5 == hashlib.md5(body, usedforsecurity=False).hexdigest():
            return None
        return Refusal(
            reason="took the message, but its MD5OfMessageBody is not that of what was sent: "
            "something on the way has changed or cut it",
            retryable=True,
        )
    kind = _kind(reply)
    # Who answers with an error in another form than was asked for will understand that one.
    elsewhere = kind.elsewhere or (bool(reply.code) and not reply.native and not kind.retryable)
    if reply.status < 400 and not reply.code:
        return Refusal(
            reason=f"answered without a MessageId (HTTP {reply.status}), so the message may not be in the queue: "
            f"{kind.advice}",
            retryable=kind.retryable,
            elsewhere=elsewhere,
        )
    code = reply.code if _CODE.fullmatch(reply.code) and not tells(reply.code) else "an error"
    return Refusal(
        reason=f"refused the message: {code} (HTTP {reply.status}); {kind.advice}{_quoted(reply.message, tells)}",
        retryable=kind.retryable,
        elsewhere=elsewhere,
    )


def _kind(reply: Reply) -> _Kind:
    parts = reply.code.split(".")
    for part in (parts[-1], parts[0]):
        if known := _KINDS.get(part.removesuffix("Exception")):
            return known
    if known := None if reply.code else _STATUSES.get(reply.status):
        return known
    if reply.status >= 500 or reply.status in {408, 429}:
        return _LATER
    if reply.native:
        return _UNKNOWN_LOCK if reply.status in {401, 403} else _UNKNOWN
    if reply.status < 400:
        return _A_PAGE
    return _NO_ACCESS if reply.status in {401, 403} else _NOT_SQS


def _quoted(message: str, tells: Callable[[str], bool]) -> str:
    text = " ".join(message.split())
    if not text or not text.isprintable() or tells(message) or tells(text):
        return ""
    return f' (it said: "{text if len(text) <= _SHOWN else text[:_SHOWN] + "..."}")'


def unreached(exc: Exception, tells: Callable[[str], bool]) -> Refusal:
    """What it means that this was raised where an answer was expected."""
    if setting := _wrong_setting(exc):
        return misset(exc, tells, setting)
    kind = type(exc).__name__
    cause = _tellable(exc, tells)
    for base in type(exc).__mro__:
        if base.__name__ in _UNREACHED:
            return Refusal(reason=f"{_UNREACHED[base.__name__]} ({kind})", retryable=True, cause=cause)
    return Refusal(reason=f"was not asked: {kind} was raised before", retryable=False, cause=cause)


def misset(exc: Exception, tells: Callable[[str], bool], setting: str = "the AWS settings") -> Refusal:
    """What it means that this was raised while the program's settings were read, or by one of them."""
    kind, said = type(exc).__name__, str(exc)
    if kind in _TELLING and said.isprintable() and not tells(said):
        kind = f"{kind} ({said})"
    # What stands behind it may quote the files and URLs that these settings are in, with passwords.
    alone = len(_behind(exc)) == 1 and not _told(exc, tells)
    return Refusal(
        reason=f"was not asked: botocore raised {kind}; check {setting}", retryable=False, cause=exc if alone else None
    )


def _wrong_setting(exc: Exception) -> str:
    """The setting that will fail again however often it is tried; empty if it is none."""
    kind = type(exc).__name__
    for link in _behind(exc):
        if kind == "SSLError" and (isinstance(link, _NO_FILE) or getattr(link, "library", "") == "X509"):
            return "AWS_CA_BUNDLE and `ca_bundle` in the AWS profile: no certificates can be read there"
        if kind == "HTTPClientError" and isinstance(link, ValueError):  # a URL that is none
            return "the URLs in HTTP_PROXY, HTTPS_PROXY, endpoint_url and AWS_ENDPOINT_URL"
    return ""


def together(refusals: Mapping[str, Refusal]) -> Refusal:
    """One refusal that tells those by each protocol that was tried."""
    if len(refusals) == 1:
        return next(iter(refusals.values()))
    told = ". ".join(f"In {name} it {refusal.reason}" for name, refusal in refusals.items())
    return Refusal(
        reason=f"took the message in none of its protocols. {told}",
        retryable=any(refusal.retryable for refusal in refusals.values()),
        cause=next((refusal.cause for refusal in refusals.values() if refusal.cause is not None), None),
    )


def _tellable(exc: BaseException, tells: Callable[[str], bool]) -> BaseException | None:
    """The exception, or of those behind it the first, that tells no secret, and behind which none does.

    botocore's tell the address, and the queue's name in it is made of a secret; what the system said behind them does not.
    """
    links = _behind(exc)
    return next((link for link in links if not any(_told(each, tells) for each in _behind(link))), None)


def _told(exc: BaseException, tells: Callable[[str], bool]) -> bool:
    return tells(str(exc)) or tells(repr(exc))


def _behind(exc: BaseException) -> list[BaseException]:
    """This exception and all that a traceback could show with it."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [exc]
    while waiting:
        link = waiting.pop(0)
        if link is not None and not any(link is known for known in found):
            found.append(link)
            waiting += [link.__cause__, link.__context__]
    return found
