"""The rules that are judged by reading code: for each, what breaks it in several shapes, and what only looks as if it did."""

from __future__ import annotations

import textwrap

import pytest

from panoply_testing.review.code import RULES, judge_code, known_params, parse_code

IMPORTS = """
import contextlib, functools, json, logging, os, socket, sys, time
import urllib.request

import httpx
import panoply
import psycopg2
import requests
from requests.adapters import HTTPAdapter

log = logging.getLogger(__name__)
"""

PARAMS = ("url", "user", "token", "tables", "schema")


def judged(text, *, params=PARAMS, widgets=("schema",), oauth=False, imports=IMPORTS):
    files = text if isinstance(text, dict) else {"acme.py": imports + textwrap.dedent(text)}
    code = parse_code(files, package="acme", params=params, credentials=("token",), widgets=widgets, oauth=oauth)
    return judge_code(code)


def found(rule, text, **known):
    outcome = judged(text, **known)
    assert rule in outcome.judged
    return [finding for finding in outcome.findings if finding.rule == rule]


def stream(read, *, init="", more=""):
    """A source whose read() has this body."""
    parts = ["class Stream(panoply.DataSource):"]
    if init:
        parts += [
            "    def __init__(self, source, options):",
            "        super().__init__(source, options)",
            textwrap.indent(textwrap.dedent(init).strip(), " " * 8),
        ]
    parts += ["    def read(self, n=None):", textwrap.indent(textwrap.dedent(read).strip(), " " * 8)]
    return "\n".join(parts) + "\n" + textwrap.indent(textwrap.dedent(more), "    ")


def test_each_rule_is_named_once_and_explained():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert rule.claim.endswith(".")
        assert rule.why
        assert rule.fix


def test_every_rule_is_judged_or_said_not_to_be():
    outcome = judged(stream("return None"))
    unchecked = [each.rule for each in outcome.unchecked]
    assert sorted([*outcome.judged, *unchecked]) == sorted(rule.name for rule in RULES)
    assert unchecked == ["code_keeps_conventions", "types_hold"]


# CONFIG


def test_what_holds_a_credential_is_told_by_type_name_title_and_example():
    config = {
        "params": [
            {"name": "pin", "type": "password"},
            {"name": "apiKey"},
            {"name": "x", "title": "API token"},
            {"name": "dsn_of_it", "placeholder": "postgres://ada:secret@db"},
            {"name": "account_id", "type": "hidden"},
            {"name": "refresh_token", "type": "hidden"},
            {"name": "auth", "values": ["token", "none"]},
            {"name": "schema", "type": "schema"},
            {"name": "login", "type": "oauth"},
        ]
    }
    known = known_params(config)
    assert known.credentials == {"pin", "apiKey", "x", "dsn_of_it", "refresh_token", "login"}
    assert known.params[0] == "pin"
    assert len(known.params) == 9
    assert known.widgets == {"schema"}
    assert known.oauth


@pytest.mark.parametrize(
    "config", [None, [], {}, {"params": 3}, {"params": {}}, {"params": [3, {}, {"name": 4}, {"name": ["x"]}]}]
)
def test_a_broken_config_has_no_params(config):
    assert known_params(config).params == ()


# files_are_valid_python


@pytest.mark.parametrize(
    "text",
    ["def read(:\n    pass\n", "x = 1\n  y = 2\n", "print 'x'\n", "x = '\0'\n", "(" * 500, "return 1\n\tif:"],
    ids=["syntax", "indentation", "Python 2", "NUL", "nested too deep", "nonsense"],
)
def test_a_file_that_does_not_parse_is_told_and_the_rest_is_read(text):
    outcome = judged({"acme/__init__.py": text, "acme/other.py": "import panoply\nprint('x')\n"})
    rules = [finding.rule for finding in outcome.findings]
    assert rules == ["files_are_valid_python", "nothing_is_printed"]
    assert outcome.findings[0].path == "acme/__init__.py"
    assert {"source_keys_are_declared", "params_are_read"} <= {each.rule for each in outcome.unchecked}


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "'\\d'\n", "async def read():\n    return [x async for x in y]\n", "\ufeffx = 1\n"]
)
def test_odd_files_that_parse_are_right(text):
    assert found("files_are_valid_python", {"acme.py": text}) == []


