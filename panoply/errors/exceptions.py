"""Every exception that panoply raises on purpose: one tree, so that one `except` can catch it all.

    PanoplyException                   the root; a data source raises it too
    ├── DataSourceException            the source's: what `wrap_errors` makes of whatever it raised
    ├── TokenValidationException       the user's: the account has to be connected again
    ├── IncorrectParamError (ValueError)  the caller's, or the user's: a value that cannot be right
    ├── WrongTypeOrValueError (TypeError, ValueError)  the source's: data in a shape that a record cannot have
    ├── MetadataNotSupportedException  nobody's: this source cannot list what it reads from
    ├── BackgroundTimeout (TimeoutError)  the far end's: a step took longer than it was given
    ├── TunnelError (ConnectionError)  the SSH server's, or the way's to it
    ├── CredentialsError (ValueError)  the program's: apikey or apisecret cannot be what Panoply gave out
    ├── RecordError (ValueError)       the program's: this record cannot be sent; nothing else is touched
    │   └── RecordTooLarge             ... because it is larger than a message
    ├── Closed                         the program's: used after close()
    ├── BufferFull                     nobody's: records come faster than they go; this one was not accepted
    ├── SpoolError (OSError)           the disk's: it cannot keep this; a record that it refused was not accepted
    ├── DeliveryError                  the far end's: these records are handed back
    │   └── DeliveryTimeout (TimeoutError)  ... because the deadline came first
    ├── LoadError                      the source's: it cannot be imported, or has no Stream
    ├── ConfigError (ValueError)       the source's: its CONFIG is not valid
    ├── ParamsError (ValueError)       the user's: the params do not fit the source's CONFIG
    ├── StateError                     the user's, or the disk's: the state of a run cannot be kept, or is another one's
    ├── TemplateError                  the author's: no project can be made of this, or this one not be changed
    └── MissingExtra (ImportError)     the installation's: an optional part is not there

Exceptions of other libraries are turned into one of these where they enter, `from exc`. No message ever holds a
credential.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Records = tuple[tuple[str, dict[str, Any]], ...]

__all__ = [
    "BackgroundTimeout",
    "BufferFull",
    "Closed",
    "ConfigError",
    "CredentialsError",
    "DataSourceException",
    "DeliveryError",
    "DeliveryTimeout",
    "IncorrectParamError",
    "LoadError",
    "MetadataNotSupportedException",
    "MissingExtra",
    "PanoplyException",
    "ParamsError",
    "RecordError",
    "RecordTooLarge",
    "SpoolError",
    "StateError",
    "TemplateError",
    "TokenValidationException",
    "TunnelError",
    "WrongTypeOrValueError",
]


class PanoplyException(Exception):
    """What a data source raises when it cannot go on.

    Args:
        args: the message, as `str()` gives it back. Its name is that of SDK 3.x, where sources pass it by keyword.
        retryable: False tells the platform that calling `read()` again is of no use (refused credentials, for example).
    """

    retryable: bool

    def __init__(self, args: object = None, retryable: bool = True) -> None:  # noqa: FBT001, FBT002 - as published
        super().__init__(args)
        self.retryable = retryable


class DataSourceException(PanoplyException):
    """Whatever a source raised, in one shape, with where it came from. `wrap_errors` makes it; `__cause__` is the original.

    Attributes:
        message: what the original said.
        code: an internal code, as HTTP has them: 501 where nobody gave the original's class another.
        exception_cls: the original's class, as one would import it.
        phase: `config` or `collect`.
        source_type, source_id, database_id: whose it was, as the platform's `source` says; None where it does not.
        created_at: when, in UTC.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - as published
        self,
        message: str,
        code: int,
        exception_cls: str,
        phase: str,
        source_type: Any,
        source_id: Any,
        database_id: Any,
        retryable: bool = True,  # noqa: FBT001, FBT002 - as published
    ) -> None:
        super().__init__(message, retryable)
        self.message = message
        self.code = code
        self.exception_cls = exception_cls
        self.phase = phase
        self.source_type = source_type
        self.source_id = source_id
        self.database_id = database_id
        self.created_at = datetime.now(UTC)

    def __reduce__(self) -> tuple[Any, ...]:
        made = (self.message, self.code, self.exception_cls, self.phase)
        whose = (self.source_type, self.source_id, self.database_id, self.retryable)
        return type(self), (*made, *whose), self.__dict__


