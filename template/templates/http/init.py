    def __init__(self, source: Mapping[str, Any]) -> None:
{% if auth == "token" %}
        headers = {"Authorization": f"Bearer {_token(source, 'token')}"}
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), headers=headers, timeout=TIMEOUT)
{% elif auth == "password" %}
        user, password = _filled_in(source, "user"), _filled_in(source, "password")
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), auth=(user, password), timeout=TIMEOUT)
{% elif auth == "oauth2" %}
        self._source = source  # the access token in it is replaced when it has expired
        _token(source, "access_token")
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), timeout=TIMEOUT)
{% else %}
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), timeout=TIMEOUT)
{% endif %}
