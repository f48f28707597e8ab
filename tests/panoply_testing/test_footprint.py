"""`_footprint`: what a source does to its process is seen, by its import and after `close()`, and nothing else is.

Each source runs in a forked child, as the kit does it: the audit hook takes a process over for good.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import importlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from panoply.driving import Driver
from panoply.loading import load_source
from panoply_testing import _leftovers as leftovers
from panoply_testing._facts import home_of
from panoply_testing._footprint import Footprint
from panoply_testing._leftovers import given_paths
from panoply_testing._sensors import Sensors
from panoply_testing.checks._footprints import all_released, imports_quietly
from panoply_testing.footprints import Trace
from panoply_testing.secrets import Credentials, credentials_among

SOURCES = Path(__file__).parents[1] / "sources"
PARAMS = {"token": "tk/9f3b+71Ca2=Zq8", "user": "ada"}
ATTEMPTS = 4


def in_a_child(act):
    """What `act()` gives, done in a forked child of this process."""
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as errors:
        with warnings.catch_warnings():
            # Python warns of threads, such as those of xdist, whose locks a fork copies.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            try:
                os.setpgid(0, 0)
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
                    signal.signal(number, signal.SIG_DFL)
                os.close(reader)
                with os.fdopen(writer, "wb", closefd=False) as pipe:
                    pipe.write(pickle.dumps(act()))
            except BaseException:  # noqa: BLE001 - told below
                os.write(errors.fileno(), traceback.format_exc().encode())
            finally:
                # The way a test's child ends, whatever its source has left running there.
                os.killpg(0, signal.SIGKILL)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            data = pipe.read()
        os.waitpid(pid, 0)
        errors.seek(0)
        assert data, errors.read().decode()
    return pickle.loads(data)


def observe(path: Path, params: dict, reads: int | None = None, n: int = 1000) -> SimpleNamespace:
    """Run a source to its end, or for some reads, in this process."""
    seen = SimpleNamespace(imported=(), left=(), processes=[], texts=[], raised=[])
    home: Path | None = None
    sensors = Sensors(lambda: home)
    sensors.start()
    footprint = Footprint(lambda: home, given_paths(params))
    footprint.start()
    footprint.began_import()
    module = load_source(str(path), path.parent)
    seen.imported = footprint.ended_import()
    seen.saw_import = footprint.saw_import
    home = home_of(module)
    driver = Driver()
    stream = module.Stream(params, {"logger": lambda *_: None})
    failures = 0
    while reads is None or reads > 0:
        try:
            batch = driver.call(stream.read, n)
        except Exception as exc:  # noqa: BLE001 - as the platform does
            seen.raised.append(repr(exc))
            failures += 1
            if failures >= ATTEMPTS:
                break
            continue
        if batch is None:
            break
        reads = reads - 1 if reads is not None else None
    for _ in range(2):
        driver.call(stream.close)
    tasks = footprint.tasks(driver._runner.get_loop() if driver._runner is not None else None)
    driver.close()
    seen.left = (*tasks, *footprint.left())
    seen.texts = [(piece.channel, piece.text) for piece in footprint.left_texts()]
    seen.processes = [(piece.text, piece.where) for piece in footprint.drain_processes()]
    return seen


def says(path: Path) -> dict:
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path).read_text(encoding="utf-8"))
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"PARAMS", "ALSO"}
    }


def run(path: Path, reads: int | None = None, n: int = 1000) -> SimpleNamespace:
    params = dict(says(path).get("PARAMS", PARAMS))
    return in_a_child(lambda: observe(path, params, reads, n))


def faults(traces) -> list[Trace]:
    return [trace for trace in traces if not trace.by]


STREAM = """

