"""Finds credentials in text: by the forms that providers give theirs, and by the names that values are assigned to.

Pure. The forms are those that detect-secrets knows, without its guesses by entropy alone, which take icons and digests for
credentials; nothing is asked of anybody, whatever is found. A line with `pragma: allowlist secret` is passed over.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from panoply.config import names_a_credential

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Hit", "is_text", "named_in_tests", "scan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A credential: what kind of one, and where. Its value is there to be compared, never to be shown."""

    kind: str
    line: int
    value: str = field(repr=False)

    @property
    def masked(self) -> str:
        """What may be said of it."""
        return f"{self.kind} ({len(self.value)} characters)"


# The detectors of detect-secrets that go by a form of their own, and what they find in our words.
_DETECTORS: Final = {
    "aws.AWSKeyDetector": "an AWS access key",
    "discord.DiscordBotTokenDetector": "a Discord bot token",
    "github_token.GitHubTokenDetector": "a GitHub token",
    "gitlab_token.GitLabTokenDetector": "a GitLab token",
    "mailchimp.MailchimpDetector": "a Mailchimp key",
    "npm.NpmDetector": "an npm token",
    "openai.OpenAIDetector": "an OpenAI key",
    "pypi_token.PypiTokenDetector": "a PyPI token",
    "sendgrid.SendGridDetector": "a SendGrid key",
    "slack.SlackDetector": "a Slack token",
    "square_oauth.SquareOAuthDetector": "a Square OAuth secret",
    "stripe.StripeDetector": "a Stripe key",
    "telegram_token.TelegramBotTokenDetector": "a Telegram bot token",
    "twilio.TwilioKeyDetector": "a Twilio key",
}

