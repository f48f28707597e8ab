from __future__ import annotations

import errno
import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from panoply import _spool_session
from panoply.encoding import encode_record
from panoply.errors import PanoplyException, SpoolError
from panoply.spool import Leftover, Spool

fcntl = pytest.importorskip("fcntl", reason="SIGKILL, fork and limits are POSIX's")

OWNER = "queue-1"


def line(number: int, **more) -> bytes:
    return encode_record("t", {"n": number, **more})


def numbers(leftovers: list[Leftover]) -> list[int]:
    return [json.loads(each)["n"] for leftover in leftovers for _, each in leftover.lines()[0]]


def left_behind(path: Path, *batches: list[int], owner: str = OWNER) -> Path:
    """A session as a process leaves it that is killed: unlocked by the kernel, and otherwise as it was."""
    spool = Spool(path, owner=owner)
    for batch, held in enumerate(batches, 1):
        for number in held:
            spool.append(batch, line(number))
    spool.forked()  # closes what is open, and nothing else
    return max((path / owner).iterdir())


@contextmanager
def opened(path: Path, owner: str = OWNER, **options):
    spool = Spool(path, owner=owner, **options)
    yield spool
    spool.close()


def sessions(path: Path) -> list[Path]:
    return sorted((path / OWNER).iterdir())


def segments(path: Path) -> list[Path]:
    return sorted((path / OWNER).glob("*/*.jsonl"))


class Process:
    """A process that has a spool open, and does a step each time it is told to."""

    def __init__(self, path: Path, program: str) -> None:
        head = f"""
        import json, os, sys
        from panoply.encoding import encode_record
        from panoply.spool import Spool, SpoolError

        def line(number):
            return encode_record("t", {{"n": number}})

        def say(what):
            print(json.dumps(what), flush=True)

        def wait():
            assert sys.stdin.readline()

        path, owner = {str(path)!r}, {OWNER!r}
        """
        self._popen = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._popen.kill()
        self._popen.communicate()

    def go_on(self) -> None:
        self._popen.stdin.write("\n")
        self._popen.stdin.flush()

    def says(self):
        said = self._popen.stdout.readline()
        assert said, "the process has ended"
        return json.loads(said)

    def kill(self) -> None:
        self._popen.send_signal(signal.SIGKILL)
        assert self._popen.wait() == -signal.SIGKILL


# --- across processes


def test_what_a_killed_process_appended_is_left_to_the_next_one(tmp_path):
    program = """
    spool = Spool(path, owner=owner)
    for number in range(1000):
        spool.append(1 + number // 100, line(number))
    for batch in (1, 3, 10):
        spool.drop(batch)
    say("done")
    wait()
    """
    with Process(tmp_path, program) as process:
        assert process.says() == "done"
        process.kill()
    with opened(tmp_path) as spool:
        leftovers = spool.leftovers()
        assert numbers(leftovers) == [number for number in range(900) if number // 100 not in {0, 2}]
        assert [leftover.size for leftover in leftovers] == [leftover.path.stat().st_size for leftover in leftovers]
        assert {leftover.lines()[1] for leftover in leftovers} == {0}


def test_a_process_killed_while_it_appends_leaves_whole_lines_without_a_gap(tmp_path):
    program = """
    spool = Spool(path, owner=owner)
    say("begins")
    number = 0
    while True:
        number += 1
        spool.append(1 + number // 50, line(number))
        if number == 5000:
            say("is at it")
    """
    with Process(tmp_path, program) as process:
        assert [process.says(), process.says()] == ["begins", "is at it"]
        process.kill()
    with opened(tmp_path) as spool:
        found = numbers(spool.leftovers())
    assert len(found) >= 5000
    assert found == list(range(1, len(found) + 1))


def test_what_lives_is_left_alone_until_it_dies(tmp_path):
    program = """
    spool = Spool(path, owner=owner)
    spool.append(1, line(1))
    say("appended")
    wait()
    spool.append(1, line(2))
    say("again")
    wait()
    """
    with Process(tmp_path, program) as process, opened(tmp_path) as spool:
        process.says()
        assert spool.leftovers() == []
        process.go_on()
        process.says()
        assert spool.leftovers() == []
        process.kill()
        assert numbers(spool.leftovers()) == [1, 2]
        assert spool.leftovers() == []


TAKE_ALL = """
spool = Spool(path, owner=owner)
say("ready")
wait()
found = spool.leftovers()
say([json.loads(each)["n"] for leftover in found for _, each in leftover.lines()[0]])
wait()
"""

TAKE_AND_DROP_EACH = """
say("ready")
wait()
taken = []
for _ in range(30):
    spool = Spool(path, owner=owner)
    for leftover in spool.leftovers():
        taken += [json.loads(each)["n"] for _, each in leftover.lines()[0]]
        leftover.drop()
    spool.close()
say(taken)
wait()
"""


@pytest.mark.parametrize("program", [TAKE_ALL, TAKE_AND_DROP_EACH], ids=["keeping", "dropping"])
def test_of_processes_that_ask_at_the_same_time_one_gets_each_segment(tmp_path, program):
    for session in range(50):
        left_behind(tmp_path, [session * 10, session * 10 + 1], [session * 10 + 2])
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(tmp_path, program)) for _ in range(4)]
        for process in processes:
            process.says()
        for process in processes:
            process.go_on()
        found = sorted(itertools.chain.from_iterable(process.says() for process in processes))
    assert found == sorted(session * 10 + number for session in range(50) for number in range(3))


