"""`_network`: whatever library a source speaks with, its operations are seen and one of them can be broken.

Each test forks, as the network is taken over for good; the servers stay on this side of the fork and see what arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import http.server
import importlib
import json
import os
import pickle
import select
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import traceback
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from panoply_testing import _network_unseen
from panoply_testing._network import Network
from panoply_testing.faults import FAULTS_AT, HTTP_FAULTS, Fault
from panoply_testing.postgres import NoPostgres, PostgresServer

# For "localhost", from 2020 to 2120, made for these tests and of use for nothing else.
PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgv/8aDhZuuY7URfzA
u13kvRN38uToo1QVxBuUgLgUqfShRANCAATlaef91lHLtsaqI14ZGJ3pujAqHFjU
mCgb2rXQG9Avw8eKgotw4meeu5riMMnn69I9b6xGveFTt4xLrxzaBKnu
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBkzCCATigAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOVp5/3WUcu2xqoj
XhkYnem6MCocWNSYKBvatdAb0C/Dx4qCi3DiZ567muIwyefr0j1vrEa94VO3jEuv
HNoEqe6jeTB3MBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MA4GA1UdDwEB/wQEAwIChDAdBgNVHQ4EFgQUau56isSJEcUIlFpfNYmO8DtRr4Aw
HwYDVR0jBBgwFoAUau56isSJEcUIlFpfNYmO8DtRr4AwCgYIKoZIzj0EAwIDSQAw
RgIhAPh0EiwGQVPEe0WBTyia5l5QP7GsxcbMpinrOF85m0ldAiEA7KPqlg6tFIfl
c5cUFvMxMN+Tfc8f0pGF9ZJzHHgrvcA=
-----END CERTIFICATE-----
"""

BODY = json.dumps({"items": list(range(50))}).encode()
BIG = b"[" + b"1, " * 400_000 + b"1]"

# How long a forked test may take before it is ended, with the stacks of its threads.
PATIENCE = 30


# ---------------------------------------------------------------------- servers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20

    def log_message(self, *args):
        """Nothing."""

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.server.seen.append(f"{self.command} {path}")
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if path == "/plain" else "application/json")
        body = BIG if path == "/big" else BODY
        if path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:99], BODY[99:], b""))
        elif path == "/closing":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, pem=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen = []
        self.problems = []
        self.url = f"http{'s' if pem else ''}://localhost:{self.server_address[1]}"
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            # Each handshake in the thread of its connection: one that fails must not end the server.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request, client_address):
        # Its class alone: its frames would keep the connection open.
        self.problems.append(sys.exc_info()[0])


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1 << 16):
            self.server.seen.append(data)
            self.request.sendall(data)


class EchoOfDatagrams(socketserver.BaseRequestHandler):
    def handle(self):
        self.request[1].sendto(self.request[0], self.client_address)


@contextlib.contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_text(PEM, encoding="utf-8")
    return path


@pytest.fixture(scope="module", autouse=True)
def libraries():
    """Imported once, on this side of the forks."""
    for name in ("requests", "httpx", "aiohttp", "trio", "anyio._backends._asyncio", "pg8000.dbapi"):
        importlib.import_module(name)


@pytest.fixture(scope="module", params=["plain", "tls"])
def server(request, pem):
    with serving(Server(pem if request.param == "tls" else None)) as server:
        yield server


@pytest.fixture(scope="module")
def plain():
    with serving(Server()) as server:
        yield server