# Forms that it does not know.
_FORMS: Final = {
    "a GitHub token": re.compile(r"github_pat_[A-Za-z0-9_]{50,}"),
    "a Google API key": re.compile(r"AIza[0-9A-Za-z_-]{35}"),
    "a Google OAuth secret": re.compile(r"GOCSPX-[0-9A-Za-z_-]{28}"),
    "a Shopify token": re.compile(r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    "a HubSpot token": re.compile(r"pat-(?:na|eu)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "a Stripe key": re.compile(r"[sr]k_live_[0-9A-Za-z]{25,}"),
    "an Anthropic key": re.compile(r"sk-ant-[A-Za-z0-9_-]{40,}"),
    "a DigitalOcean token": re.compile(r"do[opr]_v1_[a-f0-9]{64}"),
    "an Azure storage key": re.compile(r"AccountKey=[A-Za-z0-9+/]{86}=="),
}

# With the key itself behind it: who only looks for a header has none.
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?P<body>(?:\\n|[\s\"'+,\\]|[A-Za-z0-9/=])[A-Za-z0-9+/=\s\\\"',:-]{60,})"
)

_IN_URL: Final = re.compile(r"://[^\s:/@{}<>'\"]+:(?P<value>[^\s:/@'\"]{6,})@(?P<host>[^\s:/'\"?#,)]+)")

_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_=-]{10,}\.eyJ[A-Za-z0-9_=-]{10,}\.[A-Za-z0-9_+/=-]{20,}")

# A name, and a value in quotes; and without quotes, as files of settings have it. A name begins where a word does, and has an
# end: tried from each letter of a long word to its end, a line of data would take seconds.
_ASSIGNED: Final = re.compile(
    r"""(?<![\w-])-{0,2}(?P<name>[A-Za-z_][\w-]{0,80})["']?\]?\s*(?::\s*\w+\s*)?(?:=|:|=>|:=)\s*[rbuf]{0,2}(?P<quote>["'])(?P<value>[^"'\s]{12,})(?P=quote)"""
)
_SET: Final = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_][\w.-]*)\s*[=:]\s*(?P<value>[^\s\"'#]{12,})\s*(?:#.*)?$")
_SETTINGS: Final = re.compile(r"(^|/)(\.env[^/]*|[^/]*\.(ini|cfg|conf|ya?ml|toml|env|properties))$")

_ALLOWED: Final = re.compile(r"pragma:\s*allowlist[ -]secret", re.IGNORECASE)

# What people write where a credential goes.
_PLACEHOLDER: Final = re.compile(
    r"(?i)example|sample|placeholder|change.?me|your|dummy|fake|made.?up|redacted|not.?a.?real|no.?such|paste|insert|todo"
    r"|x{4,}|\*{3,}|\.{3,}|0{6,}|1234567|abcdefg|deadbeef|(.)\1{6,}"
)
_WORDS: Final = re.compile(
    r"(?i)^(user(name)?|pass(word|wd)?|pwd?|secret|token|key|api.?key|test(ing)?|admin|root|postgres|mysql|guest)\d*$"
)
_TEMPLATED: Final = re.compile(r"[{}<>$%]|^[A-Z_]+$")
_LOCAL: Final = re.compile(
    r"(?i)^(localhost|127\.|\[?::1|0\.0\.0\.0|host$|db$|server$)|example\.(com|org|net)$|\.(test|invalid|local|example)$"
)

# Of random letters and digits a value has this many bits a character, or more; words have fewer.
_RANDOM: Final = 3.2
_SHORTEST: Final = 16

_LONGEST_LINE: Final = 10_000


def is_text(data: bytes) -> bool:
    """Whether a file's bytes are text that can be searched."""
    return b"\0" not in data[:8192]


def scan(path: str, text: str) -> tuple[Hit, ...]:
    """The credentials in a file, each value once, in the order of its lines.

    In tests only what has a provider's form counts: they are full of made-up tokens and passwords, which is as it should be.
    """
    lines = text.splitlines()
    found: dict[str, Hit] = {}
    for hit in (*_formed(text), *_keys(text), *(() if _is_test(path) else _named(path, text))):
        line = lines[hit.line - 1] if hit.line <= len(lines) else ""
        before = lines[hit.line - 2] if hit.line > 1 else ""
        if not _ALLOWED.search(line) and not _ALLOWED.search(before):
            found.setdefault(hit.value, hit)
    return tuple(sorted(found.values(), key=lambda hit: hit.line))


def named_in_tests(path: str, text: str) -> tuple[Hit, ...]:
    """What `scan` passes over in a test: made up, as a rule; a report does not show it all the same."""
    return tuple(_named(path, text)) if _is_test(path) else ()


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return bool({"test", "tests", "testing"} & set(folders)) or name.startswith("test_") or name == "conftest.py"


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for detector, kind in _DETECTORS.items():
        module, _, name = detector.partition(".")
        plugin: Any = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [(kind, each) for each in plugin.denylist]
    return (*found, *_FORMS.items())


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _formed(text: str) -> Iterator[Hit]:
    for kind, form in _forms():
        for match in form.finditer(text):
            value = match[0].strip("\"'")
            # Part of something longer is part of an icon, or of a digest.
            around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
            if not re.search(r"[A-Za-z0-9_/+]", around) and not _is_placeholder(value):
                yield Hit(kind=kind, line=_line(text, match.start()), value=value)


def _keys(text: str) -> Iterator[Hit]:
    for match in _PRIVATE_KEY.finditer(text):
        body = re.sub(r"\\n|[^A-Za-z0-9+/=]", "", match["body"])
        if len(set(body)) > 20 and not _PLACEHOLDER.search(body):
            yield Hit(kind="a private key", line=_line(text, match.start()), value=body)


def _named(path: str, text: str) -> Iterator[Hit]:
    for match in _IN_URL.finditer(text):
        value = match["value"]
        if not (
            _is_placeholder(value) or _WORDS.search(value) or _TEMPLATED.search(value) or _LOCAL.search(match["host"])
        ):
            yield Hit(kind="a password in a URL", line=_line(text, match.start()), value=value)
    for match in _JWT.finditer(text):
        yield Hit(kind="a JSON web token", line=_line(text, match.start()), value=match[0])
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LONGEST_LINE:
            continue
        matches = list(_ASSIGNED.finditer(line))
        if _SETTINGS.search(path):
            matches += _SET.finditer(line)
        for match in matches:
            if names_a_credential(match["name"].rpartition(".")[2]) and _looks_random(match["value"]):
                yield Hit(kind=f"a value for {match['name']}", line=number, value=match["value"])


def _is_placeholder(value: str) -> bool:
    return bool(_PLACEHOLDER.search(value)) or len(set(value)) < 8


def _looks_random(value: str) -> bool:
    if len(value) < _SHORTEST or _is_placeholder(value) or _TEMPLATED.search(value) or "://" in value or "(" in value:
        return False
    parts = [part for part in re.split(r"[-_./:@,;|]", value) if part]
    if all(part.isalpha() or part.isdigit() for part in parts):
        # Words, a file's name, a date.
        return False
    counts = Counter(value).values()
    return -sum(each / len(value) * math.log2(each / len(value)) for each in counts) >= _RANDOM
