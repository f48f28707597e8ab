"""What a review runs, it runs on a copy, in a process that knows little, reaches nobody, and leaves nothing running."""

from __future__ import annotations

import contextlib
import json
import os
import socket

import psutil
import pytest
from review_projects import put

from panoply_testing.review._child import Child
from panoply_testing.review._guard import is_local
from panoply_testing.review._tree import copy_tree


@pytest.fixture
def child(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Child(scratch=scratch)


def run(child, code, **more):
    return child.run(["-c", code], cwd=child.scratch, **{"limit": 60, **more})


def test_its_environment_holds_what_is_allowed_and_no_more(child, monkeypatch):
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "HTTPS_PROXY",
        "PIP_INDEX_URL",
        "SSH_AUTH_SOCK",
        "PYTEST_ADDOPTS",
    ):
        monkeypatch.setenv(name, "hush")
    monkeypatch.setenv("LC_TIME", "C")
    env = json.loads(run(child, "import json, os; print(json.dumps(dict(os.environ)))").said)
    assert "hush" not in env.values()
    assert env["LC_TIME"] == "C"
    assert env["PATH"] == os.environ["PATH"]
    for name in ("HOME", "TMPDIR"):
        assert env[name].startswith(str(child.scratch))


def test_it_reaches_this_machine_and_nobody_else(child):
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"""if True:
            import socket
            socket.create_connection(("127.0.0.1", {server.getsockname()[1]})).close()
            for call in (
                lambda: socket.create_connection(("192.0.2.1", 80)),
                lambda: socket.getaddrinfo("shop.example", 443),
                lambda: socket.gethostbyname("shop.example"),
                lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
            ):
                try:
                    call()
                except OSError as exc:
                    print("refused:", exc)
        """
        done = run(child, code)
    assert done.said.count("refused: ") == 4, done.said
    assert done.said.count("only this machine can be reached") == 4
    heard = [json.loads(line) for line in child.refused.read_text().splitlines()]
    assert [each["host"] for each in heard] == ["192.0.2.1", "shop.example", "shop.example", "192.0.2.1"]


def test_what_is_refused_is_written_down_without_opening_a_file(child):
    code = """if True:
        import contextlib, os, socket, sys
        def attempt():
            with contextlib.suppress(OSError):
                socket.create_connection(("192.0.2.1", 80))
        attempt()
        opened = []
        sys.addaudithook(lambda event, args: event == "open" and opened.append(args))
        attempt()
        print(opened)
        os.closerange(3, 100)
        files = [os.open("other.txt", os.O_WRONLY | os.O_CREAT) for _ in range(10)]
        attempt()
    """
    done = run(child, code)
    assert done.last_line == "[]", done.said
    assert len(child.refused.read_text().splitlines()) == 3
    assert (child.scratch / "other.txt").read_text() == ""


def test_so_do_the_processes_that_it_starts(child):
    inner = "import socket; socket.create_connection(('192.0.2.1', 80))"
    done = run(child, f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {inner!r}]).returncode)")
    assert done.code == 1
    assert "only this machine" in done.said


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("api.localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        (b"localhost", True),
        (None, True),
        ("", True),
        ("fe80::1%lo", False),
        ("10.0.0.1", False),
        ("::ffff:8.8.8.8", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_what_is_this_machine_and_what_is_not(host, local):
    assert is_local(host) is local


def test_what_it_has_left_running_is_ended(child):
    code = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']).pid)"
    )
    pid = int(run(child, code).said)
    # Where nobody asks what became of it, it stays as a zombie.
    with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        psutil.Process(pid).wait(5)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_what_does_not_end_is_ended(child):
    done = run(child, "import signal; print('on and on', flush=True); signal.pause()", limit=1)
    assert (done.in_time, done.last_line) == (False, "on and on")


def test_of_what_it_writes_the_end_is_kept(child):
    done = run(child, "print('x' * 10**6); print('the end')")
    assert done.last_line == "the end"
    assert len(done.said) <= 2**16


# ---------------------------------------------------------------------- the copy


def test_a_copy_has_links_that_lead_nowhere_else(tmp_path):
    root, to = tmp_path / "root", tmp_path / "copy"
    put(root, "a/x.txt", "x")
    put(tmp_path, "outside.txt", "outside")
    (root / "inside").symlink_to("a/x.txt")
    (root / "out").symlink_to("../outside.txt")
    (root / "absolute").symlink_to(root / "a/x.txt")
    (root / "nowhere").symlink_to("gone.txt")
    os.mkfifo(root / "pipe")
    copy_tree(root, ["a/x.txt", "inside", "out", "absolute", "pipe", "nowhere"], to)
    assert (to / "inside").readlink().as_posix() == "a/x.txt"
    for name in ("out", "absolute"):
        assert not (to / name).is_symlink()
    assert (to / "out").read_text() == "outside"
    (to / "inside").write_text("changed")
    (to / "out").write_text("changed")
    assert (root / "a/x.txt").read_text() == "x"
    assert (tmp_path / "outside.txt").read_text() == "outside"
    assert not (to / "pipe").exists()
