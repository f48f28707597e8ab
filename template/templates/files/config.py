{% set auth = cookiecutter.auth %}
"""The form that people fill in. What they enter arrives as the dict `source`, under the names given here."""

from __future__ import annotations

from base64 import b64encode
from importlib.resources import files
from typing import Any

{% if auth != "none" %}
from .store import STORE_URL

{% endif %}
__all__ = ["CONFIG"]

CONFIG: dict[str, Any] = {
    "title": {{ cookiecutter.__title | python }},
    "icon": "data:image/png;base64," + b64encode(files(__package__).joinpath("icon.png").read_bytes()).decode("ascii"),
    "categories": ["Files"],
    "keywords": {{ cookiecutter.package | title_words | tojson }},
    "createdAt": "{{ cookiecutter.__created }}",
    "params": [
{% if auth == "none" %}
        {
            "name": "folder",
            "title": "Folder",
            "type": "text",
            "required": True,
            "help": "Where the files lie, in it or in folders below it.",
        },
{% elif auth == "oauth2" %}
        {
            "name": "access_token",
            "title": "Account",
            "type": "oauth",
            "required": True,
            "oauthAuthorizeURL": f"{STORE_URL}/oauth/authorize",
            "oauthAccessURL": f"{STORE_URL}/oauth/token",
            "oauthRefreshURL": f"{STORE_URL}/oauth/token",
            "help": "Opens the file store, where you allow that your files are read.",
        },
        {
            "name": "refresh_token",
            "title": "Refresh token",
            "type": "hidden",
            "help": "Comes with the access token, and gets a new one when that has expired.",
        },
{% else %}
{% if auth == "token" %}
        {
            "name": "token",
            "title": "Token",
            "type": "password",
            "required": True,
            "help": "Made in the settings of the file store; reading is all it has to be allowed.",
        },
{% else %}
        {
            "name": "user",
            "title": "User",
            "type": "text",
            "required": True,
            "help": "The name that the user signs in to the file store with.",
        },
        {
            "name": "password",
            "title": "Password",
            "type": "password",
            "required": True,
            "help": "Best of a user made for this purpose, who may only read.",
        },
{% endif %}
{% endif %}
{% if auth != "none" %}
        {
            "name": "store_url",
            "title": "Address of the file store",
            "type": "text",
            "category": "advanced",
            "default": STORE_URL,
            "help": "Change it only if your account is at another address.",
        },
{% endif %}
        {
            "name": "pattern",
            "title": "Which files",
            "type": "text",
            "default": "*",
            "help": "As in `*.csv` or `2024/*`. Without it, all CSV and JSON lines files.",
        },
    ],
}
