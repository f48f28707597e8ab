{% from "literals.jinja" import python -%}
"""The form that people fill in. What they enter arrives as the dict `source`, under the names given here."""

from __future__ import annotations

from base64 import b64encode
from contextlib import closing
from importlib.resources import files
from typing import Any

from .client import API_URL, Client

__all__ = ["CONFIG"]


def resource_choices(source: dict[str, Any]) -> list[dict[str, str]]:
    """List what the API lets this token read, for people to choose from."""
    with closing(Client(source)) as client:
        return [{"name": resource.title, "value": resource.id} for resource in client.resources()]


CONFIG: dict[str, Any] = {
    "title": {{ python(cookiecutter.__title) }},
    "icon": "data:image/png;base64," + b64encode(files(__package__).joinpath("icon.png").read_bytes()).decode("ascii"),
    "categories": ["APIS"],
    "keywords": {{ ((cookiecutter.package.split("_") | select | unique | list)[:5] or [cookiecutter.package]) | tojson }},
    "createdAt": "{{ cookiecutter.__today }}",
    "params": [
        {
            "name": "token",
            "title": "Token",
            "type": "password",
            "required": True,
            "help": "Made in the service's settings for API access; reading is all it has to be allowed.",
        },
        {
            "name": "api_url",
            "title": "API address",
            "type": "text",
            "category": "advanced",
            "default": API_URL,
            "help": "Change it only if your account is at another address.",
        },
        {
            "name": "resources",
            "title": "What to read",
            "type": "list",
            "values": resource_choices,
            "dependencies": ["token", "api_url"],
            "help": "Choose nothing to read everything.",
        },
    ],
}