# source_keys_are_declared


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('self.source["tabels"]', "tabels"),
        ('self.source.get("tabels", [])', "tabels"),
        ('self.source.pop("batch")', "batch"),
        ('KEY = "batch"\nself.source[KEY]', "batch"),
        ('for key in ("url", "region"):\n    self.source[key]', "region"),
        ('source = self.source\nsource.get("region")', "region"),
        ("helper(self.source)", "zone"),
        ('"{url}/{zone}".format_map(self.source)', "zone"),
    ],
)
def test_a_key_that_nobody_declares_is_found(body, key):
    text = 'def helper(source):\n    return source["zone"]\n' + stream(body)
    keys = [finding.key for finding in found("source_keys_are_declared", text)]
    assert key in keys
    assert set(keys) <= {key, "zone"}


def test_a_misspelled_key_is_told_with_the_right_one():
    [finding] = found("source_keys_are_declared", stream('self.source["tabels"]'))
    assert "`tables`" in finding.fix


@pytest.mark.parametrize(
    "body",
    [
        'self.source["url"], self.source.get("tables")',
        'self.source["destination"], self.source.get("state"), self.source["lastTimeSucceed"]',
        'self.source.get("__internal")',
        'self.source["page"] = 1\nself.source["page"]',
        'self.source.setdefault("page", 1)\nself.source["page"]',
        'self.source.update(page=1)\nself.source["page"]',
        'other = {"source": 1}\nother["page"]',
        'source = json.loads("{}")\nsource["page"]',
        'self.source["tables"][0]["value"]',
        "for key in self.source:\n    self.source[key]",
        'self.options["refresh"]["client_id"]',
    ],
)
def test_keys_that_somebody_sets_are_right(body):
    assert found("source_keys_are_declared", stream(body)) == []


def test_what_an_oauth_dialogue_gives_is_set_by_the_platform():
    text = stream('self.source["access_token"], self.source["refresh_token"]')
    assert len(found("source_keys_are_declared", text)) == 2
    assert found("source_keys_are_declared", text, oauth=True) == []


def test_the_tokens_that_the_sdk_refreshes_are_read_and_set():
    text = stream(
        'self.source["at"]',
        more="@panoply.validate_token('https://acme.test', OSError, access_key='at')\ndef get(self):\n    return 1\n",
    )
    assert found("source_keys_are_declared", text) == []
    assert found("params_are_read", text, params=("at", "refresh_token")) == []
    [finding] = found("params_are_read", text, params=("at", "refresh_token", "access_token"))
    assert finding.key == "access_token"


def test_where_tokens_are_refreshed_may_be_read_from_a_param():
    text = stream(
        'self.source["at"]',
        more="@panoply.validate_token(refreshed_at, OSError, access_key='at')\ndef get(self):\n    return 1\n",
    )
    text = text.replace("class Stream", "def refreshed_at(source):\n    return source['account_url']\n\n\nclass Stream")
    assert found("params_are_read", text, params=("at", "refresh_token", "account_url")) == []
    assert [each.key for each in found("params_are_read", text, params=("at", "refresh_token", "other"))] == ["other"]


def test_without_config_nothing_is_said_of_keys():
    outcome = judged(stream('self.source["tabels"]'), params=None)
    assert [each.rule for each in outcome.unchecked][:2] == ["source_keys_are_declared", "params_are_read"]


# params_are_read


@pytest.mark.parametrize(
    ("body", "unread"),
    [
        ("return None", ["tables", "token", "url", "user"]),
        ('self.source["url"], self.source["user"], self.source["token"]', ["tables"]),
        ('for key in ("url", "user"):\n    self.source[key]', ["tables", "token"]),
        ('"{url}:{token}".format(**self.source)', ["tables", "user"]),
        ('tables = "tables"\nself.source[tables], {"user": 1, "url": 2}', ["token", "url", "user"]),
        ('self.source["user"] = 1\nself.source["url"], self.source["token"], self.source["tables"]', ["user"]),
    ],
)
def test_a_param_that_nothing_reads_is_found(body, unread):
    assert sorted(finding.key for finding in found("params_are_read", stream(body))) == unread