def test_of_spools_in_one_process_one_gets_each_segment(tmp_path):
    for number in range(40):
        left_behind(tmp_path, [number])
    spools = [Spool(tmp_path, owner=OWNER) for _ in range(4)]
    barrier = threading.Barrier(4)

    def take(spool):
        barrier.wait(60)
        return numbers(spool.leftovers())

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(take, spools))
    for spool in spools:
        spool.close()
    assert sorted(itertools.chain.from_iterable(found)) == list(range(40))


def test_sessions_that_begin_and_end_while_others_look_for_leftovers_lose_nothing(tmp_path):
    begins_and_ends = """
    say("ready")
    wait()
    for number in range(100):
        spool = Spool(path, owner=owner)
        spool.append(1, line(number))
        spool.append(2, line(1000 + number))
        spool.leftovers()
        spool.drop(2)
        if number % 2:
            spool.drop(1)
        spool.forked() if number % 4 < 2 else spool.close()
    say("done")
    wait()
    """
    looks = """
    say("ready")
    wait()
    taken = []
    for _ in range(100):
        spool = Spool(path, owner=owner)
        found = spool.leftovers()
        for leftover in found:
            taken += [json.loads(each)["n"] for _, each in leftover.lines()[0]]
            leftover.drop()
        spool.close()
    say(taken)
    wait()
    """
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(tmp_path, text)) for text in (begins_and_ends, looks, looks)]
        for process in processes:
            process.says()
        for process in processes:
            process.go_on()
        said = [process.says() for process in processes]
    with opened(tmp_path) as spool:
        rest = numbers(spool.leftovers())
    assert said[0] == "done"
    assert sorted(said[1] + said[2] + rest) == list(range(0, 100, 2))


def test_a_session_that_is_taken_away_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    try_lock, taken = _spool_session._try_lock, []

    def too_late(lock):
        if len(taken) < 3:
            (session,) = sessions(tmp_path)
            taken.append(session)
            (session / "lock").unlink()
            session.rmdir()
        return try_lock(lock)

    monkeypatch.setattr(_spool_session, "_try_lock", too_late)
    spool = Spool(tmp_path, owner=OWNER)
    spool.append(1, line(1))
    assert len(taken) == 3
    assert numbers_on_disk(tmp_path) == [1]
    spool.close()


def test_a_lock_that_was_made_anew_in_the_same_place_is_not_the_one_that_was_opened(tmp_path, monkeypatch):
    session = left_behind(tmp_path, [1])
    spool = Spool(tmp_path, owner=OWNER)
    try_lock, others = _spool_session._try_lock, []

    def another_is_faster(lock):
        if not others:
            (session / "lock").unlink()
            others.append(os.open(session / "lock", os.O_CREAT | os.O_RDWR))
            assert try_lock(others[0])
        return try_lock(lock)

    monkeypatch.setattr(_spool_session, "_try_lock", another_is_faster)
    assert spool.leftovers() == []
    os.close(others[0])
    assert numbers(spool.leftovers()) == [1]
    spool.close()


