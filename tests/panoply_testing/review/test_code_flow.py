"""Credentials on their way through the code: which come to where others see them, and which stay inside."""

from __future__ import annotations

import string
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoply_testing.review._code_flow import ways_of
from panoply_testing.review._code_reading import read_code
from panoply_testing.review.code import judge_code, parse_code

RULE = "credentials_stay_inside"

IMPORTS = """
import base64, hashlib, io, json, logging, os, re, subprocess, sys, tempfile, threading, warnings
from functools import partial, wraps
from urllib.parse import quote, urlencode, urlsplit

import panoply
import requests

log = logging.getLogger(__name__)
"""

CONFIG = """
CONFIG = {
    "title": "Acme",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "user", "title": "User"},
        {"name": "token", "title": "Token", "type": "password"},
        {"name": "password", "title": "Password", "type": "password"},
    ],
}
"""


def judged(files: dict[str, str]):
    params = ("url", "user", "token", "password")
    code = parse_code(files, package="acme", params=params, credentials=("token", "password"))
    outcome = judge_code(code)
    assert RULE in outcome.judged
    return [finding for finding in outcome.findings if finding.rule == RULE]


def findings(text: str):
    return judged({"acme.py": IMPORTS + textwrap.dedent(text) + CONFIG})


def in_read(body: str) -> str:
    """A source with this body in its read()."""
    return "class Stream(panoply.DataSource):\n    def read(self, n=None):\n" + textwrap.indent(
        textwrap.dedent(body).strip(), " " * 8
    )