class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
"""


@pytest.fixture
def imported(tmp_path):
    """What importing a module with this body does, as (kind, what, line, by)."""

    def imported(body, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
        path = tmp_path / "acme_orders.py"
        path.write_text(f"import panoply\n{textwrap.dedent(body)}{STREAM}", encoding="utf-8")
        return in_a_child(lambda: observe(path, dict(PARAMS), 0)).imported

    return imported


def line_of(trace):
    return int(trace.where.partition(":")[2].partition(" ")[0]) if trace.where else None


CLOSED = "('127.0.0.1', 9)"
SEEN = [
    ("output", "stdout", "print('ready')"),
    ("output", "stderr", "import sys; sys.stderr.write('x')"),
    ("output", "stdout", "import os; os.system('echo x')"),
    ("output", "stdout", "import os; os.write(1, b'x')"),
    ("output", "stdout", "import threading; t = threading.Thread(target=print, args=('x',)); t.start(); t.join()"),
    ("output", "UserWarning", "import warnings; warnings.warn('x')"),
    ("output", "WARNING", "import logging; logging.getLogger('x').warning('x')"),
    ("network", "connects to 127.0.0.1:9", f"import socket; socket.socket().connect_ex({CLOSED})"),
    (
        "network",
        "connects to",
        "import urllib.request as u\ntry: u.urlopen('http://127.0.0.1:9', timeout=1)\nexcept OSError: pass",
    ),
    ("network", "connects to", "import requests\ntry: requests.get('http://127.0.0.1:9')\nexcept OSError: pass"),
    (
        "network",
        "datagram to 127.0.0.1:9",
        f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', {CLOSED})",
    ),
    ("network", "name localhost", "import socket; socket.gethostbyname('localhost')"),
    (
        "network",
        "name nowhere.invalid",
        "import socket\ntry: socket.getaddrinfo('nowhere.invalid', 80)\nexcept OSError: pass",
    ),
    ("network", "opens a port", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.close()"),
    (
        "network",
        "connects to a database, by psycopg2",
        "import psycopg2\ntry: psycopg2.connect('host=127.0.0.1 port=9 password=x')\nexcept psycopg2.Error: pass",
    ),
    ("network", "connects to", "import httpx\ntry: httpx.get('http://127.0.0.1:9')\nexcept httpx.HTTPError: pass"),
    (
        "network",
        "connects to",
        "import asyncio\nasync def f():\n  try: await asyncio.open_connection('127.0.0.1', 9)\n  except OSError: pass\nasyncio.run(f())",
    ),
    ("file written", "state.json for writing", "open(__file__[:-14] + 'state.json', 'w').close()"),
    ("file written", "for writing", "from pathlib import Path; (Path(__file__).parent / 'x').write_text('x')"),
    ("file written", "makes the folder", "import os; os.makedirs(__file__[:-14] + 'cache', exist_ok=True)"),
    ("file written", "removes", "import os; open(__file__ + 'x', 'w').close(); os.remove(__file__ + 'x')"),
    ("file written", "for writing", "import tempfile; tempfile.TemporaryFile().close()"),
    ("file written", "for writing", "import os; os.close(os.open(__file__ + '.lock', os.O_CREAT | os.O_RDWR))"),
    ("file written", "database", "import sqlite3; sqlite3.connect(__file__ + '.db').close()"),
    (
        "thread",
        "'poll'",
        "import threading; threading.Thread(target=threading.Event().wait, name='poll', daemon=True).start()",
    ),
    (
        "thread",
        "ThreadPoolExecutor",
        "from concurrent.futures import ThreadPoolExecutor as E; E(1).submit(int).result()",
    ),
    ("thread", "Thread-", "import threading; threading.Timer(9, int).start()"),
    ("process", "starts a process: true", "import subprocess; subprocess.run(['true'])"),
    ("process", "starts a process: sh", "import os; os.system('true')"),
    ("process", "forks", "import os\nif not os.fork(): os._exit(0)\nos.wait()"),
    ("process", "forks", "import multiprocessing as m; m.get_context('fork').Process(target=int).start()"),
    ("logging", "the root logger a StreamHandler", "import logging; logging.basicConfig()"),
    (
        "logging",
        "the root logger a NullHandler",
        "import logging; logging.getLogger().addHandler(logging.NullHandler())",
    ),
    ("logging", "the root logger to DEBUG", "import logging; logging.root.setLevel('DEBUG')"),
    ("logging", "the root logger to DEBUG", "import logging; logging.root.level = 10"),
    ("logging", "'urllib3' to ERROR", "import logging; logging.getLogger('urllib3').setLevel('ERROR')"),
    ("logging", "'botocore' to ERROR", "import logging, botocore; logging.getLogger('botocore').setLevel('ERROR')"),
    (
        "logging",
        "'acme_orders' a StreamHandler",
        "import logging; logging.getLogger(__name__).addHandler(logging.StreamHandler())",
    ),
    ("logging", "filters of the root", "import logging; logging.root.addFilter(lambda record: True)"),
    ("logging", "logging.disable", "import logging; logging.disable(logging.INFO)"),
    ("logging", "logging.captureWarnings", "import logging; logging.captureWarnings(True)"),
    ("logging", "logging.setLoggerClass", "import logging\nclass L(logging.Logger): pass\nlogging.setLoggerClass(L)"),
    (
        "logging",
        "the root logger",
        "import logging.config; logging.config.dictConfig({'version': 1, 'root': {'level': 'INFO'}})",
    ),
    ("hook", "sys.excepthook", "import sys\ndef hook(*args): pass\nsys.excepthook = hook"),
    ("hook", "threading.excepthook", "import threading\ndef hook(*args): pass\nthreading.excepthook = hook"),
    ("hook", "sys.unraisablehook", "import sys; sys.unraisablehook = lambda *_: None"),
    ("hook", "sys.stdout", "import io, sys; sys.stdout = io.StringIO()"),
    ("hook", "sys.settrace", "import sys; sys.settrace(lambda *_: None)"),
    ("hook", "json.JSONEncoder.default", "import json; json.JSONEncoder.default = lambda self, value: str(value)"),
    ("hook", "the builtin print", "import builtins; builtins.print = lambda *_: None"),
    (
        "hook",
        "ssl._create_default_https_context",
        "import ssl; ssl._create_default_https_context = ssl._create_unverified_context",
    ),
    ("hook", "http.client.HTTPConnection.debuglevel", "import http.client; http.client.HTTPConnection.debuglevel = 1"),
    ("hook", "warnings.formatwarning", "import warnings; warnings.formatwarning = lambda *_, **__: 'x'"),
    ("hook", "requests.sessions.Session.send", "import requests; requests.Session.send = lambda *_: None"),
    ("signal", "SIGTERM", "import signal; signal.signal(signal.SIGTERM, lambda *_: None)"),
    ("signal", "SIGUSR1", "from signal import *; signal(SIGUSR1, SIG_IGN)"),
    ("warning filters", "'ignore' for Warning", "import warnings; warnings.filterwarnings('ignore')"),
    ("warning filters", "'default' for Warning", "import warnings; warnings.simplefilter('default')"),
    ("warning filters", "removes", "import warnings; warnings.resetwarnings()"),
    ("warning filters", "for HTTPWarning", "import urllib3; urllib3.disable_warnings()"),
    ("environment", "sets the variable HTTPS_PROXY", "import os; os.environ['HTTPS_PROXY'] = 'http://x'"),
    ("environment", "removes the variable PATH", "import os; del os.environ['PATH']"),
    ("environment", "sets the variable TZ", "import os, time; os.environ['TZ'] = 'UTC'; time.tzset()"),
    ("working folder", "changes to the folder /", "import os; os.chdir('/')"),
    ("setting", "time-out", "import socket; socket.setdefaulttimeout(3)"),
    ("setting", "garbage collector", "import gc; gc.disable()"),
    ("setting", "locale", "import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8')"),
]

# Those that a function of no library does have no line: the assignment is over when it is noticed.
LINELESS = (
    "os.system('echo",
    "os.write",
    "root.level =",
    "sys.stdout =",
    "json.JSON",
    "debuglevel",
    "formatwarning",
    "gc.",
    "locale",
    "unverified",
    "E = ",
)


@pytest.mark.parametrize(("kind", "what", "body"), SEEN, ids=[f"{kind}-{body[:40]}" for kind, _, body in SEEN])
def test_what_an_import_does_is_seen(imported, kind, what, body):
    traces = faults(imported(body))
    found = [trace for trace in traces if trace.kind == kind and what in trace.what]
    assert found, traces
    if not any(part in body for part in LINELESS):
        lines = range(2, 2 + len(body.splitlines()))
        assert line_of(found[0]) in lines, found
        assert found[0].where.startswith("acme_orders.py:")
    verdict = imports_quietly(traces)
    assert all(finding.fix and finding.expected and what for finding in verdict.findings)
    assert verdict.findings


INNOCENT = [
    *(
        f"import {name}"
        for name in (
            "requests",
            "httpx",
            "aiohttp",
            "psycopg2",
            "pg8000.dbapi",
            "boto3",
            "botocore.session",
            "PIL.Image",
            "cryptography.fernet",
            "asyncio",
            "multiprocessing.pool",
            "concurrent.futures",
            "email.mime.text",
            "xml.etree.ElementTree",
            "sqlite3",
            "ctypes.util",
            "dateutil.parser",
            "yaml",
            "rich.console",
            "werkzeug",
            "trio",
            "unittest.mock",
            "pydoc",
            "pdb",
            "readline",
            "curses",
        )
    ),
    "import dataclasses\n@dataclasses.dataclass(frozen=True, slots=True)\nclass Row:\n  id: int = 0",
    "import logging; logging.getLogger(__name__).addHandler(logging.NullHandler())",
    "import logging; logging.getLogger('acme').addHandler(logging.NullHandler())",
    "import logging; log = logging.getLogger(__name__); log.setLevel(logging.DEBUG); log.info('x')",
    "import logging; logging.getLogger('acme_orders.http').setLevel('INFO')",
    "import logging; logging.getLogger('acme.shop').setLevel('INFO')",
    "import logging; logging.getLogger('urllib3'); logging.addLevelName(5, 'TRACE')",
    "import warnings\nwith warnings.catch_warnings():\n  warnings.filterwarnings('ignore')\n  import smtplib, requests, trio",
    "import warnings; warnings.warn('x', DeprecationWarning)",
    "import os; os.environ['X_Y'] = '1'; import trio; del os.environ['X_Y']",
    "import os; old = os.getcwd(); os.chdir('/'); os.chdir(old)",
    "import os; HOME = os.environ.get('HOME'); os.environ['HOME'] = HOME or '/'"
    if os.environ.get("HOME")
    else "import os",
    "import os, tempfile; FOLDER = tempfile.gettempdir(); os.makedirs(FOLDER, exist_ok=True); TEXT = open(__file__).read()",
    "import platform; AGENT = platform.platform()",
    "import ctypes.util; LIB = ctypes.util.find_library('c')",
    "import threading; LOCK = threading.Lock(); LOCAL = threading.local(); THREAD = threading.Thread(target=int)",
    "import socket; NAME = socket.gethostname(); A, B = socket.socketpair(); A.close(); B.close()",
    "import requests; SESSION = requests.Session()",
    "import boto3; BOTO = boto3.session.Session()",
    "import ssl; CONTEXT = ssl.create_default_context()",
    "from concurrent.futures import ThreadPoolExecutor; POOL = ThreadPoolExecutor(2)",
    "import atexit; atexit.register(int)",
    "import signal; HANDLER = signal.getsignal(signal.SIGTERM)",
    "import importlib; importlib.import_module('trio')",
    "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()): print('x')",
    "import random; random.seed(1); import uuid; ID = uuid.uuid4()",
    "import subprocess, os\nif False: subprocess.run(['true'])",
    "import locale; locale.setlocale(locale.LC_ALL)",
    "open('/dev/null', 'w').close()",
    "import sys; sys.path.insert(0, 'vendor')",
]


@pytest.mark.parametrize("body", INNOCENT, ids=lambda body: body[:50])
def test_what_does_no_harm_is_not_held_against_an_import(imported, body):
    traces = imported(body)
    assert not faults(traces)
    assert not imports_quietly(traces).findings


LOUD = """
import logging, os, signal, socket, subprocess, sys, threading, warnings
print("welcome to loud")
socket.socket().connect_ex(("127.0.0.1", 9))
threading.Thread(target=threading.Event().wait, daemon=True, name="loud").start()
subprocess.run(["true"])
logging.basicConfig()
warnings.simplefilter("ignore")
warnings.warn("x")
os.environ["LOUD"] = "1"
sys.excepthook = lambda *_: None
signal.signal(signal.SIGTERM, lambda *_: None)

