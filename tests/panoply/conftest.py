"""A real SQS protocol server on loopback, and queues in it."""

from __future__ import annotations

import base64
import itertools
import json
import os
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.moto_server import werkzeug_app
from moto.server import ThreadedMotoServer


@dataclass(frozen=True)
class Queue:
    """A queue of moto's, seen with an administrator's eyes."""

    apikey: str
    apisecret: str
    endpoint_url: str
    client: Any
    url: str

    def messages(self) -> list[dict[str, Any]]:
        """Take all messages out, in the order in which they came."""
        found = []
        while batch := self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in batch:
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            found += batch
        return found

    def records(self) -> list[dict[str, Any]]:
        """Take all records out."""
        return [json.loads(line) for message in self.messages() for line in message["Body"].split("\n") if line]


def secret_of(rand2: str, region: str = "us-east-1") -> str:
    return base64.b64encode(f"{rand2}/2f1a7c1e-uuid/123456789012/{region}".encode()).decode()


@pytest.fixture(scope="session")
def moto_url():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    with pytest.MonkeyPatch.context() as patched:
        # moto tells by a request's signature which service it is for, and takes those without one for S3's. A real SQS
        # is only asked what is SQS's.
        patched.setitem(werkzeug_app.UNSIGNED_REQUESTS, "AmazonSQS", ("sqs", "us-east-1"))
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(autouse=True)
def no_aws_settings(monkeypatch):
    """The machine's own AWS settings and proxies are not what is tested."""
    for name in os.environ:
        if name.startswith("AWS_") or name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


_numbers = itertools.count(1)


@pytest.fixture
def queue(moto_url, no_aws_settings):
    """A new, empty queue for each test."""
    rand2 = f"rand-two-{next(_numbers)}"
    client = boto3.client(
        "sqs", endpoint_url=moto_url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    url = client.create_queue(QueueName=f"sdk-acme-{rand2}")["QueueUrl"]
    yield Queue("acme/rand-one", secret_of(rand2), moto_url, client, url)
    client.delete_queue(QueueUrl=url)
    client.close()
