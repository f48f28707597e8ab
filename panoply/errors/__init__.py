"""What panoply raises, and how what sources raise is brought into one shape.

The exceptions are in `exceptions`, `wrap_errors` and its codes in `error_normalization`; both under the names that SDK 3.x
published.
"""

from __future__ import annotations

from panoply.errors.error_normalization import Phase, set_internal_code, wrap_errors
from panoply.errors.exceptions import (
    BackgroundTimeout,
    BufferFull,
    Closed,
    ConfigError,
    CredentialsError,
    DataSourceException,
    DeliveryError,
    DeliveryTimeout,
    IncorrectParamError,
    LoadError,
    MetadataNotSupportedException,
    MissingExtra,
    PanoplyException,
    ParamsError,
    RecordError,
    RecordTooLarge,
    SpoolError,
    StateError,
    TemplateError,
    TokenValidationException,
    TunnelError,
    WrongTypeOrValueError,
)

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
    "Phase",
    "RecordError",
    "RecordTooLarge",
    "SpoolError",
    "StateError",
    "TemplateError",
    "TokenValidationException",
    "TunnelError",
    "WrongTypeOrValueError",
    "set_internal_code",
    "wrap_errors",
]
