"""A run that is split: a source for each value, side by side; whoever is lost is replaced, and nothing is lost with them."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

import panoply
from panoply import _split_run as split_run
from panoply import runner
from panoply._interrupts import Deadline
from panoply._ledger import Ledger
from panoply._part_output import end_lines, overheard
from panoply._part_run import read_part
from panoply._part_wire import Began, Ended, Job, Lost, Rows, packed, unpacked
from panoply._split_run import SplitRun
from panoply.encoding import encode_record
from panoply.errors import LoadError, ParamsError, RecordError, StateError
from panoply.masking import Mask
from panoply.sinks import JSONLSink

SOURCE = '''
import os, pathlib, signal, sys, threading, time
import panoply


class Stream(panoply.DataSource):
    """Counts to `rows` for its one table; what else it does, the params say."""

    def __init__(self, source, options):
        super().__init__(source, options)
        (self.table,) = source["tables"]
        self.step = source.get("step", 100)
        self.at = (source.get("state") or {}).get("at", 0)
        self.folder = pathlib.Path(source["folder"])
        self._note("began")

    def _note(self, what):
        with (self.folder / f"{self.table}.{what}").open("a") as file:
            file.write(f"{os.getpid()} {self.at}\\n")

    def _once(self, what):
        """Whether this table is to do that, and has not yet."""
        if self.source.get(what) != self.table or (self.folder / f"{self.table}.{what}").exists():
            return False
        self._note(what)
        return True

    def read(self, n=None):
        if self.at >= self.source["rows"]:
            return None
        if self.at >= 200:
            if self._once("copies") and not os.fork():
                # It outlives this process, and lets go of the test in the end.
                os.closerange(1, 3)
                end = time.monotonic() + 10
                while not (self.folder / "a.closed").exists():
                    if time.monotonic() > end:
                        self._note("missed")
                        os._exit(0)
                    time.sleep(0.01)
                os._exit(0)
            if self._once("dies"):
                os.kill(os.getpid(), signal.SIGKILL)
            if self.source.get("always_dies") == self.table:
                os._exit(3)
            if self.source.get("fails") == self.table:
                raise panoply.PanoplyException(f"refused {self.source['token']}", retryable=False)
            if self.source.get("waits") == self.table or (
                self.source.get("waits_once") == self.table and not (self.folder / f"{self.table}.dies").exists()
            ):
                self._note("waiting")
                time.sleep(60)
        if self._once("stumbles"):
            raise ConnectionError("reset")
        batch = [{"id": number, "of": self.table} for number in range(self.at, self.at + self.step)]
        if self.source.get("stateful", True):
            for row in batch:
                row["__state"] = f"{self.table}-{self.at}"
            self.state(f"{self.table}-{self.at}", {"at": self.at + self.step})
        self.at += self.step
        if self.source.get("finds"):
            print("found", self.secret(self.source["finds"][::-1]))
        self.log("read up to", self.at, self.source["token"])
        print("printed", self.source["token"])
        self.progress(self.at, self.source["rows"], f"{self.at} rows")
        return batch

    def close(self):
        self._note("closed")
        if self.source.get("finds"):
            sys.stdout.write("its last words")


CONFIG = {
    "title": "Counting",
    "params": [
        {"name": "tables", "title": "Tables", "type": "list", "values": ["a", "b", "c", "d"]},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}
'''

TOKEN = "tok-3f9a8b7c6d"


class Notes(runner.Observer):
    def __init__(self):
        self.logs, self.warnings, self.progresses = [], [], []

    def log(self, message):
        self.logs.append(message)

    def warning(self, message):
        self.warnings.append(message)

    def progress(self, loaded, total, message):
        self.progresses.append((loaded, total, message))


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The name of a module; a run imports it here, and others in other processes."""
    name = f"counting_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield name
    sys.modules.pop(name, None)


