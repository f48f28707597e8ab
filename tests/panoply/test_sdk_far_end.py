"""`panoply.SDK` in processes of their own, against a far end that misbehaves: what was accepted arrives, or is told."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
from collections import Counter, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from panoply.sdk import SDK

KEY = "acme/rand-one"
SECRET = base64.b64encode(b"rand-two/2f1a7c1e-uuid/123456789012/eu-west-3").decode()


class FarEnd(ThreadingHTTPServer):
    """Answers each request as the next word of `script` says, and `ok` when that is at its end. It knows JSON only.

    ok: stored. lost: stored, and the connection reset. reset: reset. hang: no answer before the server closes.
    A number and a code: refused with that status and error code.
    """

    daemon_threads = True

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(address, _Handler)
        self.script: deque[str] = deque()
        self.bodies: list[bytes] = []
        self.came: queue.Queue[str] = queue.Queue()
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def numbers(self) -> list[int]:
        return [json.loads(line)["n"] for body in self.bodies for line in body.splitlines()]

    def close(self):
        self.over.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FarEnd

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if "X-Amz-Target" not in self.headers:
            self.send_error(404)
            return
        request = json.loads(content)
        body = request["MessageBody"].encode()
        with self.server.lock:
            word = self.server.script.popleft() if self.server.script else "ok"
            if word in {"ok", "lost"}:
                self.server.bodies.append(body)
        self.server.came.put(word)
        if word == "hang":
            self.server.over.wait(60)
        if word in {"hang", "lost", "reset"}:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        status, reply = 200, {"MessageId": "m", "MD5OfMessageBody": hashlib.md5(body).hexdigest()}
        if word != "ok":
            code = word.split()
            status, reply = int(code[0]), {"__type": f"com.amazonaws.sqs#{code[1]}", "message": "no"}
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *args):
        pass


@pytest.fixture
def far_end():
    server = FarEnd()
    yield server
    server.close()


def program(far_end, text: str) -> list[str]:
    head = f"""
        import os, sys
        from panoply.sdk import SDK
        conn = SDK({KEY!r}, {SECRET!r}, endpoint_url={far_end.url!r})
        def write(*numbers):
            for number in numbers:
                conn.write("t", {{"n": number}})
    """
    # From 3.12 on a fork beside threads is warned of, which is what is tested here.
    return [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(head) + textwrap.dedent(text)]


def run(far_end, text: str):
    return subprocess.run(program(far_end, text), capture_output=True, text=True, check=False, timeout=120)


# --- what passes


@pytest.mark.parametrize(
    "script",
    [
        ["503 ServiceUnavailable"] * 3,
        ["403 RequestThrottled"] * 3,
        ["500 InternalFailure", "429 TooMany", "400 ThrottlingException"],
        ["reset"] * 3,
        ["503 ServiceUnavailable", "reset", "403 RequestThrottled"],
    ],
    ids=["unavailable", "throttled", "in many words", "reset", "one after the other"],
)
def test_what_fails_for_now_is_tried_again_until_it_arrives(far_end, script):
    far_end.script.extend(script)
    attempts = []
    with SDK(KEY, SECRET, endpoint_url=far_end.url) as conn:
        conn.on("send", lambda event: attempts.append(event.attempt))
        conn.on("error", attempts.append)
        conn.write("t", {"n": 1})
    assert far_end.numbers() == [1]
    assert attempts == [1, 2, 3, 4]


def test_what_fails_for_now_is_tried_again_at_the_exit_too(far_end):
    far_end.script.extend(["503 ServiceUnavailable"] * 2)
    done = run(far_end, "write(1, 2)")
    assert (done.returncode, done.stderr, far_end.numbers()) == (0, "", [1, 2])


def test_a_message_whose_reply_is_lost_is_sent_again(far_end):
    far_end.script.append("lost")
    done = run(far_end, "write(1, 2)")
    assert (done.stderr, far_end.numbers()) == ("", [1, 2, 1, 2])


def test_a_far_end_that_comes_up_later_gets_everything():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        address = place.getsockname()
    conn = SDK(KEY, SECRET, endpoint_url=f"http://127.0.0.1:{address[1]}")
    tries = queue.Queue()
    conn.on("send", lambda event: tries.put(event.attempt))
    conn.write("t", {"n": 1})
    while tries.get(timeout=60) < 3:  # it was down twice
        pass
    server = FarEnd(address)
    try:
        conn.flush()
        assert server.numbers() == [1]
    finally:
        conn.close()
        server.close()


def test_what_can_never_arrive_is_handed_back_at_once_with_its_reason_and_the_others_arrive(far_end):
    far_end.script.append("403 AccessDenied")
    done = run(
        far_end,
        """
        from panoply.errors import DeliveryError
        write(1)
        try:
            conn.flush()
        except DeliveryError as exc:
            print(exc.records, "AccessDenied (HTTP 403)" in str(exc))
        write(2)
        """,
    )
    assert done.stdout == "(('t', {'n': 1}),) True\n"
    assert far_end.numbers() == [2]


def test_a_message_that_hangs_holds_up_no_other(far_end):
    far_end.script.append("hang")
    sent = queue.Queue()
    conn = SDK(KEY, SECRET, endpoint_url=far_end.url)
    conn.on("flush", lambda event: sent.put(event.records))
    conn.on("error", lambda event: None)
    conn.write("t", {"n": 1})
    assert far_end.came.get(timeout=60) == "hang"
    conn.write("t", {"n": 2})
    assert sent.get(timeout=60) == (("t", {"n": 2}),)
    assert far_end.numbers() == [2]
    far_end.over.set()
    conn.close()
    assert sorted(far_end.numbers()) == [1, 2]


def test_eight_threads_and_a_troubled_far_end_lose_nothing(far_end):
    far_end.script.extend(["503 ServiceUnavailable", "lost", "ok", "reset", "403 RequestThrottled", "ok"] * 3)
    done = run(
        far_end,
        """
        import threading
        def work(first):
            for number in range(first, first + 250):
                conn.write("t", {"n": number, "text": "x" * 2000})
        threads = [threading.Thread(target=work, args=(250 * worker,)) for worker in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        conn.close()
        """,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    numbers = Counter(far_end.numbers())
    assert set(numbers) == set(range(2000))
    assert len(far_end.bodies) >= 16


# --- ends


def test_a_far_end_that_hangs_cannot_keep_the_program_from_ending(far_end):
    far_end.script.extend(["hang"] * 10)
    done = run(far_end, "write(1, 2)")
    [line] = done.stderr.splitlines()
    assert line.startswith("panoply: 2 records (2 for 't') were not delivered: there was no time left to send them")


def test_a_sigterm_handler_that_exits_loses_nothing(far_end):
    text = """
        import signal
        signal.signal(signal.SIGTERM, lambda *args: sys.exit(7))
        number = 0
        while True:
            write(number)
            number += 1
            if number == 1000:
                print("written", flush=True)
    """
    with subprocess.Popen(program(far_end, text), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (7, "")
    numbers = set(far_end.numbers())
    assert len(numbers) >= 1000
    assert numbers == set(range(len(numbers)))


def test_a_sigterm_handler_that_closes_loses_nothing(far_end):
    text = """
        import signal
        signal.signal(signal.SIGTERM, lambda *args: (conn.close(), os.write(1, b"closed\\n"), os._exit(7)))
        number = 0
        while True:
            write(number)
            number += 1
            if number == 1000:
                print("written", flush=True)
    """
    with subprocess.Popen(program(far_end, text), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGTERM)
        said, told = process.communicate(timeout=120)
    assert (process.returncode, said, told) == (7, "closed\n", "")
    numbers = set(far_end.numbers())
    assert numbers == set(range(len(numbers)))
    assert len(numbers) >= 1000


def test_ctrl_c_loses_nothing(far_end):
    text = """
        number = 0
        while True:
            write(number)
            number += 1
            if number == 1000:
                print("written", flush=True)
    """
    with subprocess.Popen(program(far_end, text), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
    assert told.splitlines()[-1] == "KeyboardInterrupt"
    numbers = set(far_end.numbers())
    assert numbers == set(range(len(numbers)))
    assert len(numbers) >= 1000


def test_ctrl_c_while_the_exit_waits_ends_it_and_tells_what_is_lost(far_end):
    far_end.script.append("hang")
    with subprocess.Popen(program(far_end, "write(1)"), stderr=subprocess.PIPE, text=True) as process:
        assert far_end.came.get(timeout=60) == "hang"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)
    assert [line for line in told.splitlines() if line.startswith("panoply: 1 record (1 for 't') was not delivered")]


# --- forks


def test_a_forked_child_sends_its_own_records_and_none_of_the_parents(far_end):
    done = run(
        far_end,
        """
        write(1)
        pid = os.fork()
        if pid == 0:
            write(2)
            sys.exit()
        os.waitpid(pid, 0)
        write(3)
        """,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Counter(far_end.numbers()) == {1: 1, 2: 1, 3: 1}


def test_a_child_that_is_forked_while_messages_are_on_their_way_is_not_held_up(far_end):
    far_end.script.append("hang")
    text = """
        write(1)
        try:
            conn.flush(1e-9)
        except TimeoutError:
            pass
        sys.stdin.readline()  # the far end has the message
        pid = os.fork()
        if pid == 0:
            write(2)
            conn.close()
            os._exit(5)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    """
    with subprocess.Popen(
        program(far_end, text), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert far_end.came.get(timeout=60) == "hang"
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "5\n"
        assert far_end.numbers() == [2]
        far_end.over.set()
        _, told = process.communicate(timeout=120)
    assert Counter(far_end.numbers()) == {1: 1, 2: 1}
    assert "Traceback" not in told


def test_a_child_that_a_handler_forks_does_not_go_on_sending_for_the_parent(far_end):
    done = run(
        far_end,
        """
        def fork(event):
            pid = os.fork()
            if pid:
                os.waitpid(pid, 0)
        conn.on("send", fork)
        write(1)
        """,
    )
    assert (done.returncode, far_end.numbers()) == (0, [1])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_what_a_child_of_multiprocessing_writes_is_sent_at_its_end(far_end, tmp_path, method):
    script = tmp_path / "several.py"
    script.write_text(
        textwrap.dedent(f"""
        import multiprocessing
        from panoply.sdk import SDK

        conn = SDK({KEY!r}, {SECRET!r}, endpoint_url={far_end.url!r})

        def work(number):
            conn.write("t", {{"n": number}})

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            work(0)
            children = [context.Process(target=work, args=(number,)) for number in (1, 2, 3)]
            for child in children:
                child.start()
            for child in children:
                child.join()
            print([child.exitcode for child in children])
        """)
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("[0, 0, 0]\n", "")
    assert Counter(far_end.numbers()) == {0: 1, 1: 1, 2: 1, 3: 1}


def test_what_workers_of_a_pool_write_is_sent_at_their_end(far_end):
    done = run(
        far_end,
        """
        import concurrent.futures, multiprocessing
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
            list(pool.map(write, range(20)))
        """,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Counter(far_end.numbers()) == dict.fromkeys(range(20), 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_of_a_closed_connection_has_a_closed_one(far_end):
    done = run(
        far_end,
        """
        write(1)
        conn.close()
        pid = os.fork()
        if pid == 0:
            from panoply.errors import Closed
            try:
                write(2)
            except Closed:
                conn.close()
                os._exit(6)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """,
    )
    assert (done.stdout, far_end.numbers()) == ("6\n", [1])
