"""`isolation.observe`: a source can harm nothing but its own run."""

from __future__ import annotations

import os
import textwrap
import threading
import time
from dataclasses import replace
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path

import psutil
import pytest

from panoply.loading import load_source
from panoply_testing import isolation
from panoply_testing._told import Started, Unfinished
from panoply_testing.isolation import Limits, observe
from panoply_testing.observation import End, Step
from panoply_testing.plans import CLEAN, UNREAD, Plan


@pytest.fixture
def run(tmp_path):
    """Write a source whose `read` has this body, and run it."""

    def run(body, plan=CLEAN, params=None, *, read_timeout=20.0, max_reads=100):
        path = tmp_path / "acme.py"
        # Python takes code of the same size, from the same second, for the one that it has compiled before.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_text(
            "import os, select, signal, subprocess, sys, threading, time\nimport panoply\n"
            "CONFIG = {'title': 'T', 'params': []}\n"
            "class Stream(panoply.DataSource):\n"
            "    def read(self, n=None):\n" + textwrap.indent(textwrap.dedent(body), "        "),
            encoding="utf-8",
        )
        limits = Limits(read_timeout=read_timeout, max_reads=max_reads)
        params = {} if params is None else params
        return observe(plan, load=partial(load_source, str(path)), params=params, options={}, limits=limits)

    return run