@pytest.fixture
def collect(source, tmp_path):
    def collect(tables="abc", **settings):
        own = {"rows": 500, "folder": str(tmp_path), "token": TOKEN, "tables": list(tables)}
        names = ("to", "state", "limit", "timeout", "workers", "engine", "split", "stopping")
        chosen = {name: settings.pop(name) for name in names if name in settings}
        notes = Notes()
        chosen = {"to": "out.jsonl", "split": "tables", "observer": notes, "pauses": (0.0,) * 3, **chosen}
        result = runner.run(source, own | settings, **chosen)
        return result, notes

    return collect


def rows():
    path = Path("out.jsonl" if Path("out.jsonl").exists() else "out.jsonl.part")
    if not path.exists():
        return Counter()
    return Counter((row["of"], row["id"]) for row in map(json.loads, path.read_bytes().splitlines()))


def all_of(tables, count=500):
    return Counter((table, number) for table in tables for number in range(count))


def test_each_value_is_collected_by_a_source_of_its_own_and_the_sum_is_shown_as_one(collect, tmp_path):
    result, notes = collect(workers=2)

    assert result.ok
    assert rows() == all_of("abc")
    assert (result.records, result.reads) == (1500, 15)
    assert {key: (part.records, part.reads, part.finished) for key, part in result.parts.items()} == dict.fromkeys(
        "abc", (500, 5, True)
    )
    assert result.state == {key: {"at": 500} for key in "abc"}
    assert len({Path(f"{key}.began").read_text().split()[0] for key in "abc"} | {str(os.getpid())}) == 4
    assert all(Path(f"{key}.closed").exists() for key in "abc")
    assert notes.progresses[-1][:2] == (1500, 1500)
    assert any("of 3 parts done; " in message for _, _, message in notes.progresses)


def test_a_batch_that_comes_in_several_messages_is_one(collect):
    result, _ = collect("a", rows=5000, step=2500)

    assert (result.reads, result.records, result.parts["a"].reads) == (2, 5000, 2)


def test_no_more_than_the_workers_read_at_a_time(collect):
    result, notes = collect("abcd", workers=1)

    assert result.ok
    # In one process after the other, none is begun before the one before it has ended.
    tables = [message.partition(":")[0] for message in notes.logs if "read up to" in message]
    assert tables == sorted(tables)


def test_what_a_source_logs_and_prints_arrives_masked_with_its_part(collect):
    _, notes = collect("a")

    assert "a: read up to 100 ***" in notes.logs
    assert "a: printed ***" in notes.logs
    assert not any(TOKEN in line for line in notes.logs)


def test_what_a_source_declares_in_another_process_is_masked_here(collect):
    _, notes = collect("a", finds="d5c4b3a29f8e-found")

    assert "a: found ***" in notes.logs
    # Also what it printed last, without the end of a line.
    assert notes.logs[-1] == "a: its last words"
    assert not any("dnuof-" in line for line in notes.logs)


def test_who_listens_to_what_is_printed_hears_lines_and_is_gone_afterwards(capfdbinary):
    heard, before = [], sys.stdout
    with overheard(heard.append):
        sys.stdout.write("one\ntwo")
        sys.stdout.buffer.write(b"bytes")
        sys.stdout.buffer.flush()
        assert heard == ["one"]
        end_lines()
        assert heard == ["one", "two"]
        sys.stdout.write("three")

    assert heard == ["one", "two", "three"]
    assert sys.stdout is before
    assert capfdbinary.readouterr().out == b"bytes"


class Odd(panoply.DataSource):
    """A batch that takes several messages, and then an error that tells the token."""

    def read(self, n=None):
        if self.source.pop("first", False):
            self.state("s", {"at": 2500})
            return [{"id": number} for number in range(2500)]
        raise panoply.PanoplyException(f"refused {self.source['token']}", retryable=False)