SEEN = {
    "log": 'self.log("with", self.source["token"])',
    "f-string": 'token = self.source["token"]\nself.log(f"with {token!r}")',
    "percent": 'self.log("with %s" % self.source["token"])',
    "percent of a dict": 'self.log("%(token)s" % self.source)',
    "format": 'self.log("with {}".format(self.source.get("token")))',
    "format of a dict": 'self.log("{user}:{password}".format(**self.source))',
    "format_map": 'self.log("{token}".format_map(self.source))',
    "format that looks inside": 'self.log("{0[token]}".format(self.source))',
    "join": 'self.log(", ".join(["a", self.source["token"]]))',
    "plus": 'text = "token: "\ntext += self.source["token"]\nself.log(text)',
    "dict": 'headers = {"Authorization": self.source["token"]}\nself.log(headers)',
    "dict by and by": 'headers = {}\nheaders["X"] = self.source["token"]\nself.log(headers)',
    "update": 'headers = {}\nheaders.update(Authorization=self.source["token"])\nself.log(headers)',
    "list": 'parts = []\nparts.append(self.source["token"])\nself.log(*parts)',
    "encoded": 'self.log(base64.b64encode(self.source["token"].encode()).decode())',
    "quoted": 'self.log("https://acme.test/?" + urlencode({"token": self.source["token"]}))',
    "json": 'self.log(json.dumps({"auth": self.source["token"]}))',
    "most of it": 'self.log(self.source["token"][:-1])',
    "cut by hand": 'self.log(self.source["token"][:30])',
    "stripped": 'self.log(self.source["token"].strip().lower())',
    "all params": "self.log(self.source)",
    "all params but one": 'known = dict(self.source)\nknown.pop("token")\nself.log(known)',
    "all params in json": "self.log(json.dumps(self.source, indent=1))",
    "params in turn": 'for name, value in self.source.items():\n    self.log(name, "=", value)',
    "params but the state": 'self.log({k: v for k, v in self.source.items() if k != "state"})',
    "options": 'self.log(self.options["refresh"]["client_secret"])',
    "all options": "self.log(self.options)",
    "print": 'print("token", self.source["token"])',
    "stdout": 'sys.stdout.write(self.source["token"])',
    "logging": 'log.debug("with %s", self.source["token"])',
    "root logger": 'logging.warning(self.source["token"])',
    "logger made on the spot": 'logging.getLogger("x").info(self.source["token"])',
    "the options' logger": 'self.options["logger"](("with", self.source["token"]))',
    "warnings": 'warnings.warn(f"{self.source["user"]}: {self.source["token"]}")'.replace('"user"', "'user'").replace(
        '"token"', "'token'"
    ),
    "progress": "self.progress(1, 2, f\"page of {self.source['token']}\")",
    "exception": "raise ValueError(f\"bad token {self.source['token']}\")",
    "exception made before": "error = panoply.PanoplyException(self.source['token'])\nraise error",
    "assertion": 'assert len(self.source["token"]) > 3, self.source["token"]',
    "cause": 'raise ValueError("no access") from KeyError(self.source["token"])',
    "yaml": "import yaml\nself.log(yaml.dump(self.source))",
    "note": 'try:\n    self.get()\nexcept OSError as exc:\n    exc.add_note(self.source["token"])\n    raise',
    "file": 'with open("debug.txt", "w") as file:\n    file.write(self.source["token"])',
    "process": 'subprocess.run(["curl", "-u", self.source["token"]], check=True)',
    "shell": 'os.system("curl -u " + self.source["token"])',
    "state": 'self.state("1", {"token": self.source["token"]})',
    "declared": 'session = self.secret(requests.post("https://acme.test", timeout=3).json()["session"])\nself.log(session)',
    "query that an exception quotes": (
        'return requests.get("https://acme.test", params={"key": self.source["token"]}, timeout=3).json()'
    ),
    "url that an exception quotes": (
        "try:\n    requests.get(f\"https://acme.test?key={self.source['token']}\", timeout=3)\n"
        'except requests.RequestException as exc:\n    self.log("failed:", exc)'
    ),
    "raised from what quotes it": (
        "try:\n    requests.get(f\"https://acme.test?key={self.source['token']}\", timeout=3)\n"
        'except requests.RequestException as exc:\n    raise panoply.PanoplyException("no answer") from exc'
    ),
    "address of the answer": (
        "try:\n    answer = requests.get('https://acme.test', params={'key': self.source['token']}, timeout=3)\n"
        "except requests.RequestException:\n    raise panoply.PanoplyException('no answer') from None\n"
        "self.log(answer.url)"
    ),
    "headers of the request": (
        "answer = requests.get('https://acme.test', headers={'A': self.source['token']}, timeout=3)\n"
        "self.log(answer.request.headers)"
    ),
    "only where it is debugged": 'if self.source.get("user") == "debug":\n    self.log(self.source["token"])',
    "in a loop": 'last = ""\nfor page in range(3):\n    self.log(last)\n    last = self.source["token"]',
    "through a choice": 'shown = self.source["token"] or "none"\nself.log(shown)',
    "unpacked": 'user, password = self.source["user"], self.source["password"]\nself.log(password)',
    "named tuple": 'from collections import namedtuple\nLogin = namedtuple("Login", "user token")\nself.log(Login("x", self.source["token"]))',
    "exit": 'sys.exit("bad token " + self.source["token"])',
    "prepared": (
        'request = requests.Request("GET", "https://acme.test", params={"key": self.source["token"]}).prepare()\n'
        "self.log('GET', request.url)"
    ),
    "a dsn": "dsn = f\"postgresql://{self.source['user']}:{self.source['password']}@db\"\nraise ValueError(f\"no answer from {dsn}\")",
    "an attribute set by name": "for key, value in self.source.items():\n    setattr(self, key, value)\nself.log(self.token)",
    "all values": "print(*self.source.values())",
    "a table of methods": 'tell = {True: self.log, False: print}[bool(n)]\ntell(self.source["token"])',
    "a logger of the object's": 'self.logger = logging.getLogger("x")\nself.logger.info("with %s", self.source["token"])',
    "a logger from elsewhere": 'acme.logger.warning(self.source["token"])',
    "a report of an error": 'import sentry_sdk\nsentry_sdk.capture_message(self.source["token"])',
    "matched": 'match self.source:\n    case {"token": token}:\n        self.log(token)',
    "in a finally": 'token = ""\ntry:\n    token = self.source["token"]\nfinally:\n    self.log(token)',
    "template": 'import string\nself.log(string.Template("$token").substitute(token=self.source["token"]))',
    "format by name": 'self.log("{token}".format(token=self.source["token"]))',
    "a part of it": 'self.log(self.source["token"].split(":")[1])',
    "pairs": "self.log(list(self.source.items()))",
    "looked at whether it is empty": 'token = self.source["token"]\nif not token:\n    pass\nself.log(token)',
    "spread over arguments": 'pair = ("with", self.source["token"])\nself.log(*pair)',
    "before a break": 'token = ""\nwhile True:\n    token = self.source["token"]\n    break\nself.log(token)',
    "walrus": 'if token := self.source.get("token"):\n    self.log(token)',
    "lambda": 'shown = lambda: self.source["token"]\nself.log(shown())',
    "thread": 'threading.Thread(target=log.info, args=("with %s", self.source["token"])).start()',
    "name in a constant": 'key = "to" + "ken"\nself.log(self.source[key])',
    "name out of a loop": 'for key in ("user", "token"):\n    self.log(self.source[key])',
    "attribute of the client": 'session = requests.Session()\nsession.headers["A"] = self.source["token"]\nself.log(session.headers)',
}