def shout():
    print("called")
    threading.Thread(target=int, name="called").start()
    os.environ["LOUD"] = "2"
"""


@pytest.fixture
def loud(tmp_path, monkeypatch):
    folder = tmp_path / "venv" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "loud.py").write_text(LOUD, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)


def test_what_a_library_does_at_its_own_import_is_not_the_source_s(imported, loud):
    traces = imported("import loud")
    assert not faults(traces)
    assert {(trace.kind, trace.by) for trace in traces} >= {
        ("network", "loud"),
        ("thread", "loud"),
        ("process", "loud"),
    }
    verdict = imports_quietly(traces)
    assert not verdict.findings
    assert (
        "While loud was imported, it starts the thread 'loud': that library's own doing, and not counted."
        in verdict.notes
    )


def test_what_the_source_has_a_library_do_is_the_source_s(imported, loud):
    traces = faults(imported("import loud\nloud.shout()"))
    assert [(trace.kind, line_of(trace)) for trace in traces] == [("thread", 3), ("output", 3), ("environment", 3)]


def test_a_library_in_between_hides_nothing_of_what_the_source_does(imported, loud):
    traces = faults(
        imported("import os, warnings\nos.environ['A'] = '1'\nimport loud\nwarnings.filterwarnings('error')")
    )
    assert [(trace.kind, line_of(trace)) for trace in traces] == [("environment", 3), ("warning filters", 5)]


def test_modules_of_the_source_s_own_count_as_the_source(imported):
    traces = faults(imported("import acme_part", acme_part="import os\nos.environ['A'] = '1'\nprint('x')"))
    assert [(trace.kind, trace.where.partition("/")[2]) for trace in traces] == [
        ("output", "acme_part.py:3 in <module>"),
        ("environment", "acme_part.py:2 in <module>"),
    ]


def test_what_python_compiles_is_no_file_of_the_source_s(imported, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert not imported("import acme_part", acme_part="X = 1")
    assert (tmp_path / "__pycache__").exists()


def test_an_installed_source_is_watched_like_any_other(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "acme_installed"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"import panoply\nfrom . import part\n{STREAM}", encoding="utf-8")
    (package / "part.py").write_text("import os\nos.environ['A'] = '1'\n", encoding="utf-8")
    (trace,) = in_a_child(lambda: observe(package, dict(PARAMS), 0)).imported
    assert (trace.what, trace.where, trace.by) == ("sets the variable A", "acme_installed/part.py:2 in <module>", "")


def test_it_is_known_whether_a_module_was_imported_at_all(tmp_path):
    path = tmp_path / "acme_twice.py"
    path.write_text(f"import panoply\nprint('x')\n{STREAM}", encoding="utf-8")

    def act():
        load_source(str(path), tmp_path)
        return observe(path, dict(PARAMS), 0)

    seen = in_a_child(act)
    assert (seen.saw_import, seen.imported) == (False, ())
    assert "had been imported before" in imports_quietly((), seen=False).skip
    assert in_a_child(lambda: observe(path, dict(PARAMS), 0)).saw_import


def test_it_is_known_whether_a_part_of_a_package_was_imported_before(tmp_path, monkeypatch):
    package = tmp_path / "acme_parts"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "client.py").write_text("print('x')\n", encoding="utf-8")
    (package / "source.py").write_text(f"import panoply\nfrom acme_parts import client\n{STREAM}", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("import acme_parts\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def act(before):
        importlib.import_module(before)
        return observe(package / "source.py", dict(PARAMS), 0)

    assert not in_a_child(lambda: act("acme_parts.client")).saw_import
    assert not in_a_child(lambda: act("acme_parts")).saw_import
    assert in_a_child(lambda: act("json")).saw_import


LIBRARIES = """
import asyncio, concurrent.futures, ctypes.util, email.mime.text, http.server, multiprocessing.pool, sqlite3, ssl, unittest.mock, uuid
import aiohttp, boto3, botocore.session, cryptography.fernet, dateutil.parser, httpx, pg8000.dbapi, PIL.Image, psycopg2, requests
import rich.console, trio, werkzeug, yaml
"""


def test_libraries_that_nobody_has_imported_before_are_not_held_against_a_source(tmp_path):
    """In a Python of its own: most of them are in this process already."""
    path = tmp_path / "acme_libraries.py"
    path.write_text(f"import panoply\n{LIBRARIES}{STREAM}", encoding="utf-8")
    code = f"""