def test_only_the_last_message_of_a_batch_has_its_state_and_no_message_tells_a_credential():
    module = ModuleType("odd")
    module.Stream, module.__file__ = Odd, __file__
    job = Job(
        module="odd",
        path=(),
        params={"first": True, "token": TOKEN},
        options={},
        batch_size=1000,
        pauses=(),
        strict_state=True,
        timeout=None,
    )
    messages = []

    read_part(module, job, messages.append, bool)

    assert [(len(unpacked(each.data)), each.state) for each in messages if isinstance(each, Rows)] == [
        (1000, None),
        (1000, None),
        (500, {"at": 2500}),
    ]
    (failure,) = messages[-1].failures
    assert failure.text.startswith("PanoplyException: refused ***")


def test_what_an_attempt_says_that_was_given_up_is_not_listened_to():
    class Engine:
        slots, remote = None, False

        def __init__(self):
            row = packed([(0, "t", {"id": 1})])
            ended = Ended(finished=True, stopped=None, reads=1, retries=0, failures=())
            self.said = [
                ("a", "first", Began()),
                ("a", "first", Lost(why="killed")),
                ("a", "second", Began()),
                # What was on its way when the first one was lost.
                ("a", "first", Rows(data=row, read=1, last=True, state={"at": 9})),
                ("a", "first", ended),
                ("a", "second", Rows(data=row, read=1, last=True, state={"at": 1})),
                ("a", "second", ended),
            ]

        def receive(self, timeout):
            return self.said.pop(0) if self.said else None

        def start(self, key):
            pass

        def reply(self, key, attempt, job):
            pass

        stop = close = lambda self: None

    observer, sink = Notes(), JSONLSink(io.BytesIO())
    ledger = Ledger(
        sink=sink, observer=observer, source="m", target="-", split="t", store=None, limit=None, clock=time.monotonic
    )
    ledger.begin(None, {"a": {}})
    run = SplitRun(
        module="m",
        path=(),
        code=None,
        parts={"a": {"t": ["a"]}},
        options={},
        batch_size=None,
        pauses=(),
        deadline=Deadline(None, time.monotonic),
        stopping=bool,
        observer=observer,
        mask=Mask(),
        ledger=ledger,
        engine=Engine(),
    )

    run.collect()

    assert run.finished
    assert ledger.records == 1
    assert ledger.parts["a"].written == {"at": 1}


@pytest.mark.parametrize("stateful", [True, False])
def test_a_part_whose_process_is_killed_is_read_again_and_nothing_is_lost(collect, stateful):
    result, notes = collect(dies="b", stateful=stateful)

    assert result.ok
    found = rows()
    assert found.keys() == all_of("abc").keys()
    # What was written is not read again where the source says how far it had come.
    assert found["b", 100] == (1 if stateful else 2)
    assert found["a", 100] == 1
    (warning,) = notes.warnings
    assert warning.startswith("b: its process ended with signal 9. It is read again ")
    assert warning.endswith("from the last state." if stateful else "from its beginning, as it reported no state.")


def test_a_part_that_is_lost_again_and_again_fails_and_the_others_are_delivered(collect):
    result, _ = collect(always_dies="b")

    assert not result.ok
    assert not result.finished
    assert result.delivered
    assert rows().keys() >= all_of("ac").keys()
    assert [(part.finished, part.ok) for part in result.parts.values()] == [(True, True), (False, False), (True, True)]
    (failure,) = result.failures
    assert str(failure.error) == "4 times: its process ended with exit code 3."


def test_a_part_whose_process_is_gone_is_missed_also_if_it_has_left_a_copy_of_itself(collect):
    result, notes = collect("a", copies="a", dies="a")

    assert result.ok
    assert not Path("a.missed").exists()
    assert rows().keys() == all_of("a").keys()
    assert [warning.partition(".")[0] for warning in notes.warnings] == ["a: its process ended with signal 9"]


