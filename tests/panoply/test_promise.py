"""Each accepted record is delivered or handed back: programs of their own, against a queue with faults, on loopback.

What is in memory alone when a process is killed outright is lost, and said to be; all else is not.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from collections import Counter

import pytest

from panoply_testing.fake_sqs import FakeSQS, serve

# What each of these programs begins with.
PREAMBLE = """
    import json, os, signal, sys, threading
    import panoply

    key, secret, endpoint = sys.argv[1:4]

    def connect(**options):
        return panoply.SDK(key, secret, endpoint_url=endpoint, **options)

    def say(**what):
        print(json.dumps(what), flush=True)
"""


@pytest.fixture(scope="module")
def server():
    with serve() as server:
        yield server


@pytest.fixture
def sqs(server):
    with FakeSQS(server) as sqs:
        yield sqs


class Program:
    """A program in a process of its own, which says things a line at a time."""

    def __init__(self, sqs: FakeSQS, script: str):
        source = textwrap.dedent(PREAMBLE) + textwrap.dedent(script)
        # From 3.12 on a fork beside threads is warned of, and one of these programs does just that.
        options = ("-W", "ignore:This process:DeprecationWarning")
        self.process = subprocess.Popen(
            [sys.executable, *options, "-c", source, sqs.apikey, sqs.apisecret, sqs.endpoint_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def hear(self):
        """What it says next."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def answer(self) -> None:
        """Let it go on where it waits for that."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str]:
        """Its exit code and what it wrote to stderr."""
        _, stderr = self.process.communicate(timeout=120)
        return self.process.returncode, stderr


@pytest.fixture
def run(sqs):
    started = []

    def start(script):
        started.append(Program(sqs, script))
        return started[-1]

    yield start
    for program in started:
        program.process.kill()
        program.process.communicate()


def numbers(sqs, table="t"):
    return sorted(record["n"] for record in sqs.records(table))


ENDS = {
    "its last line": ("", 0, ""),
    "sys.exit": ("sys.exit(3)", 3, ""),
    "an exception": ("raise KeyError('mine')", 1, "KeyError: 'mine'"),
    "Ctrl-C": ("os.kill(os.getpid(), signal.SIGINT)", 1, "KeyboardInterrupt"),
    "a thread's exception": (
        "t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        0,
        "ZeroDivisionError",
    ),
    "SIGTERM, whose handler exits": (
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4)); os.kill(os.getpid(), signal.SIGTERM)",
        4,
        "",
    ),
    "SIGTERM, whose handler closes": (
        "signal.signal(signal.SIGTERM, lambda *_: (conn.close(), os._exit(5))); os.kill(os.getpid(), signal.SIGTERM)",
        5,
        "",
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_program_that_ends_right_after_its_last_write_has_lost_nothing(sqs, run, end):
    statement, code, said = ENDS[end]
    script = f"""
        conn = connect()
        for n in range(3000):
            conn.write("t", {{"n": n}})
        {statement}
    """
    returncode, stderr = run(script).end()
    assert returncode == code
    assert said in stderr
    assert "panoply:" not in stderr
    assert numbers(sqs) == list(range(3000))
    assert sqs.duplicates == []


def test_a_program_that_is_ended_in_the_midst_of_writing_loses_nothing_that_was_accepted(sqs, run):
    script = """
        import _thread

        conn, accepted = connect(), 0
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        say(ready=True)
        try:
            while True:
                conn.write("t", {"n": accepted, "list": [1]} if accepted % 3 == 0 else {"n": accepted})
                accepted += 1
        finally:
            say(accepted=accepted)
    """
    program = run(script)
    program.hear()
    sqs.wait_for(2, "messages")
    program.process.send_signal(signal.SIGTERM)
    accepted = program.hear()["accepted"]
    assert program.end() == (0, "")
    # The one that was being written may have been accepted as well, without the program's knowing.
    assert set(range(accepted)) <= set(numbers(sqs)) <= set(range(accepted + 1))


def test_a_program_that_is_killed_loses_at_most_what_was_not_sent_yet(sqs, run):
    script = """
        conn, sent = connect(), threading.Event()
        conn.on("flush", lambda event: sent.set())
        for n in range(500):
            conn.write("t", {"n": n})
        sent.wait()
        for n in range(500, 1000):
            conn.write("t", {"n": n})
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run(script).end() == (-signal.SIGKILL, "")
    arrived = numbers(sqs)
    assert arrived[:500] == list(range(500))
    assert set(arrived) <= set(range(1000))


