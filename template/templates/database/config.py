{% set is_async = cookiecutter.mode == "async" %}
{% set auth = cookiecutter.auth %}
{% set class = cookiecutter.__class ~ "Database" %}
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

{% set needed = ["Table"] + ([] if auth == "oauth2" else [class]) + ([] if auth == "none" else ["SSLMODES", "PORT", "SCHEMA", "TIMEOUT"]) + (["TOKEN_URL"] if auth == "oauth2" else []) %}
from .database import {{ needed | import_order | join(", ") }}
{% if auth == "oauth2" %}
from .source import Stream
{% endif %}


{% if auth == "oauth2" %}
def table_choices(source: dict[str, Any], options: dict[str, Any]) -> list[dict[str, str]]:
    """List what the database lets this account read, for people to choose from."""
{% if is_async %}
    return _choices(asyncio.run(_tables(source, options)))
{% else %}
    with closing(Stream(source, options)) as stream:
        return _choices(stream.tables())
{% endif %}
{% else %}
def table_choices(source: dict[str, Any]) -> list[dict[str, str]]:
    """List what {{ "is in the file" if auth == "none" else "the database lets this user read" }}, for people to choose from."""
{% if is_async %}
    return _choices(asyncio.run(_tables(source)))
{% else %}
    with closing({{ class }}(source)) as database:
        return _choices(database.tables())
{% endif %}
{% endif %}


{% if is_async and auth == "oauth2" %}
async def _tables(source: dict[str, Any], options: dict[str, Any]) -> list[Table]:
    async with Stream(source, options) as stream:
        return await stream.tables()


{% elif is_async %}
async def _tables(source: dict[str, Any]) -> list[Table]:
    database = {{ class }}(source)
    try:
        return await database.tables()
    finally:
        await database.close()


{% endif %}
def _choices(tables: list[Table]) -> list[dict[str, str]]:
    return [{"name": table.name, "value": table.name} for table in tables]


CONFIG: dict[str, Any] = {
    "title": {{ cookiecutter.__title | python }},
    "icon": "data:image/png;base64," + b64encode(files(__package__).joinpath("icon.png").read_bytes()).decode("ascii"),
    "categories": ["DB"],
    "keywords": {{ cookiecutter.package | title_words | tojson }},
    "createdAt": "{{ cookiecutter.__created }}",
{% if auth != "none" %}
    "hostProperty": "host",
{% endif %}
    "params": [
{% if auth == "none" %}
        {
            "name": "path",
            "title": "File",
            "type": "text",
            "required": True,
            "help": "The path of the SQLite file.",
        },
{% else %}
        {
            "name": "host",
            "title": "Host",
            "type": "text",
            "required": True,
            "help": "The name or the address of the server.",
        },
        {
            "name": "port",
            "title": "Port",
            "type": "number",
            "default": PORT,
            "help": "Nearly always this one.",
        },
        {
            "name": "dbname",
            "title": "Database",
            "type": "text",
            "required": True,
            "help": "The name of the database on the server.",
        },
        {
            "name": "user",
            "title": "User",
            "type": "text",
            "required": True,
            "help": "Best one made for this purpose, who may only read.",
        },
{% endif %}
{% if auth == "token" %}
        {
            "name": "token",
            "title": "Token",
            "type": "password",
            "required": True,
            "help": "Made by the service that runs the database; it is used in the place of a password.",
        },
{% elif auth == "password" %}
        {
            "name": "password",
            "title": "Password",
            "type": "password",
            "required": True,
            "help": "The user's password in the database.",
        },
{% elif auth == "oauth2" %}
        {
            "name": "access_token",
            "title": "Account",
            "type": "oauth",
            "required": True,
            "oauthAuthorizeURL": TOKEN_URL.replace("/token", "/authorize"),
            "oauthAccessURL": TOKEN_URL,
            "oauthRefreshURL": TOKEN_URL,
            "help": "Opens the service, where you allow that your data are read.",
        },
        {
            "name": "refresh_token",
            "title": "Refresh token",
            "type": "hidden",
            "help": "Comes with the access token, and gets a new one when that has expired.",
        },
        {
            "name": "token_url",
            "title": "Token address",
            "type": "text",
            "category": "advanced",
            "default": TOKEN_URL,
            "help": "Where a fresh access token is had. Change it only if your account is at another address.",
        },
{% endif %}
{% if auth != "none" %}
        {
            "name": "schema_name",
            "title": "Schema",
            "type": "text",
            "category": "advanced",
            "default": SCHEMA,
            "help": "The schema whose tables are read.",
        },
        {
            "name": "sslmode",
            "title": "Encryption",
            "type": "select",
            "category": "advanced",
            "values": list(SSLMODES),
            "default": "{{ "prefer" if auth == "password" else "require" }}",
            "help": "How the connection is encrypted; `prefer` does without where the server cannot.",
        },
        {
            "name": "timeout",
            "title": "Time limit",
            "type": "number",
            "category": "advanced",
            "default": TIMEOUT,
            "help": "Seconds that connecting may take, and each query. Tables without a primary key may need more.",
        },
{% endif %}
        {
            "name": "tables",
            "title": "What to read",
            "type": "list",
            "values": table_choices,
{% if auth == "none" %}
            "dependencies": ["path"],
{% else %}
            "dependencies": [
                "host",
                "port",
                "dbname",
                "user",
                "{{ {"token": "token", "password": "password", "oauth2": "access_token"}[auth] }}",
{% if auth == "oauth2" %}
                "token_url",
{% endif %}
                "schema_name",
                "sslmode",
                "timeout",
            ],
{% endif %}
            "help": "Choose nothing to read everything.",
        },
    ],
}