import sys
from pathlib import Path
from panoply_testing._footprint import Footprint
from panoply.loading import load_source
footprint = Footprint(lambda: None)
footprint.start()
footprint.began_import()
load_source({str(path)!r})
print(*[trace for trace in footprint.ended_import() if not trace.by], len(sys.modules) > 500)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "True\n"


def sources(check):
    folder = SOURCES / "wrong" / check
    return [path for path in sorted(folder.iterdir()) if path.suffix == ".py" or (path / "__init__.py").is_file()]


@pytest.mark.parametrize("path", sources("module_imports_quietly"), ids=lambda path: path.stem)
def test_a_source_that_is_loud_at_import_is_told_where_and_what_to_do(path):
    seen = run(path)
    verdict = imports_quietly(seen.imported)
    assert verdict.findings
    assert all(finding.source.startswith(path.stem) for finding in verdict.findings), verdict
    also = {"close_releases_everything"} if seen.left else set()
    assert also == set(says(path).get("ALSO", ()))
    assert not seen.raised


def by_themselves(check):
    """Those that show it in any run, without a far end."""
    return [path for path in sources(check) if "{" not in "".join(map(str, says(path).get("PARAMS", {}).values()))]


@pytest.mark.parametrize("path", by_themselves("close_releases_everything"), ids=lambda path: path.stem)
def test_a_source_that_leaves_something_is_told_where_it_came_from(path):
    seen, early, within = run(path), run(path, 1), run(path, 1, 1)
    verdict = all_released([("after EOF", seen.left), ("in mid-read", early.left), ("within a batch", within.left)])
    assert verdict.findings
    assert not faults(seen.imported)
    assert not seen.raised
    lined = [finding for finding in verdict.findings if "pipe" not in finding.received]
    assert all(finding.source.startswith(path.stem) for finding in lined), verdict


