"""Sends one message to Panoply's queue, and says in the program's words why the queue did not take it.

The only module that knows boto3, which is imported when it is first needed. When to send, and what becomes of a message
that was refused, is `delivery`'s subject.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable
from urllib.parse import urlsplit

from panoply.constants import MAXSIZE, PKGNAME, VERSION
from panoply.errors import CredentialsError, DeliveryError, PanoplyException

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply.credentials import Credentials

__all__ = ["MAX_MESSAGE", "SQSTransport", "Transport", "WireProtocol", "body_limit"]

WireProtocol = str
MAX_MESSAGE: Final = 256 * 1024

# What the queue takes at most for the body and the names, types and values of the attributes.
_QUEUE_LIMIT: Final = 256 * 1024

# So that a far end that does not answer is known as such while somebody still waits. 10 seconds are ample for 256 KiB that
# go up over a slow line. botocore tries once: when to try again is `delivery`'s to decide, which can be interrupted.
_CONNECT_TIMEOUT: Final = 5
_READ_TIMEOUT: Final = 10
_ATTEMPTS: Final = 1

# Held while boto3 is imported and makes a client, for which it takes one thread at a time, and while the process forks: what
# another thread has half imported just then would stay so for ever in the child.
_connecting: Final = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_connecting.acquire, after_in_parent=_connecting.release, after_in_child=_connecting.release
    )

_SDK: Final = f"{PKGNAME}-{VERSION}"

_ASK_PANOPLY: Final = "check that apikey and apisecret belong together and are still valid"
_LATER: Final = "nothing is wrong with the records, write them again later"

# What to do about an error code (the part after the last dot), and whether trying again can be of use.
_ADVICE: Final[Mapping[str, tuple[str, bool]]] = {
    "AccessDenied": (_ASK_PANOPLY, False),
    "AccessDeniedException": (_ASK_PANOPLY, False),
    "InvalidAddress": (_ASK_PANOPLY, False),
    "InvalidClientTokenId": (_ASK_PANOPLY, False),
    "InvalidSecurity": ("the endpoint wants https", False),
    "MissingAuthenticationToken": (_ASK_PANOPLY, False),
    "NonExistentQueue": (f"there is no such queue; {_ASK_PANOPLY}", False),
    "QueueDoesNotExist": (f"there is no such queue; {_ASK_PANOPLY}", False),
    "QueueDeletedRecently": (_LATER, True),
    "RequestThrottled": (_LATER, True),
    "Throttling": (_LATER, True),
    "ThrottlingException": (_LATER, True),
    "OverLimit": (_LATER, True),
    "ServiceUnavailable": (_LATER, True),
    "InternalError": (_LATER, True),
    "InternalFailure": (_LATER, True),
}


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

    Raises:
        CredentialsError: they leave no room for any.
    """
    used = sum(
        len(text.encode())
        for name, attribute in _attributes(credentials).items()
        for text in (name, *attribute.values())
    )
    limit = min(MAXSIZE, _QUEUE_LIMIT - used)
    if limit <= 0:
        raise CredentialsError("apikey and apisecret are far too long: they leave no room in a message for records.")
    return limit