@pytest.mark.parametrize("body", SEEN.values(), ids=SEEN)
def test_a_credential_that_gets_out_is_found(body):
    [finding, *_] = findings(in_read(body))
    assert finding.path == "acme.py"
    assert finding.line > 0
    assert len(finding.flow) >= 2
    assert finding.flow[-1].line <= finding.line + 2


HIDDEN = {
    "another param": 'self.log(self.source["url"], self.source.get("user"))',
    "its length": 'self.log("token of", len(self.source["token"]), "characters")',
    "whether there is one": 'self.log("token given:", bool(self.source.get("token")))',
    "compared": 'self.log(self.source["token"] == "", self.source["token"].startswith("tk_"))',
    "hashed": 'self.log(hashlib.sha256(self.source["token"].encode()).hexdigest())',
    "last four": 'self.log("..." + self.source["token"][-4:])',
    "first four and stars": "self.log(f\"{self.source['token'][:4]}***\")",
    "cut by the format": "self.log(f\"{self.source['token']:.3}\")",
    "stars": 'self.log("*" * len(self.source["token"]))',
    "choice of words": 'self.log("with token" if self.source["token"] else "without token")',
    "its type": "raise TypeError(f\"the token is {type(self.source['token']).__name__}, not text\")",
    "its name": 'raise ValueError("the param token is missing")',
    "where it is empty": 'token = self.source.get("token")\nif not token:\n    raise ValueError(f"no token: {token!r}")',
    "names of the params": 'self.log("given:", sorted(self.source), list(self.source.keys()))',
    "all but the credentials": 'self.log({k: v for k, v in self.source.items() if k not in ("token", "password")})',
    "those that may be shown": 'self.log({k: v for k, v in self.source.items() if k in ("url", "user")})',
    "masked by name": 'self.log({k: "***" if k in SECRET else v for k, v in self.source.items()})',
    "taken out": 'known = dict(self.source)\nfor key in ("x",):\n    pass\ndel known["token"]\nknown.pop("password")\nself.log(known)',
    "written over": 'self.log({**self.source, "token": "***", "password": "***"})',
    "headers": 'requests.get("https://acme.test", headers={"Authorization": f"Bearer {self.source[\'token\']}"}, timeout=3)',
    "answer": (
        'answer = requests.get("https://acme.test", headers={"A": self.source["token"]}, timeout=3)\n'
        "answer.raise_for_status()\nself.log(answer.status_code, answer.text)"
    ),
    "login": 'answer = requests.post("https://acme.test", json={"password": self.source["password"]}, timeout=3)\nself.log(answer.json())',
    "environment": 'subprocess.run(["dump"], env={**os.environ, "PGPASSWORD": self.source["password"]}, check=True)',
    "standard input": 'subprocess.run(["dump"], input=self.source["password"], text=True, check=True)',
    "temporary file": 'with tempfile.NamedTemporaryFile("w") as file:\n    file.write(self.source["token"])',
    "in memory": 'file = io.StringIO()\nfile.write(self.source["token"])',
    "replaced": 'self.log(f"https://acme.test?key={self.source[\'token\']}".replace(self.source["token"], "***"))',
    "masked by a pattern": 'self.log(re.sub("key=[^&]+", "key=***", "https://acme.test?key=" + self.source["token"]))',
    "query, and an exception of its own": (
        'try:\n    return requests.get("https://acme.test", params={"key": self.source["token"]}, timeout=3).json()\n'
        "except requests.RequestException as exc:\n    raise panoply.PanoplyException(type(exc).__name__) from None"
    ),
    "an exception that says nothing of it": (
        "try:\n    requests.get(self.source['url'], headers={'A': self.source['token']}, timeout=3)\n"
        "except requests.RequestException as exc:\n    raise panoply.PanoplyException(f'no answer: {exc}') from exc"
    ),
    "announced": 'self.fire("source-change", {"token": self.source["token"]})',
    "overwritten": 'text = self.source["token"]\ntext = "nothing"\nself.log(text)',
    "the host of a url": 'self.log(urlsplit(self.source["password"]).hostname)',
    "behind the at sign": 'self.log(self.source["password"].rsplit("@", 1)[-1])',
    "another entry": 'known = {"token": self.source["token"], "page": 1}\nself.log(known["page"])',
    "another field of a text": 'self.log("{user}@{url}".format(**self.source))',
    "another field by percent": 'self.log("%(user)s" % self.source)',
    "a match of another key": 'match self.source:\n    case {"user": user}:\n        self.log(user)',
    "another name of a format": 'self.log("{user}".format(user="x", token=self.source["token"]))',
    "after a break": 'for page in range(3):\n    break\n    self.log(self.source["token"])',
    "spread over arguments": (
        'pair = (self.source["token"], "x")\nshow = lambda token, name: self.log(name)\nshow(*pair)'
    ),
    "another part of a tuple": 'pair = (self.source["user"], self.source["token"])\nself.log(pair[0])',
    "state of an earlier run": 'self.log((self.source.get("state") or {}).get("next_token"))',
    "cursor": 'self.log(self.source["url"], {"next_page_token": 3})',
    "numbers of progress": 'self.progress(1, 2, "page 1")',
    "printed into nothing": 'import contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n    print(self.source["token"])',
    "client": 'client = acme_sdk.Client(self.source["token"])\nself.log(client, client.account.name)',
    "never reached": 'return None\nself.log(self.source["token"])',
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN)
def test_what_gives_nothing_away_is_not_found(body):
    assert findings('SECRET = {"token", "password"}\n' + in_read(body)) == []