@pytest.mark.parametrize("path", sources("processes_hide_credentials"), ids=lambda path: path.stem)
def test_the_arguments_of_a_process_are_heard_with_the_line_that_gave_them(path):
    seen = run(path)
    params = says(path).get("PARAMS", PARAMS)
    secrets = Credentials(credentials_among(params, {}))
    found = [where for text, where in seen.processes if secrets.find(text)]
    assert found
    assert all(where.startswith(path.stem) for where in found)
    assert not seen.left
    assert not faults(seen.imported)


def is_quick_and_alone(path: Path) -> bool:
    """Whether it needs no far end, and no time that runs fast: those that do are judged elsewhere."""
    if path.is_dir():
        return (path / "__init__.py").is_file()
    text = path.read_text(encoding="utf-8") if path.suffix == ".py" else ""
    return path.suffix == ".py" and "{url}" not in text and "WAITS = True" not in text


RIGHT = [path for path in sorted((SOURCES / "right").iterdir()) if is_quick_and_alone(path)]


@pytest.mark.parametrize("reads", [None, 1], ids=["to EOF", "in mid-read"])
@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_source_leaves_no_traces(path, reads):
    seen = run(path, reads)
    assert not imports_quietly(seen.imported).findings, seen.imported
    assert not all_released([("after EOF", seen.left)]).findings, seen.left
    secrets = Credentials(credentials_among(says(path).get("PARAMS", PARAMS), {}))
    assert not [text for text, _ in seen.processes if secrets.find(text)]


