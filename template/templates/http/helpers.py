def _pause(exc: Exception) -> bool | float:
    """Decide whether to ask again; a number: after so many seconds."""
    if isinstance(exc, httpx.HTTPStatusError):
        seconds = exc.response.headers.get("Retry-After", "")
        again = exc.response.status_code in SHORT_FAILURES
        return float(min(int(seconds), LONGEST_WAIT)) if again and seconds.isdecimal() else again
    return isinstance(exc, httpx.TransportError)


def _explained(path: str, response: httpx.Response) -> panoply.PanoplyException:
    status = f"{response.status_code} {response.reason_phrase}"
    if response.status_code in (401, 403):
{% if auth == "token" %}
        message = f"The {{ far }} refused the token ({status}). Check that it is whole, has not expired, and may read."
        return panoply.PanoplyException(message, retryable=False)
{% elif auth == "password" %}
        message = f"The {{ far }} refused user and password ({status}). Check both, and that the user may read."
        return panoply.PanoplyException(message, retryable=False)
{% elif auth == "oauth2" %}
        return AccessRefused(status)
{% else %}
        return panoply.PanoplyException(f"GET /{path}: the {{ far }} wants credentials ({status})", retryable=False)
{% endif %}
    again = response.status_code in SHORT_FAILURES
    return panoply.PanoplyException(f"GET /{path}: the {{ far }} answered {status}", retryable=again)


def _misshapen(path: str, expected: str) -> panoply.PanoplyException:
    return panoply.PanoplyException(f"GET /{path}: the {{ far }}'s answer has another shape; expected {expected}")


def _url(source: Mapping[str, Any]) -> str:
    url = str(source.get("{{ url_param }}") or {{ url_param | upper }}).rstrip("/")
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL:
        host = ""
    if not host or not re.fullmatch(r"https?://[^/@?#\s]+(/[^?#\s]*)?", url):
        message = "The param '{{ url_param }}' is no address like https://{{ host }}. Correct it."
        raise panoply.PanoplyException(message, retryable=False)
    return url
{% if auth == "oauth2" %}


def token_url(source: Mapping[str, Any]) -> str:
    """Tell where a fresh access token is had."""
    return f"{_url(source)}/oauth/token"
{% endif %}
{% if auth != "none" %}


def _filled_in(source: Mapping[str, Any], name: str) -> str:
    value = str(source.get(name) or "").strip()
    if not value:
        raise panoply.PanoplyException(f"The param '{name}' is missing. Fill in its field.", retryable=False)
    return value
{% endif %}
{% if auth in ("token", "oauth2") %}


def _token(source: Mapping[str, Any], name: str) -> str:
    token = _filled_in(source, name)
    # Checked here because the HTTP library's own complaint quotes what it complains about.
    if not re.fullmatch(r"[!-~]+", token):
        message = f"The param '{name}' holds a blank, a line break or a character that no token has. Copy it again."
        raise panoply.PanoplyException(message, retryable=False)
    return token
{% endif %}
