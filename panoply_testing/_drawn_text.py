"""Text to draw: as people type it, as credentials look, and such as breaks programs."""

from __future__ import annotations

import string
from typing import Final

from hypothesis import strategies as st

__all__ = ["INJECTIONS", "ODD_TEXTS", "credentials", "identifiers", "typed"]

# Everything that can be typed into a line and sent as JSON: no control characters, no half surrogate pairs.
_TYPEABLE: Final = st.characters(exclude_categories=["C", "Zl", "Zp"])

# What tokens and passwords are made of, among it what takes on another form in a URL, in JSON and in HTML.
_OF_CREDENTIALS: Final = string.ascii_letters + string.digits + "-_.~+/=%&#?:@!$'\"<>"

# Valid Unicode and such as is none, each of which has broken a program: that counts, cuts, compares, prints or stores it.
ODD_TEXTS: Final = (
    "\0",
    "a\0b",
    "\x1b[31mred\x1b[0m",
    "\ufeffbyte order mark",
    "\u202egnp.exe",
    "zero\u200bwidth\u200djoined",
    "lines\u2028and\u2029paragraphs",
    "next\x85line",
    "non\u00a0breaking",
    "e\u0301 is not \u00e9",
    "\u0130I\u0131i",
    "\u1e9e\ufb00\u01c4",
    "\u0662\u0660\u0662\u0664",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "Z\u0351\u036b\u0343\u0368a\u034dlgo",
    "\u0645\u0631\u062d\u0628\u0627",
    "\uffff\ufffe",
    "\U0010ffff",
    "\ud800",
    "\udfff\ud83d",
    "  blanks  ",
    "\t\r\n",
)

# Text that does something where it is put into a query, a command, a path, a header, a page or a template without care.
# Hosts in it are of names that can never exist (RFC 2606).
INJECTIONS: Final = (
    "' OR '1'='1",
    "'; DROP TABLE orders; --",
    '" OR ""="',
    "1; SELECT pg_sleep(10)",
    "1 UNION SELECT NULL, NULL",
    "$(touch injected)",
    "`touch injected`",
    "; touch injected #",
    "| touch injected",
    "--help",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "x\r\nX-Injected: yes",
    "x\r\n\r\nGET / HTTP/1.1\r\n",
    "@injected.invalid/",
    "//injected.invalid/",
    "?injected=yes&limit=0",
    "#injected",
    "%00",
    "%2e%2e%2f",
    "%s%s%n",
    "{0.__class__.__mro__}",
    "{column}",
    "{{7*7}}",
    "${jndi:ldap://injected.invalid/}",
    "<script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
    '{"$gt": ""}',
    '"}], "admin": true, "x": [{"y": "',
    "*)(uid=*))(|(uid=*",
    "__import__('os').getcwd()",
    "=1+1",
    "\\",
    "'",
    '"',
)


_USUAL_NAMES: Final = (
    *("host", "port", "user", "password", "token", "apiKey", "api_url", "database", "table", "schema", "query"),
    *("id", "type", "from", "class", "start_date", "portNumber", "client_secret"),
)


def typed(*, max_size: int = 40) -> st.SearchStrategy[str]:
    """A line that somebody may type into a field: not blank, no blanks at its ends."""
    return st.text(_TYPEABLE, min_size=1, max_size=max_size).filter(lambda text: bool(text) and text == text.strip())


def credentials() -> st.SearchStrategy[str]:
    """A made-up token or password, of a length at which it is told from any other text."""
    return st.text(_OF_CREDENTIALS, min_size=12, max_size=40)


def identifiers() -> st.SearchStrategy[str]:
    """A name as of a param, a table or a column: any, or one that many sources have."""
    # Without regular expressions: in a new folder, these take hypothesis longer than it waits for the first draw.
    lower, upper, digits = string.ascii_lowercase, string.ascii_uppercase, string.digits
    snake = st.tuples(st.sampled_from(lower), st.text(f"{lower}{digits}_", max_size=11))
    camel = st.tuples(
        st.text(lower, min_size=2, max_size=6),
        st.sampled_from(upper),
        st.text(f"{lower}{digits}", min_size=1, max_size=6),
    )
    return st.sampled_from(_USUAL_NAMES) | snake.map("".join) | camel.map("".join)