@pytest.fixture
def left(tmp_path, monkeypatch):
    """What is left by a source whose read() and close() have these bodies, in the test's folder."""

    def left(read, close="pass", params=PARAMS, **names):
        path = tmp_path / "acme_orders.py"
        body = textwrap.indent(textwrap.dedent(read), " " * 8)
        end = textwrap.indent(textwrap.dedent(close), " " * 8)
        method = "async def" if "await " in read else "def"
        path.write_text(
            "import asyncio, os, socket, subprocess, sys, tempfile, threading\nimport panoply\n\n\n"
            f"class Stream(panoply.DataSource):\n    {method} read(self, n=None):\n{body}\n\n"
            f"    {method} close(self):\n{end}\n",
            encoding="utf-8",
        )
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        monkeypatch.chdir(work)
        return in_a_child(lambda: observe(path, dict(params)))

    return left


def kinds(seen):
    return sorted({trace.kind for trace in seen.left if not trace.by})


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        ("self.file = open('rows.csv', 'w')", ["file handle", "temporary file"]),
        ("open('rows.csv', 'w').close()", ["temporary file"]),
        ("os.makedirs('cache/orders')", ["temporary file"]),
        ("os.mkdir('a'); os.rename('a', 'b')", ["temporary file"]),
        ("import sqlite3; self.db = sqlite3.connect('x.db')", ["file handle", "temporary file"]),
        ("subprocess.run('echo x > made-by-a-program', shell=True)", ["temporary file"]),
        ("if not os.fork(): tempfile.mkstemp(); os._exit(0)\nos.wait()", ["temporary file"]),
        ("self.file = tempfile.TemporaryFile()", ["file handle"]),
        ("self.copy = os.dup(0)", ["file handle"]),
        ("import _thread; _thread.start_new_thread(threading.Event().wait, ())", ["thread"]),
        ("self.p = subprocess.Popen(['sleep', '99'], start_new_session=True)", ["process"]),
        ("import multiprocessing as m; self.p = m.get_context('fork').Process(target=int); self.p.start()", ["process"]),
        ("self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", ["socket"]),
        ("s = socket.socket(socket.AF_UNIX); s.bind('control.sock'); s.close()", ["temporary file"]),
        ("async def f(): await asyncio.sleep(99)\nasyncio.ensure_future(f()); await asyncio.sleep(0)", ["task"]),
    ],
)  # fmt: skip
def test_what_is_left_is_seen(left, read, expected):
    seen = left(f"{read}\nreturn None")
    found = [kind for kind in kinds(seen) if kind != "file handle" or kind in expected]
    assert found == expected, seen.left