def numbers_on_disk(path: Path) -> list[int]:
    return [json.loads(each)["n"] for segment in segments(path) for each in segment.read_bytes().splitlines()]


def test_what_a_process_took_over_before_it_was_killed_is_taken_over_again_in_its_order(tmp_path):
    left_behind(tmp_path, [1, 2], [3])
    second = Spool(tmp_path, owner=OWNER)
    left_behind(tmp_path, [6])
    first, _, _ = second.leftovers()
    first.drop()
    second.append(1, line(4))
    second.append(2, line(5))
    second.forked()
    with opened(tmp_path) as third:
        third.append(1, line(7))
        assert numbers(third.leftovers()) == [3, 4, 5, 6]
        assert len(sessions(tmp_path)) == 1


def test_only_the_same_owners_records_are_taken_over(tmp_path):
    left_behind(tmp_path, [1], owner="queue-2")
    with opened(tmp_path) as spool:
        assert spool.leftovers() == []
    with opened(tmp_path, owner="queue-2") as other:
        assert numbers(other.leftovers()) == [1]


def test_many_sessions_take_no_more_open_files_than_one(tmp_path):
    program = """
    import resource
    for number in range(100):
        spool = Spool(path, owner=owner)
        spool.append(1, line(number))
        spool.forked()
    spool = Spool(path, owner=owner)
    resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
    say(len(spool.leftovers()))
    wait()
    """
    with Process(tmp_path, program) as process:
        assert process.says() == 100


# --- forks


def test_a_child_keeps_nothing_of_a_parent_that_is_killed(tmp_path):
    program = """
    spool = Spool(path, owner=owner)
    spool.append(1, line(1))
    left = Spool(path, owner=owner)
    left.append(1, line(2))
    left.forked()
    spool.leftovers()
    if not os.fork():
        spool.forked()
        say("let go")
        wait()
        child = Spool(path, owner=owner)
        say(sorted(json.loads(each)["n"] for leftover in child.leftovers() for _, each in leftover.lines()[0]))
        os._exit(0)
    os.wait()
    """
    with Process(tmp_path, program) as process:
        assert process.says() == "let go"
        process.kill()
        process.go_on()
        assert process.says() == [1, 2]


def test_what_a_child_lets_go_of_is_still_the_parents(tmp_path):
    left_behind(tmp_path, [2])
    program = """
    spool = Spool(path, owner=owner)
    spool.append(1, line(1))
    (leftover,) = spool.leftovers()
    child = os.fork()
    if not child:
        spool.forked()
        spool.drop(1)
        leftover.drop()
        spool.close()
        try:
            spool.append(1, line(3))
        except SpoolError as exc:
            say(str(exc))
        os._exit(0)
    os.waitpid(child, 0)
    spool.append(1, line(4))
    say("appended")
    wait()
    """
    with Process(tmp_path, program) as process, opened(tmp_path) as other:
        assert process.says() == f"the spool {str(tmp_path)!r} is closed"
        assert process.says() == "appended"
        assert other.leftovers() == []
        assert sorted(numbers_on_disk(tmp_path)) == [1, 2, 4]


def test_a_spool_that_is_closed_is_free_even_while_a_child_that_never_let_go_lives(tmp_path):
    program = """
    spool = Spool(path, owner=owner)
    spool.append(1, line(1))
    reading, writing = os.pipe()
    if not os.fork():
        os.close(writing)
        os.read(reading, 1)  # until the parent's end
        os._exit(0)
    spool.close()
    say("closed")
    wait()
    """
    with Process(tmp_path, program) as process, opened(tmp_path) as other:
        assert process.says() == "closed"
        assert numbers(other.leftovers()) == [1]


def test_a_fork_lets_go_of_a_spool_that_another_thread_is_using_just_then(tmp_path):
    spool = Spool(tmp_path, owner=OWNER)
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with spool._guard:
            held.set()
            return let_go.wait(60)

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(hold)
        held.wait(60)
        spool.forked()
        spool.close()
        let_go.set()
        assert ended.result()


# --- what a disk does


