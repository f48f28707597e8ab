"""The exceptions that a broken network shows itself by: as the operating system, the resolver and OpenSSL raise them.

Their types, numbers and words are those that a source meets in real life, as some sources look at them.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from typing import Final, Literal

__all__ = [
    "CONNECT_SECONDS",
    "LOOKUP_SECONDS",
    "WANTS",
    "Doing",
    "broken_pipe",
    "cut_in_handshake",
    "in_progress",
    "no_answer",
    "no_resolver",
    "out_of_time",
    "refused",
    "reset",
    "unknown_host",
    "would_block",
]

Doing = Literal["connect", "handshake", "send", "receive"]

# After so long Linux gives up a connection that nobody answers, with its six repeated SYN: 1 + 2 + 4 + ... + 64 seconds.
CONNECT_SECONDS: Final = 127.0

# So long the resolver of glibc asks in vain: five seconds, two attempts.
LOOKUP_SECONDS: Final = 10.0

# Not failures: there is nothing yet.
WANTS: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_UNKNOWN: Final = "Name or service not known"
_NO_RESOLVER: Final = "Temporary failure in name resolution"

# As `ssl` says it, which begins with a line number of C code that differs between versions of Python.
_TLS: Final = {
    "handshake": "_ssl.c:1000: The handshake operation timed out",
    "send": "The write operation timed out",
    "receive": "The read operation timed out",
}


def _os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def refused() -> OSError:
    """Nobody listens there."""
    return _os_error(errno.ECONNREFUSED)


def reset() -> OSError:
    """The far end has broken the connection off."""
    return _os_error(errno.ECONNRESET)


def broken_pipe() -> OSError:
    """What is sent reaches nobody any more."""
    return _os_error(errno.EPIPE)


def in_progress() -> OSError:
    """A connection is being made in the background."""
    return _os_error(errno.EINPROGRESS)


def out_of_time(doing: Doing, *, tls: bool) -> TimeoutError:
    """The time limit of the socket has passed."""
    return TimeoutError(_TLS[doing] if tls and doing in _TLS else "timed out")


def no_answer() -> OSError:
    """The system has given up waiting."""
    return _os_error(errno.ETIMEDOUT)


def would_block(*, tls: bool) -> OSError:
    """Nothing is there yet, and the socket does not wait."""
    if tls:
        return ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "The operation did not complete (read)")
    return _os_error(errno.EAGAIN)


def cut_in_handshake() -> OSError:
    """The far end has closed the connection instead of answering the handshake."""
    words = "EOF occurred in violation of protocol (_ssl.c:1000)"
    error = ssl.SSLEOFError(ssl.SSL_ERROR_EOF, f"[SSL: UNEXPECTED_EOF_WHILE_READING] {words}")
    error.library, error.reason = "SSL", "UNEXPECTED_EOF_WHILE_READING"
    return error


def unknown_host(function: str) -> OSError:
    """The name is not found."""
    if function == "gethostbyaddr":
        return socket.herror(1, "Unknown host")
    return socket.gaierror(socket.EAI_NONAME, _UNKNOWN)


def no_resolver() -> OSError:
    """Nobody says whether the name exists."""
    return socket.gaierror(socket.EAI_AGAIN, _NO_RESOLVER)
