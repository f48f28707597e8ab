"""Sends one message to Panoply's queue, and says in the program's words why the queue did not take it.

The only module that knows botocore, which is imported when it is first needed. What the two protocols of SQS look like is
`_sqs_json`'s and `_sqs_query`'s subject, what an answer means `_sqs_refusal`'s; when to send, and what becomes of a message
that was refused, `delivery`'s.
"""

from __future__ import annotations

import os
import threading
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

from panoply._sqs_json import JSON
from panoply._sqs_query import QUERY
from panoply._sqs_refusal import Refusal, judged, misset, together, unreached
from panoply.constants import MAXSIZE, PKGNAME, VERSION
from panoply.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panoply._sqs_wire import Wire
    from panoply.credentials import Credentials
    from panoply.masking import Mask

__all__ = ["MAX_MESSAGE", "SQSTransport", "Transport", "WireProtocol", "body_limit"]

WireProtocol = Literal["auto", "json", "query"]

# What is tried, in this order, until something works. Query is the protocol in which every SDK before this one sent its
# unsigned messages, and JSON the one that AWS's own SDKs have turned to: a queue that admits the first to everybody may want
# a signature in the second.
_CHOICES: Final[Mapping[str, tuple[Wire, ...]]] = {"auto": (JSON, QUERY), "json": (JSON,), "query": (QUERY,)}

# What a queue takes at most for the body and the names, types and values of the attributes: unless it was set otherwise,
# and within what it can be set to (its attribute MaximumMessageSize; 1 MiB since 2025).
MAX_MESSAGE: Final = 256 * 1024
_LEAST_MESSAGE: Final = 1024
_MOST_MESSAGE: Final = 1024 * 1024

# So that a far end that does not answer is known as such while somebody still waits. 10 seconds are ample for 256 KiB that
# go up over a slow line. Each send tries once: when to try again is `delivery`'s to decide, which can be interrupted.
_CONNECT_TIMEOUT: Final = 5
_READ_TIMEOUT: Final = 10

# Held while botocore is imported and makes a client, for which it takes one thread at a time, and while the process forks:
# what another thread has half imported just then would stay so for ever in the child. It also guards what a transport has
# found out, and is never held while a far end is waited for.
_connecting: Final = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_connecting.acquire, after_in_parent=_connecting.release, after_in_child=_connecting.release
    )

_SDK: Final = f"{PKGNAME}-{VERSION}"


@runtime_checkable
class Transport(Protocol):
    """Where messages go. A program may bring its own; up to `max_in_flight` threads use it at the same time."""

    def send(self, body: bytes) -> str:
        """Send one message and return the far end's receipt for it; raise if it may not have arrived.

        The message is tried again after an OSError (which TimeoutError and ConnectionError are), and after a
        PanoplyException that is `retryable`; after any other it is handed back.
        """
        ...

    def close(self) -> None:
        """Nothing will be sent any more."""
        ...


def body_limit(credentials: Credentials, max_message: int = MAX_MESSAGE) -> int:
    """How many bytes of a message's body the queue takes beside these credentials.

    Args:
        credentials: they travel with each message, and take their part of it.
        max_message: what the queue takes for both, from 1 KiB to 1 MiB. Up to SQS's usual 256 KiB a body has no more than
            `MAXSIZE` of it; what is more than that, it may use to the last byte that the credentials leave.

    Raises:
        CredentialsError: they leave no room for any.
        ValueError: no queue can be set to this max_message.
    """
    if isinstance(max_message, bool) or not isinstance(max_message, int):
        raise TypeError(f"max_message is a whole number of bytes, not {type(max_message).__name__}")
    if not _LEAST_MESSAGE <= max_message <= _MOST_MESSAGE:
        raise ValueError(
            f"max_message is a number of bytes from {_LEAST_MESSAGE} (1 KiB) to {_MOST_MESSAGE} (1 MiB), which is what "
            f"a queue can be set to, and not {max_message}"
        )
    used = sum(
        len(text.encode()) for name, value in _attributes(credentials).items() for text in (name, "String", value)
    )
    limit = max_message - used
    if limit <= 0:
        raise CredentialsError(
            f"apikey and apisecret are far too long: they leave no room in a message of {max_message} bytes for records."
        )
    return limit if max_message > MAX_MESSAGE else min(MAXSIZE, limit)


