"""What is known of libraries: which functions hand a text on, which show it to others, which work with the network.

Names are full ones: `requests.get`; a method of what a call gave is `requests.Session().get`. Nothing is imported.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = [
    "ALIASES",
    "CLEAN_METHODS",
    "HTTP_CALL",
    "MASKS",
    "PASSES",
    "PASSING_METHODS",
    "SECRET_ATTRIBUTES",
    "canonical",
    "sink_of",
]

# One thing under several names.
ALIASES: Final = {
    "requests.sessions.Session": "requests.Session",
    "requests.session": "requests.Session",
    "requests.api": "requests",
    "urllib3.poolmanager.PoolManager": "urllib3.PoolManager",
    "requests_oauthlib.OAuth2Session": "requests.Session",
    "requests_oauthlib.OAuth1Session": "requests.Session",
    "authlib.integrations.requests_client.OAuth2Session": "requests.Session",
    "requests_html.HTMLSession": "requests.Session",
    "cloudscraper.create_scraper": "requests.Session",
    "six.moves.urllib.request": "urllib.request",
    "urllib2": "urllib.request",
    "builtins": "",
}

# Functions of a library whose result has in it what their arguments have.
PASSES: Final = re.compile(
    r"""(?x)
    (?:str|repr|ascii|format|bytes|bytearray|memoryview|dict|list|tuple|set|frozenset|sorted|reversed|iter|next|aiter|anext|map|filter|zip
      |enumerate|max|min|sum|vars|slice)
    | (?:base64|binascii|codecs|quopri|copy|json|simplejson|orjson|ujson|html|shlex|textwrap|string|operator|itertools|urllib\.parse|pprint
      |reprlib|unicodedata|ast|pickle|yaml|toml|tomllib|zlib|gzip|plistlib)\.(?!b64url$)[\w.]+
    | urllib\.(?:quote|quote_plus|urlencode|unquote)
    | collections\.(?:OrderedDict|defaultdict|deque|ChainMap|UserDict|Counter)
    | types\.(?:SimpleNamespace|MappingProxyType) | argparse\.Namespace
    | typing\.cast | cast
    | os\.path\.\w+ | os\.fspath
    | requests\.utils\.\w+ | requests\.compat\.\w+ | yarl\.URL | httpx\.URL | furl\.furl | six\.\w+
    | requests\.auth\._basic_auth_str | io\.(?:StringIO|BytesIO)
    | re\.(?:split|findall|match|search|fullmatch|finditer|escape)
    | asyncio\.(?:run|wait_for|shield|gather|create_task|ensure_future|as_completed) | asyncio\.get_event_loop\(\)\.run_until_complete
    | dataclasses\.(?:asdict|astuple|replace) | traceback\.format_\w+
    | contextlib\.(?:closing|nullcontext|aclosing)
    | [\w.]*(?:Exception|Error|Warning|Exit|Interrupt)
    """
)

# Methods of a text, or of anything, whose result has in it what their arguments have.
PASSING_METHODS: Final = frozenset(
    {
        *(
            "join",
            "format",
            "format_map",
            "replace",
            "substitute",
            "safe_substitute",
            "joinpath",
            "with_query",
            "ljust",
            "rjust",
        ),
        *("update_query", "translate", "center", "removeprefix", "removesuffix", "_replace", "__add__", "__mod__"),
    }
)

# Methods of a text that tell something about it and not what it is.
CLEAN_METHODS: Final = frozenset(
    {
        *(
            "startswith",
            "endswith",
            "isdigit",
            "isalpha",
            "isalnum",
            "isspace",
            "isupper",
            "islower",
            "isascii",
            "isdecimal",
        ),
        *("isnumeric", "isidentifier", "isprintable", "istitle", "count", "find", "index", "rfind", "rindex", "keys"),
        *(
            "hexdigest",
            "digest",
            "hash",
            "exists",
            "is_file",
            "__len__",
            "__contains__",
            "__eq__",
            "__hash__",
            "bit_length",
        ),
    }
)

# Attributes that are as secret as what they belong to. Others tell about it: `.hostname`, `.status_code`.
SECRET_ATTRIBUTES: Final = frozenset(
    {
        *(
            "args",
            "message",
            "msg",
            "netloc",
            "query",
            "url",
            "request",
            "full_url",
            "value",
            "password",
            "raw",
            "reason",
        ),
        *(
            "headers",
            "body",
            "data",
            "text",
            "content",
            "_url",
            "secret",
            "strerror",
            "__dict__",
            "__cause__",
            "__context__",
        ),
    }
)

# A function with such a word in its name hides what it is given, or tells of it in another way.
MASKS: Final = re.compile(
    r"(?i)(?:^|_|\.)(?:mask|redact|censor|obfuscat|scrub|saniti[sz]e|anonymi[sz]e|conceal|hide|fingerprint|hash|digest|checksum"
    r"|encrypt|strip_credentials|strip_secrets|without_credentials|without_secrets|without_password|has|is|len|count)(?:$|[a-z]*(?:_|$))"
)

# What sends a request. In `requests` and urllib3 an exception quotes the URL, query included.
HTTP_CALL: Final = re.compile(
    r"(?:requests|requests\.Session\(\)|httpx|httpx\.(?:Async)?Client\(\)|aiohttp\.ClientSession\(\)|aiohttp"
    r"|urllib3\.(?:PoolManager|HTTPS?ConnectionPool|ProxyManager)\(\)|urllib3)"
    r"\.(?P<verb>get|post|put|patch|delete|head|options|request|urlopen|stream|send)"
)

_LOG_LEVELS: Final = r"debug|info|warning|warn|error|exception|critical|fatal|log|trace|success|msg|notice"

_SINKS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "print",
            r"print|sys\.exit|exit|quit|pprint\.p?print|pp|pprint|sys\.(?:__)?std(?:out|err)(?:__)?(?:\.buffer)?\.write(?:lines)?|click\.s?echo|rich\.print|rich\.console\.Console\(\)\.print|typer\.echo",
        ),
        ("logging", rf"logging\.(?:{_LOG_LEVELS})"),
        (
            "logging",
            rf"(?:logging|structlog|loguru|twisted\.logger|logbook|daiquiri|absl|singer)[\w.]*(?:\(\))?[\w.]*?(?:\(\))?\.(?:{_LOG_LEVELS})",
        ),
        ("logging", r"sentry_sdk\.(?:capture_message|set_tag|set_context|set_extra|add_breadcrumb|capture_exception)"),
        ("warning", r"warnings\.warn(?:_explicit)?"),
        (
            "process",
            (
                r"subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)|os\.(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?)"
                r"|asyncio\.create_subprocess_(?:exec|shell)|asyncio\.subprocess\.create_subprocess_(?:exec|shell)|pty\.spawn|pexpect\.(?:spawn|run)|sh\.\w+"
                r"|anyio\.(?:run_process|open_process)|trio\.run_process|trio\.lowlevel\.open_process"
            ),
        ),
        (
            "file",
            r"os\.write|pathlib\.(?:Posix)?Path\(\)\.write_(?:text|bytes)|(?:json|pickle|yaml|csv|toml|marshal)\.(?:safe_)?dump",
        ),
        (
            "file",
            r"(?:open|io\.open|codecs\.open|gzip\.open|bz2\.open|lzma\.open|pathlib\.(?:Posix)?Path\(\)\.open|aiofiles\.open|os\.fdopen)\(\)\.write(?:lines)?",
        ),
        ("file", r"csv\.(?:writer|DictWriter)\(\)\.writerows?"),
    )
)


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The name by which the tables know something."""
    for alias, real in ALIASES.items():
        if name == alias or name.startswith((f"{alias}.", f"{alias}(")):
            rest = name[len(alias) :]
            return (real + rest).lstrip(".")
    return name


@lru_cache(maxsize=4096)
def sink_of(name: str) -> str:
    """Which kind of sink a library's function is; empty: none."""
    return next((kind for kind, pattern in _SINKS if pattern.fullmatch(name)), "")
