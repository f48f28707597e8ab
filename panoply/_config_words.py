"""The words in which a fault of CONFIG is told: what belongs at each place, what to do, and how a found value is shown.

Rules decide; what they say to a person is here, so that the same place is always described alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from panoply._config_json import CALLABLE, TYPE, is_marker

if TYPE_CHECKING:
    from panoply._config_fault import Path

__all__ = ["EXPECTED", "described", "expected_at", "place"]

# So much of a text is shown. Icons are long, and who wrote a text knows it by its beginning.
_SHOWN = 60

_TEXT = "text"
_MARKDOWN = "text (Markdown)"
_BOOL = "True or False"
_BOOL_FIX = "Write True or False, without quotes; leave the key out for False."
_JSON = "a value that JSON knows (text, a number, True, False, None, a list or a dict of these)"
_HTTPS = "an absolute URL that begins with https://"

# For each place (a path without its indices): what is expected there, and how to get there.
EXPECTED: Final[dict[str, tuple[str, str]]] = {
    "": ("a dict", 'Write CONFIG = {"title": ..., "params": [...]}.'),
    "title": ("text that is not blank", "Give the source the name that its users know it by."),
    "params": (
        "a list of dicts, one for each field of the form",
        'Write "params": [{"name": ..., "title": ...}, ...].',
    ),
    "categories": ("a list of text", 'Write for example "categories": ["APIS"].'),
    "categories[]": (_TEXT, 'Write for example "categories": ["APIS"].'),
    "keywords": ("a list of text", 'Write for example "keywords": ["forms", "surveys"].'),
    "keywords[]": (_TEXT, 'Write for example "keywords": ["forms", "surveys"].'),
    "createdAt": (
        "a date as YYYY-MM-DD, in quotes",
        'Write the day of the first publication, for example "2024-05-31".',
    ),
    "icon": (
        "an image of at most 256 KiB as a data URL",
        'Write "data:image/png;base64," followed by the file\'s bytes in base64.',
    ),
    "hostProperty": ("the name of a param", "Name the param that holds the host, or leave the key out."),
    "advanced": ("a dict of values that JSON knows", 'Write for example "advanced": {"withIncremental": True}.'),
    "params[]": ("a dict", 'Write {"name": ..., "title": ..., "type": ...}.'),
    "params[].name": (
        "an identifier: letters, digits and _, not beginning with a digit",
        'Name the param as the source reads it: "api_key" for source["api_key"].',
    ),
    "params[].title": (_TEXT, "Write the label of the field."),
    "params[].type": ("the name of a type, as text", 'Write for example "type": "password", or leave the key out.'),
    "params[].required": (_BOOL, _BOOL_FIX),
    "params[].hidden": (_BOOL, _BOOL_FIX),
    "params[].default": (_JSON, "Turn it into such a value, or leave the key out."),
    "params[].help": (_MARKDOWN, "Write text, or leave the key out."),
    "params[].description": (_MARKDOWN, "Write text, or leave the key out."),
    "params[].placeholder": (_TEXT, "Write text, or leave the key out."),
    "params[].category": (_TEXT, 'Write "category": "advanced", or leave the key out.'),
    "params[].link": ("a URL, as text", "Write the URL of a page, or leave the key out."),
    "params[].ip_whitelist": (_BOOL, _BOOL_FIX),
    "params[].values": (
        'a list of text or of {"name": ..., "value": ...}, or a function of (source) or (source, options)',
        "Write a list in [...], or name a function that takes one or two arguments.",
    ),
    "params[].values[]": ('text or {"name": ..., "value": ...}', "Write it in quotes, or as such a dict."),
    "params[].values[].name": (_TEXT, "Write what the user shall see."),
    "params[].values[].value": (_JSON, 'Write what the source shall get: {"name": "Open", "value": "open"}.'),
    "params[].values[].disabled": (_BOOL, _BOOL_FIX),
    "params[].values[].requires": (_JSON, "Turn it into such a value, or leave the key out."),
    "params[].dependencies": ("a list of the names of other params", 'Write for example "dependencies": ["host"].'),
    "params[].dependencies[]": ("the name of another param", "Write that param's name in quotes."),
    "params[].oauthAuthorizeURL": (_HTTPS, "Write the URL at which the user grants access."),
    "params[].oauthAccessURL": (_HTTPS, "Write the URL at which a code is exchanged for a token."),
    "params[].oauthRefreshURL": (_HTTPS, "Write the URL at which a token is renewed."),
}


def place(path: Path) -> str:
    """The path without its indices, as `EXPECTED` has it: `params[].dependencies[]`."""
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else f".{part}" if text else part
    return text


def expected_at(path: Path) -> tuple[str, str]:
    """What is expected at a path, and how to fix what is found; inside of a free value that is the value's."""
    while place(path) not in EXPECTED:
        path = path[:-1]
    return EXPECTED[place(path)]


def described(value: Any, *, secret: bool = False) -> str:
    """A value of the JSON view in a few words; of a secret one the type only."""
    if is_marker(value):
        text = _a(str(value[TYPE])) if TYPE in value else f"a function of {_short(value[CALLABLE]['signature'])}"
    elif secret:
        text = f"{_a(type(value).__name__)} (not shown)"
    elif value is None:
        text = "None"
    elif isinstance(value, str):
        text = f"{value[:_SHOWN]!r}{'...' if len(value) > _SHOWN else ''} (str)"
    elif isinstance(value, list):
        text = f"a list of {len(value)}" if value else "an empty list"
    elif isinstance(value, dict):
        names = [repr(key[:_SHOWN]) for key in value]
        keys = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        text = f"a dict of {keys}" if value else "an empty dict"
    else:
        text = f"{_short(repr(value))} ({type(value).__name__})"
    return text


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in tuple('aeiou') else 'a'} {noun}"
