"""What a project's processes leave running is ended with the review, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from panoply_testing.review._child import Child
from panoply_testing.review._left_running import end_left_running

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only where there is /proc")

# In a session of its own, and whoever started it has ended; it says who it is before that.
DAEMON = """\
import os

told, tell = os.pipe()
wait, never = os.pipe()
if os.fork():
    os.read(told, 1)
else:
    os.setsid()
    print(os.getpid(), flush=True)
    os.write(tell, b"1")
    os.read(wait, 1)
"""


def test_a_daemon_is_ended(tmp_path):
    done = Child(scratch=tmp_path / "scratch").run(["-c", DAEMON], cwd=tmp_path, limit=60)
    assert end_left_running(tmp_path / "scratch") == 1
    assert not Path(f"/proc/{int(done.said)}/exe").exists()


def test_what_is_in_a_folder_with_a_similar_name_goes_on(tmp_path):
    (tmp_path / "scratch-of-others").mkdir()
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, cwd=tmp_path / "scratch-of-others", stdin=subprocess.PIPE) as other:
        assert end_left_running(tmp_path / "scratch") == 0
        assert other.poll() is None
        other.communicate(b"\n")
