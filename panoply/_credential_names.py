"""Which names say that a credential lies behind them: `apiKey`, `db_password`, `client-secret`.

A name is taken apart into lower-case words (`apiKey`, `API_KEY` and `x-api-key` have the words api and key in a row) and
looked up in the tables below. Both mistakes cost: a credential that is not recognised is not looked for in the logs; a
column name that is taken for one is found in every record. So `key` counts where its owner says what it opens
(`api_key`, `ssh_key`) or where it stands alone, as published sources have it, and not in `primary_key` or `sort_key`.
"""

from __future__ import annotations

import itertools
import re

__all__ = ["names_a_credential"]

# At the end of a word as well, since not everybody separates words: dbpassword, clientsecret, accesstoken.
_SECRETS = (
    *("password", "passwords", "passwd", "passphrase", "passcode", "pwd"),
    *("secret", "secrets", "credential", "credentials", "apikey", "apikeys", "token", "tokens"),
)

# Whole words only: the ends of other words look alike.
_SECRET_WORDS = frozenset(
    {
        "creds",
        "cred",
        "dsn",
        "jwt",
        "bearer",
        "pat",
        "pw",
        "keyfile",
        "keytab",
        "connectionstring",
        "connstring",
        "connstr",
        "userpass",
        "dbpass",
    }
)

# Only as the last word: auth_type, cookie_banner and pass_through are something else.
_LAST_WORDS = frozenset({"auth", "oauth", "authorization", "cookie", "cookies", "pass"})

# What a key belongs to that opens something. Not here: host and public (no secrets), user, project (columns and ids).
_KEY_OWNERS = frozenset(
    {
        *("api", "access", "private", "secret", "auth", "oauth", "ssh", "rsa", "pgp", "gpg", "pem", "ssl", "tls"),
        *("encryption", "decryption", "signing", "security", "master", "admin", "shared", "storage", "account"),
        *("consumer", "client", "app", "application", "developer", "integration", "partner", "service", "subscription"),
        *(
            "deploy",
            "license",
            "sas",
            "aws",
            "gcp",
            "azure",
            "read",
            "write",
            "rest",
            "pass",
            "hmac",
            "webhook",
            "cipher",
        ),
    }
)

# Two words in a row.
_PAIRS = frozenset(
    {
        *(("key", "file"), ("pass", "phrase"), ("pass", "word"), ("pass", "code")),
        *(("account", "json"), ("account", "info"), ("auth", "code"), ("authorization", "code")),
        *((a, b) for a in ("connection", "conn") for b in ("string", "str", "url", "uri")),
        *((a, b) for a in ("database", "db", "jdbc") for b in ("url", "uri")),
    }
)

# As the last word, these say something about a credential that is no secret: token_type, password_url, access_key_id.
_ABOUT = frozenset(
    {
        *("type", "kind", "url", "uri", "endpoint", "host", "path", "name", "id", "ids", "label", "hint", "header"),
        *("expiry", "expires", "expiration", "expire", "expired", "ttl", "lifetime", "age", "at", "in", "on", "date"),
        *(
            "count",
            "limit",
            "length",
            "len",
            "size",
            "minute",
            "policy",
            "method",
            "mode",
            "format",
            "version",
            "status",
        ),
        *("field", "column", "prefix", "suffix", "algorithm", "timeout", "required", "enabled", "scope", "scopes"),
        *("arn", "bucket", "budget", "usage", "used"),
    }
)

# As the first word, these make a switch or a number of it: has_password, use_token, max_tokens.
_ASKS = frozenset(
    {
        *("has", "is", "use", "uses", "show", "hide", "with", "without", "require", "requires", "needs", "enable"),
        *("disable", "allow", "remember", "max", "min", "num", "number", "count", "total"),
    }
)

# Before `token`, these make it a place to read on from: next_page_token, syncToken.
_CURSORS = frozenset(
    {
        *("next", "page", "nextpage", "paging", "pagination", "continuation", "continue", "cursor", "sync", "start"),
        *("starting", "previous", "prev", "resume", "change", "delta", "marker", "offset"),
    }
)

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def names_a_credential(name: str) -> bool:
    """Whether the name of a param or an option says that its value is a credential.

    >>> [names_a_credential(name) for name in ("apiKey", "key", "primary_key", "next_token")]
    [True, True, False, False]
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[0] in _ASKS:
        return False
    if words == ["key"] or words[-1] in _LAST_WORDS:
        return True
    if any(pair in _PAIRS for pair in itertools.pairwise(words)):
        return True
    if words[-1] in _ABOUT:
        return False
    return any(_is_secret(word, words[:index]) for index, word in enumerate(words))


def _is_secret(word: str, before: list[str]) -> bool:
    owner = before[-1] if before else ""
    if word in ("key", "keys"):
        return owner in _KEY_OWNERS
    if word.endswith("key") and word.removesuffix("key") in _KEY_OWNERS:
        return True
    if word in _SECRET_WORDS:
        return True
    ending = next((secret for secret in _SECRETS if word.endswith(secret)), None)
    if ending is None:
        return False
    if ending in ("token", "tokens"):
        return owner not in _CURSORS and word.removesuffix(ending) not in _CURSORS
    return True
