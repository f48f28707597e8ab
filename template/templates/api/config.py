{% set is_async = cookiecutter.mode == "async" %}
{% set auth = cookiecutter.auth %}
"""The form that people fill in. What they enter arrives as the dict `source`, under the names given here."""

from __future__ import annotations

{% if is_async %}
import asyncio
{% endif %}
from base64 import b64encode
{% if not is_async %}
from contextlib import closing
{% endif %}
from importlib.resources import files
from typing import Any

{% set needed = ["API_URL", "Resource"] + ([] if auth == "oauth2" else [cookiecutter.__class ~ "Client"]) %}
from .client import {{ needed | import_order | join(", ") }}
{% if auth == "oauth2" %}
from .source import Stream
{% endif %}


{% if auth == "oauth2" %}
def resource_choices(source: dict[str, Any], options: dict[str, Any]) -> list[dict[str, str]]:
    """List what the API lets this account read, for people to choose from."""
{% if is_async %}
    return _choices(asyncio.run(_resources(source, options)))
{% else %}
    with closing(Stream(source, options)) as stream:
        return _choices(stream.resources())
{% endif %}
{% else %}
def resource_choices(source: dict[str, Any]) -> list[dict[str, str]]:
    """List what the API lets {{ {"token": "this token", "password": "this user", "none": "everybody"}[auth] }} read, for people to choose from."""
{% if is_async %}
    return _choices(asyncio.run(_resources(source)))
{% else %}
    with closing({{ cookiecutter.__class }}Client(source)) as client:
        return _choices(client.resources())
{% endif %}
{% endif %}


{% if is_async and auth == "oauth2" %}
async def _resources(source: dict[str, Any], options: dict[str, Any]) -> list[Resource]:
    async with Stream(source, options) as stream:
        return await stream.resources()


{% elif is_async %}
async def _resources(source: dict[str, Any]) -> list[Resource]:
    client = {{ cookiecutter.__class }}Client(source)
    try:
        return await client.resources()
    finally:
        await client.close()


{% endif %}
def _choices(resources: list[Resource]) -> list[dict[str, str]]:
    return [{"name": resource.title, "value": resource.id} for resource in resources]


CONFIG: dict[str, Any] = {
    "title": {{ cookiecutter.__title | python }},
    "icon": "data:image/png;base64," + b64encode(files(__package__).joinpath("icon.png").read_bytes()).decode("ascii"),
    "categories": ["APIS"],
    "keywords": {{ cookiecutter.package | title_words | tojson }},
    "createdAt": "{{ cookiecutter.__created }}",
    "params": [
{% if auth == "token" %}
        {
            "name": "token",
            "title": "Token",
            "type": "password",
            "required": True,
            "help": "Made in the service's settings for API access; reading is all it has to be allowed.",
        },
{% elif auth == "password" %}
        {
            "name": "user",
            "title": "User",
            "type": "text",
            "required": True,
            "help": "The name that the user signs in to the service with.",
        },
        {
            "name": "password",
            "title": "Password",
            "type": "password",
            "required": True,
            "help": "Best of a user made for this purpose, who may only read.",
        },
{% elif auth == "oauth2" %}
        {
            "name": "access_token",
            "title": "Account",
            "type": "oauth",
            "required": True,
            "oauthAuthorizeURL": f"{API_URL}/oauth/authorize",
            "oauthAccessURL": f"{API_URL}/oauth/token",
            "oauthRefreshURL": f"{API_URL}/oauth/token",
            "help": "Opens the service, where you allow that your data are read.",
        },
        {
            "name": "refresh_token",
            "title": "Refresh token",
            "type": "hidden",
            "help": "Comes with the access token, and gets a new one when that has expired.",
        },
{% endif %}
        {
            "name": "api_url",
            "title": "API address",
            "type": "text",
            "category": "advanced",
            "default": API_URL,
            "help": "Change it only if {{ "the API" if auth == "none" else "your account" }} is at another address.",
        },
        {
            "name": "resources",
            "title": "What to read",
            "type": "list",
            "values": resource_choices,
            "dependencies": {{ ({"token": ["token"], "password": ["user", "password"], "oauth2": ["access_token"], "none": []}[auth] + ["api_url"]) | tojson }},
            "help": "Choose nothing to read everything.",
        },
    ],
}