ACROSS = {
    "two helpers and an f-string": """
        def describe(value):
            return f"token={value}"

        def tell(stream, value):
            stream.log(describe(value))

        class Stream(panoply.DataSource):
            def read(self, n=None):
                tell(self, self.source["token"])
        """,
    "an attribute, in another method": """
        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self._secret = source["token"]

            def read(self, n=None):
                self.log(self._secret)
        """,
    "a client of its own": """
        class Client:
            def __init__(self, source):
                self._headers = {"Authorization": "Bearer " + source["token"]}

            def get(self):
                log.debug("GET with %r", self._headers)

        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self.client = Client(source)

            def read(self, n=None):
                return self.client.get()
        """,
    "the source's log handed on": """
        class Client:
            def __init__(self, token, tell):
                self.token, self.tell = token, tell

            def get(self):
                self.tell("with", self.token)

        class Stream(panoply.DataSource):
            def read(self, n=None):
                return Client(self.source["token"], tell=self.log).get()
        """,
    "a property": """
        class Stream(panoply.DataSource):
            @property
            def headers(self):
                return {"Authorization": self.source["token"]}

            def read(self, n=None):
                self.log(self.headers)
        """,
    "a decorator that tells its arguments": """
        def told(function):
            @wraps(function)
            def wrapper(*args, **kwargs):
                log.info("%s%r", function.__name__, args)
                return function(*args, **kwargs)
            return wrapper

        class Stream(panoply.DataSource):
            @told
            def get(self, token):
                return token

            def read(self, n=None):
                self.get(self.source["token"])
        """,
    "a transparent decorator": """
        from tenacity import retry

        class Stream(panoply.DataSource):
            @retry
            @panoply.validate_token("https://acme.test", ValueError)
            def get(self):
                return self.source["access_token"]

            def read(self, n=None):
                self.log(self.get())
        """,
    "a generator": """
        def parts(source):
            for key in ("user", "token"):
                yield source[key]

        class Stream(panoply.DataSource):
            def read(self, n=None):
                for part in parts(self.source):
                    self.log(part)
        """,
    "the text of an object": """
        from dataclasses import dataclass

        @dataclass
        class Login:
            user: str
            token: str

        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log("as", Login(self.source["user"], self.source["token"]))
        """,
    "the repr of an object": """
        class Login:
            def __init__(self, token):
                self.token = token
            def __repr__(self):
                return f"<Login {self.token}>"

        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log(f"{Login(self.source['token'])}")
        """,
    "all attributes": """
        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self.auth = (source["user"], source["password"])

            def read(self, n=None):
                self.log(vars(self))
        """,
    "an exception of its own": """
        class Refused(Exception):
            def __init__(self, url, token):
                super().__init__(f"{url} does not take {token}")

        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise Refused(self.source["url"], self.source["token"])
        """,
    "an exception without a constructor": """
        class Refused(panoply.PanoplyException):
            pass

        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise Refused("no access", self.source["token"])
        """,
    "an exception that shows what it keeps": """
        class Refused(Exception):
            def __init__(self, token):
                super().__init__("no access")
                self.token = token
            def __str__(self):
                return f"no access with {self.token}"

        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise Refused(self.source["token"])
        """,
    "attributes out of the params": """
        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self.__dict__.update(source)

            def read(self, n=None):
                self.log(self.token)
        """,
    "a helper that fills a dict": """
        def sign(headers, token):
            headers["Authorization"] = token

        class Stream(panoply.DataSource):
            def read(self, n=None):
                headers = {}
                sign(headers, self.source["token"])
                self.log(headers)
        """,
    "a mixin": """
        class Tells:
            def tell(self):
                self.log(self.source["token"])

        class Stream(Tells, panoply.DataSource):
            def read(self, n=None):
                self.tell()
        """,
    "a base class": """
        class Base(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self.token = source["token"]

        class Stream(Base):
            def read(self, n=None):
                self.log(self.token)
        """,
    "a module's variable": """
        cache = {}

        def remember(token):
            cache["token"] = token

        class Stream(panoply.DataSource):
            def read(self, n=None):
                remember(self.source["token"])
                print(cache)
        """,
    "an iterator of its own": """
        class Parts:
            def __init__(self, source):
                self.source = source
            def __iter__(self):
                return self
            def __next__(self):
                return self.source["token"]

        class Stream(panoply.DataSource):
            def read(self, n=None):
                for part in Parts(self.source):
                    self.log(part)
        """,
    "params in which another method replaces it": """
        class Stream(panoply.DataSource):
            def close(self):
                self.source["token"] = self.source["password"] = ""

            def read(self, n=None):
                self.log(self.source)
        """,
    "a list of the module's, and a helper that comes later": """
        def first():
            return later()

        class Stream(panoply.DataSource):
            def read(self, n=None):
                TOKENS.append(self.source["token"])
                self.log(first())

        TOKENS = []

        def later():
            return TOKENS
        """,
    "a closure": """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                token = self.source["token"]

                def show():
                    self.log(token)

                retrying(show)
        """,
    "a partial": """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                show = partial(self.log, "with")
                show(self.source["token"])
        """,
    "choices of a param": """
        def choices(source, options):
            print(source["token"])
            return []

        FORM = [{"name": "tables", "values": choices}]

        class Stream(panoply.DataSource):
            def read(self, n=None):
                return None
        """,
    "a helper that calls itself": """
        def deep(value, depth):
            return value if not depth else deep(value, depth - 1)

        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log(deep(self.source["token"], 5))
        """,
    "an async client": """
        class Stream(panoply.DataSource):
            async def headers(self):
                return {"Authorization": self.source["token"]}

            async def read(self, n=None):
                self.log(await self.headers())
        """,
    "params spread over a function": """
        def connect(url, user, password, **more):
            log.info("connecting to %s as %s:%s", url, user, password)

        class Stream(panoply.DataSource):
            def read(self, n=None):
                connect(**self.source)
        """,
    "the default in CONFIG": """
        FORM = {"params": [{"name": "token", "default": "tk_live_123"}]}

        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log(FORM)
        """,
}


