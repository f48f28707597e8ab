"""`_sensors`: what a source says is heard, on whatever way it leaves the process.

The sensors take a process over for good, so each test gives one of its own the code to run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

FRAME = """
import json, logging, multiprocessing, os, subprocess, sys, tempfile, threading, time, warnings
from pathlib import Path
out = os.dup(1)
from panoply_testing._sensors import Sensors
sensors = Sensors(lambda: Path(__file__))
sensors.start()
{body}
pieces = sensors.drain()
os.write(out, json.dumps([[p.channel, p.text, p.where] for p in pieces]).encode())
os._exit(0)
"""


@pytest.fixture
def heard(tmp_path):
    """What is heard while `body` runs: (channel, text, where)."""

    def heard(body):
        path = tmp_path / "acme.py"
        path.write_text(FRAME.format(body=textwrap.dedent(body)), encoding="utf-8")
        done = subprocess.run([sys.executable, str(path)], capture_output=True, check=True, timeout=30)
        assert done.stderr == b""
        return [tuple(piece) for piece in json.loads(done.stdout)]

    return heard


@pytest.mark.parametrize(
    ("body", "channel", "text"),
    [
        ("print('abc')", "stdout", "abc\n"),
        ("sys.stdout.write('abc')", "stdout", "abc"),
        ("sys.stdout.buffer.write(b'abc')", "stdout", "abc"),
        ("sys.__stdout__.write('abc')", "stdout", "abc"),
        ("os.write(1, b'abc')", "stdout", "abc"),
        ("print('abc', file=sys.stderr)", "stderr", "abc\n"),
        ("os.write(2, b'\\xff')", "stderr", "\ufffd"),
        ("print('\\ud800')", "stdout", "\\ud800\n"),
        ("os.system('echo abc')", "stdout", "abc\n"),
        ("subprocess.run('echo abc >&2', shell=True)", "stderr", "abc\n"),
        ("os.write(2, b'before'); subprocess.run('echo abc > /dev/stderr', shell=True)", "stderr", "abc\n"),
        (
            "os.write(2, b'much longer'); sensors.drain(); os.write(os.open('/dev/stderr', os.O_WRONLY | os.O_TRUNC), b'abc')",
            "stderr",
            "abc",
        ),
        ("import faulthandler; faulthandler.dump_traceback(file=sys.stderr)", "stderr", "Current thread"),
        ("warnings.warn('abc')", "warnings", "abc"),
        ("warnings.warn('abc', DeprecationWarning)", "warnings", "DeprecationWarning: abc"),
        ("logging.captureWarnings(True); warnings.warn('abc')", "logging (py.warnings)", "abc"),
        ("logging.debug('a%s', 'bc')", "logging (root)", "DEBUG root: abc"),
        ("logging.getLogger('x.y').info('abc')", "logging (x.y)", "INFO x.y: abc"),
        ("logging.info('a', extra={'b': 'c'})", "logging (root)", "INFO root: a {'b': 'c'}"),
        ("logging.info('too few %s %s', 'abc')", "stderr", "Arguments: ('abc',)"),
        ("logging.disable(logging.NOTSET); logging.log(1, 'abc')", "logging (root)", "Level 1 root: abc"),
        ("log = logging.getLogger('x'); log.propagate = False; log.error('abc')", None, ""),
        ("os.fork() or (logging.error('abc'), os._exit(0)); os.wait()", "stderr", "ERROR root: abc"),
        ("os.fork() or (sensors.logged(('abc',)), os._exit(0)); os.wait()", "stderr", "abc"),
        ("threading.Timer(0.05, print, ('abc',)).start(); sensors.settle()", "stdout", "abc\n"),
        ("subprocess.Popen('sleep 0.05; echo abc', shell=True); sensors.settle()", "stdout", "abc\n"),
        ("sys.stdout.close(); os.write(1, b'abc')", "stdout", "abc"),
        ("import io; sys.stdout = io.StringIO(); print('abc')", None, ""),
    ],
)
def test_each_way_out_is_heard(heard, body, channel, text):
    pieces = heard(body)
    if channel is None:
        assert not pieces
    else:
        assert [name for name, said, _ in pieces if text in said] == [channel]


def test_the_line_that_said_it_is_known(heard):
    body = """
    def say():
        logging.getLogger("x").info("abc")
        sensors.logged(("abc", 1))
    say()
    """
    lines = [piece[2] for piece in heard(body)]
    assert lines == ["acme.py:10 in say", "acme.py:11 in say", "acme.py:11 in say", "acme.py:11 in say"]


def test_log_is_heard_as_words_put_together_and_as_the_tuple(heard):
    texts = [text for _, text, _ in heard("sensors.logged(('a', {'b': 1}))")]
    assert texts == ["a {'b': 1}", "a{'b': 1}", "('a', {'b': 1})"]


def test_what_cannot_be_printed_is_named(heard):
    body = """
    class Odd:
        def __str__(self): raise ValueError
    sensors.logged(("a", Odd()))
    """
    assert heard(body)[0][1] == "a <a Odd whose str() raises ValueError>"


LIBRARY = "lib = compile('def say(log): log.debug(\"abc\")', json.__file__, 'exec'); space = {}; exec(lib, space); say = space['say']\n"


@pytest.mark.parametrize(
    ("setup", "is_heard"),
    [
        ("", False),
        ("logging.getLogger('lib').setLevel(logging.DEBUG)", True),
        ("logging.getLogger('lib.inner').setLevel(logging.DEBUG)", True),
        ("logging.getLogger('lib').setLevel(logging.INFO)", False),
        ("logging.getLogger().setLevel(logging.DEBUG)", True),
        ("logging.basicConfig(level=logging.DEBUG, stream=open(os.devnull, 'w'))", True),
        ("logging.basicConfig(level=logging.INFO, stream=open(os.devnull, 'w'))", False),
        ("logging.basicConfig()", False),
        ("logging.getLogger().addHandler(logging.StreamHandler())", False),
    ],
)
def test_a_library_is_heard_at_debug_only_where_somebody_asked_for_it(heard, setup, is_heard):
    pieces = heard(f"{LIBRARY}{setup}\nsay(logging.getLogger('lib.inner'))")
    assert bool(pieces) is is_heard


@pytest.mark.parametrize(
    "setup",
    [
        "logging.getLogger().handlers.clear()",
        "import logging.config; logging.config.dictConfig({'version': 1})",
        "logging.basicConfig(force=True, stream=open(os.devnull, 'w'), level=1)",
        "logging.shutdown()",
    ],
)
def test_a_set_up_of_the_source_s_own_hides_nothing(heard, setup):
    pieces = heard(f"{setup}\nlogging.getLogger('x').error('abc')")
    assert [channel for channel, *_ in pieces] == ["logging (x)"]


QUIET = "log = logging.getLogger('x'); log.propagate = False; log.setLevel(1)\n"


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("logging.StreamHandler(tempfile.TemporaryFile('w'))", ["token"]),
        ("logging.FileHandler(os.devnull)", ["token"]),
        ("Masking(tempfile.TemporaryFile('w'))", []),
        ("logging.NullHandler()", []),
    ],
)
def test_a_logger_that_does_not_propagate_is_heard_through_its_handlers(heard, handler, said):
    body = """
class Masking(logging.StreamHandler):
    def emit(self, record):
        self.stream.write(self.format(record).replace("token", "***"))
"""
    assert [text for _, text, _ in heard(f"{body}{QUIET}log.addHandler({handler})\nlog.info('token')")] == said


def test_a_filter_of_the_handler_s_is_heeded(heard):
    body = """
def mask(record):
    record.msg = "***"
    return True
"""
    code = f"{body}h = logging.StreamHandler(tempfile.TemporaryFile('w')); h.addFilter(mask)\nlogging.getLogger().addHandler(h)\nlogging.error('token')"
    assert [text for _, text, _ in heard(code)] == ["ERROR root: ***"]