@pytest.mark.parametrize(
    "read",
    [
        "with tempfile.TemporaryDirectory() as folder: open(os.path.join(folder, 'x'), 'w').close()",
        "with tempfile.NamedTemporaryFile() as file: file.write(b'x')",
        "open('rows.csv', 'w').close(); os.remove('rows.csv')",
        "with open(__file__) as file: file.read()",
        "from concurrent.futures import ThreadPoolExecutor as E\nwith E(2) as pool: list(pool.map(int, '12'))",
        "from concurrent.futures import ProcessPoolExecutor as E\nwith E(2) as pool: list(pool.map(int, '12'))",
        "from multiprocessing.pool import ThreadPool as P\nwith P(2) as pool: pool.map(int, '12')",
        "import multiprocessing as m\nwith m.get_context('spawn').Pool(1) as p: p.map(int, '12')\np.join()",
        "from multiprocessing.shared_memory import SharedMemory as S; s = S(create=True, size=9); s.close(); s.unlink()",
        "subprocess.run(['true']); subprocess.Popen(['true'])",
        "threading.Timer(0.01, int).start()",
        "a, b = socket.socketpair(); cycle = [a, b]; cycle.append(cycle)",
        "s = socket.socket(socket.AF_UNIX); s.bind('control.sock'); s.close(); os.unlink('control.sock')",
        "asyncio.run(asyncio.sleep(0))",
        "await asyncio.to_thread(int); await asyncio.sleep(0)",
        "p = await asyncio.create_subprocess_exec('true'); await p.wait()",
        "t = asyncio.create_task(asyncio.sleep(9)); await asyncio.sleep(0); t.cancel()",
        "import ssl; ssl.create_default_context(); os.urandom(3)",
        "import logging; logging.getLogger('x').warning('x')",
        "from multiprocessing import util; util.get_temp_dir()",
        "import selectors; self.selector = selectors.DefaultSelector()",
        "import platform; platform.platform(); import ctypes.util; ctypes.util.find_library('c')",
        "import requests\ntry: requests.get('http://127.0.0.1:9', timeout=1)\nexcept OSError: pass",
        "open('/dev/null', 'w').close()",
        "sys.path.insert(0, os.getcwd()); os.makedirs('__pycache__')",
    ],
)  # fmt: skip
def test_what_is_released_is_not_held_against_a_source(left, read):
    seen = left(f"{read}\nreturn None")
    assert not [trace for trace in seen.left if not trace.by], seen.left
    assert not seen.raised