@pytest.mark.parametrize("text", ACROSS.values(), ids=ACROSS)
def test_it_is_followed_through_functions_and_classes(text):
    assert findings(text)


APART = {
    "a mask of its own": """
        def masked(value):
            return value[:2] + "***"

        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log(masked(self.source["token"]))
        """,
    "the same helper for both": """
        def quoted(value):
            return f"<{value}>"

        class Stream(panoply.DataSource):
            def read(self, n=None):
                sent = quoted(self.source["token"])
                self.log(quoted(self.source["user"]))
        """,
    "another attribute": """
        class Client:
            def __init__(self, source):
                self.token = source["token"]
                self.url = source["url"]

        class Stream(panoply.DataSource):
            def read(self, n=None):
                client = Client(self.source)
                self.log(client.url, client)
        """,
    "a dataclass that does not show it": """
        from dataclasses import dataclass, field

        @dataclass
        class Login:
            user: str
            token: str = field(repr=False)

        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log(Login(self.source["user"], self.source["token"]))
        """,
    "an exception that keeps it to itself": """
        class Refused(Exception):
            def __init__(self, url, token):
                super().__init__(f"{url} refused a token of {len(token)} characters")
                self.token = token

        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise Refused(self.source["url"], self.source["token"])
        """,
    "an exception of the old kind": """
        class Refused(Exception):
            def __init__(self, url, token):
                Exception.__init__(self, url)
                self.token = token

        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise Refused(self.source["url"], self.source["token"])
        """,
    "a filter that masks": """
        class Masks(logging.Filter):
            def filter(self, record):
                record.msg = record.getMessage().replace(TOKEN, "***")
                record.args = ()
                return True

        class Stream(panoply.DataSource):
            def read(self, n=None):
                log.info("with %s", self.source["token"])
        """,
    "sent by a client": """
        class Client:
            def __init__(self, token):
                self.session = requests.Session()
                self.session.headers["Authorization"] = f"Bearer {token}"

            def get(self, url):
                response = self.session.get(url, timeout=20)
                if response.status_code != 200:
                    raise ValueError(f"{url}: {response.status_code} {response.text[:200]}")
                return response.json()

        class Stream(panoply.DataSource):
            def read(self, n=None):
                client = Client(self.source["token"])
                rows = client.get(self.source["url"])
                self.log("read", rows)
                return rows
        """,
    "an authentication object": """
        class Bearer(requests.auth.AuthBase):
            def __init__(self, token):
                if not token:
                    raise ValueError(f"no token: {len(token)} characters")
                self.token = token

            def __call__(self, request):
                request.headers["Authorization"] = self.token
                return request

        class Stream(panoply.DataSource):
            def read(self, n=None):
                session = requests.Session()
                session.auth = Bearer(self.source["token"])
                self.log(session.get(self.source["url"], timeout=9).json())
        """,
    "a connection": """
        import psycopg2

        class Stream(panoply.DataSource):
            def read(self, n=None):
                try:
                    db = psycopg2.connect(user=self.source["user"], password=self.source["password"], connect_timeout=9)
                except psycopg2.OperationalError as exc:
                    raise panoply.PanoplyException(f"cannot connect: {exc}") from exc
                self.log("connected to", db.dsn)
        """,
    "a check of what is required": """
        REQUIRED = ("url", "token")

        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                for name in REQUIRED:
                    if not source.get(name):
                        raise panoply.PanoplyException(f"The param {name} is missing.", retryable=False)

            def read(self, n=None):
                return None
        """,
    "a program of its own": """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                return None

        if __name__ == "__main__":
            stream = Stream({"token": "x"}, {})
            print(stream.source["token"])
        """,
}


