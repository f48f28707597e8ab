"""The API key and secret, taken apart and checked once, so that nothing further on meets a malformed one.

    apikey      ACCOUNT/RAND1
    apisecret   base64 of RAND2/UUID/AWSACCOUNT/REGION
    queue       https://sqs.REGION.amazonaws.com/AWSACCOUNT/sdk-ACCOUNT-RAND2

What is wrong with them is said by argument and part, never by value: such messages end up in logs.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from panoply.errors import CredentialsError

__all__ = ["Credentials"]

# What may stand in the queue's URL without changing which host or which queue it names.
_WORD: Final = (re.compile(r"[A-Za-z0-9_-]+"), "letters, digits, '_' and '-'")
# The region becomes a part of a host name, so it has to be one label of it: a dot or a slash would send records elsewhere.
_LABEL: Final = (
    re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"),
    "up to 63 letters, digits and inner '-'",
)
# These only travel as message attributes. The queue takes no control characters there.
_PRINTABLE: Final = (re.compile(r"[!-~]+"), "printable ASCII characters")

# A made-up part such as "a" would be found in any text; what Panoply gives out is far longer.
_TELLING: Final = 4

_KEY_PARTS: Final = {"ACCOUNT": _WORD, "RAND1": _PRINTABLE}
_SECRET_PARTS: Final = {"RAND2": _WORD, "UUID": _PRINTABLE, "AWSACCOUNT": _WORD, "REGION": _LABEL}

_KEY_FORM: Final = "ACCOUNT/RAND1"
_SECRET_FORM: Final = "base64 of RAND2/UUID/AWSACCOUNT/REGION"  # noqa: S105 - a form, not a secret


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """A well-formed key and secret, and the queue that they name."""

    apikey: str
    apisecret: str
    account: str
    region: str
    queue_url: str
    # What must not be seen outside, piece by piece: errors from elsewhere are searched for these before they are shown.
    secrets: tuple[str, ...]

    @classmethod
    def parse(cls, apikey: str | bytes, apisecret: str | bytes) -> Credentials:
        """Take key and secret apart.

        Raises:
            CredentialsError: one of them cannot be what Panoply gave out. The message tells which, and which part.
        """
        key = _text("apikey", apikey)
        secret = _text("apisecret", apisecret)
        try:
            account, rand1 = _parts("apikey", _KEY_FORM, key, _KEY_PARTS)
            rand2, uuid, aws_account, region = _parts("apisecret", _SECRET_FORM, _decoded(secret), _SECRET_PARTS)
        except CredentialsError as exc:
            if _is_secret(key) and not _is_secret(secret):
                raise CredentialsError(f"{exc} The apikey has the form of a secret: were the two swapped?") from None
            raise
        return cls(
            apikey=key,
            apisecret=secret,
            account=account,
            region=region,
            queue_url=f"https://sqs.{region}.amazonaws.com/{aws_account}/sdk-{account}-{rand2}",
            secrets=tuple(text for text in (key, secret, rand1, rand2, uuid) if len(text) >= _TELLING),
        )

    def __repr__(self) -> str:
        return f"Credentials(apikey='{self.account}/***', apisecret='***')"


def _text(name: str, value: object) -> str:
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:  # it holds the bytes, and a traceback would show them
            raise CredentialsError(f"{name} is not text: its bytes are not UTF-8.") from None
    if not isinstance(value, str):
        raise CredentialsError(f"{name} has to be text (or bytes), not {type(value).__name__}.")
    value = value.strip()
    if not value:
        raise CredentialsError(f"{name} is empty. Copy it from your Panoply account's API settings.")
    return value


def _decoded(secret: str) -> str:
    try:
        digits = secret.rstrip("=")  # some tools cut the padding off
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
    except UnicodeDecodeError:
        reason = "what it decodes to is not text"
    except (binascii.Error, ValueError):
        reason = "it is not base64"
    raise CredentialsError(f"apisecret is not usable: {reason}. It should be {_SECRET_FORM}.")


def _parts(name: str, form: str, text: str, wanted: dict[str, tuple[re.Pattern[str], str]]) -> list[str]:
    parts = text.split("/")
    if len(parts) != len(wanted):
        where = "it" if name == "apikey" else "what it decodes to"
        raise CredentialsError(
            f"{name} should be {form}: {len(wanted)} parts with '/' between them, but {where} has {len(parts)}"
            f"{_lacking(list(wanted)[len(parts) :])}."
        )
    for part, (label, (pattern, allowed)) in zip(parts, wanted.items(), strict=True):
        if not part:
            raise CredentialsError(f"{name} should be {form}, but {label} is empty.")
        if not pattern.fullmatch(part):
            raise CredentialsError(f"{name} should be {form}, but {label} holds something else than {allowed}.")
    return parts


def _lacking(labels: list[str]) -> str:
    return f" ({', '.join(labels)} missing)" if labels else ""


def _is_secret(text: str) -> bool:
    try:
        return len(_decoded(text).split("/")) == len(_SECRET_PARTS)
    except CredentialsError:
        return False