class SQSTransport:
    """Panoply's queue, as the credentials name it.

    Args:
        credentials: whose queue, and what it asks for.
        endpoint_url: another SQS than that of the region. None leaves the choice to `AWS_ENDPOINT_URL_SQS`,
            `AWS_ENDPOINT_URL` and the AWS profile, as anywhere else.
        connections: how many are kept open, for as many threads.

    Raises:
        ValueError: endpoint_url is no http(s) URL with a host, or holds a password.
    """

    def __init__(
        self, credentials: Credentials, endpoint_url: str | None = None, *, protocol: str = "auto", connections: int = 1
    ) -> None:
        self._credentials = credentials
        self._connections = connections
        self._endpoint_url = _checked(endpoint_url)
        self._attributes = _attributes(credentials)
        self._client: Any = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._host()}>"

    def prepare(self) -> None:
        """Import boto3 and make its client now (some 300 ms), rather than when the first message waits for it."""
        self._connection()

    def send(self, body: bytes) -> str:
        """Send one message and return the queue's id for it.

        Raises:
            DeliveryError: the queue did not take it, or did not say so. `retryable` tells whether another try may help.
        """
        try:
            reply = self._connection().send_message(
                QueueUrl=self._credentials.queue_url, MessageBody=body.decode(), MessageAttributes=self._attributes
            )
        except Exception as exc:  # noqa: BLE001 - botocore's have no root in common
            # The cause stays in sight, unless it tells a secret (which the queue's name, too, is made of).
            raise self._translated(exc) from (None if self._tells_secret(exc) else exc)
        return self._receipt(reply, body)

    def close(self) -> None:
        """Close the connections. The transport can still be used, and then opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def forked(self) -> None:
        """This is a child process: leave the connections to the parent, and open new ones when they are needed."""
        self._client = None

    def _connection(self) -> Any:
        client = self._client
        if client is None:
            with _connecting:
                client = self._client
                if client is None:
                    client = self._client = self._connected()
        return client

    def _connected(self) -> Any:
        import boto3  # noqa: PLC0415 - 150 ms that a program should not pay for importing panoply
        import botocore  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        # A session of our own: boto3's default one is the program's. The key is never used, as requests are not signed;
        # its being there keeps every botocore version from looking for one (in files, processes, the instance's metadata).
        session = boto3.session.Session(
            aws_access_key_id="unsigned",
            aws_secret_access_key="unsigned",  # noqa: S106 - a placeholder
            region_name=self._credentials.region,
        )
        return session.client(
            "sqs",
            endpoint_url=self._endpoint_url,
            config=Config(
                signature_version=botocore.UNSIGNED,
                connect_timeout=_CONNECT_TIMEOUT,
                read_timeout=_READ_TIMEOUT,
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                max_pool_connections=self._connections,
                user_agent_extra=_SDK,
            ),
        )

    def _receipt(self, reply: Mapping[str, Any], body: bytes) -> str:
        receipt = reply.get("MessageId")
        if not isinstance(receipt, str) or not receipt:
            raise DeliveryError(
                f"{self._host()} answered without a MessageId, so the message may not be in the queue: "
                "check that the endpoint is an SQS"
            )
        if reply.get("MD5OfMessageBody") != hashlib.md5(body, usedforsecurity=False).hexdigest():
            raise DeliveryError(
                f"{self._host()} took the message, but its MD5OfMessageBody is not that of what was sent: "
                "something on the way has changed or cut it"
            )
        return receipt

    def _translated(self, exc: Exception) -> DeliveryError:
        response = getattr(exc, "response", None)
        if isinstance(response, dict) and isinstance(response.get("Error"), dict):  # botocore's ClientError
            code = str(response["Error"].get("Code", "an unknown error"))
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            temporary = isinstance(status, int) and (status >= 500 or status == 429)
            advice, retryable = _ADVICE.get(
                code.rpartition(".")[2],
                (_LATER, True) if temporary else ("see the error code in AWS's SQS reference", False),
            )
            error = DeliveryError(f"{self._host()} refused the message: {self._masked(code)} (HTTP {status}); {advice}")
            error.retryable = retryable
            return error
        kind = type(exc).__name__
        for base in type(exc).__mro__:
            if base.__name__ in _UNREACHED:
                return DeliveryError(f"{self._host()} {_UNREACHED[base.__name__]} ({kind})")
        if isinstance(exc, PanoplyException):
            return DeliveryError(str(exc))
        error = DeliveryError(
            f"the message could not be sent to {self._host()}: boto3 raised {kind}; check the AWS settings"
        )
        error.retryable = False
        return error

    def _host(self) -> str:
        """The far end's host and port: all of its URL that can be shown, as it may hold a password."""
        client = self._client
        url = client.meta.endpoint_url if client is not None else self._endpoint_url
        if url is None:
            return f"sqs.{self._credentials.region}.amazonaws.com"
        return urlsplit(url).netloc.rpartition("@")[2]

    def _masked(self, text: str) -> str:
        return "an error" if any(secret in text for secret in self._credentials.secrets) else text

    def _tells_secret(self, exc: BaseException) -> bool:
        return any(secret in repr(link) + str(link) for link in _chain(exc) for secret in self._credentials.secrets)


# botocore's exceptions, told by name so that boto3 need not be imported to know them.
_UNREACHED: Final[Mapping[str, str]] = {
    "ProxyConnectionError": "could not be reached through the proxy: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    "SSLError": "could not be trusted: check its TLS certificate, and AWS_CA_BUNDLE",
    "ConnectTimeoutError": "could not be reached in time: check the network, and that a firewall lets it through",
    "ReadTimeoutError": "did not answer in time: the message may or may not have arrived",
    "EndpointConnectionError": "could not be reached: check the network, and endpoint_url or AWS_ENDPOINT_URL if you set one",
    "ConnectionClosedError": "closed the connection without an answer: the message may or may not have arrived",
    "HTTPClientError": "could not be talked to",
    "ResponseParserError": "gave an answer that is not SQS's: check endpoint_url or AWS_ENDPOINT_URL if you set one",
}


def _attributes(credentials: Credentials) -> dict[str, dict[str, str]]:
    values = {"key": credentials.apikey, "secret": credentials.apisecret, "sdk": _SDK}
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


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


def _chain(exc: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = exc
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