def test_a_constructor_that_hands_the_params_on_to_the_sdk_reads_none():
    text = stream('self.source["url"]', init="self.page = 1")
    assert sorted(finding.key for finding in found("params_are_read", text)) == ["tables", "token", "user"]


def test_the_place_is_that_of_the_param_in_config():
    text = 'CONFIG = {"params": [\n    {"name": "url"},\n    {"name": "user"},\n]}\n' + stream('self.source["url"]')
    [finding] = found("params_are_read", text, params=("url", "user"), imports="import panoply\n")
    assert (finding.path, finding.line) == ("acme.py", 4)


@pytest.mark.parametrize(
    "body",
    [
        "return client.fetch(**self.source)",
        "return client.Client(self.source)",
        'return {k: v for k, v in self.source.items() if k != "state"}',
        "for name in NAMES:\n    self.source[name]",
        "for name in unknown():\n    self.source.get(name)",
        "return Reader(self.source).rows()",
        "return reads(**self.source)",
        "return json.dumps(self.source)",
    ],
)
def test_params_that_are_read_in_other_ways_are_right(body):
    helpers = """
        NAMES = ("url", "user", "token", "tables")

        class Reader:
            def __init__(self, config):
                self.config = config

            def rows(self):
                return [self.config["url"], self.config["user"], self.config.get("token"), self.config["tables"]]

        def reads(url, user, token, tables=None, **others):
            return url
        """
    assert found("params_are_read", textwrap.dedent(helpers) + stream(body)) == []


def test_what_only_the_choices_of_another_param_read_is_read():
    text = """
        def choices(source):
            return [source["url"], source["user"], source["token"]]

        CONFIG = {"params": [{"name": "tables", "values": choices}]}
        """
    assert found("params_are_read", textwrap.dedent(text) + stream('self.source["tables"]')) == []


# calls_have_time_limits

UNLIMITED = {
    "requests": 'requests.get("https://acme.test")',
    "a session": 'session = requests.Session()\nsession.post("https://acme.test", json={})',
    "a session with a retrying adapter": (
        'session = requests.Session()\nsession.mount("https://", HTTPAdapter(max_retries=3))\nsession.get("https://acme.test")'
    ),
    "limit of None": 'requests.get("https://acme.test", timeout=None)',
    "no limit for the answer": 'requests.get("https://acme.test", timeout=(5, None))',
    "httpx without": 'httpx.get("https://acme.test", timeout=None)',
    "a client of httpx without": 'httpx.Client(timeout=None).get("https://acme.test")',
    "urlopen": 'urllib.request.urlopen("https://acme.test")',
    "urlretrieve": 'urllib.request.urlretrieve("https://acme.test")',
    "create_connection": 'socket.create_connection(("acme.test", 80))',
    "a socket": 'plain = socket.socket()\nplain.connect(("acme.test", 80))',
    "a limit taken back": 'plain = socket.create_connection(("acme.test", 80), 5)\nplain.settimeout(None)',
    "psycopg2": 'psycopg2.connect(host=self.source["url"])',
    "options without": 'options = {"verify": True}\nrequests.get("https://acme.test", **options)',
    "a helper whose limit is left out": "fetch('https://acme.test')",
    "a client of its own": "Client().get('https://acme.test')",
    "a method that was kept": 'get = requests.Session().get\nget("https://acme.test")',
    "an async client": "import aiohttp\naiohttp.ClientTimeout(total=None)",
    "a session of the module's": 'POOL.headers.update({"A": "b"})\nPOOL.get("https://acme.test")',
    "a pool": 'import urllib3\npool = urllib3.PoolManager()\npool.request("GET", "https://acme.test")',
    "limits of httpx without": "httpx.Client(timeout=httpx.Timeout(None))",
    "a mail server": 'import imaplib\nimaplib.IMAP4_SSL("acme.test")',
}

