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
    from panoply import config, errors, events, params, records, resources
    from panoply.aio import AsyncSDK
    from panoply.datasource import DataSource
    from panoply.errors import (
        BackgroundTimeout,
        BufferFull,
        Closed,
        CredentialsError,
        DataSourceException,
        DeliveryError,
        DeliveryTimeout,
        IncorrectParamError,
        PanoplyException,
        Phase,
        RecordError,
        RecordTooLarge,
        SpoolError,
        TokenValidationException,
        TunnelError,
        set_internal_code,
        wrap_errors,
    )
    from panoply.oauth import validate_token
    from panoply.progress import background_progress
    from panoply.records import to_record
    from panoply.sdk import SDK
    from panoply.ssh import SSHTunnel

__all__ = [
    "FLUSH_TIMEOUT",
    "MAXSIZE",
    "PKGNAME",
    "SDK",
    "VERSION",
    "AsyncSDK",
    "BackgroundTimeout",
    "BufferFull",
    "Closed",
    "CredentialsError",
    "DataSource",
    "DataSourceException",
    "DeliveryError",
    "DeliveryTimeout",
    "IncorrectParamError",
    "PanoplyException",
    "Phase",
    "RecordError",
    "RecordTooLarge",
    "SSHTunnel",
    "SpoolError",
    "TokenValidationException",
    "TunnelError",
    "__package_name__",
    "__version__",
    "background_progress",
    "config",
    "errors",
    "events",
    "params",
    "records",
    "resources",
    "set_internal_code",
    "to_record",
    "validate_token",
    "wrap_errors",
]

__path__ = extend_path(__path__, __name__)

# Where each public name lives; None: it is a module of its own.
_HOMES = {
    "SDK": "sdk",
    "AsyncSDK": "aio",
    "DataSource": "datasource",
    "SSHTunnel": "ssh",
    "background_progress": "progress",
    "to_record": "records",
    "validate_token": "oauth",
    "PanoplyException": "errors",
    "BackgroundTimeout": "errors",
    "BufferFull": "errors",
    "Closed": "errors",
    "CredentialsError": "errors",
    "DataSourceException": "errors",
    "DeliveryError": "errors",
    "DeliveryTimeout": "errors",
    "IncorrectParamError": "errors",
    "Phase": "errors",
    "RecordError": "errors",
    "RecordTooLarge": "errors",
    "SpoolError": "errors",
    "TokenValidationException": "errors",
    "TunnelError": "errors",
    "set_internal_code": "errors",
    "wrap_errors": "errors",
    "config": None,
    "errors": None,
    "events": None,
    "params": None,
    "records": None,
    "resources": None,
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