def test_what_a_part_held_is_released_before_the_end_of_the_run(collect):
    held = []

    def holding():
        held.append(len(list(Path("/proc/self/fd").iterdir())))
        return False

    result, _ = collect([f"t{number}" for number in range(8)], rows=100, workers=1, stopping=holding)

    assert result.ok
    # A part has three pipes; of those that are over, the last may not be released yet.
    assert max(held) - min(held) <= 6


def test_what_comes_after_an_interrupt_does_not_speak_of_what_was_lost_by_it(collect, monkeypatch):
    unpack, packets = split_run.unpacked, []

    def interrupted(data):
        packets.append(data)
        if len(packets) == 3:
            raise KeyboardInterrupt
        return unpack(data)

    monkeypatch.setattr(split_run, "unpacked", interrupted)
    first, _ = collect("a", rows=1000, state="state.json")
    assert first.interrupted
    assert first.parts["a"].state == {"at": 200}
    second, _ = collect("a", rows=1000, state="state.json")

    assert second.ok
    assert rows() == all_of("a", 1000)


def test_rows_with_objects_of_foreign_classes_arrive_as_they_are_sent():
    class Own(dict):
        pass

    row = Own(price=Decimal("12345678901234567890.12"), ratio=0.1, count=2**70, day=date(2020, 1, 2))

    ((index, table, found),) = unpacked(packed([(3, "t", row)]))

    assert (index, table) == (3, "t")
    assert type(found) is dict
    assert encode_record("t", found) == encode_record("t", row)
    assert type(found["ratio"]) is float


def test_an_object_that_cannot_be_sent_is_told_of_with_its_place():
    places = []
    with pytest.raises(RecordError, match="object has no JSON form"):
        packed([(3, "t", {"a": 1}), (4, "t", {"a": object()})], places.append)
    assert places == [4]


def test_what_a_source_raises_is_told_with_its_part_and_place_and_without_credentials(collect, source):
    result, _ = collect(fails="b")

    (failure,) = result.failures
    assert failure.during == "b: read() number 3"
    assert str(failure.error).startswith("PanoplyException: refused ***\n  at ")
    assert f"{source}.py:" in str(failure.error)
    assert TOKEN not in repr(failure)
    assert result.parts["b"].failures == (failure,)
    assert result.parts["a"].ok


def test_a_failed_read_is_called_again_where_it_runs(collect):
    result, notes = collect(stumbles="c")

    assert result.ok
    assert (result.retries, result.parts["c"].retries) == (1, 1)
    assert notes.warnings == ["c: read() raised ConnectionError: reset; calling it again in 0 s (attempt 2 of 4)."]


def test_the_limit_counts_the_records_of_all_parts(collect):
    result, _ = collect(limit=650)

    assert result.ok
    assert result.stopped == "limit"
    assert rows().total() == 650
    assert result.records == 650


def test_a_run_whose_time_is_up_ends_also_what_hangs(collect):
    result, _ = collect("ab", waits="b", timeout=2)

    assert result.stopped == "timeout"
    assert not result.ok
    assert result.delivered
    assert rows() == all_of("a") + all_of("b", 200)
    assert Path("b.closed").exists()


def test_ctrl_c_closes_the_sources_and_delivers_what_they_gave(collect):
    def interrupted():
        if Path("b.waiting").exists() and Path("a.closed").exists():
            raise KeyboardInterrupt
        return False

    result, _ = collect("ab", waits="b", stopping=interrupted)

    assert result.interrupted
    assert result.delivered
    assert Path("b.closed").exists()
    assert rows() == all_of("a") + all_of("b", 200)


def test_a_run_goes_on_with_the_parts_that_were_not_finished(collect):
    first, _ = collect(fails="b", state="state.json")
    assert not first.ok

    second, _ = collect(state="state.json")

    assert second.ok
    # What was finished is not read again, and what was not goes on.
    assert [Path(f"{key}.began").read_text().split()[1::2] for key in "abc"] == [["0"], ["0", "200"], ["0"]]
    assert rows() == all_of("abc")
    assert second.records == 300

    third, _ = collect(state="state.json")
    # Then all begin from where they had come to.
    assert (third.ok, third.records) == (True, 0)
    assert Path("a.began").read_text().split()[1::2] == ["0", "500"]