@pytest.mark.parametrize("text", APART.values(), ids=APART)
def test_what_stays_inside_stays_unmentioned(text):
    assert findings(text) == []


def test_the_way_is_told_from_the_param_to_the_log():
    files = {
        "acme/__init__.py": "from .source import Stream\n",
        "acme/texts.py": 'def describe(value):\n    return f"token={value}"\n',
        "acme/source.py": textwrap.dedent("""
            import panoply
            from . import texts

            def tell(stream, value):
                stream.log(texts.describe(value))

            class Stream(panoply.DataSource):
                def __init__(self, source, options):
                    super().__init__(source, options)
                    self._token = source["token"]

                def read(self, n=None):
                    tell(self, self._token)
            """),
    }
    [finding] = judged(files)
    assert (finding.path, finding.line) == ("acme/source.py", 6)
    assert finding.found == "The param `token` is logged, in tell."
    assert [(step.path, step.line, step.what) for step in finding.flow] == [
        ("acme/source.py", 11, "the param `token` is read"),
        ("acme/source.py", 11, "it is kept in ._token"),
        ("acme/source.py", 14, "it goes to tell()"),
        ("acme/source.py", 6, "it goes to describe()"),
        ("acme/texts.py", 2, "it is put into an f-string"),
        ("acme/source.py", 6, "it comes back from describe()"),
        ("acme/source.py", 6, "it is logged"),
    ]


