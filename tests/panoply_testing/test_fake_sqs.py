"""The fake queue: what an SDK writes arrives, once, and nothing of it disturbs the session it is used in."""

from __future__ import annotations

import json
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

import panoply
from panoply.constants import PKGNAME, VERSION
from panoply_testing.fake_sqs import FakeSQS, Message, serve


@pytest.fixture(scope="module")
def server():
    with serve() as server:
        yield server


@pytest.fixture
def sqs(server):
    with FakeSQS(server) as sqs:
        yield sqs


@pytest.fixture
def send(sqs):
    """Send a message past the SDK."""
    client = boto3.client(
        "sqs", endpoint_url=sqs.endpoint_url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    yield lambda body: client.send_message(QueueUrl=sqs.queue_url, MessageBody=body)
    client.close()


def test_what_an_sdk_writes_arrives_with_the_credentials_it_was_given(sqs):
    with panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url) as sdk:
        sdk.write("users", {"id": 1})
        sdk.write("orders", {"id": 2, "text": "a\u2028b\x85c"})
    (message,) = sqs.messages
    assert message.attributes["key"] == sqs.apikey
    assert message.attributes["secret"] == sqs.apisecret
    assert message.attributes["sdk"] == f"{PKGNAME}-{VERSION}"
    assert sqs.tables == ["users", "orders"]
    assert sqs.records("users") == [{"id": 1, "__table": "users"}]
    assert sqs.records() == [*sqs.records("users"), {"id": 2, "text": "a\u2028b\x85c", "__table": "orders"}]
    assert sqs.records("nothing") == []


def test_a_message_counts_its_attributes_as_the_queue_does():
    message = Message('{"a": "é"}\n', {"key": "k/1"})
    assert message.size == len('{"a": "é"}\n'.encode()) + len("keyStringk/1")
    assert "k/1" not in repr(message)


def test_messages_are_neither_lost_nor_repeated_when_they_are_looked_at_again(sqs, send):
    for number in range(25):
        send(json.dumps({"__table": "t", "id": number}))
    first = sqs.messages
    send(json.dumps({"__table": "t", "id": 25}))
    assert sqs.messages[:25] == first
    assert sorted(record["id"] for record in sqs.records()) == list(range(26))


def test_messages_may_be_looked_at_in_several_threads_while_more_arrive(sqs, send):
    counts = []

    def look():
        counts.append(len(sqs.messages))

    def write(number):
        send(json.dumps({"__table": "t", "id": number}))
        return number in [record["id"] for record in sqs.records()]

    with ThreadPoolExecutor(8) as pool:
        # Whoever looks after having sent a message sees that one at least.
        assert all(pool.map(write, range(40)))
        list(pool.map(lambda _: look(), range(8)))
    assert counts == [40] * 8
    assert sorted(record["id"] for record in sqs.records()) == list(range(40))


def test_each_queue_is_its_own(server):
    with FakeSQS(server) as one, FakeSQS(server) as two:
        assert one.apikey != two.apikey
        with panoply.SDK(one.apikey, one.apisecret, endpoint_url=one.endpoint_url) as sdk:
            sdk.write("users", {"id": 1})
        assert len(one.messages) == 1
        assert two.messages == []


def test_its_repr_asks_nobody_and_shows_no_secret(server):
    with FakeSQS(server) as sqs:
        pass
    assert repr(sqs) == f"<FakeSQS at {server.url}: 0 messages looked at>"


def test_refused_messages_do_not_arrive_and_the_sdk_sends_them_again(sqs):
    sqs.refuse(2)
    with panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url) as sdk:
        sdk.write("users", {"id": 1})
    assert sqs.records() == [{"id": 1, "__table": "users"}]


def test_a_message_whose_reply_is_lost_has_arrived(sqs):
    sqs.lose_reply()
    with panoply.SDK(sqs.apikey, sqs.apisecret, endpoint_url=sqs.endpoint_url) as sdk:
        sdk.write("users", {"id": 1})
    # Delivery is at least once: the SDK could not know.
    assert len(sqs.messages) == 2


def test_a_queue_that_is_gone_has_no_more_faults(server):
    with FakeSQS(server) as sqs:
        sqs.refuse(5)
    assert not server._faults


def test_it_leaves_nothing_of_itself_in_the_process():
    environment, threads = dict(os.environ), set(threading.enumerate())
    with serve() as server, FakeSQS(server) as sqs:
        assert sqs.messages == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
    assert dict(os.environ) == environment
    assert set(threading.enumerate()) <= threads


@pytest.mark.parametrize("name", ["AWS_PROFILE", "HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL"])
def test_the_machines_own_settings_do_not_count(server, monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FakeSQS(server) as sqs:
        assert sqs.messages == []


IN_A_PROJECT = """
import logging

def test_writes(panoply_sdk, panoply_sqs, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    assert not caplog.records
    panoply_sdk.write("users", {"id": 1})
    panoply_sdk.flush(timeout=10)
    assert panoply_sqs.records("users") == [{"id": 1, "__table": "users"}]
    assert {r.name.partition(".")[0] for r in caplog.records} <= {"panoply", "boto3", "botocore", "urllib3"}
    assert capfd.readouterr() == ("", "")

def test_starts_empty(panoply_sqs):
    assert panoply_sqs.messages == []
    assert panoply_sqs.queue_url.startswith(panoply_sqs.endpoint_url)
"""


@pytest.mark.parametrize("args", [["-W", "error"], ["-n2"], ["-s", "-W", "error"]], ids=" ".join)
def test_the_fixtures_leave_no_trace_in_a_session(project, args):
    project.write("tests/test_own.py", IN_A_PROJECT)
    result = project.run("tests/test_own.py", *args, apart=True)
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    assert not result.errlines
    assert "warning" not in result.stdout.str().lower()