@pytest.fixture
def echo():
    class Threading(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            """A connection that was broken off on purpose."""

    with serving(Threading(("127.0.0.1", 0), Echo)) as server:
        server.seen = []
        yield server


# ---------------------------------------------------------------------- a process of its own


@dataclasses.dataclass
class Seen:
    """What came of a function that ran in a process of its own, under observation."""

    result: object
    operations: tuple
    hits: tuple
    hit_count: int
    advanced: list
    stuck: str

    @property
    def kinds(self):
        return [operation.kind for operation in self.operations]

    def of(self, kind):
        return [operation for operation in self.operations if operation.kind == kind]


def own_line(frame):
    while frame is not None:
        if frame.f_code.co_filename == __file__ and frame.f_code.co_name not in {"tries", "observe", "run"}:
            return frame.f_code.co_name
        frame = frame.f_back
    return ""


def observe(function, *args, fault=None):
    """Fork, and run `function(network, *args)` there."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        run(writer, function, args, Fault.parse(fault) if isinstance(fault, str) else fault)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        data = file.read()
    os.waitpid(pid, 0)
    assert data, "the process has ended, or hung; its stack is on stderr"
    seen = Seen(*pickle.loads(data))
    assert not isinstance(seen.result, Broken), seen.result.text
    return seen


class Broken:
    def __init__(self, text):
        self.text = text


def run(writer, function, args, fault):
    try:
        import faulthandler

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        faulthandler.dump_traceback_later(PATIENCE, exit=True, file=sys.__stderr__)
        advanced = []

        def stuck_for_ever(sentence):
            tell(writer, "stuck", network, advanced)

        network = Network(fault=fault, own_line=own_line, advance=advanced.append, stuck_for_ever=stuck_for_ever)
        network.start()
        try:
            result = function(network, *args)
        except BaseException:  # noqa: BLE001 - whatever it is, it is told
            result = Broken(traceback.format_exc())
        tell(writer, result, network, advanced)
    finally:
        os._exit(1)


def tell(writer, result, network, advanced):
    facts = (result, network.drain(last=True), network.hits(), network.hit_count, advanced, network.stuck)
    with os.fdopen(writer, "wb") as file:
        file.write(pickle.dumps(facts))
    os._exit(0)


def words_of(exc):
    """The exception's class and those it has on its way up, and what it says."""
    bases = [f"{each.__module__}.{each.__qualname__}" for each in type(exc).__mro__[:-3]]
    return f"{' '.join(bases)}: {exc} {exc.__cause__!r}"


def tries(get, times=3):
    """Three requests: of each its status and how long the answer was, or what it raised."""
    found = []
    for _ in range(times):
        try:
            found.append(get())
        except Exception as exc:  # noqa: BLE001 - each library has its own
            found.append(words_of(exc))
    return found


async def tries_async(get, times=3):
    found = []
    for _ in range(times):
        try:
            found.append(await get())
        except Exception as exc:  # noqa: BLE001 - each library has its own
            found.append(words_of(exc))
    return found


# ---------------------------------------------------------------------- clients


def tls_of(url, pem):
    return ssl.create_default_context(cafile=pem) if url.startswith("https") else None


def by_urllib(_network, url, pem, limit=5):
    import urllib.request

    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls_of("https", pem))
    )

    def get():
        with opener.open(url, timeout=limit) as response:
            return response.status, len(response.read())

    return tries(get)


def by_requests(_network, url, pem, limit=5):
    import requests

    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(pem)

        def get():
            response = session.get(url, timeout=limit)
            return response.status_code, len(response.content)

        return tries(get)


def by_httpx(_network, url, pem, limit=5):
    import httpx

    with httpx.Client(verify=tls_of("https", pem), timeout=limit, trust_env=False) as client:

        def get():
            response = client.get(url)
            return response.status_code, len(response.content)

        return tries(get)


async def httpx_async(url, pem, limit):
    import httpx

    async with httpx.AsyncClient(verify=tls_of("https", pem), timeout=limit, trust_env=False) as client:

        async def get():
            response = await client.get(url)
            return response.status_code, len(response.content)

        return await tries_async(get)


def by_httpx_async(_network, url, pem, limit=5):
    return asyncio.run(httpx_async(url, pem, limit))


def by_httpx_trio(_network, url, pem, limit=5):
    import trio

    return trio.run(httpx_async, url, pem, limit)


def by_aiohttp(_network, url, pem, limit=5):
    import aiohttp

    async def main():
        connector = aiohttp.TCPConnector(ssl=tls_of("https", pem))
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=limit)) as session:

            async def get():
                # Not GET, which aiohttp repeats by itself.
                async with session.post(url, data=b"{}") as response:
                    return response.status, len(await response.read())

            return await tries_async(get)

    return asyncio.run(main())