FAULTS = {
    "fails": lambda sqs: sqs.fail(3),
    "refuses for now": lambda sqs: sqs.refuse(3),
    "throttles": lambda sqs: sqs.throttle(3),
    "resets": lambda sqs: sqs.reset(3),
    "is behind a captive portal": lambda sqs: sqs.captive_portal(2),
    "loses replies": lambda sqs: sqs.lose_reply(3),
    "does a bit of everything": lambda sqs: [sqs.throttle(), sqs.lose_reply(), sqs.fail(), sqs.reset(), sqs.throttle()],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_queue_that_takes_nothing_at_first_gets_everything_in_the_end(sqs, run, fault):
    FAULTS[fault](sqs)
    script = """
        conn = connect()
        for n in range(20000):
            conn.write("t", {"n": n})
        conn.close()
    """
    code, stderr = run(script).end()
    assert code == 0, stderr
    assert sorted(set(numbers(sqs))) == list(range(20000))
    assert len(sqs.messages) > 1
    if "lose" not in fault and "everything" not in fault:
        assert sqs.duplicates == []


def test_a_queue_that_is_down_for_a_while_gets_everything_when_it_is_back(sqs, run):
    script = """
        conn = connect()
        for n in range(3000):
            conn.write("t", {"n": n})
        try:
            conn.flush(timeout=1)
        except panoply.DeliveryTimeout as late:
            say(late=str(late))
        conn.flush(timeout=None)
        say(flushed=True)
        sys.stdin.readline()
        os._exit(0)
    """
    with sqs.down():
        program = run(script)
        assert "could not be reached" in program.hear()["late"]
        assert sqs.messages == []
    assert program.hear() == {"flushed": True}
    assert numbers(sqs) == list(range(3000))
    program.answer()


def test_at_exit_with_the_queue_down_it_is_said_what_was_lost(sqs, run):
    script = """
        conn = connect()
        conn.on("error", lambda event: say(handed_back=len(event.records)))
        for n in range(10):
            conn.write("tu"[n % 2], {"n": n})
    """
    with sqs.down():
        program = run(script)
        assert program.hear() == {"handed_back": 10}
        code, stderr = program.end()
    assert code == 0
    assert stderr.count("\n") == 1
    assert stderr.startswith("panoply: 10 records (5 for 't', 5 for 'u') were not delivered: ")


def test_what_cannot_succeed_is_handed_back_at_once_with_the_reason(sqs, run):
    sqs.refuse(None, status=400, code="InvalidMessageContents")
    script = """
        conn = connect()
        conn.write("t", {"n": 1})
        try:
            conn.flush(timeout=None)
        except panoply.DeliveryError as error:
            say(why=str(error), records=error.records)
        conn.close()
    """
    program = run(script)
    heard = program.hear()
    assert heard["records"] == [["t", {"n": 1}]]
    assert "InvalidMessageContents" in heard["why"]
    code, stderr = program.end()
    assert code == 0
    assert stderr.startswith("1 record (1 for 't') was not delivered: ")  # it is logged where nobody listens
    assert sqs.messages == []


def test_poison_and_what_is_too_large_hurt_no_other_record(sqs, run):
    script = """
        conn, refused = connect(), []
        poison = [float("nan"), float("inf"), "\\ud800", {1}, object(), b"x", {(1, 2): 3}, "x" * 300_000]
        cycle = []
        cycle.append(cycle)
        poison.append(cycle)
        for n in range(900):
            conn.write("t", {"n": n, "odd": "\\uffff\\x00"})
            try:
                conn.write("t", {"n": -n, "bad": [poison[n % 9]]})
            except panoply.RecordError as error:
                refused.append(error.place)
        say(refused=sorted(set(refused)), count=len(refused))
    """
    program = run(script)
    assert program.hear() == {"refused": ["record", 'record["bad"][0]', 'record["bad"][0][0]'], "count": 900}
    assert program.end() == (0, "")
    assert numbers(sqs) == list(range(900))
    assert {record["odd"] for record in sqs.records()} == {"\uffff\x00"}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no fork")
def test_after_a_fork_both_send_what_is_theirs_and_only_that(sqs, run):
    script = """
        conn = connect()
        for n in range(1000):
            conn.write("t", {"n": n})
        child = os.fork()
        base = 10_000 if child == 0 else 20_000
        for n in range(base, base + 1000):
            conn.write("t", {"n": n})
        if child:
            os.waitpid(child, 0)
    """
    assert run(script).end() == (0, "")
    assert numbers(sqs) == [*range(1000), *range(10_000, 11_000), *range(20_000, 21_000)]
    assert sqs.duplicates == []


def test_eight_threads_write_and_nothing_is_lost_or_doubled(sqs, run):
    script = """
        conn = connect()
        def work(mine):
            for n in range(4000):
                conn.write("t", {"n": mine * 4000 + n, "list": [n]} if n % 5 == 0 else {"n": mine * 4000 + n})
        threads = [threading.Thread(target=work, args=(mine,)) for mine in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    """
    assert run(script).end() == (0, "")
    assert numbers(sqs) == list(range(32_000))


def test_a_queue_that_hangs_bounds_the_memory_of_a_fast_program_and_loses_nothing(sqs, run):
    sqs.hang(None)
    script = """
        import resource

        conn, accepted = connect(max_buffer=4 * 1024 * 1024, write_timeout=0), 0
        conn.write("t", {"n": -1})
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        text, refused = "x" * 180, 0
        for n in range(200_000):
            try:
                conn.write("t", {"n": accepted, "text": text})
                accepted += 1
            except panoply.BufferFull:
                refused += 1
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        say(accepted=accepted, refused=refused, kilobytes=grown)
        sys.stdin.readline()
        conn.close()
    """
    program = run(script)
    heard = program.hear()
    assert heard["refused"] > 100_000
    assert heard["accepted"] > 15_000
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    assert heard["kilobytes"] / unit < 4 + 40
    sqs.heal()
    program.answer()
    assert program.end()[0] == 0
    assert set(numbers(sqs)) == {-1, *range(heard["accepted"])}


def test_the_same_record_is_sent_twice_only_where_nobody_could_know(sqs, run):
    sqs.lose_reply(1)
    script = """
        conn = connect()
        for n in range(100):
            conn.write("t", {"n": n})
        conn.flush()
        for n in range(100, 200):
            conn.write("t", {"n": n})
    """
    assert run(script).end()[0] == 0
    assert Counter(numbers(sqs)) == Counter([*range(200), *range(100)])


def test_no_secret_is_in_what_a_program_says_of_its_failures(sqs, run):
    sqs.refuse(None, status=403, code="AccessDenied")
    script = """
        import logging

        logging.basicConfig(level=logging.DEBUG if "debug" in sys.argv else logging.INFO)
        conn = connect()
        conn.on("*", lambda name, event: print(name, event, file=sys.stderr))
        conn.write("t", {"n": 1})
        print(conn, vars(conn).keys(), file=sys.stderr)
        conn.flush()
    """
    code, stderr = run(script).end()
    assert code == 1
    assert "DeliveryError" in stderr
    for secret in (sqs.apisecret, *sqs._secrets):
        assert secret not in stderr
