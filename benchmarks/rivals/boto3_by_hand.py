"""What a program does by itself with boto3: `json.dumps`, a list of lines, and `send_message` when the next does not fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import botocore
from botocore.config import Config

from benchmarks.rivals import APIKEY, APISECRET, MESSAGE_LIMIT, QUEUE_URL

if TYPE_CHECKING:
    from benchmarks.far_end import FarEnd

__all__ = ["Boto3ByHand", "connect"]


class Boto3ByHand:
    """One thread, which also sends."""

    def __init__(self, url: str) -> None:
        session = boto3.session.Session(
            aws_access_key_id="unsigned",
            aws_secret_access_key="unsigned",  # noqa: S106 - a placeholder
            region_name="us-east-1",
        )
        self._client = session.client("sqs", endpoint_url=url, config=Config(signature_version=botocore.UNSIGNED))
        self._attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in [("key", APIKEY), ("secret", APISECRET), ("sdk", "by-hand")]
        }
        self._lines: list[str] = []
        self._size = 0

    def write(self, table: str, record: dict[str, Any]) -> None:
        """Keep a record, and send those before it if it does not fit to them."""
        line = json.dumps({"__table": table, **record}) + "\n"  # plain ASCII, so that characters are bytes
        if self._size + len(line) > MESSAGE_LIMIT:
            self.settle()
        self._lines.append(line)
        self._size += len(line)

    def settle(self) -> None:
        """Send what there is."""
        if self._lines:
            self._client.send_message(
                QueueUrl=QUEUE_URL, MessageBody="".join(self._lines), MessageAttributes=self._attributes
            )
        self._lines, self._size = [], 0

    def close(self) -> None:
        """Send what there is, and close the connection."""
        self.settle()
        self._client.close()


def connect(far_end: FarEnd, url: str) -> Boto3ByHand:
    """Connect it."""
    del far_end
    return Boto3ByHand(url)