class TokenValidationException(PanoplyException):
    """An access token could not be refreshed. `validate_token` raises it.

    It is not retryable where the refresh was refused: connecting the account anew is up to the user.

    Args:
        original_error: what went wrong. From `validate_token` it is made anew, since what libraries raise holds what was sent.
        args: the message.
        retryable: whether calling `read()` again may help.
    """

    def __init__(
        self,
        original_error: BaseException | None,
        args: object = None,
        retryable: bool = True,  # noqa: FBT001, FBT002 - as published
    ) -> None:
        super().__init__(args, retryable)
        self.original_error = original_error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.original_error, *self.args, self.retryable)


class IncorrectParamError(PanoplyException, ValueError):
    """An argument, or something that the user chose, cannot be right."""

    def __init__(self, msg: str = "Incorrect input parameter") -> None:
        super().__init__(msg, retryable=False)


class WrongTypeOrValueError(PanoplyException, TypeError, ValueError):
    """What shall become a record has another type or value than records have."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class MetadataNotSupportedException(PanoplyException):
    """The source does not say which resources it can read."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class BackgroundTimeout(PanoplyException, TimeoutError):
    """A function under `background_progress` took longer than its `timeout`.

    `retryable` is False where the function goes on in its thread, with what belongs to the source: calling `read()` again
    would have both use it.
    """


class TunnelError(PanoplyException, ConnectionError):
    """An SSH tunnel cannot be opened: no way to the server, or the server does not let us in."""


class CredentialsError(PanoplyException, ValueError):
    """The API key or secret is malformed. The message tells which part, never its value."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class RecordError(PanoplyException, ValueError):
    """A record cannot be sent as JSON. It is still the caller's, unchanged, and no other record is affected.

    Attributes:
        place: where in the record, as one would write it in Python: `record["a"]["b"][3]`.
        reason: what is wrong with the value there, and what to do about it.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}", retryable=False)
        self.place = place
        self.reason = reason

    def __reduce__(self) -> tuple[type[RecordError], tuple[Any, ...]]:
        return type(self), (self.place, self.reason)


class RecordTooLarge(RecordError):
    """A record alone is larger than one message can be."""


class Closed(PanoplyException):
    """The SDK was used after `close()`."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class BufferFull(PanoplyException):
    """`write` found no room in the buffer in time. The record was not accepted: it is still the caller's."""


class SpoolError(PanoplyException, OSError):
    """The disk does not keep records, or does not give them back. One that `write` could not put there was not accepted.

    Attributes:
        errno: the system's number for what is wrong, such as `errno.ENOSPC`; None if it is not the system's to say.
    """

    def __init__(self, message: str, errno: int | None = None) -> None:
        super().__init__(message)
        self.errno = errno

    def __reduce__(self) -> tuple[type[SpoolError], tuple[Any, ...]]:
        return type(self), (str(self), self.errno)


class DeliveryError(PanoplyException):
    """Records that were accepted could not be delivered; here they are.

    Args:
        message: what happened, and what to do.
        records: what is handed back, or a function that returns it, which is called when it is first asked for. A full
            buffer takes several times its size when it is unpacked, which many a program that closes has no use for.
    """

    def __init__(self, message: str, records: Records | Callable[[], Records] = ()) -> None:
        super().__init__(message)
        self._records = records

    @property
    def records(self) -> Records:
        """The `(table, record)` pairs that are handed back, as they would have been sent (dates are text by now)."""
        if not isinstance(self._records, tuple):
            self._records = self._records()
        return self._records

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r}, {len(self.records)} records)"

    def __reduce__(self) -> tuple[type[DeliveryError], tuple[Any, ...]]:
        return type(self), (str(self), self.records)


class DeliveryTimeout(DeliveryError, TimeoutError):
    """The deadline of `flush(timeout)` or `close(timeout)` came before the far end took everything."""


class LoadError(PanoplyException):
    """A module cannot be used as a data source."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class ConfigError(PanoplyException, ValueError):
    """A source's CONFIG is not valid."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class ParamsError(PanoplyException, ValueError):
    """Values given for a source's params do not fit its CONFIG."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class StateError(PanoplyException):
    """The state of a run cannot be read or kept, or it belongs to another run than this one."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class TemplateError(PanoplyException):
    """A source's project cannot be made from the template, or not be brought up to it; nothing was written."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class MissingExtra(PanoplyException, ImportError):
    """An optional part of the kit is not installed; the message holds the command that installs it."""

    def __init__(self, extra: str, needed_by: str) -> None:
        super().__init__(
            f"{needed_by} needs the extra {extra!r}. Install it with: python -m pip install 'panoply-python-sdk[{extra}]'",
            retryable=False,
        )
        self.extra = extra
        self.needed_by = needed_by

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[Any, ...]]:
        return type(self), (self.extra, self.needed_by)