def test_a_killed_run_loses_nothing(source, tmp_path):
    program = textwrap.dedent(f"""
        import panoply._ledger, sys
        from panoply import runner
        panoply._ledger._INTERVAL = 0.0
        params = {{"rows": 20000, "folder": {str(tmp_path)!r}, "token": {TOKEN!r}, "tables": ["a", "b"]}}
        result = runner.run({source!r}, params, to="out.jsonl", state="state.json", split="tables")
        sys.exit(not result.ok)
    """)
    for _ in range(2):
        running = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
        size = Path("out.jsonl").stat().st_size if Path("out.jsonl").exists() else 0
        while not Path("out.jsonl").exists() or Path("out.jsonl").stat().st_size < size + 100_000:
            time.sleep(0.01)
        running.kill()
        running.wait()
    assert rows_of_a_torn_file("out.jsonl") < 40_000

    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)

    assert rows().keys() == all_of("ab", 20000).keys()


def rows_of_a_torn_file(path):
    return Path(path).read_bytes().count(b"\n")


def test_the_state_of_a_run_that_was_split_otherwise_is_refused(collect, source, tmp_path):
    collect("a", state="state.json")

    with pytest.raises(StateError, match="split by 'tables', and this one is not"):
        runner.run(source, {}, to="out.jsonl", state="state.json")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "tabels"}, "Did you mean 'tables'"),
        ({"split": "token"}, r"is no list\. Those that can: 'tables'"),
        ({"tables": ""}, "whose value is an empty list"),
        ({"engine": "spark://host"}, "no engine 'spark://host'.*dask://HOST:PORT"),
        ({"engine": "dask://127.0.0.1:1", "workers": 2}, "either workers are chosen, or an engine"),
        ({"split": None, "workers": 2}, "name the param"),
    ],
)
def test_what_cannot_be_split_is_refused(collect, settings, message):
    with pytest.raises(ParamsError, match=message) as refused:
        collect(**settings)
    assert TOKEN not in str(refused.value)


def test_what_cannot_be_given_to_other_processes_is_named(collect, source):
    with pytest.raises(ParamsError, match=r"The param 'odd' cannot be given .* \(function\)"):
        collect(odd=lambda: TOKEN)
    made = ModuleType("made")
    made.Stream = type("Stream", (), {})
    with pytest.raises(LoadError, match="made has no file"):
        runner.run(made, {"tables": ["a"]}, to="out.jsonl", split="tables")


def test_why_a_part_cannot_import_the_source_is_told(collect, source, tmp_path):
    module = tmp_path / f"{source}.py"
    module.write_text(f"import os\nif os.getpid() != {os.getpid()}:\n    raise ValueError('no {TOKEN}')\n{SOURCE}")

    result, _ = collect("a")

    (failure,) = result.failures
    assert failure.during == "a: importing the source"
    assert str(failure.error).endswith("it raised ValueError.\n  ValueError: no ***")


def test_choices_are_named_by_what_they_stand_for(collect, source):
    from panoply._splitting import parts_of

    choices = [{"name": "Orders", "value": "o"}, {"name": "Three", "value": 3}, "o", {"x": 1}]
    parts = parts_of({"tables": choices, "other": [1]}, "tables")

    assert {key: part["tables"] for key, part in parts.items()} == {
        "o": [choices[0]],
        "3": [choices[1]],
        '{"x": 1}': [choices[3]],
    }
    parts["o"]["other"].append(2)
    assert parts["3"]["other"] == [1]