def gone(pid):
    """Whether the process ends within a moment."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def open_files():
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def test_what_the_source_does_to_its_params_stays_with_it(run):
    params = {"token": "tk-1234567", "nested": {"list": [1]}}
    seen = run("self.source['nested']['list'].append(2); self.source.clear(); return None", params=params)
    assert seen.end is End.COMPLETE
    assert params == {"token": "tk-1234567", "nested": {"list": [1]}}


def test_what_the_source_does_to_the_process_stays_with_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment, modules = dict(os.environ), set(__import__("sys").modules)
    seen = run("os.environ['ACME'] = '1'; os.chdir('/'); sys.modules['acme_left_this'] = sys; return None")
    assert seen.end is End.COMPLETE
    assert dict(os.environ) == environment
    assert Path.cwd() == tmp_path
    assert not {"acme", "acme_left_this"} & (set(__import__("sys").modules) - modules)


@pytest.mark.parametrize(
    ("body", "end"),
    [
        ("return None", End.COMPLETE),
        ("raise ConnectionError", End.GAVE_UP),
        ("return []", End.ENDLESS),
        ("select.select([], [], [])", End.HUNG),
        ("os._exit(1)", End.DIED),
        ("os.kill(os.getpid(), 9)", End.DIED),
    ],
)
def test_nothing_is_left_however_the_run_ends(run, body, end):
    run("return None")  # what is imported once for all runs
    files, threads = open_files(), threading.active_count()
    seen = run(body, read_timeout=0.5)
    assert seen.end is end
    assert open_files() == files
    assert threading.active_count() == threads
    assert not psutil.Process().children(recursive=True)


@pytest.mark.parametrize("session", ["False", "True"], ids=["its group", "a session of its own"])
@pytest.mark.parametrize("then", ["select.select([], [], [])", "return None"])
def test_its_child_processes_end_with_it(run, tmp_path, then, session):
    note = tmp_path / "pids"
    seen = run(
        f"""
        if not os.path.exists({str(note)!r}):
            command = ["sh", "-c", "sleep 600 & echo $! $$ > {note}.new; mv {note}.new {note}; wait"]
            subprocess.Popen(command, start_new_session={session})
            while not os.path.exists({str(note)!r}):
                time.sleep(0.01)
        {then}
        """,
        read_timeout=0.7,
    )
    assert seen.end in (End.HUNG, End.COMPLETE)
    pids = [int(pid) for pid in note.read_text().split()]
    assert len(pids) == 2
    assert all(map(gone, pids))


def test_it_works_while_threads_of_the_parent_are_busy(run):
    stop, lock = threading.Event(), threading.Lock()

    def work():
        import logging

        while not stop.is_set():
            with lock:
                logging.getLogger("busy").debug("at work")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        assert [run("self.log('x'); return None").end for _ in range(5)] == [End.COMPLETE] * 5
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_forked_process_that_comes_back_tells_nothing(run):
    seen = run(
        """
        if not hasattr(self, "pid"):
            self.pid = os.fork()
            if self.pid == 0:
                return [{"id": 1}, {"id": 2}, {"id": 3}]
            os.waitpid(self.pid, 0)
            return [{"id": 1}]
        return None
        """
    )
    assert seen.end is End.COMPLETE
    assert [step.batch.length for step in seen.reads] == [1, None]


def test_a_fault_of_the_kit_is_not_blamed_on_the_source(run, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("in the kit")

    monkeypatch.setattr(isolation, "Drive", broken)
    with pytest.raises(RuntimeError, match=r"The test kit itself failed(.|\n)*ZeroDivisionError: in the kit"):
        run("return None")


def test_the_kit_s_own_time_is_not_the_source_s(run, monkeypatch):
    from panoply_testing import _module_facts

    slow = _module_facts.check_config
    monkeypatch.setattr(_module_facts, "check_config", lambda config: (time.sleep(1), slow(config))[1])
    assert run("return None", read_timeout=0.5).end is End.COMPLETE


def test_a_hang_shows_where_the_source_is_stuck(run):
    seen = run("select.select([], [], [])", read_timeout=0.5)
    assert seen.unfinished.name == "read 1"
    assert seen.stuck_at == "acme.py:6 in read"
    assert seen.stack == ("acme.py:6 in read: select.select([], [], [])",)


def test_what_was_let_out_before_a_hang_is_known(run):
    seen = run(
        "self.progress(1, 2); print(self.source['token']); select.select([], [], [])",
        params={"token": "tk-1234567"},
        read_timeout=0.5,
    )
    assert [leak.channel for leak in seen.unfinished.leaks] == ["stdout"]
    assert seen.unfinished.progress_count == 1


def test_what_a_hanging_call_has_let_out_may_be_more_than_a_pipe_holds(run):
    told = run(
        "for at in range(100): self.progress(1, 10**4000 + at, str(at))\nselect.select([], [], [])", read_timeout=0.5
    )
    assert told.unfinished.progress_count == 100
    assert sum(each.total.bit_length() // 8 for each in told.unfinished.progress) > 1 << 16


def test_a_call_that_goes_on_while_it_is_asked_has_taken_too_long_all_the_same():
    first, second = (Step(kind="read", call="read(1000)", number=number, seconds=0.0) for number in (1, 2))
    told = isolation._Told()
    told.add(Started(first))
    for late in (
        replace(first, seconds=0.7),
        Started(second),
        Unfinished(second),
        Unfinished(replace(first, logged=3)),
    ):
        told.add_late(late)
    assert told.unfinished == replace(first, logged=3)
    assert not told.steps


def test_a_source_that_ignores_the_question_is_ended_all_the_same(run, monkeypatch):
    monkeypatch.setattr(isolation, "STACK_SECONDS", 0.2)
    monkeypatch.setattr(isolation, "ANSWER_SECONDS", 0.2)
    seen = run(
        "for number in (signal.SIGUSR1, signal.SIGUSR2): signal.signal(number, signal.SIG_IGN)\nselect.select([], [], [])",
        read_timeout=0.5,
    )
    assert seen.end is End.HUNG
    assert seen.stack == ()


@pytest.mark.parametrize(
    ("body", "fate"),
    [
        ("os._exit(3)", "exited with code 3, without an exception"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL (Killed)"),
        ("os.kill(os.getpid(), signal.SIGRTMIN + 1)", "killed by signal 35 (Real-time signal 1)"),
    ],
)
def test_a_death_says_of_what(run, body, fate):
    seen = run(body)
    assert (seen.end, seen.fate) == (End.DIED, fate)


def test_an_interrupted_wait_leaves_no_process(run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(isolation, "_watch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("return None")
    assert not psutil.Process().children()


def test_without_fork_it_says_so(run, monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(NotImplementedError, match="Linux"):
        run("return None")


@pytest.mark.parametrize("plan", [CLEAN, UNREAD, Plan(about="two reads", reads=2, hints=())])
def test_a_plan_is_carried_out_to_the_second_close(run, plan):
    seen = run(
        "return [] if not self.source.setdefault('n', []).append(1) and len(self.source['n']) < 3 else None", plan
    )
    calls = [step.call for step in seen.steps if step.kind == "read"]
    wanted = {None: ["read(1000)"] * 6, 0: [], 2: ["read()"] * 2}[plan.reads]
    assert calls == wanted
    assert [step.name for step in seen.steps][-3:] == [
        "the first close()",
        "the second close()",
        "after the last close()",
    ]