def test_a_full_disk_raises_and_leaves_all_that_was_appended_before(tmp_path):
    program = """
    import resource
    spool = Spool(path, owner=owner)
    resource.setrlimit(resource.RLIMIT_FSIZE, (110, resource.RLIM_INFINITY))
    errors = []
    for number in range(1000, 1010):
        try:
            spool.append(1, line(number))
        except SpoolError as exc:
            errors.append([number, str(exc), exc.errno, type(exc.__cause__).__name__])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    spool.append(1, line(2000))
    spool.append(2, line(2001))
    say(errors)
    wait()
    """
    fit, part = divmod(110, len(line(1000)))
    assert part  # of the next one would fit
    with Process(tmp_path, program) as process:
        errors = process.says()
        process.kill()
    assert [number for number, *_ in errors] == list(range(1000 + fit, 1010))
    text = (
        f"the record was not accepted, as the spool {str(tmp_path)!r} does not take it: File too large. "
        "Make room there, or see to its disk, and write the record again"
    )
    assert {tuple(rest) for _, *rest in errors} == {(text, errno.EFBIG, "OSError")}
    with opened(tmp_path) as spool:
        leftovers = spool.leftovers()
        assert numbers(leftovers) == [*range(1000, 1000 + fit), 2000, 2001]
        assert [leftover.lines()[1] for leftover in leftovers] == [0, 0]


class Disk:
    """Stands before os.write, and is full, or interrupted, when it is told to be."""

    def __init__(self, monkeypatch) -> None:
        self._write = os.write
        self.plan: list[int | BaseException] = []
        monkeypatch.setattr(os, "write", self.write)

    def write(self, fd, data):
        if not self.plan:
            return self._write(fd, data)
        step = self.plan.pop(0)
        if isinstance(step, BaseException):
            raise step
        return self._write(fd, data[:step])


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("plan", [[FULL], [1, FULL], [10, 2, FULL], [len(line(2)) - 1, FULL]])
@pytest.mark.parametrize("batch", [1, 2])
def test_nothing_is_left_of_a_line_that_did_not_fit(tmp_path, monkeypatch, plan, batch):
    disk = Disk(monkeypatch)
    with opened(tmp_path) as spool:
        spool.append(1, line(1))
        disk.plan = list(plan)
        with pytest.raises(
            SpoolError, match=r"not accepted, as the spool .* does not take it: No space left"
        ) as caught:
            spool.append(batch, line(2))
        assert disk.plan == []
        assert caught.value.__cause__ is FULL
        assert caught.value.errno == errno.ENOSPC
        assert b"".join(each.read_bytes() for each in segments(tmp_path)) == line(1)
        spool.append(batch, line(3))
        spool.append(3, line(4))
        assert numbers_on_disk(tmp_path) == [1, 3, 4]


def test_a_line_that_is_written_in_parts_is_whole(tmp_path, monkeypatch):
    disk = Disk(monkeypatch)
    with opened(tmp_path) as spool:
        disk.plan = [3, 1, 4]
        spool.append(1, line(1))
        assert segments(tmp_path)[0].read_bytes() == line(1)


@pytest.mark.parametrize("written", range(len(line(2)) + 1))
def test_an_interrupt_within_a_line_does_no_harm_to_others(tmp_path, monkeypatch, written):
    disk = Disk(monkeypatch)
    with opened(tmp_path) as spool:
        spool.append(1, line(1))
        disk.plan = [written, KeyboardInterrupt()] if written < len(line(2)) else []
        if disk.plan:
            with pytest.raises(KeyboardInterrupt):
                spool.append(1, line(2))
        spool.append(1, line(3))
        assert numbers_on_disk(tmp_path) == [1, 3]


def test_a_line_that_cannot_be_brought_to_the_disk_itself_is_taken_back(tmp_path, monkeypatch):
    with opened(tmp_path, sync=True) as spool:
        spool.append(1, line(1))
        with monkeypatch.context() as patched:
            patched.setattr(os, "fdatasync", raising(OSError(errno.EIO, "Input/output error")), raising=False)
            with pytest.raises(SpoolError, match="Input/output error"):
                spool.append(1, line(2))
        spool.append(1, line(3))
        assert numbers_on_disk(tmp_path) == [1, 3]


def raising(error: BaseException):
    def function(*_, **__):
        raise error

    return function