def test_no_finding_holds_a_value():
    found = findings("""
        FORM = {"params": [{"name": "token", "default": "tk_live_123"}]}
        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log(FORM)
        """)
    assert found
    assert "tk_live_123" not in repr(found)


def test_several_credentials_at_one_place_are_one_finding():
    [finding] = findings(in_read("self.log(self.source['token'], self.source['password'])"))
    assert "`password` and param `token` are logged" in finding.found


def test_the_key_outlives_lines_that_move():
    body = in_read("self.log(self.source['token'])")
    [before], [after] = findings(body), findings("\n\n\n" + body)
    assert before.line != after.line
    assert before.key == after.key


names = st.text(string.ascii_lowercase, min_size=3, max_size=8).map(lambda name: f"v_{name}")


@settings(max_examples=30, deadline=None)
@given(
    names=st.lists(names, min_size=3, max_size=3, unique=True),
    is_shown=st.booleans(),
    key=st.sampled_from(["token", "user"]),
)
def test_what_variables_are_called_changes_nothing(names, is_shown, key):
    first, second, third = names
    shown = "self.log" if is_shown else "self._send"
    body = f'{first} = self.source["{key}"]\n{second} = f"Bearer {{{first}}}"\n{third} = [{second}]\n{shown}({third})'
    text = (
        in_read(body)
        + "\n\n    def _send(self, what):\n        return requests.post('https://acme.test', json=what, timeout=3)\n"
    )
    assert bool(findings(text)) == (is_shown and key == "token")