def test_a_file_without_a_name_has_a_line_all_the_same(left):
    (trace,) = left("self.file = tempfile.TemporaryFile()\nreturn None").left
    assert (trace.kind, trace.where) == ("file handle", "acme_orders.py:7 in read")


def test_a_file_that_a_param_names_is_meant_to_stay(left, tmp_path):
    read = (
        "os.makedirs(self.source['out']['to'])\nopen(self.source['out']['to'] + '/rows.csv', 'w').close()\nreturn None"
    )
    assert kinds(left(read, params={"out": {"to": f"{tmp_path}/work/rows"}})) == []
    assert kinds(left(read, params={"out": {"to": f"{tmp_path}/work/others"}, "x": "/"})) == []
    assert given_paths({"a": ["/", "x", "./b"], "c": {"d": 1}}) == (str(Path.cwd() / "b"),)


def test_what_is_in_a_file_that_is_left_can_be_looked_through(left):
    seen = left("os.mkdir('out'); open('out/key', 'w').write(self.source['token'])\nreturn None")
    assert [(Path(name).name, text) for name, text in seen.texts] == [("key", PARAMS["token"])]


def test_what_was_there_before_is_not_the_source_s(left):
    server, ready = socket.create_server(("127.0.0.1", 0)), tempfile.NamedTemporaryFile(dir=".")  # noqa: SIM115 - see below
    thread = threading.Thread(target=threading.Event().wait, daemon=True)
    thread.start()
    child = subprocess.Popen(["sleep", "99"])
    try:
        assert left("return None").left == ()
    finally:
        server.close()
        ready.close()
        child.kill()
        child.wait()


def test_a_thread_that_a_library_keeps_from_its_import_on_is_only_noted(left, loud):
    seen = left("import loud\nreturn None")
    assert [(trace.kind, trace.by) for trace in seen.left] == [("thread", "loud"), ("socket", "loud")][: len(seen.left)]
    verdict = all_released([("after EOF", seen.left)])
    assert not verdict.findings
    assert verdict.notes[0].startswith("After close(), the thread 'loud' is left of loud")


def test_one_and_the_same_thing_in_several_runs_is_one_finding():
    trace = Trace(kind="socket", what="a socket", where="acme.py:3 in read")
    other = Trace(kind="thread", what="the thread 'x'", where="acme.py:4 in read")
    verdict = all_released([("after EOF", (trace, trace, other)), ("in mid-read", (trace,))])
    assert [(finding.received, finding.place) for finding in verdict.findings] == [
        ("a socket is left", "after close(), after EOF"),
        ("the thread 'x' is left", "after close(), after EOF"),
    ]
    assert all_released([("after EOF", ()), ("in mid-read", ())]).looked_at == "2 runs that ended with close()"


def test_every_way_to_start_a_program_tells_its_arguments(left):
    read = """
import pty
subprocess.run("true one", shell=True)
os.system("true two")
os.waitpid(os.posix_spawnp("true", ["true", "three"], {}), 0)
os.spawnlp(os.P_WAIT, "true", "true", "four")
subprocess.check_output([b"echo", "five"])
os.popen("true six").close()
if not os.fork(): os.execlp("true", "true", "seven")
os.wait()
p = await asyncio.create_subprocess_shell("true eight"); await p.wait()
return None
"""
    text = " ".join(text for text, _ in left(read).processes)
    assert [word for word in ["one", "two", "three", "four", "five", "six", "seven", "eight"] if word not in text] == []


@pytest.mark.parametrize("method", ["def", "async def"])
def test_little_is_done_where_a_source_does_nothing(tmp_path, method):
    """By what is called, not by the clock: nothing is collected or waited for, and no process is looked at."""
    path = tmp_path / "acme_still.py"
    path.write_text(f"import panoply\n{STREAM.replace('def', method)}", encoding="utf-8")

    def act():
        asked = []
        leftovers._processes = gc.collect = time.sleep = None
        wait = asyncio.sleep
        asyncio.sleep = lambda seconds: asked.append(seconds) or wait(seconds)
        seen = observe(path, {})
        return seen.left, sum(asked)

    assert in_a_child(act) == ((), 0)