HELPER = """
def fetch(url, timeout=None):
    return requests.get(url, timeout=timeout)
"""

CLIENT = """
from requests import Session as S

class Client:
    def __init__(self):
        self.session = S()

    def get(self, url):
        return self.session.get(url)
"""

LIMITED = {
    "requests": 'requests.get("https://acme.test", timeout=30)',
    "two limits": 'requests.get("https://acme.test", timeout=(5, 30))',
    "a constant": 'LIMIT = 30\nrequests.get("https://acme.test", timeout=LIMIT)',
    "a param": 'requests.get("https://acme.test", timeout=self.source["tables"])',
    "options": 'options = {"timeout": 30}\nrequests.get("https://acme.test", **options)',
    "options set by default": 'options = {}\noptions.setdefault("timeout", 30)\nrequests.get("https://acme.test", **options)',
    "options from elsewhere": 'requests.get("https://acme.test", **settings.options)',
    "httpx": 'httpx.get("https://acme.test")\nhttpx.Client().get("https://acme.test")',
    "urlopen by position": 'urllib.request.urlopen("https://acme.test", None, 30)',
    "a default for all sockets": 'socket.setdefaulttimeout(30)\nurllib.request.urlopen("https://acme.test")',
    "create_connection by position": 'socket.create_connection(("acme.test", 80), 30)',
    "a socket": 'plain = socket.socket()\nplain.settimeout(9)\nplain.connect(("acme.test", 80))',
    "psycopg2": 'psycopg2.connect(host="acme.test", connect_timeout=10)',
    "psycopg2 by its dsn": 'psycopg2.connect("host=acme.test connect_timeout=10")',
    "a session with a limit of its own": "Limited().get('https://acme.test')",
    "an adapter with a limit": (
        'session = requests.Session()\nsession.mount("https://", LimitedAdapter())\nsession.get("https://acme.test")'
    ),
    "a session whose method is replaced": (
        "session = requests.Session()\nsession.request = functools.partial(session.request, timeout=20)\n"
        'session.get("https://acme.test")'
    ),
    "a helper": "fetch('https://acme.test', 30)",
    "a dict of its own": 'known = {}\nknown.get("https://acme.test")',
    "another client": "vendor.get('https://acme.test')",
    "a session kept with an adapter": "Kept().get('https://acme.test')",
    "a pool": 'import urllib3\npool = urllib3.PoolManager(timeout=9)\npool.request("GET", "https://acme.test")',
    "boto3": 'import boto3\nboto3.client("s3").list_buckets()',
}

WRAPPERS = """
def fetch(url, limit):
    return requests.get(url, timeout=limit)

class Limited(requests.Session):
    def request(self, *args, **kwargs):
        kwargs.setdefault("timeout", 30)
        return super().request(*args, **kwargs)

class LimitedAdapter(HTTPAdapter):
    def send(self, request, timeout=None, **more):
        return super().send(request, timeout=timeout or 30, **more)

class Kept:
    def __init__(self):
        self.session = requests.Session()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, LimitedAdapter())

    def get(self, url):
        return self.session.get(url)
"""


@pytest.mark.parametrize("body", UNLIMITED.values(), ids=UNLIMITED)
def test_a_call_that_may_wait_for_ever_is_found(body):
    helper = {"fetch": HELPER, "Client": CLIENT, "POOL.headers.update": "POOL = requests.Session()\n"}.get(
        body.partition("(")[0], ""
    )
    [finding] = found("calls_have_time_limits", helper + stream(body))
    assert finding.line


@pytest.mark.parametrize("body", LIMITED.values(), ids=LIMITED)
def test_a_call_with_a_time_limit_is_right(body):
    assert found("calls_have_time_limits", WRAPPERS + stream(body)) == []


# failures_are_not_swallowed

