"""The developer kit for Panoply: stream records into it, and write data sources for it.

Names are imported when they are first used, so that importing the package costs next to nothing. Data sources are
published as sub-packages of `panoply`, each in a distribution of its own: they are found wherever they are installed.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING, Any

from panoply.constants import FLUSH_TIMEOUT, MAXSIZE, PKGNAME, VERSION, __package_name__, __version__

if TYPE_CHECKING:
    from panoply import config, errors, events, params, records
    from panoply.aio import AsyncSDK
    from panoply.datasource import DataSource
    from panoply.errors import (
        BufferFull,
        Closed,
        CredentialsError,
        DeliveryError,
        DeliveryTimeout,
        PanoplyException,
        RecordError,
        RecordTooLarge,
        SpoolError,
    )
    from panoply.sdk import SDK

__all__ = [
    "FLUSH_TIMEOUT",
    "MAXSIZE",
    "PKGNAME",
    "SDK",
    "VERSION",
    "AsyncSDK",
    "BufferFull",
    "Closed",
    "CredentialsError",
    "DataSource",
    "DeliveryError",
    "DeliveryTimeout",
    "PanoplyException",
    "RecordError",
    "RecordTooLarge",
    "SpoolError",
    "__package_name__",
    "__version__",
    "config",
    "errors",
    "events",
    "params",
    "records",
]

__path__ = extend_path(__path__, __name__)

# Where each public name lives; None: it is a module of its own.
_HOMES = {
    "SDK": "sdk",
    "AsyncSDK": "aio",
    "DataSource": "datasource",
    "PanoplyException": "errors",
    "BufferFull": "errors",
    "Closed": "errors",
    "CredentialsError": "errors",
    "DeliveryError": "errors",
    "DeliveryTimeout": "errors",
    "RecordError": "errors",
    "RecordTooLarge": "errors",
    "SpoolError": "errors",
    "config": None,
    "errors": None,
    "events": None,
    "params": None,
    "records": None,
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    value = import_module(f"{__name__}.{name}") if home is None else getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