class Cluster:
    """A scheduler and two workers, each a process."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = {}
        scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", folder / "file")
        while not (folder / "file").exists() or not (folder / "file").read_text().strip():
            assert scheduler.poll() is None, (folder / "scheduler.log").read_text()
            time.sleep(0.02)
        self.address = json.loads((folder / "file").read_text())["address"]
        for name in ("one", "two"):
            self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--name", name, log=name)

    def _start(self, kind, *words, log=None):
        with (self.folder / f"{log or kind}.log").open("w") as output:
            command = [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                f"distributed.cli.dask_{kind}",
                "--no-dashboard",
                *map(str, words),
            ]
            self.processes[log or kind] = subprocess.Popen(command, stdout=output, stderr=output, cwd=self.folder)
        return self.processes[log or kind]

    def logs(self):
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def close(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path_factory):
    pytest.importorskip("distributed")
    started = Cluster(tmp_path_factory.mktemp("dask"))
    yield started
    started.close()


# What Dask's library itself warns of is not ours.
@pytest.mark.filterwarnings("default")
def test_a_dask_cluster_reads_the_parts_and_a_killed_worker_loses_nothing(collect, cluster, tmp_path):
    killed = []

    def kill_one():
        noted = Path("b.waiting").read_text().split() if Path("b.waiting").exists() else []
        if noted and not killed:
            pid = int(noted[0])
            assert pid in {cluster.processes[name].pid for name in ("one", "two")}
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
            # The next one need not wait.
            Path("b.dies").write_text("")
        return False

    result, notes = collect(
        "abcd", waits_once="b", engine=cluster.address.replace("tcp", "dask"), stopping=kill_one, state="state.json"
    )

    assert result.ok, result.failures
    assert killed
    assert rows() == all_of("abcd")
    assert [line for line in notes.warnings if "It is read again from the last state." in line]
    assert {Path(f"{key}.began").read_text().split()[0] for key in "acd"} <= {
        str(process.pid) for process in cluster.processes.values()
    }
    # The source is not installed there: its file was sent along, and the params never stood among a task's arguments.
    assert TOKEN not in cluster.logs()


@pytest.mark.filterwarnings("default")
def test_a_run_that_was_killed_does_not_keep_the_workers_of_a_cluster(collect, cluster, source, tmp_path):
    engine = cluster.address.replace("tcp", "dask")
    program = textwrap.dedent(f"""
        from panoply import runner
        params = {{"rows": 10**9, "folder": {str(tmp_path)!r}, "token": {TOKEN!r}, "tables": ["a", "b"]}}
        runner.run({source!r}, params, to="other.jsonl", split="tables", engine={engine!r})
    """)
    running = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path)
    while not (tmp_path / "a.began").exists():
        time.sleep(0.01)
    running.kill()
    running.wait()

    result, _ = collect("cd", engine=engine, timeout=30)

    assert result.ok
    assert rows() == all_of("cd")


@pytest.mark.filterwarnings("default")
def test_a_run_whose_scheduler_is_lost_says_so_and_keeps_what_came(collect, tmp_path):
    pytest.importorskip("distributed")
    own = Cluster(tmp_path)

    def losing():
        if Path("a.waiting").exists():
            own.processes["scheduler"].kill()
        return False

    try:
        result, _ = collect("a", waits="a", engine=own.address.replace("tcp", "dask"), stopping=losing)
    finally:
        own.close()

    (failure,) = result.failures
    assert str(failure.error).startswith(f"The Dask scheduler at {own.address.removeprefix('tcp://')} is gone: ")
    assert result.delivered
    assert rows().keys() <= all_of("a", 200).keys()


@pytest.mark.filterwarnings("default")
def test_without_a_scheduler_the_run_does_not_begin(collect, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("panoply._engine_dask._CONNECTING", 0.5)
    with pytest.raises(ParamsError, match=r"no Dask scheduler at 127\.0\.0\.1:1"):
        collect(engine="dask://127.0.0.1:1")


def test_a_source_that_other_machines_cannot_be_sent_is_refused():
    from panoply._source_code import archive

    with pytest.raises(LoadError, match="no file"):
        archive(ModuleType("made"))