SWALLOWED = {
    "bare": "try:\n    return self.get()\nexcept:\n    return None",
    "pass": "try:\n    rows = self.get()\nexcept Exception:\n    pass\nreturn None",
    "an empty list": "try:\n    return self.get()\nexcept Exception as exc:\n    self.log(exc)\n    return []",
    "the library's": "try:\n    return self.get()\nexcept requests.RequestException:\n    return None",
    "the next page": "for page in range(9):\n    try:\n        return self.get()\n    except Exception:\n        continue",
    "the end": "while True:\n    try:\n        self.get()\n    except OSError:\n        break\nreturn None",
    "no rows": "try:\n    rows = self.get()\nexcept Exception:\n    rows = []\nreturn rows",
    "suppressed": "with contextlib.suppress(Exception):\n    return self.get()\nreturn None",
    "in a helper": "return helper(self)",
    "in a helper of a helper": "return outer(self)",
    "attempts that end in silence": (
        "for attempt in range(3):\n    try:\n        return self.get()\n    except requests.ConnectionError:\n        time.sleep(1)\nreturn None"
    ),
    "several values": "try:\n    rows, more = self.get()\nexcept Exception:\n    return [], None",
    "a switch, and the end": "try:\n    return self.get()\nexcept OSError:\n    self.done = True\n    return None",
    "a request whose answer nobody looks at, and the end": (
        "try:\n    requests.get('https://acme.test', timeout=9)\nexcept OSError:\n    return None\nreturn self.get()"
    ),
    "a statement whose result is asked for later": (
        "try:\n    self.cursor.execute('select 1')\nexcept OSError:\n    pass\nreturn self.cursor.fetchall()"
    ),
    "a group": "try:\n    rows = self.get()\nexcept* OSError:\n    rows = []\nreturn rows",
}

HELPERS = """
def helper(stream):
    try:
        return requests.get(stream.source["url"], timeout=9).json()
    except Exception:
        return {}

def outer(stream):
    return helper(stream)
"""

LET_OUT = {
    "raised again": "try:\n    return self.get()\nexcept Exception:\n    self.log('failed')\n    raise",
    "raised as another": 'try:\n    return self.get()\nexcept Exception as exc:\n    raise ValueError("no rows") from exc',
    "a value's": "try:\n    day = int(self.source['tables'])\nexcept ValueError:\n    day = None",
    "a day's": "import datetime\ntry:\n    return datetime.date.fromisoformat('x')\nexcept Exception:\n    return None",
    "a missing key": "try:\n    return self.cache['x']\nexcept KeyError:\n    return None",
    "closing": "try:\n    self.connection.close()\nexcept Exception:\n    pass",
    "closing, suppressed": "with contextlib.suppress(Exception):\n    self.connection.rollback()",
    "the last attempt": (
        "for attempt in range(3):\n    try:\n        return self.get()\n    except requests.ConnectionError:\n        time.sleep(1)\nraise ValueError('x')"
    ),
    "the last attempt, in the loop": (
        "attempt = 0\nwhile True:\n    try:\n        return self.get()\n    except requests.ConnectionError:\n"
        "        attempt += 1\n        time.sleep(1)\n    if attempt > 3:\n        raise ValueError('x')"
    ),
    "once more": (
        "for attempt in range(2):\n    try:\n        return self.get()\n    except requests.ConnectionError:\n        time.sleep(1)\nreturn self.get()"
    ),
    "another way": "try:\n    return self.get()\nexcept Exception:\n    return self.get_slowly()",
    "kept for later": "try:\n    return self.get()\nexcept Exception as exc:\n    self.failure = exc\n    return []",
    "another value": "try:\n    total = self.get()\nexcept Exception:\n    total = self.estimate\nreturn [total]",
    "only what is not there": "try:\n    return self.get()\nexcept NotFoundError:\n    return []",
    "refused where it depends": "try:\n    return self.get()\nexcept Exception as exc:\n    if not retryable(exc):\n        raise\n    return []",
    "the end of a queue": "import queue\ntry:\n    return self.batches.get_nowait()\nexcept queue.Empty:\n    return []",
    "a message that nobody depends on": (
        "try:\n    requests.post('https://acme.test/seen', timeout=9)\nexcept OSError as exc:\n    self.log('not sent', type(exc))\nreturn self.get()"
    ),
    "a message, suppressed": (
        "import urllib.request\nwith contextlib.suppress(OSError):\n    urllib.request.urlopen('https://acme.test/seen', timeout=9)\nreturn self.get()"
    ),
    "the end of an iterator": "try:\n    return next(self.pages)\nexcept StopIteration:\n    return None",
}