class SQSTransport:
    """Panoply's queue, as the credentials name it. Any number of threads may send at once.

    Proxies and certificates are the AWS SDK's settings: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `AWS_CA_BUNDLE`, the AWS
    profile. Botocore's event `before-send.sqs.SendMessage` is told, so that what mocks AWS in the process mocks this too. No
    error of this class holds a key, a secret or a part of one, and nothing is logged here; but urllib3 and botocore, which
    make the connections, log the path of a request at level DEBUG, and in the Query protocol that is the queue's name, which
    ends with a part of the secret.

    Args:
        credentials: whose queue, and what it asks for.
        endpoint_url: another SQS than that of the region. None leaves the choice to `AWS_ENDPOINT_URL_SQS`,
            `AWS_ENDPOINT_URL` and the AWS profile, as anywhere else.
        connections: how many are kept open, for as many threads.
        protocol: `json`, `query`, or `auto`: as long as nothing has worked, each message is sent by JSON, and once by Query
            as well if the answer refuses access, wants a signature, or comes from somebody who does not know JSON. What
            first worked stays.

    Raises:
        ValueError: endpoint_url is no http(s) URL with a host, or holds a password; or there is no such protocol.
    """

    def __init__(
        self,
        credentials: Credentials,
        endpoint_url: str | None = None,
        *,
        connections: int = 1,
        protocol: WireProtocol = "auto",
    ) -> None:
        self._credentials = credentials
        self._connections = connections
        self._endpoint_url = _checked(endpoint_url)
        self._attributes = _attributes(credentials)
        self._wires = _chosen(protocol)  # one of them, once it is known to work
        self._line: _Line | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._host()}>"

    def prepare(self) -> None:
        """Import botocore and read its settings now (some 200 ms), rather than when the first message waits for it."""
        self._opened()

    def send(self, body: bytes) -> str:
        """Send one message and return the queue's id for it.

        Raises:
            DeliveryError: the queue did not take it, or did not say so. `retryable` tells whether another try may help.
        """
        refusals: dict[str, Refusal] = {}
        while (wire := self._next(refusals)) is not None:
            outcome = self._ask(wire, body)
            if isinstance(outcome, str):
                self._settle(wire)
                return outcome
            refusals[wire.name] = outcome
            if not outcome.elsewhere:
                break
        refusal = together(refusals)
        # Raised here, where nothing is being handled: Python would put that behind the error, where it could be seen.
        raise refusal.error(self._host()) from refusal.cause

    def close(self) -> None:
        """Close the connections. The transport can still be used, and then opens new ones."""
        line, self._line = self._line, None
        if line is not None:
            line.http.close()

    def forked(self) -> None:
        """This is a child process: leave the connections to the parent, and open new ones when they are needed."""
        self._line = None

    def _next(self, refused: Mapping[str, Refusal]) -> Wire | None:
        """A protocol that is worth trying: another thread may meanwhile have found which one is."""
        return next((wire for wire in self._wires if wire.name not in refused), None)

    def _settle(self, wire: Wire) -> None:
        if len(self._wires) > 1:
            with _connecting:
                if len(self._wires) > 1:
                    self._wires = (wire,)

    def _ask(self, wire: Wire, body: bytes) -> str | Refusal:
        """The receipt, or why there is none."""
        content = wire.encode(self._credentials.queue_url, body, self._attributes)
        try:
            line = self._opened()
        except Exception as exc:  # noqa: BLE001 - botocore's have no root in common
            return misset(exc, self._tells)
        try:
            status, answer = line.post(wire.path(self._credentials.queue_url), wire.headers, content)
        except Exception as exc:  # noqa: BLE001 - likewise
            return unreached(exc, self._tells)
        reply = wire.decode(status, answer)
        return judged(reply, body, self._tells) or reply.receipt

    def _opened(self) -> _Line:
        line = self._line
        if line is None:
            with _connecting:
                line = self._line
                if line is None:
                    line = self._line = _connected(self._credentials.region, self._endpoint_url, self._connections)
        return line

    def _host(self) -> str:
        """The far end's host and port: all of its URL that can be shown, as it may hold a password."""
        line = self._line
        url = line.endpoint if line is not None else self._endpoint_url
        if url is None:
            return f"sqs.{self._credentials.region}.amazonaws.com"
        return urlsplit(url).netloc.rpartition("@")[2]

    def _tells(self, text: str) -> bool:
        """Whether the text holds a secret, as it is or in some encoding."""
        return any(secret in text for secret in self._credentials.secrets) or bool(self._mask.find(text))

    @cached_property
    def _mask(self) -> Mask:
        from panoply.masking import Mask  # noqa: PLC0415 - milliseconds, for what goes wrong

        return Mask(self._credentials.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """Connections to one endpoint, which are kept and used again.

    They are those of a client of botocore's, so that its settings, from the profile to the proxies, hold for them. What goes
    through them is not the client's: at level DEBUG it logs its requests, with the secret in them; and to check, encode and
    decode them by its model takes most of the time that it needs. Nor is it kept: its models take some megabytes.

    Attributes:
        endpoint: the URL.
        http: a botocore.httpsession.URLLib3Session.
        events: who has to hear of requests before they are sent.
    """

    endpoint: str
    http: Any
    events: Any

    def post(self, path: str, headers: Mapping[str, str], content: bytes) -> tuple[int, bytes]:
        """Status and content of the answer. Redirections are not followed: they would carry the secret elsewhere.

        Raises:
            http.client.IncompleteRead: a part of it is missing, which botocore does not mind.
        """
        from botocore.awsrequest import AWSPreparedRequest, HeadersDict  # noqa: PLC0415

        url = self.endpoint.rstrip("/") + path
        if not urlsplit(url).path:  # through a proxy, the URL stands in the request as it is
            url += "/"
        everything = HeadersDict({"User-Agent": _SDK, **headers, "Content-Length": str(len(content))})
        request = AWSPreparedRequest("POST", url, everything, content, stream_output=False)
        told = self.events.emit("before-send.sqs.SendMessage", request=request)
        response = next((answer for _, answer in told if answer is not None), None)
        if response is None:
            response = self.http.send(request)
            wanted = response.headers.get("Content-Length", "")
            if wanted.isdecimal() and len(response.content) < int(wanted):
                from http.client import IncompleteRead  # noqa: PLC0415

                raise IncompleteRead(response.content, int(wanted) - len(response.content))
        return response.status_code, response.content


def _connected(region: str, endpoint_url: str | None, connections: int) -> _Line:
    """A line to where botocore would send, and through what it would send it."""
    import botocore  # noqa: PLC0415 - 100 ms that a program should not pay for importing panoply
    from botocore.config import Config  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    # A session of our own: a shared one is the program's. The key is never used, as requests are not signed; its being there
    # keeps every botocore version from looking for one (in files, processes, the instance's metadata).
    session = Session()
    events = copy(session.get_component("event_emitter"))  # before the client adds what keeps it alive
    client = session.create_client(
        "sqs",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id="unsigned",
        aws_secret_access_key="unsigned",  # noqa: S106 - a placeholder
        config=Config(
            signature_version=botocore.UNSIGNED,
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=_READ_TIMEOUT,
            max_pool_connections=connections,
        ),
    )
    http = client._endpoint.http_session  # noqa: SLF001 - there is no public way to it
    return _Line(endpoint=client.meta.endpoint_url, http=http, events=events)


def _attributes(credentials: Credentials) -> dict[str, str]:
    return {"key": credentials.apikey, "secret": credentials.apisecret, "sdk": _SDK}


def _chosen(protocol: object) -> tuple[Wire, ...]:
    if not isinstance(protocol, str):
        raise TypeError(f"protocol has to be text, not {type(protocol).__name__}")
    if protocol not in _CHOICES:
        raise ValueError(f"protocol has to be one of {', '.join(map(repr, _CHOICES))}")
    return _CHOICES[protocol]


def _checked(endpoint_url: str | None) -> str | None:
    if endpoint_url is None:
        return None
    if not isinstance(endpoint_url, str):
        raise TypeError(f"endpoint_url has to be text, not {type(endpoint_url).__name__}")
    url = urlsplit(endpoint_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("endpoint_url should look like https://HOST or http://HOST:PORT")
    if "@" in url.netloc:
        raise ValueError("endpoint_url cannot hold a user name or password")
    return endpoint_url