def by_streams(_network, url, pem, limit=5):
    parts = urlsplit(url)

    async def get():
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=tls_of(url, pem))
        try:
            writer.write(
                f"GET {parts.path}?token=abc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if b"Content-Length: " not in head:
                return int(head.split()[1]), len(BODY) + 0 * len(await reader.read())
            return int(head.split()[1]), len(await reader.readexactly(int(head.split(b"Length: ")[1].split()[0])))
        finally:
            writer.close()

    async def main():
        return await tries_async(lambda: asyncio.wait_for(get(), limit))

    return asyncio.run(main())


CLIENTS = {
    "urllib": by_urllib,
    "requests": by_requests,
    "httpx": by_httpx,
    "httpx-async": by_httpx_async,
    "httpx-trio": by_httpx_trio,
    "aiohttp": by_aiohttp,
    "streams": by_streams,
}
SYNC = {"urllib", "requests", "httpx"}

# Those that open a connection for each request.
ONE_EACH = {"urllib", "streams"}

# What an exception of each library is, whatever has happened.
EXCEPTIONS = {
    "urllib": "builtins.OSError http.client.HTTPException",
    "requests": "requests.exceptions.RequestException",
    "httpx": "httpx.TransportError",
    "httpx-async": "httpx.TransportError",
    "httpx-trio": "httpx.TransportError",
    "aiohttp": "aiohttp.client_exceptions.ClientError",
    "streams": "builtins.OSError builtins.EOFError",
}

GOOD = (200, len(BODY))

each_client = pytest.mark.parametrize("name", CLIENTS)


def comparable(operation):
    return (
        operation.number,
        operation.kind,
        operation.host,
        operation.limit,
        operation.blocking,
        operation.request,
        operation.answers_json,
        operation.ends_by_closing,
    )


# ---------------------------------------------------------------------- seeing


@each_client
def test_each_operation_is_seen_once_whatever_the_library(name, server, pem):
    seen = observe(CLIENTS[name], f"{server.url}/items?token=abc", pem)
    assert seen.result == [GOOD] * 3
    opening = ["lookup", "connect", *(["handshake"] if server.url.startswith("https") else [])]
    speaking = ["send", "receive"]
    expected = (opening + speaking) * 3 if name in ONE_EACH else opening + speaking * 3
    assert seen.kinds == expected
    assert [each.number for each in seen.operations] == list(range(1, len(expected) + 1))
    host = server.url.partition("//")[2]
    assert {each.host for each in seen.operations} == {"localhost", host}
    method = "POST" if name == "aiohttp" else "GET"
    assert {each.request for each in seen.of("send")} == {f"{method} /items"}
    assert all(each.answers_json for each in seen.of("send"))
    assert not any(each.ends_by_closing for each in seen.operations)
    assert {each.blocking for each in seen.operations if each.kind != "lookup"} == {name in SYNC}
    assert {each.limit for each in seen.of("send")} == {5.0 if name in SYNC else None}
    assert {each.where for each in seen.of("send") + seen.of("receive")} == {"get"}
    # trio's tasks cannot be asked where they wait.
    assert {each.where for each in seen.of("connect")} == {"by_httpx_trio" if name == "httpx-trio" else "get"}
    assert seen.hits == ()


@each_client
@pytest.mark.parametrize("path", ["/big", "/chunked", "/closing"])
def test_the_numbers_are_the_same_in_each_run(name, path, server, pem):
    one = observe(CLIENTS[name], server.url + path, pem)
    other = observe(CLIENTS[name], server.url + path, pem)
    assert [comparable(each) for each in one.operations] == [comparable(each) for each in other.operations]
    assert all(status == 200 for status, _ in one.result)
    assert {each.ends_by_closing for each in one.of("receive")} == {path == "/closing"}


def test_an_answer_that_is_no_json_is_none(plain, pem):
    assert not any(each.answers_json for each in observe(by_requests, f"{plain.url}/plain", pem).operations)


def test_a_request_in_several_pieces_is_one_operation(plain):
    def post(_network):
        with socket.create_connection(plain.server_address) as sock:
            sock.sendall(b"POST /items HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
            sock.send(b"ab")
            sock.sendmsg([b"c", b"d"])
            with sock.makefile("rb") as file:
                return file.readline()

    seen = observe(post)
    assert seen.result == b"HTTP/1.1 200 OK\r\n"
    assert seen.kinds == ["connect", "send", "receive"]
    assert seen.operations[1].request == "POST /items"


def test_a_request_in_several_pieces_is_one_operation_through_an_event_loop(server, pem):
    parts = urlsplit(server.url)

    async def post():
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=tls_of(server.url, pem))
        for piece in (b"POST /items HTTP/1.1\r\nContent-Length: 4\r\n\r\n", b"ab", b"cd"):
            writer.write(piece)
            await writer.drain()
        line = await reader.readline()
        writer.close()
        return line

    seen = observe(lambda _: asyncio.run(post()))
    assert seen.result == b"HTTP/1.1 200 OK\r\n"
    assert seen.kinds[-2:] == ["send", "receive"]
    assert seen.kinds.count("send") == 1


def receive_all(sock, method):  # noqa: PLR0911 - one for each method
    """Ten bytes, by the method of that name."""
    buffer = bytearray(10)
    match method:
        case "recv":
            return sock.recv(10)
        case "recvfrom":
            return sock.recvfrom(10)[0]
        case "recvmsg":
            return sock.recvmsg(10)[0]
        case "recv_into":
            return bytes(buffer[: sock.recv_into(buffer)])
        case "recvfrom_into":
            return bytes(buffer[: sock.recvfrom_into(memoryview(buffer), 10)[0]])
        case "recvmsg_into":
            other = bytearray(4)
            size = sock.recvmsg_into([other, buffer])[0]
            return bytes((other + buffer)[:size])
        case "makefile":
            with sock.makefile("rb") as file:
                return file.read(10)


METHODS = ["recv", "recvfrom", "recvmsg", "recv_into", "recvfrom_into", "recvmsg_into", "makefile"]


@pytest.mark.parametrize("limit", [None, 5.0])
@pytest.mark.parametrize("method", METHODS)
def test_each_way_to_receive_is_seen_and_broken(method, limit, echo):
    def say(_network):
        with socket.create_connection(echo.server_address, timeout=limit) as sock:
            sock.sendall(b"0123456789")
            try:
                return receive_all(sock, method)
            except OSError as exc:
                return exc.errno

    seen = observe(say)
    assert (seen.result, seen.kinds) == (b"0123456789", ["connect", "send", "receive"])
    assert observe(say, fault="reset@3").result == errno.ECONNRESET
    assert observe(say, fault="closed-early@3").result == b""
    assert observe(say, fault="answered-half@3").result == b"01234"
    assert observe(say, fault="timed-out@3").result == (errno.ETIMEDOUT if limit is None else None)


@pytest.mark.parametrize("method", ["send", "sendall", "sendmsg", "sendfile", "sendto"])
def test_each_way_to_send_is_seen_and_broken(method, echo, tmp_path):
    path = tmp_path / "words"
    path.write_bytes(b"words")

    def say(_network):
        with socket.create_connection(echo.server_address) as sock, path.open("rb") as file:
            given = {"sendmsg": [b"wor", b"ds"], "sendfile": file}.get(method, b"words")
            try:
                if method == "sendto":
                    sock.sendto(given, echo.server_address)
                else:
                    getattr(sock, method)(given)
            except OSError as exc:
                return exc.errno
            return sock.recv(100)

    seen = observe(say)
    assert (seen.result, seen.kinds) == (b"words", ["connect", "send", "receive"])
    echo.seen.clear()
    assert observe(say, fault="reset@2").result == errno.ECONNRESET
    assert observe(say, fault="timed-out@2").result == errno.ETIMEDOUT
    assert echo.seen == []


def test_looking_at_what_has_come_is_not_receiving_it(echo):
    def say(_network):
        with socket.create_connection(echo.server_address) as sock:
            sock.sendall(b"ab")
            looked_at = sock.recv(2, socket.MSG_PEEK)
            try:
                return looked_at, sock.recv(1) + sock.recv(1)
            except ConnectionResetError:
                return looked_at, None

    seen = observe(say)
    assert (seen.result, seen.kinds) == ((b"ab", b"ab"), ["connect", "send", "receive"])
    assert observe(say, fault="reset@3").result == (b"ab", None)


def test_asking_again_whether_something_has_come_is_no_operation(echo):
    def say(_network):
        sock = socket.socket()
        sock.settimeout(0)
        while sock.connect_ex(echo.server_address) not in {0, errno.EISCONN}:
            pass
        sock.send(b"ab")
        asked = 0
        while True:
            try:
                return sock.recv(2), asked
            except BlockingIOError:
                asked += 1

    seen = observe(say)
    assert seen.result[0] == b"ab"
    assert seen.kinds == ["connect", "send", "receive"]


def test_what_a_process_says_to_itself_does_not_count():
    def talk(_network):
        import multiprocessing.connection

        one, other = socket.socketpair()
        one.send(b"a")
        other.recv(1)
        with multiprocessing.connection.Listener(family="AF_UNIX") as listener:
            guest = multiprocessing.connection.Client(listener.address)
            listener.accept().send("a")
            guest.recv()
        door = socket.create_server(("127.0.0.1", 0))
        socket.getaddrinfo("127.0.0.1", 80)
        socket.getaddrinfo("::1", 80)
        socket.getaddrinfo(None, 80)
        caller = socket.create_connection(door.getsockname())
        guest, _ = door.accept()
        caller.send(b"a")
        guest.recv(1)
        guest.send(b"b")

    assert observe(talk).kinds == ["connect", "send"]


def test_a_local_socket_with_a_path_counts(tmp_path):
    class Threading(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    path = f"{tmp_path}/door"

    def say(_network):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
            sock.sendall(b"ab")
            return sock.recv(2)

    with serving(Threading(path, Echo)) as server:
        server.seen = []
        seen = observe(say)
    assert [(each.kind, each.host) for each in seen.operations] == [
        ("connect", path),
        ("send", path),
        ("receive", path),
    ]


def test_datagrams_are_seen_and_lost():
    def say(_network):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            answers = []
            for _ in range(2):
                try:
                    sock.sendto(b"ab", address)
                    answers.append(sock.recvfrom(10)[0])
                except OSError as exc:
                    answers.append(type(exc).__name__)
            return answers

    with serving(socketserver.ThreadingUDPServer(("127.0.0.1", 0), EchoOfDatagrams)) as server:
        address = server.server_address
        seen = observe(say)
        assert (seen.result, seen.kinds) == ([b"ab", b"ab"], ["send", "receive"] * 2)
        assert {each.host for each in seen.operations} == {f"127.0.0.1:{address[1]}"}
        assert observe(say, fault="timed-out@2").result[0] == "TimeoutError"
        assert observe(say, fault="reset@1").result == ["ConnectionRefusedError", b"ab"]
        assert observe(say, fault="answered-half@2").result == [b"a", b"ab"]


LOOKUPS = {
    "getaddrinfo": lambda: socket.getaddrinfo("localhost", 80),
    "gethostbyname": lambda: socket.gethostbyname("localhost"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("localhost"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("127.0.0.1"),
    "getnameinfo": lambda: socket.getnameinfo(("127.0.0.1", 80), 0),
    "kept": lambda: KEPT("localhost", 80),
    "in a module": lambda: importlib.import_module("panoply_testing_kept").gethostbyname("localhost"),
}
KEPT = socket.getaddrinfo


@pytest.mark.parametrize("name", LOOKUPS)
def test_each_way_to_look_up_a_name_is_seen_and_broken(name):
    def look(_network):
        try:
            return bool(LOOKUPS[name]())
        except (socket.gaierror, socket.herror) as exc:
            return str(exc)

    import types

    module = types.ModuleType("panoply_testing_kept")
    module.gethostbyname = socket.gethostbyname
    sys.modules[module.__name__] = module
    try:
        seen = observe(look)
        broken = observe(look, fault="unknown-host@1")
    finally:
        del sys.modules[module.__name__]
    assert seen.kinds == ["lookup"]
    assert seen.operations[0].host in {"localhost", "127.0.0.1"}
    assert broken.result == (
        "[Errno 1] Unknown host"
        if name == "gethostbyaddr"
        else f"[Errno {socket.EAI_NONAME}] Name or service not known"
    )


def test_a_name_that_a_socket_is_connected_to_is_looked_up_as_well(echo):
    def say(_network):
        with socket.socket() as sock:
            sock.connect(("localhost", echo.server_address[1]))

    seen = observe(say)
    assert [(each.kind, each.host) for each in seen.operations] == [
        ("lookup", "localhost"),
        ("connect", f"localhost:{echo.server_address[1]}"),
    ]


def test_a_process_that_the_source_forks_is_left_alone(plain, pem):
    def fork(network):
        pid = os.fork()
        if pid == 0:
            good = by_requests(network, f"{plain.url}/items", pem) == [GOOD] * 3
            os._exit(0 if good and not network.drain(last=True) else 1)
        return os.waitpid(pid, 0)[1]

    seen = observe(fork, fault="unknown-host@1:for-good")
    assert (seen.result, seen.operations, seen.hits) == (0, (), ())


def test_many_threads_at_once_are_each_counted(plain, pem):
    def crowd(network):
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(8) as pool:
            runs = [pool.submit(by_requests, network, f"{plain.url}/items", pem) for _ in range(16)]
            return [run.result() for run in runs]

    seen = observe(crowd)
    assert seen.result == [[GOOD] * 3] * 16
    assert [each.number for each in seen.operations] == list(range(1, 16 * 8 + 1))
    assert all(each.answers_json for each in seen.of("send"))


def test_what_is_drained_is_not_drained_again(plain, pem):
    def read(network):
        first = by_requests(network, f"{plain.url}/items", pem) and network.drain()
        second = by_requests(network, f"{plain.url}/items", pem) and network.drain()
        return [each.number for each in first], [each.number for each in second]

    assert observe(read).result == (list(range(1, 9)), list(range(9, 17)))


# ---------------------------------------------------------------------- to break it


def first_of_each(operations):
    found = {}
    for each in operations:
        found.setdefault(each.kind, each)
    return found.values()


@each_client
def test_each_fault_hits_and_the_next_request_works(name, server, pem):
    url = f"{server.url}/items"
    for operation in first_of_each(observe(CLIENTS[name], url, pem).operations):
        for kind in FAULTS_AT[operation.kind]:
            server.seen.clear()
            seen = observe(CLIENTS[name], url, pem, fault=Fault(kind=kind, at=operation.number))
            what = f"{kind} at {operation}: {seen.result}"
            assert [(hit.kind, hit.operation.number) for hit in seen.hits] == [(kind, operation.number)], what
            assert seen.hit_count == 1
            assert any(each in seen.result[0] for each in EXCEPTIONS[name].split()), what
            assert seen.result[1:] == [GOOD, GOOD], what
            # Before the answer is waited for, the far end has not been asked.
            assert len(server.seen) == (3 if operation.kind == "receive" else 2), what
            if kind == "timed-out" and name in SYNC:
                assert seen.advanced == [5.0]


@each_client
@pytest.mark.parametrize("kind", HTTP_FAULTS)
def test_an_http_fault_is_an_answer_and_the_far_end_is_not_asked(name, kind, server, pem):
    url = f"{server.url}/items"
    number = observe(CLIENTS[name], url, pem).of("send")[1].number
    server.seen.clear()
    seen = observe(CLIENTS[name], url, pem, fault=Fault(kind=kind, at=number))
    assert [(hit.kind, hit.operation.number) for hit in seen.hits] == [(kind, number)]
    status = {"http-429": 429, "http-500": 500, "http-503": 503, "http-not-json": 200}[kind]
    if name == "urllib" and status != 200:
        assert f"HTTP Error {status}" in seen.result[1]
    else:
        assert seen.result[1][0] == status
        assert seen.result[1] != GOOD
    assert (seen.result[0], seen.result[2]) == (GOOD, GOOD)
    assert len(server.seen) == 2


# What the standard library's own client raises when a real server does that.
REAL = [
    ("unknown-host", "lookup", "socket.gaierror", "[Errno -2] Name or service not known"),
    ("refused", "connect", "ConnectionRefusedError", "[Errno 111] Connection refused"),
    ("timed-out", "connect", "TimeoutError", "timed out"),
    ("reset", "handshake", "ConnectionResetError", "[Errno 104] Connection reset by peer"),
    ("timed-out", "handshake", "TimeoutError", "The handshake operation timed out"),
    ("closed-early", "handshake", "ssl.SSLEOFError", "EOF occurred in violation of protocol"),
    ("reset", "send", "ConnectionResetError", "[Errno 104] Connection reset by peer"),
    ("timed-out", "send", "TimeoutError", "The write operation timed out"),
    ("reset", "receive", "ConnectionResetError", "[Errno 104] Connection reset by peer"),
    ("timed-out", "receive", "TimeoutError", "The read operation timed out"),
    ("closed-early", "receive", "http.client.RemoteDisconnected", "Remote end closed connection without response"),
    ("answered-half", "receive", "http.client.IncompleteRead", "IncompleteRead(100 bytes read, 101 more expected)"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="the words and numbers of Linux")
@pytest.mark.parametrize(("kind", "at", "exception", "words"), REAL)
def test_a_fault_looks_as_it_does_in_real_life(kind, at, exception, words, pem):
    def get(_network):
        import http.client

        try:
            connection = http.client.HTTPSConnection(
                "localhost", server.server_address[1], timeout=5, context=tls_of("https", pem)
            )
            connection.request("GET", "/items")
            return len(connection.getresponse().read())
        except Exception as exc:  # noqa: BLE001 - each kind has its own
            return f"{type(exc).__module__}.{type(exc).__qualname__}: {exc}".removeprefix("builtins.")

    with serving(Server(pem)) as server:
        number = ["", "lookup", "connect", "handshake", "send", "receive"].index(at)
        result = observe(get, fault=Fault(kind=kind, at=number)).result
    assert result.startswith(f"{exception}: ")
    assert words in result


# The same through an event loop, where asyncio and httpx make something of it.
REAL_OF_LOOPS = [
    ("streams", "closed-early", "handshake", "ConnectionResetError"),
    ("streams", "reset", "handshake", "ConnectionResetError builtins.ConnectionError"),
    ("streams", "closed-early", "receive", "asyncio.exceptions.IncompleteReadError"),
    ("streams", "timed-out", "receive", "TimeoutError"),
    ("httpx-async", "closed-early", "handshake", "httpx.ConnectError"),
    ("httpx-async", "reset", "receive", "httpx.ReadError"),
    ("httpx-async", "closed-early", "receive", "httpx.RemoteProtocolError"),
    ("httpx-async", "answered-half", "receive", "httpx.RemoteProtocolError"),
    ("httpx-trio", "closed-early", "receive", "httpx.RemoteProtocolError"),
    ("aiohttp", "reset", "receive", "aiohttp.client_exceptions.ClientOSError"),
    ("aiohttp", "closed-early", "receive", "aiohttp.client_exceptions.ServerDisconnectedError"),
    ("aiohttp", "answered-half", "receive", "aiohttp.client_exceptions.ClientPayloadError"),
]


@pytest.mark.parametrize(("name", "kind", "at", "exception"), REAL_OF_LOOPS)
def test_a_fault_looks_as_it_does_in_real_life_through_an_event_loop(name, kind, at, exception, pem):
    number = ["", "lookup", "connect", "handshake", "send", "receive"].index(at)
    with serving(Server(pem)) as server:
        first = observe(CLIENTS[name], f"{server.url}/items", pem, fault=Fault(kind=kind, at=number)).result[0]
    assert first.removeprefix("builtins.").startswith(exception)


def test_a_connection_that_was_broken_stays_so(echo):
    def say(_network):
        with socket.create_connection(echo.server_address) as sock:
            sock.sendall(b"ab")
            found = []
            for act in (lambda: sock.recv(2), lambda: sock.recv(2), lambda: sock.send(b"cd"), lambda: sock.send(b"ef")):
                try:
                    found.append(act())
                except OSError as exc:
                    found.append(errno.errorcode[exc.errno])
            return found

    seen = observe(say, fault="reset@3")
    assert seen.result == ["ECONNRESET", "ECONNRESET", "EPIPE", "EPIPE"]
    assert observe(say, fault="closed-early@3").result == [b"", b"", "EPIPE", "EPIPE"]
    assert b"cd" not in b"".join(echo.seen)
    assert seen.hit_count == 1


@each_client
def test_an_outage_for_good_lets_nothing_through_from_there_on(name, server, pem):
    url = f"{server.url}/items"
    number = observe(CLIENTS[name], url, pem).of("send")[0].number
    server.seen.clear()
    seen = observe(CLIENTS[name], url, pem, fault=Fault(kind="reset", at=number, spell="for-good"))
    assert all(isinstance(each, str) for each in seen.result)
    assert server.seen == []
    assert seen.hits[0].operation.number == number
    assert seen.hit_count >= 3


@pytest.mark.parametrize("fault", ["refused@2:until-raised", "http-503@2:until-raised"])
def test_an_outage_until_raised_ends_when_it_is_relieved(fault, plain, pem):
    def read(network):
        during = by_requests(network, f"{plain.url}/items", pem)
        network.relieve()
        return during, by_requests(network, f"{plain.url}/items", pem)

    during, after = observe(read, fault=fault).result
    assert GOOD not in during
    assert after == [GOOD] * 3


def test_every_request_is_answered_alike_in_an_outage_of_http(server, pem):
    seen = observe(by_httpx_async, f"{server.url}/items", pem, fault="http-503@1:for-good")
    assert [status for status, _ in seen.result] == [503] * 3
    assert [hit.operation.kind for hit in seen.hits] == ["send"] * 3


def test_a_fault_that_does_not_fit_its_operation_hits_nothing(plain, pem):
    for fault in ("http-429@1", "reset@2", "refused@3", "unknown-host@99"):
        seen = observe(by_requests, f"{plain.url}/items", pem, fault=fault)
        assert (seen.result, seen.hits, seen.hit_count) == ([GOOD] * 3, (), 0)


def test_who_is_not_spoken_to_by_the_broken_connection_notices_nothing(plain, pem):
    plain.problems.clear()
    for fault in ("closed-early@4", "answered-half@4", "http-500@3", "reset@5", "reset@3"):
        observe(by_requests, f"{plain.url}/items", pem, fault=fault)
    assert [each for each in plain.problems if not issubclass(each, ConnectionError)] == []


# ---------------------------------------------------------------------- silence


@each_client
def test_a_silent_far_end_is_ended_by_the_time_limit(name, server, pem):
    limit = 0.4
    url = f"{server.url}/items"
    for operation in first_of_each(observe(CLIENTS[name], url, pem).operations):
        seen = observe(CLIENTS[name], url, pem, limit, fault=Fault(kind="silent", at=operation.number))
        what = f"silent at {operation}: {seen.result}"
        assert seen.hit_count == 1, what
        assert isinstance(seen.result[0], str), what
        assert "time" in seen.result[0].lower() or operation.kind == "lookup", what
        assert seen.result[1:] == [GOOD, GOOD], what
        if name in SYNC:
            assert seen.advanced == [10.0 if operation.kind == "lookup" else limit], what


@pytest.mark.parametrize("at", ["handshake", "send", "receive"])
def test_a_silent_far_end_keeps_a_call_without_limit_for_ever(at, pem):
    number = ["", "lookup", "connect", "handshake", "send", "receive"].index(at)
    with serving(Server(pem)) as server:
        seen = observe(by_requests, f"{server.url}/items", pem, None, fault=Fault(kind="silent", at=number))
        host = server.url.partition("//")[2]
    assert seen.result == "stuck"
    waiting = "operation 3 (handshake" if at == "handshake" else "operation 5 (receive"
    assert seen.stuck == (
        f"{waiting} {host}) would wait for ever at get: the far end is silent, and the socket has no time limit"
    )


def test_to_ask_a_silent_far_end_again_is_no_operation(echo):
    def say(_network):
        with socket.create_connection(echo.server_address) as sock:
            sock.settimeout(0)
            sock.send(b"ab")
            asked = 0
            while asked < 5:
                with contextlib.suppress(BlockingIOError):
                    sock.recv(2)
                asked += 1

    assert observe(say, fault="silent@2").kinds == ["connect", "send"]


def test_an_event_loop_really_waits_for_a_silent_far_end(server, pem):
    """It must neither spin nor be told that somebody is at work."""

    def read(network):
        async def main():
            task = asyncio.create_task(httpx_async(f"{server.url}/items", pem, None))
            loop = asyncio.get_running_loop()
            while not network.hits():  # noqa: ASYNC110 - nobody sets an event for it
                await asyncio.sleep(0)
            turns = 0
            select = loop._selector.select

            def counted(timeout=None):
                nonlocal turns
                turns += 1
                return select(timeout)

            loop._selector.select = counted
            await asyncio.sleep(0.2)
            task.cancel()
            return turns, network.at_work()

        return asyncio.run(main())

    sends = observe(by_httpx_async, f"{server.url}/items", pem).of("send")
    for number in (sends[0].number, sends[0].number + 1):
        turns, at_work = observe(read, fault=Fault(kind="silent", at=number)).result
        assert turns < 10
        assert not at_work


# ---------------------------------------------------------------------- at work, unseen


def test_somebody_is_at_work_from_the_request_to_the_end_of_the_answer(plain):
    def read(network):
        found = [network.at_work()]
        with socket.create_connection(plain.server_address) as sock:
            found.append(network.at_work())
            sock.sendall(b"GET /items HTTP/1.1\r\n\r\n")
            found.append(network.at_work())
            sock.recv(10)
            found.append(network.at_work())
            file = sock.makefile("rb")
            while file.readline() != b"\r\n":
                pass
            file.read(len(BODY))
            found.append(network.at_work())
            sock.sendall(b"GET /items HTTP/1.1\r\n\r\n")
            file.close()
        return [*found, network.at_work()]

    assert observe(read).result == [False, False, True, True, False, False]


def test_a_far_end_that_speaks_first_is_at_work_for_who_does_not_wait_within_a_call(echo):
    def read(network):
        with socket.create_connection(echo.server_address):
            within_a_call = network.at_work()
        with socket.socket() as sock:
            sock.settimeout(0)
            sock.connect_ex(echo.server_address)
            select.select([], [sock], [])
            connected = network.at_work()
        return within_a_call, connected, network.at_work()

    assert observe(read).result == (False, True, False)


def test_a_thread_that_waits_for_the_network_is_at_work(echo):
    def read(network):
        sock = socket.create_connection(echo.server_address)
        thread = threading.Thread(target=sock.recv, args=(1,))
        thread.start()
        while not network.at_work():
            pass
        sock.sendall(b"a")
        thread.join()
        return True

    assert observe(read).result


def test_connections_past_the_sockets_of_python_are_found(plain, pem):
    def read(network):
        import _socket

        import requests

        session = requests.Session()
        session.get(f"{plain.url}/items", timeout=5)
        ours = network.unseen()
        native = _socket.socket()
        native.connect(plain.server_address)
        found = network.unseen()
        native.close()
        left = socket.create_connection(plain.server_address)
        descriptor = left.fileno()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            del left
        native = _socket.socket()
        native.connect(plain.server_address)
        assert native.fileno() == descriptor
        again = network.unseen()
        native.close()
        return ours, found, again, network.unseen()

    address = f"localhost:{plain.server_address[1]}"
    assert observe(read).result == ((), (address,), (address,), ())


def test_what_a_connection_past_python_leads_to_is_only_asked_once(echo, monkeypatch):
    asked = []

    def connections_of(process, ask=_network_unseen._connections_of):
        asked.append(process.pid)
        return ask(process)

    monkeypatch.setattr(_network_unseen, "_connections_of", connections_of)

    def read(network):
        import _socket

        found = []
        for _ in range(2):
            native = _socket.socket()
            native.connect(echo.server_address)
            found += [network.unseen(), network.unseen(), network.unseen(), len(asked)]
            native.close()
        return [*found, network.unseen(), len(asked)]

    host = (f"127.0.0.1:{echo.server_address[1]}",)
    assert observe(read).result == [host, host, host, 1, host, host, host, 2, (), 2]


def test_connections_of_a_process_that_the_source_starts_are_found(echo):
    def read(network):
        code = f"import socket; s = socket.create_connection({echo.server_address!r}); print(flush=True); input()"
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        found = network.unseen()
        child.communicate(b"\n")
        return found, network.unseen()

    host = f"127.0.0.1:{echo.server_address[1]}"
    assert observe(read).result == ((host,), ())


def test_only_a_connection_past_python_to_somewhere_else_is_one_that_is_not_seen(echo):
    def read(network):
        import _socket

        native, ours, door = _socket.socket(), socket.create_connection(echo.server_address), _socket.socket()
        native.connect(echo.server_address)
        door.listen()
        pair, pipe, datagram = socket.socketpair(), os.pipe(), _socket.socket(type=socket.SOCK_DGRAM)
        descriptors = [each.fileno() for each in (native, ours, door, *pair, datagram)]
        found = [network.is_unseen(each) for each in (*descriptors, *pipe)]
        native.close()
        return [*found, network.is_unseen(descriptors[0])]

    assert observe(read).result == [True] + [False] * 8


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="only Linux tells of it")
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_connections_past_python_are_found_for_a_while_after_their_end(family, host):
    def read(network):
        import _socket

        with socket.create_server((host, 0), family=family) as door:
            native = _socket.socket(family)
            native.connect(door.getsockname())
            before = network.ended()
            native.close()
            door.accept()[0].close()
            written = f"[{host}]" if ":" in host else host
            address = f"{written}:{door.getsockname()[1]}"
        # Others on this machine close theirs at the same time.
        return [address in found for found in (before, network.ended(), network.ended())]

    assert observe(read).result == [False, True, False]


def test_what_was_connected_before_the_source_was_there_is_not_its_own(echo):
    import _socket

    native = _socket.socket()
    native.connect(echo.server_address)

    def read(network):
        return network.unseen()

    assert observe(read).result == ()
    native.close()


# ---------------------------------------------------------------------- a database


@pytest.fixture(scope="module")
def database():
    """A PostgreSQL of our own."""
    server = PostgresServer()
    try:
        server.start()
    except NoPostgres as exc:
        pytest.skip(str(exc))
    with server:
        yield server


def by_pg8000(_network, database):
    import pg8000.dbapi

    def get():
        connection = pg8000.dbapi.connect(
            database.user, database.host, "postgres", database.port, database.password, timeout=5
        )
        try:
            cursor = connection.cursor()
            found = []
            for _ in range(2):
                cursor.execute("select * from generate_series(1, 3000)")
                found.append(len(cursor.fetchall()))
            return found
        finally:
            with contextlib.suppress(pg8000.dbapi.Error, OSError):
                connection.close()

    return tries(get)


def test_a_database_driver_in_python_is_seen_and_broken(database):
    one, other = observe(by_pg8000, database), observe(by_pg8000, database)
    assert one.result == [[3000, 3000]] * 3
    assert [comparable(each) for each in one.operations] == [comparable(each) for each in other.operations]
    assert set(one.kinds) == {"connect", "send", "receive"}
    of_the_first = one.kinds.index("connect", 1)
    for operation in one.operations[:of_the_first]:
        for kind in FAULTS_AT[operation.kind]:
            seen = observe(by_pg8000, database, fault=Fault(kind=kind, at=operation.number))
            assert seen.hit_count == 1, (kind, operation)
            # What fails as it is closed is not missed by anybody.
            assert isinstance(seen.result[0], str) or operation.number >= of_the_first - 1, (kind, operation)
            assert seen.result[1:] == [[3000, 3000]] * 2, (kind, operation)