GET = "def get(self):\n    return requests.get('https://acme.test', timeout=9).json()\n"


@pytest.mark.parametrize("body", SWALLOWED.values(), ids=SWALLOWED)
def test_a_failure_that_is_taken_for_the_end_is_found(body):
    [finding] = found("failures_are_not_swallowed", HELPERS + stream(body, more=GET))
    assert " catches " in finding.found


@pytest.mark.parametrize("body", LET_OUT.values(), ids=LET_OUT)
def test_a_failure_that_is_dealt_with_is_right(body):
    assert found("failures_are_not_swallowed", stream(body, more=GET)) == []


def test_what_read_never_calls_may_do_as_it_likes():
    text = stream(
        "return None",
        more="def close(self):\n    try:\n        requests.post('x', timeout=3)\n    except Exception:\n        pass\n",
    )
    assert found("failures_are_not_swallowed", text) == []


# read_does_not_recurse


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("if not self.rows:\n    return self.read(n)\nreturn self.rows", ""),
        ("return self._next()", "def _next(self):\n    return self.read()\n"),
        ("return helper(self)", ""),
        ("try:\n    return self.get()\nexcept OSError:\n    return self.read(n)", GET),
        ("return retrying(lambda: self.read(n))", ""),
    ],
)
def test_a_read_that_calls_itself_is_found(body, more):
    text = "def helper(stream):\n    return stream.again()\n" + stream(
        body, more=more + "\ndef again(self):\n    return self.read()\n" if "helper" in body else more
    )
    [finding] = found("read_does_not_recurse", text)
    assert "Stream.read calls itself" in finding.found


@pytest.mark.parametrize(
    ("body", "more"),
    [
        ("while not self.rows:\n    self.rows = self.get()\nreturn self.rows", GET),
        ("return self.file.read(n)", ""),
        ("return list(walk({}))", ""),
        ("return self._client.read(n)", ""),
        ("return super().read(n)", ""),
    ],
)
def test_other_reads_are_right(body, more):
    text = "def walk(node):\n    for each in node:\n        yield from walk(each)\n" + stream(body, more=more)
    assert found("read_does_not_recurse", text) == []


# nothing_is_printed


@pytest.mark.parametrize(
    "body",
    [
        'print("page", 1)',
        'print("page", file=sys.stderr)',
        'sys.stdout.write("page")',
        "from pprint import pprint\npprint({})",
        "import traceback\ntraceback.print_exc()",
        'if self.source.get("user"):\n    print("x")',
    ],
)
def test_what_prints_is_found(body):
    assert len(found("nothing_is_printed", stream(body))) == 1


@pytest.mark.parametrize(
    "text",
    [
        stream('self.log("page")\nlog.info("x")'),
        stream('print("x", file=self.file)'),
        stream("with contextlib.redirect_stdout(self.file):\n    print('x')"),
        stream("self.printer.print()\nself.print('x')"),
        stream("return 'print(1)'  # print(2)"),
        stream("return None") + '\nif __name__ == "__main__":\n    print(Stream({}, {}).read())\n',
        stream("return None") + "\ndef main():\n    print('x')\n",
        "def print(*args):\n    log.info(*args)\n\n" + stream("print('x')"),
    ],
)
def test_what_does_not_print_is_right(text):
    assert found("nothing_is_printed", text) == []


# constructor_does_no_work


