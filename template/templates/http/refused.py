{% if auth == "oauth2" %}
class AccessRefused(panoply.PanoplyException):
    """The {{ far }} does not take the access token, which may just have expired: `Stream` gets a fresh one, once."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The {{ far }} refused the access ({status}). Connect the account again.", retryable=False)


{% endif %}
