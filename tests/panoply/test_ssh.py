"""`panoply.SSHTunnel`, by a real SSH server on loopback to a real TCP server behind it."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import traceback
from types import SimpleNamespace

import asyncssh
import pytest

import panoply
from panoply.errors import IncorrectParamError, TunnelError

PASSWORD, PASSPHRASE = "password-of-the-user", "passphrase-of-the-key"

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.filterwarnings("ignore:Warning. bcrypt.kdf:UserWarning"),  # so few rounds are only for tests
]


@pytest.fixture(scope="module")
def keys():
    make = asyncssh.generate_private_key
    return SimpleNamespace(host=make("ssh-ed25519"), rsa=make("ssh-rsa", key_size=2048), ed=make("ssh-ed25519"))


@pytest.fixture(scope="module")
def far_end(keys):
    """An SSH server that forwards, and a server behind it that echoes; on a loop in a thread of their own."""
    found = SimpleNamespace(connections=[])

    class Server(asyncssh.SSHServer):
        def connection_made(self, conn):
            found.connections.append(conn)

        def connection_requested(self, *args):
            return True

        def password_auth_supported(self):
            return True

        def validate_password(self, username, password):
            return password == PASSWORD

    async def echo(reader, writer):
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()

    async def serve(started, ended):
        allowed = "".join(key.export_public_key().decode() for key in (keys.rsa, keys.ed))
        async with (
            await asyncio.start_server(echo, "127.0.0.1", 0) as behind,
            await asyncssh.create_server(
                Server,
                "127.0.0.1",
                0,
                server_host_keys=[keys.host],
                authorized_client_keys=asyncssh.import_authorized_keys(allowed),
            ) as server,
        ):
            found.port, found.echo = server.get_port(), behind.sockets[0].getsockname()[1]
            found.loop = asyncio.get_running_loop()
            found.stop = asyncio.Event()
            started.set()
            await found.stop.wait()
        ended.set()

    started, ended = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(started, ended)))
    thread.start()
    started.wait(10)
    yield found
    found.loop.call_soon_threadsafe(found.stop.set)
    thread.join()


@pytest.fixture
def settings(far_end):
    return {"active": True, "host": "127.0.0.1", "port": far_end.port, "username": "reader", "password": PASSWORD}


def echoed(server, data=b"through the tunnel"):
    with socket.create_connection((server.local_bind_host, server.local_bind_port), timeout=10) as connection:
        connection.sendall(data)
        return connection.recv(1000)


def opened(settings, far_end):
    return panoply.SSHTunnel("127.0.0.1", far_end.echo, settings, platform_ssh=False)


def tunnel_threads():
    return [each for each in threading.enumerate() if each.name == "panoply-ssh"]


def test_what_is_sent_into_the_tunnel_arrives_behind_it(settings, far_end):
    with opened(settings, far_end) as server:
        assert echoed(server) == b"through the tunnel"
        assert server.local_bind_address == ("127.0.0.1", server.local_bind_port)
        assert server.is_active
        assert server.is_alive

    assert not server.is_active
    assert tunnel_threads() == []
    with pytest.raises(ConnectionRefusedError):
        echoed(server)


def forms_of_a_key(keys):
    pkcs1 = keys.rsa.export_private_key("pkcs1-pem").decode()
    openssh = keys.ed.export_private_key("openssh").decode()
    yield "pkcs1", {"privateKey": pkcs1}
    yield "pkcs8", {"privateKey": keys.rsa.export_private_key("pkcs8-pem").decode()}
    yield "openssh", {"privateKey": openssh}
    yield "windows line breaks", {"privateKey": openssh.replace("\n", "\r\n")}
    yield "no line breaks", {"privateKey": pkcs1.replace("\n", "")}
    yield "spaces for line breaks", {"privateKey": openssh.replace("\n", " ")}
    yield "line breaks in words", {"privateKey": openssh.replace("\n", "\\n")}
    # A few rounds only: how long it takes to guess a key is not what is tested.
    locked = keys.ed.export_private_key("openssh", passphrase=PASSPHRASE, rounds=1).decode()
    yield "passphrase", {"privateKey": locked, "passphrase": PASSPHRASE}
    yield "password for passphrase", {"privateKey": locked, "password": PASSPHRASE}
    old = keys.rsa.export_private_key("pkcs1-pem", passphrase=PASSPHRASE).decode()
    yield "encrypted pkcs1", {"privateKey": old, "passphrase": PASSPHRASE}


def test_a_private_key_may_be_written_in_many_ways(settings, far_end, keys):
    del settings["password"]
    for name, key in forms_of_a_key(keys):
        with opened({**settings, **key}, far_end) as server:
            assert echoed(server) == b"through the tunnel", name


def test_the_port_may_be_text_and_what_the_user_chose_stays_as_it_is(settings, far_end):
    settings["port"] = str(settings["port"])
    before = dict(settings)

    with opened(settings, far_end) as server:
        assert echoed(server)

    assert settings == before


@pytest.mark.parametrize(
    "form", ["{key}", "127.0.0.1 {key} a comment", "# 127.0.0.1:22 SSH-2.0\n[127.0.0.1]:22 {key}\n"]
)
def test_the_right_server_is_let_through(settings, far_end, keys, form):
    key = keys.host.export_public_key().decode().strip()
    with opened({**settings, "hostKey": form.format(key=key)}, far_end) as server:
        assert echoed(server)


@pytest.mark.parametrize("kind", ["ed", "rsa"])
def test_another_server_gets_no_password(settings, far_end, keys, kind):
    wrong = getattr(keys, kind).export_public_key().decode()

    with pytest.raises(TunnelError) as refused:
        opened({**settings, "hostKey": wrong}, far_end)

    # Where the server has no key of that kind, both find it out, and the server may hang up before the client says why.
    assert refused.value.retryable is False or (kind == "rsa" and "Connection lost" in str(refused.value))
    assert tunnel_threads() == []


def refusals(settings, keys):
    locked = keys.ed.export_private_key("openssh", passphrase=PASSPHRASE, rounds=1).decode()
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    bare = {name: value for name, value in settings.items() if name != "password"}
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    yield TunnelError, "Permission denied", False, {**settings, "password": "wrong-password"}
    yield TunnelError, "Permission denied", False, {**bare, "privateKey": stranger}
    yield TunnelError, "Connect call failed", True, {**settings, "port": port}
    yield IncorrectParamError, "passphrase is missing or wrong", False, {**bare, "privateKey": locked}
    yield (
        IncorrectParamError,
        "is missing or wrong",
        False,
        {**bare, "privateKey": locked, "passphrase": "wrong-phrase"},
    )
    yield IncorrectParamError, "it is no private key", False, {**bare, "privateKey": "key-of-the-user"}
    yield IncorrectParamError, "`hostKey` is no public key", False, {**settings, "hostKey": "AAAA"}


def test_what_is_refused_is_said_without_a_credential(settings, far_end, keys, caplog):
    secrets = (PASSWORD, PASSPHRASE, "wrong-password", "wrong-phrase", "key-of-the-user")
    for kind, said, retryable, wrong in refusals(settings, keys):
        with caplog.at_level(logging.DEBUG), pytest.raises(kind, match=said) as refused:
            opened(wrong, far_end)
        error = refused.value
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + caplog.text
        assert [secret for secret in secrets if secret in shown] == []
        assert error.retryable is retryable
        assert tunnel_threads() == []


def test_what_else_this_machine_knows_of_ssh_plays_no_part(settings, far_end, keys, tmp_path, monkeypatch):
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "config").write_text("Host *\n  HostName 127.0.0.2\n  User somebody\n")
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{far_end.port} {keys.rsa.export_public_key().decode()}")
    (folder / "id_ed25519").write_bytes(keys.ed.export_private_key("openssh"))
    (folder / "id_ed25519").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))

    with opened(settings, far_end) as server:
        assert echoed(server)
    with pytest.raises(TunnelError, match="Permission denied"):  # not by a key of this machine's
        opened({**settings, "password": "wrong-password"}, far_end)


def test_no_credential_is_in_a_repr_or_a_log(settings, far_end, keys, caplog):
    key = keys.ed.export_private_key("openssh").decode()
    with caplog.at_level(logging.DEBUG):
        tunnel = opened({**settings, "privateKey": key}, far_end)
        shown = f"{tunnel} {tunnel!r} {tunnel.server!r} {tunnel.server} {vars(tunnel.server)}"
        tunnel.close()

    assert str(tunnel) == "SSH tunnel to 127.0.0.1, for user reader"
    assert PASSWORD not in shown + caplog.text
    assert key.splitlines()[2] not in shown + caplog.text


def test_it_can_be_closed_by_either_side_as_often_as_one_likes(settings, far_end):
    tunnel = opened(settings, far_end)
    connection = socket.create_connection(tunnel.server.local_bind_address, timeout=10)
    connection.sendall(b"a")
    assert connection.recv(1) == b"a"

    tunnel.close()
    tunnel.close()
    tunnel.server.stop(force=True)
    tunnel.server.close()

    assert connection.recv(1) == b""
    connection.close()
    assert tunnel_threads() == []


def test_it_can_be_opened_again_at_the_same_port_unless_that_is_taken(settings, far_end):
    server = opened(settings, far_end).server
    first = server.local_bind_port
    server.start()
    server.restart()
    assert (server.local_bind_port, echoed(server)) == (first, b"through the tunnel")

    server.stop()
    with socket.create_server(("127.0.0.1", first)), server:
        assert server.local_bind_port != first
        assert echoed(server)
    assert tunnel_threads() == []


def test_a_tunnel_whose_server_went_away_knows_it(settings, far_end):
    with opened(settings, far_end) as server:
        (thread,) = tunnel_threads()
        far_end.loop.call_soon_threadsafe(far_end.connections[-1].abort)
        thread.join()

        assert not server.is_active
        server.restart()
        assert echoed(server)


def test_where_the_platform_has_a_tunnel_nothing_is_opened(settings):
    with panoply.SSHTunnel("db.internal", 5432, settings) as server:
        assert server is None
    tunnel = panoply.SSHTunnel("db.internal", 5432, settings, platform_ssh=True)
    assert (tunnel.host, tunnel.port, tunnel.server, tunnel.tunnel) == ("db.internal", 5432, None, settings)
    tunnel.close()


@pytest.mark.parametrize(
    ("port", "tunnel", "said"),
    [
        (-5, {}, "Port should be in range [0: 65535]"),
        (65536, {}, "Port should be in range [0: 65535]"),
        ("22", {}, "Port should be instance of `int`"),
        (True, {}, "Port should be instance of `int`"),
        (1, [], "SSH tunnel should be `dict` object"),
        (1, {"key": "v"}, "SSH tunnel object should contain `active` property"),
        (1, {"active": True}, "SSH tunnel object should contain `host` property"),
        (1, {"active": True, "host": "h"}, "SSH tunnel object should contain `username` property"),
        (1, {"active": True, "host": "h", "username": "u"}, "SSH tunnel object should contain `privateKey` property"),
        (
            1,
            {"active": True, "host": "h", "username": "u", "password": 1},
            "SSH tunnel object: `password` should be text",
        ),
        (
            1,
            {"active": 1, "host": "h", "username": "u", "password": "p", "port": "x"},
            "Port should be instance of `int`",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_in_the_words_of_sdk_3(port, tunnel, said):
    with pytest.raises(IncorrectParamError) as refused:
        panoply.SSHTunnel("127.0.0.1", port, tunnel, False)  # noqa: FBT003 - as published sources do
    assert str(refused.value) == said


def test_without_the_extra_it_says_how_to_install_it():
    code = """if True:
        import sys
        sys.modules["asyncssh"] = None
        import panoply
        tunnel = {"active": True, "host": "h", "username": "u", "password": "p"}
        panoply.SSHTunnel("db.internal", 5432, tunnel)
        try:
            panoply.SSHTunnel("db.internal", 5432, tunnel, platform_ssh=False)
        except panoply.errors.MissingExtra as missing:
            print(missing)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "python -m pip install 'panoply-python-sdk[ssh]'" in done.stdout