@pytest.mark.parametrize(("sync", "waits"), [(False, 0), (True, 5)])
def test_each_line_waits_for_the_disk_if_that_is_wanted(tmp_path, monkeypatch, sync, waits):
    files, folders = [], []
    fsync = os.fsync
    monkeypatch.setattr(os, "fdatasync", lambda fd: files.append(os.fstat(fd).st_size), raising=False)
    monkeypatch.setattr(os, "fsync", lambda fd: (folders.append(os.fstat(fd).st_ino), fsync(fd)))
    with opened(tmp_path / "new" / "spool", sync=sync) as spool:
        home = tmp_path / "new" / "spool" / OWNER
        made = {each.stat().st_ino for each in (tmp_path, tmp_path / "new", tmp_path / "new" / "spool", home)}
        assert set(folders) == (made if sync else set())
        folders.clear()
        for number in range(5):
            spool.append(1 + number // 3, line(number))
        assert len(files) == waits
        assert folders == ([next(home.iterdir()).stat().st_ino] * 2 if sync else [])
    if sync:  # and each was there when it was waited for
        assert files == [len(line(0)), 2 * len(line(0)), 3 * len(line(0)), len(line(0)), 2 * len(line(0))]


# --- what is found


@pytest.mark.parametrize("cut", range(1, len(line(3)) + 1))
def test_a_torn_last_record_is_detected(tmp_path, cut):
    session = left_behind(tmp_path, [1, 2, 3])
    os.truncate(session / "00000001.jsonl", 3 * len(line(3)) - cut)
    with opened(tmp_path) as spool:
        (leftover,) = spool.leftovers()
        assert leftover.lines() == ([("t", line(1)), ("t", line(2))], 1 if cut < len(line(3)) else 0)


@pytest.mark.parametrize(
    "damage",
    [
        b"\0" * 20,
        b"\0" * 20 + b"\n",
        b"\n",
        b'{"__table":"t","a":"b\n',
        b'{"__table":"t"}{"__table":"t"}\n',
        b'{"__table":1}\n',
        b'{"a":1}\n',
        b'["__table"]\n',
        b"17\n",
        b'{"__table":"t","a":"\xff"}\n',
        b"[" * 100_000 + b"\n",
        b'{"__table":"t"}',
        b'{\0"\0}\0\n',
    ],
)
def test_what_is_no_record_is_counted_and_set_aside(tmp_path, damage):
    session = left_behind(tmp_path, [1])
    with (session / "00000001.jsonl").open("ab") as file:
        file.write(damage)
        if damage.endswith(b"\n"):
            file.write(line(2))
    with opened(tmp_path) as spool:
        (leftover,) = spool.leftovers()
        assert leftover.lines() == ([("t", line(1)), ("t", line(2))] if damage.endswith(b"\n") else [("t", line(1))], 1)


@pytest.mark.parametrize(
    "record",
    [{"a": 10**400}, {"a": 10**5000}, {"a": "\ufffe\u2028\0"}, {"a": [[[[{"b": None}]]]]}, {"a": -0.0}, {}],
    ids=["larger than a float", "longer than an int's text", "odd characters", "nested", "negative zero", "empty"],
)
def test_whatever_can_be_written_is_a_record(tmp_path, record):
    with opened(tmp_path) as spool:
        spool.append(1, encode_record("tä", record))
        spool.forked()
        with opened(tmp_path) as again:
            (leftover,) = again.leftovers()
            assert leftover.lines() == ([("tä", encode_record("tä", record))], 0)


def test_foreign_things_in_the_folder_do_no_harm_and_come_to_none(tmp_path):
    session = left_behind(tmp_path, [1])
    home = tmp_path / OWNER
    foreign = [
        *(tmp_path / "notes.txt", home / "notes.txt", home / "20240101", session / "notes.txt"),
        *(session / "1.jsonl", session / "00000007.jsonl.bak"),
    ]
    for path in foreign:
        path.write_text('{"__table":"t","n":9}\n')
    (home / f"{0:020}-00000000").write_text("a file in place of a session")
    (home / f"{1:020}-00000000" / "lock").mkdir(parents=True)
    (home / "folder").mkdir()
    (session / "00000008.jsonl").mkdir()
    (session / "00000009.jsonl").symlink_to(tmp_path / "notes.txt")
    (session / "00000010.jsonl").touch()
    os.mkfifo(session / "00000011.jsonl")
    with opened(tmp_path) as spool:
        leftovers = spool.leftovers()
        assert [leftover.lines() for leftover in leftovers] == [([("t", line(1))], 0)]
        leftovers[0].drop()
    assert all(path.read_text() == '{"__table":"t","n":9}\n' for path in foreign)
    assert (session / "00000009.jsonl").is_symlink()
    assert not (session / "00000010.jsonl").exists()


def test_a_session_that_cannot_be_taken_over_is_told_and_holds_up_no_other(tmp_path, caplog):
    broken = left_behind(tmp_path, [1])
    left_behind(tmp_path, [2])
    (broken / "lock").unlink()
    (broken / "lock").mkdir()
    with opened(tmp_path) as spool:
        assert numbers(spool.leftovers()) == [2]
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("panoply.spool", "WARNING")
    assert record.getMessage() == f"Records in {str(broken)!r} cannot be delivered for now: Is a directory."


def test_a_segment_that_cannot_be_moved_stays_for_the_next_one_and_holds_up_no_other(tmp_path, monkeypatch, caplog):
    left_behind(tmp_path, [1], [2], [3])
    rename = Path.rename

    def full_for_some(self, target):
        if numbers_in(self) == [2]:
            raise FULL
        return rename(self, target)

    def numbers_in(path):
        return [json.loads(each)["n"] for each in path.read_bytes().splitlines()]

    with opened(tmp_path) as spool:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", full_for_some)
            before = numbers(spool.leftovers())
        assert 2 not in before
        assert "No space left on device" in caplog.text
        assert sorted(before + numbers(spool.leftovers())) == [1, 2, 3]


def test_a_lost_lock_does_not_keep_records_from_being_delivered(tmp_path):
    session = left_behind(tmp_path, [1])
    (session / "lock").unlink()
    with opened(tmp_path) as spool:
        assert numbers(spool.leftovers()) == [1]


def test_what_is_far_too_large_is_not_read_and_stays(tmp_path):
    session = left_behind(tmp_path, [1], [2])
    os.truncate(session / "00000001.jsonl", 100 * 1024 * 1024)
    with opened(tmp_path) as spool:
        large, small = spool.leftovers()
        assert numbers([small]) == [2]
        with pytest.raises(
            SpoolError, match=r"jsonl' cannot be delivered: it has 104857600 bytes, .* still there"
        ) as caught:
            large.lines()
        assert caught.value.errno == errno.EFBIG
    assert large.path.stat().st_size == 100 * 1024 * 1024


def test_a_pipe_in_place_of_a_segment_is_not_waited_for(tmp_path):
    left_behind(tmp_path, [1])
    with opened(tmp_path) as spool:
        (leftover,) = spool.leftovers()
        leftover.path.unlink()
        os.mkfifo(leftover.path)
        with pytest.raises(SpoolError, match="it is not a file"):
            leftover.lines()


def test_what_was_dropped_holds_nothing_and_can_be_dropped_again(tmp_path):
    left_behind(tmp_path, [1])
    with opened(tmp_path) as spool:
        (leftover,) = spool.leftovers()
        leftover.drop()
        leftover.drop()
        assert leftover.lines() == ([], 0)
        spool.append(1, line(1))
        spool.drop(1)
        spool.drop(1)
        spool.drop(17)
        assert segments(tmp_path) == []


def test_what_cannot_be_dropped_is_said(tmp_path):
    with opened(tmp_path) as spool:
        (sessions(tmp_path)[0] / "00000001.jsonl").mkdir()
        with pytest.raises(SpoolError, match=r"cannot be deleted: .* will be delivered again"):
            spool.drop(1)


def test_a_batch_that_goes_on_after_it_was_dropped_is_kept(tmp_path):
    with opened(tmp_path) as spool:
        spool.append(1, line(1))
        spool.drop(1)
        spool.append(1, line(2))
        spool.append(2, line(3))
        spool.append(1, line(4))
        assert numbers_on_disk(tmp_path) == [2, 4, 3]


def test_batches_are_dropped_by_other_threads_while_others_are_appended(tmp_path):
    with opened(tmp_path) as spool, ThreadPoolExecutor(2) as pool:
        drops = []
        for batch in range(1, 301):
            for number in range(3):
                spool.append(batch, line(batch * 10 + number))
            if batch % 3:
                drops.append(pool.submit(spool.drop, batch))
        for drop in drops:
            drop.result()
        assert numbers_on_disk(tmp_path) == [batch * 10 + n for batch in range(3, 301, 3) for n in range(3)]


# --- opening and closing


def test_closing_removes_what_is_empty(tmp_path):
    with opened(tmp_path) as spool:
        spool.append(1, line(1))
        spool.drop(1)
        assert len(sessions(tmp_path)) == 1
        spool.close()
        assert sessions(tmp_path) == []


def test_a_session_is_removed_while_it_is_locked_as_it_may_be_anothers_afterwards(tmp_path, monkeypatch):
    flock, seen = fcntl.flock, []

    def looking(fd, operation):
        if operation == fcntl.LOCK_UN:
            seen.append(sessions(tmp_path))
        flock(fd, operation)

    with opened(tmp_path):
        monkeypatch.setattr(fcntl, "flock", looking)
    assert seen == [[]]


def test_closing_leaves_records_to_the_next_one(tmp_path):
    left_behind(tmp_path, [1])
    with opened(tmp_path) as spool:
        assert numbers(spool.leftovers()) == [1]
        spool.append(1, line(2))
        with opened(tmp_path) as other:
            assert other.leftovers() == []
            spool.close()
            spool.close()
            assert numbers(other.leftovers()) == [1, 2]


def test_a_closed_spool_takes_nothing_and_looks_for_nothing(tmp_path):
    with opened(tmp_path) as spool:
        spool.append(1, line(1))
        spool.close()
        with pytest.raises(SpoolError, match="is closed"):
            spool.append(1, line(2))
        with pytest.raises(SpoolError, match="is closed"):
            spool.leftovers()
        spool.drop(1)
        assert segments(tmp_path) == []


def test_an_empty_segment_is_nothing_that_is_left(tmp_path, monkeypatch):
    disk = Disk(monkeypatch)
    with opened(tmp_path) as spool:
        disk.plan = [FULL]
        with pytest.raises(SpoolError):
            spool.append(1, line(1))
    assert sessions(tmp_path) == []


def test_it_stays_where_it_was_opened_when_the_program_goes_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with opened(Path("spool")) as spool:
        os.chdir(tmp_path / "elsewhere")
        spool.append(1, line(1))
        assert numbers_on_disk(tmp_path / "spool") == [1]


def test_nobody_else_may_read_it(tmp_path):
    before = os.umask(0)
    try:
        left_behind(tmp_path / "spool", [1])
    finally:
        os.umask(before)
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "spool").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_its_repr_names_the_folder_and_no_record(tmp_path):
    left_behind(tmp_path, [12345])
    with opened(tmp_path) as spool:
        spool.append(1, line(67890))
        assert repr(spool) == f"<panoply.spool.Spool {str(tmp_path)!r}, open>"
        (leftover,) = spool.leftovers()
        assert repr(leftover) == f"Leftover(path={leftover.path!r}, size={len(line(12345))})"
        spool.close()
        assert repr(spool).endswith("closed>")