HOPS = (
    "def {name}(value):\n    return value\n",
    "def {name}(value):\n    text = [value]\n    return text[0]\n",
    "def {name}(value):\n    return str(value).strip()\n",
    (
        "class {name}_box:\n    def __init__(self, value):\n        self.value = value\n    def get(self):\n        return self.value\n\n"
        "def {name}(value):\n    return {name}_box(value).get()\n"
    ),
    "def {name}(value, *more, **named):\n    for each in (value, *more):\n        return each\n",
    "def {name}(value):\n    def inner():\n        return value\n    return inner()\n",
    "async def {name}(value):\n    return {{'it': value}}['it']\n",
    "def {name}(value):\n    yield value\n",
    "{name} = lambda value: f'{{value}}'\n",
)


@settings(max_examples=40, deadline=None)
@given(hops=st.lists(st.sampled_from(HOPS), max_size=5), key=st.sampled_from(["token", "user"]))
def test_helpers_on_the_way_change_nothing(hops, key):
    text, call = "", f'self.source["{key}"]'
    for number, hop in enumerate(hops):
        name = f"hop{number}"
        text += hop.format(name=name) + "\n"
        call = (
            f"next({name}({call}))"
            if "yield" in hop
            else f"await {name}({call})"
            if "async" in hop
            else f"{name}({call})"
        )
    read = f"class Stream(panoply.DataSource):\n    async def read(self, n=None):\n        self.log({call})\n"
    assert bool(findings(text + read)) == (key == "token")


def test_code_without_end_is_given_up_and_said_so(monkeypatch):
    monkeypatch.setattr("panoply_testing.review._code_world._MOST_WORK", 50)
    outcome = judge_code(parse_code({"acme.py": "x = 1\n" * 100}))
    assert RULE in {unchecked.rule for unchecked in outcome.unchecked}
    assert RULE not in outcome.judged


@pytest.mark.parametrize("depth", [2, 30, 70])
def test_a_way_through_many_functions_is_followed(depth):
    calls = "".join(f"def f{number}(a):\n    return f{number + 1}(a)\n" for number in range(depth))
    last = f"def f{depth}(a):\n    return a\n"
    assert findings(calls + last + in_read("self.log(f0(self.source['token']))"))
    assert findings(calls + last + in_read("self.log(f0(self.source['user']))")) == []


def test_functions_that_call_each_other_come_to_an_end():
    calls = "".join(
        f"def f{number}(a, b):\n    return f{(number * 7 + 1) % 30}(b, [a]) or f{(number * 3 + 2) % 30}({{'x': a}}, b)\n"
        for number in range(30)
    )
    assert findings(calls + in_read("self.log(f0(self.source['token'], 1) or self.source['token'])"))


# ---------------------------------------------------------------------- where they go


def ways(text: str):
    files = {"acme.py": IMPORTS + textwrap.dedent(text) + CONFIG}
    code = parse_code(files, package="acme", params=("url", "token", "password"), credentials=("token", "password"))
    return {
        way.credential: [(end.what, end.function, end.is_leak) for end in way.ends] for way in ways_of(read_code(code))
    }


def test_what_each_credential_is_handed_to_is_told_with_its_way():
    text = """
        class Stream(panoply.DataSource):
            def _headers(self):
                return {"Authorization": f"Bearer {self.source['token']}"}

            def read(self, n=None):
                self.log("with", self.source["password"].strip())
                return requests.get(self.source["url"], headers=self._headers(), timeout=9).json()
    """
    assert ways(text) == {
        "param `token`": [("requests.get", "Stream.read", False)],
        "param `password`": [("is logged", "Stream.read", True)],
    }
    code = parse_code({"acme.py": IMPORTS + textwrap.dedent(text) + CONFIG}, package="acme", credentials=("token",))
    (way,) = [each for each in ways_of(read_code(code)) if each.credential == "param `token`"]
    assert [step.what for step in way.ends[0].steps] == [
        "the param `token` is read",
        "it is put into an f-string",
        "it comes back from _headers()",
    ]


def test_a_credential_that_nobody_gets_has_no_way():
    assert ways(in_read('token = self.source["token"]\nself.log(len(token), bool(token))')) == {}
