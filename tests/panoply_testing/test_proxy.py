"""The proxy, between real sockets. The driver is the C class below Python's sockets, as a native one would use the system's."""

from __future__ import annotations

import _socket
import os
import signal
import socket
import socketserver
import threading
import time
from pathlib import Path

import psutil
import pytest

from panoply_testing._exchanges import Exchanges
from panoply_testing._proxied import Proxied
from panoply_testing._proxy import proxy_between
from panoply_testing.faults import FAULTS_AT, PROXY_FAULTS_AT, Fault


class _Echo(socketserver.BaseRequestHandler):
    """Says whatever it is told, doubled; what ends with "!" in two pieces of an answer, "large" with ten megabytes."""

    def handle(self):
        while data := self.request.recv(1 << 16):
            data = data.removeprefix(b"greet")
            if not data:
                continue
            if data == b"large":
                self.request.sendall(b"x" * 10_000_000)
                continue
            self.request.sendall(data * 2)
            if data.endswith(b"!"):
                self.request.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A connection that was broken off is what the tests are about."""


@pytest.fixture
def far():
    with _Server(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def through(far):
    """Start a proxy with a fault; gives a function that connects, and the face that the observed process has."""
    contexts = []

    def through(fault=None):
        context = proxy_between((far,), Fault.parse(fault) if fault else None, fork=fork)
        proxy = context.__enter__()
        contexts.append(context)
        return lambda: connected(proxy.ports[far]), Proxied(proxy)

    yield through
    for context in contexts:
        context.__exit__(None, None, None)


def fork():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


OPEN: list[_socket.socket] = []


@pytest.fixture(autouse=True)
def closed_in_the_end():
    yield
    while OPEN:
        OPEN.pop().close()


def native():
    OPEN.append(_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM))
    return OPEN[-1]


def connected(port):
    sock = native()
    sock.settimeout(20)
    sock.connect(("127.0.0.1", port))
    return sock


def said(sock, text, length):
    """Say something, and wait for so many bytes of an answer, or for its end."""
    sock.sendall(text)
    return heard(sock, length)


def said_twice(sock):
    """A connection that was broken off may still take something in: then it is the next word that fails."""
    said(sock, b"hello", 10)
    said(sock, b"hello", 10)


def heard(sock, length):
    data = b""
    while len(data) < length and (piece := sock.recv(length - len(data))):
        data += piece
    return data


def kinds(operations):
    return [(each.number, each.kind) for each in operations]


def test_what_is_said_arrives_on_both_sides(through):
    connect, _ = through()
    sock = connect()
    assert said(sock, b"hello", 10) == b"hellohello"
    assert len(said(sock, b"large", 10_000_000)) == 10_000_000
    sock.shutdown(socket.SHUT_WR)
    assert sock.recv(1) == b""


def test_operations_are_counted_as_they_begin(through, far):
    connect, proxied = through()
    one = connect()
    assert said(one, b"a!", 6) == b"a!a!a!"
    operations = proxied.drain()
    assert kinds(operations) == [(1, "connect"), (2, "send"), (3, "receive")]
    assert {(each.host, each.where, each.blocking, each.limit) for each in operations} == {(far, "", False, None)}
    other = connect()
    said(one, b"b", 2)
    said(other, b"c", 2)
    assert kinds(proxied.drain()) == [(4, "connect"), (5, "send"), (6, "receive"), (7, "send"), (8, "receive")]
    assert proxied.drain() == ()


def test_an_answer_of_many_pieces_is_one_operation(through):
    connect, proxied = through()
    said(connect(), b"large", 10_000_000)
    assert kinds(proxied.drain()) == [(1, "connect"), (2, "send"), (3, "receive")]


def test_it_is_known_whether_an_answer_is_on_its_way(through):
    connect, proxied = through("silent@5")
    assert not proxied.at_work()
    sock = connect()
    sock.sendall(b"greet")  # which is not answered
    assert proxied.at_work()
    other = connect()
    assert said(sock, b"hello", 10) == b"hellohello"
    assert not proxied.at_work()
    # Silent from its first word on.
    other.sendall(b"hello")
    proxied.drain()
    assert proxied.hit_count == 1
    assert not proxied.at_work()


def test_what_was_sent_before_the_question_is_in_the_answer(through):
    connect, proxied = through()
    for _ in range(50):
        connect().sendall(b"greet")
        assert [each.kind for each in proxied.drain()] == ["connect", "send"]


def test_a_far_end_that_speaks_first_is_received_first():
    greeting = native()
    greeting.bind(("127.0.0.1", 0))
    greeting.listen(5)
    address = f"127.0.0.1:{greeting.getsockname()[1]}"
    with proxy_between((address,), None) as proxy:
        proxied = Proxied(proxy)
        sock = connected(proxy.ports[address])
        descriptor, _ = greeting._accept()
        with socket.socket(fileno=descriptor) as server:
            server.sendall(b"welcome")
            assert heard(sock, 7) == b"welcome"
        assert kinds(proxied.drain()) == [(1, "connect"), (2, "receive")]


def test_a_far_end_that_is_not_there_breaks_the_connection():
    free = native()
    free.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{free.getsockname()[1]}"
    with proxy_between((address,), None) as proxy:
        with pytest.raises(ConnectionError):
            said_twice(connected(proxy.ports[address]))
        assert Proxied(proxy).hits() == ()


# ---------------------------------------------------------------------- faults


def test_refused_breaks_the_connection_before_a_word(through):
    connect, proxied = through("refused@1")
    with pytest.raises(ConnectionError):
        said_twice(connect())
    assert said(connect(), b"a", 2) == b"aa"
    ((hit),) = proxied.hits()
    assert (hit.kind, hit.operation.number, hit.operation.kind) == ("refused", 1, "connect")


@pytest.mark.parametrize(("at", "kind"), [(2, "send"), (3, "receive")])
def test_reset_breaks_the_connection(through, at, kind):
    connect, proxied = through(f"reset@{at}")
    with pytest.raises(ConnectionResetError):
        said(connect(), b"hello", 10)
    assert [(hit.kind, hit.operation.number, hit.operation.kind) for hit in proxied.hits()] == [("reset", at, kind)]


def test_closed_early_ends_the_connection_in_the_place_of_an_answer(through):
    connect, proxied = through("closed-early@3")
    sock = connect()
    assert said(sock, b"hello", 10) == b""
    # It has ended, it is not broken: what is said now goes nowhere, and nothing is reset.
    assert said(sock, b"hello", 10) == b""
    assert proxied.hit_count == 1


def test_answered_half_ends_in_the_middle_of_the_answer(through):
    connect, _ = through("answered-half@5")
    sock = connect()
    assert said(sock, b"hello", 10) == b"hellohello"
    assert said(sock, b"other", 10) == b"other"
    assert sock.recv(1) == b""


def test_silent_says_nothing_more_and_stays_open(through):
    connect, proxied = through("silent@3")
    sock = connect()
    sock.sendall(b"hello")
    other = connect()
    assert said(other, b"a", 2) == b"aa"  # once: the next one works
    sock.settimeout(0)
    with pytest.raises(BlockingIOError):
        sock.recv(1)
    assert [hit.kind for hit in proxied.hits()] == ["silent"]


def test_a_fault_that_happens_once_is_over_then(through):
    connect, proxied = through("reset@3:once")
    with pytest.raises(ConnectionResetError):
        said(connect(), b"hello", 10)
    for _ in range(3):
        assert said(connect(), b"hello", 10) == b"hellohello"
    assert proxied.hit_count == 1


def test_a_fault_lasts_until_it_is_relieved(through):
    connect, proxied = through("reset@3:until-raised")
    other = connect()
    with pytest.raises(ConnectionResetError):
        said(connect(), b"hello", 10)
    with pytest.raises(ConnectionError):
        said_twice(connect())
    with pytest.raises(ConnectionError):
        said_twice(other)
    assert [hit.kind for hit in proxied.hits()] == ["reset", "refused", "reset"]
    proxied.relieve()
    assert said(connect(), b"hello", 10) == b"hellohello"
    assert proxied.hit_count == 3


def test_a_fault_for_good_is_not_relieved(through):
    connect, proxied = through("answered-half@3:for-good")
    for _ in range(2):
        assert said(connect(), b"hello", 10) == b"hello"
        proxied.relieve()
    assert proxied.hit_count == 2


def test_what_cannot_go_wrong_at_the_first_operation_goes_wrong_at_none_after_it():
    exchanges = Exchanges(Fault.parse("refused@2:for-good"))
    assert [exchanges.begin(kind, "a:1") for kind in ("connect", "send", "receive")] == [None] * 3


def test_a_fault_is_not_relieved_before_it_has_happened():
    exchanges = Exchanges(Fault.parse("reset@2:until-raised"))
    exchanges.relieve()
    assert exchanges.begin("connect", "a:1") is None
    assert exchanges.begin("send", "a:1") == "reset"


@pytest.mark.parametrize("fault", ["timed-out@1:for-good", "unknown-host@2:for-good", "closed-early@2", "http-500@3"])
def test_what_cannot_go_wrong_there_does_not(through, fault):
    connect, proxied = through(fault)
    assert said(connect(), b"hello", 10) == b"hellohello"
    assert proxied.hits() == ()


def test_what_can_go_wrong_behind_a_proxy_can_go_wrong_anywhere():
    assert all(set(faults) <= set(FAULTS_AT[kind]) for kind, faults in PROXY_FAULTS_AT.items())


# ---------------------------------------------------------------------- the process


def open_files():
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def proxies():
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


def test_the_process_ends_with_the_context_and_leaves_nothing_open(far):
    before, files = proxies(), open_files()
    with proxy_between((far,), None, fork=fork):
        assert len(proxies()) == len(before) + 1
    assert proxies() == before
    assert open_files() == files


def test_the_process_ends_with_the_one_that_started_it(far):
    reader, writer = os.pipe()
    pid = fork()
    if pid == 0:
        with proxy_between((far,), None):
            proxy = psutil.Process().children()[0].pid
            left = os.fork()
            if left == 0:
                signal.pause()  # a process of the source's, which could still ask
            os.write(writer, f"{proxy} {left}".encode())
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    proxy, left = map(int, os.read(reader, 100).split())
    deadline = time.monotonic() + 20
    while psutil.pid_exists(proxy) and psutil.Process(proxy).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    os.kill(left, signal.SIGKILL)
    os.close(reader)
    os.close(writer)


def test_a_proxy_that_is_gone_is_the_kits_fault(far):
    with proxy_between((far,), None, fork=fork) as proxy:
        (child,) = proxies()
        child.kill()
        with pytest.raises((RuntimeError, BrokenPipeError, ConnectionResetError)):
            Proxied(proxy).drain()