@pytest.mark.parametrize("inside", ["", "/below"])
def test_a_file_is_no_place_for_a_spool(tmp_path, inside):
    (tmp_path / "file").touch()
    with pytest.raises(
        SpoolError, match=r"file.*' cannot be used as a spool: it is a file, or lies in one. Name a folder"
    ):
        Spool(f"{tmp_path}/file{inside}", owner=OWNER)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    program = """
    os.chmod(path, 0o500)
    if os.geteuid() == 0:  # who may do anything
        os.chown(path, 65534, 65534)
        os.chdir(path)
        os.setuid(65534)
    else:
        os.chdir(path)
    try:
        Spool(".", owner=owner)
    except SpoolError as exc:
        say([str(exc), exc.errno])
    wait()
    """
    (tmp_path / "spool").mkdir()
    with Process(tmp_path / "spool", program) as process:
        text, number = process.says()
    (tmp_path / "spool").chmod(0o700)
    assert "cannot be used as a spool: Permission denied. Name a folder in which files can be made" in text
    assert number == errno.EACCES


def test_a_file_system_without_locks_is_refused_and_left_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", raising(OSError(errno.ENOLCK, "No locks available")))
    with pytest.raises(
        SpoolError, match=r"its file system has no locks \(No locks available\). Name a folder on a local"
    ):
        Spool(tmp_path, owner=OWNER)
    assert sessions(tmp_path) == []


