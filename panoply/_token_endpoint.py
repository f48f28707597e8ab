"""Asks a token endpoint for a new access token: the one HTTP request that the kit makes for a source.

What comes back is the answer, or what was wrong. That holds nothing that was sent or answered, and nothing is logged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NoToken", "ask_token_endpoint", "host_of"]

# Seconds. A token endpoint that does not answer in this time is not going to.
CONNECT_TIMEOUT: Final = 10.0
READ_TIMEOUT: Final = 30.0

# Further tries where the far end, or the way to it, fails for now: as many as SDK 3.x made.
RETRIES: Final = 2
# Of the pauses before them, in seconds: none, then twice this.
BACKOFF: Final = 0.5
FAILS_FOR_NOW: Final = frozenset({408, 429, 500, 502, 503, 504})

# What RFC 6749 (5.2) lets a token endpoint say. Any other word of its may be a token that it was sent.
_OAUTH_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


@dataclass(frozen=True, slots=True)
class NoToken:
    """Why there is no token.

    Attributes:
        why: the end of a sentence that begins with "The access token could not be refreshed:".
        for_now: the far end did not refuse; asking again later may help.
    """

    why: str
    for_now: bool = False


def ask_token_endpoint(url: str, form: Mapping[str, Any]) -> dict[str, Any] | NoToken:
    """The JSON object that the token endpoint answers, or what is wrong."""
    import urllib3  # noqa: PLC0415 - only where a token is refreshed

    # A wait that the far end asks for may be an hour long; a redirect would take the secrets elsewhere.
    retry = urllib3.Retry(
        total=RETRIES,
        allowed_methods=None,
        status_forcelist=FAILS_FOR_NOW,
        backoff_factor=BACKOFF,
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT)
    try:
        with _pool(url) as pool:
            response = pool.request(
                "POST",
                url,
                body=urlencode(form, doseq=True),
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                retries=retry,
                redirect=False,
                timeout=timeout,
            )
    except Exception as exc:  # noqa: BLE001 - whatever it is, it may hold what was sent
        reason = getattr(exc, "reason", None)
        kind = type(reason if isinstance(reason, Exception) else exc).__name__
        return NoToken(f"{host_of(url)} could not be asked ({kind})", for_now=True)
    try:
        answer = json.loads(response.data)
    except ValueError:
        answer = None
    if not 200 <= response.status < 300:
        error = answer.get("error") if isinstance(answer, dict) else None
        known = f" ({error})" if error in _OAUTH_ERRORS else ""
        return NoToken(f"{host_of(url)} answered {response.status}{known}", for_now=response.status in FAILS_FOR_NOW)
    if not isinstance(answer, dict):  # a web page, of somebody in between
        return NoToken(f"{host_of(url)} answered something that is no JSON object", for_now=True)
    return answer


def _pool(url: str) -> Any:
    """Connections to where `url` is, through the proxy that the environment names."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - it takes a while to import

    import urllib3  # noqa: PLC0415

    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy is None or proxy_bypass(parts.netloc):
        return urllib3.PoolManager()
    return urllib3.ProxyManager(proxy if "://" in proxy else f"http://{proxy}")


def host_of(url: str) -> str:
    """What may be said of an endpoint's address."""
    return urlsplit(url).hostname or "the token endpoint"