@pytest.mark.parametrize(
    ("init", "top"),
    [
        ('self.rows = requests.get("https://acme.test", timeout=9).json()', ""),
        ("self.connect()", ""),
        ("self.client = Client()", ""),
        ('self.db = psycopg2.connect("connect_timeout=1")', ""),
        ("time.sleep(5)", ""),
        ("while True:\n    self.page = 1", ""),
        ("", 'TABLES = requests.get("https://acme.test", timeout=9).json()'),
        ("", "TABLES = ask()"),
        ("", "class Settings:\n    tables = ask()"),
    ],
)
def test_work_before_the_first_read_is_found(init, top):
    helpers = """
        def ask():
            return deeper()

        def deeper():
            with urllib.request.urlopen("https://acme.test", timeout=9) as answer:
                return answer.read()

        class Client:
            def __init__(self):
                self.tables = ask()
        """
    more = "def connect(self):\n    self.connection = socket.create_connection(('acme.test', 80), 9)\n"
    text = textwrap.dedent(helpers) + top + "\n" + stream("return None", init=init or "self.page = 1", more=more)
    assert len(found("constructor_does_no_work", text)) == 1


@pytest.mark.parametrize(
    "init",
    [
        "self.session = requests.Session()",
        "self.pages = pages(source)",
        "self.ask = lambda: requests.get('https://acme.test', timeout=9)",
        "self.ask = functools.partial(ask, source)",
        'import boto3\nself.s3 = boto3.client("s3")',
        "self.client = httpx.Client()",
        "self.token = source.get('token') or ''\nif not self.token:\n    raise ValueError('no token')",
        "while True:\n    if self.page:\n        break",
        "self.on('progress', self.ask_again)",
    ],
)
def test_what_only_prepares_is_right(init):
    helpers = """
        def ask(source):
            return requests.get(source["url"], timeout=9)

        def pages(source):
            yield ask(source)
        """
    text = textwrap.dedent(helpers) + stream(
        "return self.ask_again()", init=init, more="page = 1\n\ndef ask_again(self):\n    return ask(self.source)\n"
    )
    assert found("constructor_does_no_work", text) == []


def test_the_way_to_the_work_is_told():
    text = "def ask():\n    return requests.get('https://acme.test', timeout=9)\n" + stream(
        "return 1", init="self.rows = ask()"
    )
    [finding] = found("constructor_does_no_work", text)
    assert [step.what for step in finding.flow] == ["ask() is called", "requests.get() is called"]


# no_leftovers


@pytest.mark.parametrize(
    "text",
    [
        stream("breakpoint()"),
        stream("import pdb\nreturn None"),
        stream("import ipdb; ipdb.set_trace()").replace("import ipdb; ", ""),
        stream("return None  # TODO: the other tables"),
        "# FIXME: wrong for leap years\n" + stream("return None"),
        "# XXX does this work?\n" + stream("return None"),
        stream("return self.rows[:10]  # for testing"),
        stream("# only the first ones, for debugging\nreturn self.rows[:10]"),
        stream("return self.rows[:DEBUG_ROWS]"),
        "DEBUG = True\n" + stream("return None"),
        stream("if False:\n    return 1\nreturn None"),
        stream("# rows = self.get()\n# if not rows:\n#     return None\n# self.progress(1, 2)\nreturn None"),
        "import http.client\nhttp.client.HTTPConnection.debuglevel = 1\n" + stream("return None"),
        stream("from icecream import ic\nreturn 1"),
    ],
)
def test_what_was_left_behind_is_found(text):
    assert len(found("no_leftovers", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        stream("return self.rows[:n]"),
        stream("return self.rows[:1000]  # as many as a message holds"),
        stream("return self.name[:10]"),
        'URL = "https://example.com/todo"\n' + stream("return 'TODO'"),
        "# All todo lists are read, and the todos in them.\n" + stream("return None"),
        "DEBUG = False\n" + stream("return None"),
        "debug_level = 'TODO'\n" + stream("return None"),
        stream("# The API counts pages from 1.\n# Note: the last one is short.\n# See the docs for more\nreturn None"),
        stream('# Example:\n#   GET /items?page=1\n#   {"items": []}\nreturn None'),
        stream("self.debugger.breakpoint()\nself.pdb.open()"),
        stream("while True:\n    return 1"),
        stream("# page = 1\nreturn None"),
        '"""Reads todos.\n\nTODO lists are in `lists`.\n"""\n' + stream("return None"),
    ],
)
def test_what_belongs_there_is_right(text):
    assert found("no_leftovers", text) == []