def test_a_folder_that_never_keeps_what_is_made_in_it_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(_spool_session, "_try_lock", lambda _: False)
    with pytest.raises(SpoolError, match="taken away at once"):
        Spool(tmp_path, owner=OWNER)


@pytest.mark.parametrize("error", [FULL, OSError(errno.EROFS, "Read-only file system")])
def test_no_room_for_a_session_is_said_when_it_is_opened(tmp_path, monkeypatch, error):
    monkeypatch.setattr(Path, "mkdir", raising(error))
    with pytest.raises(SpoolError, match=error.strerror) as caught:
        Spool(tmp_path, owner=OWNER)
    assert isinstance(caught.value, PanoplyException)
    assert caught.value.retryable


def test_a_disk_that_fails_when_it_is_opened_leaves_no_session_locked(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", raising(OSError(errno.EIO, "Input/output error")))
        with pytest.raises(SpoolError, match="Input/output error"):
            Spool(tmp_path, owner=OWNER, sync=True)
    assert sessions(tmp_path) == []


@pytest.mark.parametrize("owner", ["", "..", "a/b", "a b", "x" * 65])
def test_an_owner_is_one_plain_word(tmp_path, owner):
    with pytest.raises(ValueError, match="owner"):
        Spool(tmp_path, owner=owner)
    assert list(tmp_path.iterdir()) == []


def test_no_path_is_not_the_current_folder():
    with pytest.raises(ValueError, match="path is empty"):
        Spool("", owner=OWNER)


# --- any sequence of all that


class SpoolMachine(RuleBasedStateMachine):
    """Processes that come, append, drop and go in every way, one after the other."""

    @initialize()
    def first(self):
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.numbers = itertools.count()
        self.expected: list[list[int]] = []  # what is left, segment by segment
        self.torn = 0
        self.batches: dict[int, list[int]] = {}
        self.next_one()

    def teardown(self):
        if hasattr(self, "folder"):
            self.end("killed", 0)
            self.spool.close()
            self.folder.cleanup()

    def next_one(self):
        self.spool = Spool(self.path, owner=OWNER)
        leftovers = self.spool.leftovers()
        assert [numbers([leftover]) for leftover in leftovers] == self.expected
        assert sum(leftover.lines()[1] for leftover in leftovers) == self.torn
        self.leftovers = list(zip(leftovers, self.expected, strict=True))
        self.torn = 0

    @rule(new=st.booleans(), count=st.integers(1, 3))
    def append(self, new, count):
        batch = max(self.batches, default=1) + new
        for _ in range(count):
            number = next(self.numbers)
            self.spool.append(batch, line(number))
            self.batches.setdefault(batch, []).append(number)

    @rule(data=st.data())
    def drop(self, data):
        batch = data.draw(st.integers(1, max(self.batches, default=1) + 1))
        self.spool.drop(batch)
        if self.batches.get(batch):
            self.batches[batch] = []

    @rule(data=st.data())
    def drop_leftover(self, data):
        if self.leftovers:
            leftover, _ = self.leftovers.pop(data.draw(st.integers(0, len(self.leftovers) - 1)))
            leftover.drop()
            leftover.drop()

    @rule()
    def look_again(self):
        assert self.spool.leftovers() == []

    @rule(how=st.sampled_from(["killed", "closed"]), part=st.integers(0, len(line(0)) - 1))
    def end(self, how, part):
        """It ends; killed, perhaps within a line."""
        held = [batch for batch in sorted(self.batches) if self.batches[batch]]
        if how == "closed":
            self.spool.close()
        else:
            self.spool.forked()
            if part and held:
                with (self.spool._session.folder / f"{held[-1]:08}.jsonl").open("ab") as file:
                    file.write(line(0)[:part])
                self.torn = 1
        self.expected = [kept for _, kept in self.leftovers] + [self.batches[batch] for batch in held]
        self.batches = {}
        # A line that was torn before is still there if its segment is.
        self.torn += sum(leftover.lines()[1] for leftover, _ in self.leftovers)
        self.next_one()

    @invariant()
    def nothing_else_is_there(self):
        if hasattr(self, "spool"):
            assert len(sessions(self.path)) == 1


TestAnySequence = SpoolMachine.TestCase
