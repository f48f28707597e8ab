"""`panoply.sinks`: every target takes what the SDK would send; a table's name is a user's text and no more."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime

import pytest

import panoply
from panoply.encoding import encode_record
from panoply.errors import Closed, CredentialsError, DeliveryError, PanoplyException, ParamsError, RecordError
from panoply.sinks import JSONLSink, SQSSink, open_sink, table_of

RECORD = {"id": 1, "at": datetime(2024, 1, 2, tzinfo=UTC), "name": "Zo\u00eb\n"}


def lines(data):
    return [json.loads(line) for line in data.splitlines()]


def test_a_stream_gets_exactly_the_line_that_the_sdk_would_send():
    stream = io.BytesIO()

    with JSONLSink(stream) as sink:
        sink.write("people", RECORD)

    assert stream.getvalue() == encode_record("people", RECORD)
    assert not stream.closed


def test_a_stream_gets_each_record_at_once():
    raw = io.BytesIO()
    sink = JSONLSink(io.BufferedWriter(raw))  # type: ignore[arg-type]

    sink.write("t", {"a": 1})

    assert raw.getvalue() == b'{"__table":"t","a":1}\n'


def test_a_file_gets_its_name_when_it_is_complete(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("the last run's\n")

    with JSONLSink(path) as sink:
        sink.write("t", {"a": 1})
        sink.flush()
        assert path.read_text() == "the last run's\n"
        assert (tmp_path / "out.jsonl.part").read_bytes() == b'{"__table":"t","a":1}\n'

    assert path.read_bytes() == b'{"__table":"t","a":1}\n'
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


def test_an_incomplete_file_stays_a_part_and_the_last_one_whole(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("the last run's\n")
    sink = JSONLSink(path)
    sink.write("t", {"a": 1})

    sink.close(complete=False)

    assert path.read_text() == "the last run's\n"
    assert (tmp_path / "out.jsonl.part").read_bytes() == b'{"__table":"t","a":1}\n'


def test_an_exception_makes_a_file_incomplete(tmp_path):
    with pytest.raises(ZeroDivisionError), JSONLSink(tmp_path / "out.jsonl") as sink:
        sink.write("t", {"a": 1 / 0})

    assert list(tmp_path.iterdir()) == []


def test_a_run_without_records_is_a_complete_empty_file(tmp_path):
    with JSONLSink(tmp_path / "out.jsonl"):
        pass

    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_written_counts_the_records_of_each_table():
    with JSONLSink(io.BytesIO()) as sink:
        for table in ("b", "a", "b"):
            sink.write(table, {})

    assert list(sink.written.items()) == [("b", 2), ("a", 1)]


def test_a_record_that_cannot_be_sent_fails_alike_everywhere_and_is_not_counted(tmp_path, queue):
    stream = io.BytesIO()
    sdk = panoply.SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url)
    messages = set()
    for sink in (JSONLSink(stream), JSONLSink(tmp_path / "x.jsonl"), SQSSink(sdk)):
        with sink:
            with pytest.raises(RecordError) as caught:
                sink.write("t", {"a": float("nan")})
            messages.add(str(caught.value))
            assert not sink.written

    assert len(messages) == 1
    assert stream.getvalue() == b""


def test_closing_twice_is_no_trouble_and_writing_afterwards_is(tmp_path):
    for sink in (JSONLSink(io.BytesIO()), JSONLSink(tmp_path / "x.jsonl")):
        sink.close()
        sink.close()
        sink.flush()
        with pytest.raises(Closed):
            sink.write("t", {})


def test_the_queue_gets_what_is_written(queue):
    with open_sink("sqs", apikey=queue.apikey, apisecret=queue.apisecret, endpoint_url=queue.endpoint_url) as sink:
        sink.write("people", RECORD)
        sink.write("pets", {"id": 2})
        sink.flush()

        assert queue.records() == [*lines(encode_record("people", RECORD)), {"__table": "pets", "id": 2}]
        sink.write("pets", {"id": 3})

    assert queue.records() == [{"__table": "pets", "id": 3}]
    assert sink.written == {"people": 1, "pets": 2}


class Refusing:
    """A transport to a far end that takes nothing."""

    def send(self, body):
        raise PanoplyException("the queue does not exist", retryable=False)

    def close(self):
        pass


def test_a_failed_delivery_is_raised_by_flush_and_hands_the_records_back(queue):
    sink = SQSSink(panoply.SDK(queue.apikey, queue.apisecret, transport=Refusing()))
    sink.write("t", {"a": 1})

    with pytest.raises(DeliveryError, match="the queue does not exist") as caught:
        sink.flush()

    assert caught.value.records == (("t", {"a": 1}),)
    with pytest.raises(DeliveryError, match="the queue does not exist"):
        sink.write("t", {"a": 2})
    sink.close()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("queue", "There is no target 'queue'.*`-`.*FILE.jsonl.*`sqs`"),
        ("out.json", "no target 'out.json'.*Did you mean out.jsonl"),
        ("", "There is no target ''"),
        (".jsonl", "There is no target"),
        ("no/such/folder/out.jsonl", "there is no folder no/such/folder"),
        ("folder.jsonl", "it is a folder"),
    ],
)
def test_an_unknown_target_is_refused_with_those_that_exist(tmp_path, monkeypatch, target, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.jsonl").mkdir()

    with pytest.raises(ParamsError, match=message):
        open_sink(target)


def test_sqs_needs_a_key_and_a_secret():
    with pytest.raises(ParamsError, match="missing: API key and API secret"):
        open_sink("sqs")
    with pytest.raises(ParamsError, match="missing: API secret"):
        open_sink("sqs", apikey="acme/rand")
    with pytest.raises(CredentialsError):
        open_sink("sqs", apikey="acme", apisecret="x")


def test_standard_output_is_what_a_dash_means(capsysbinary):
    with open_sink("-") as sink:
        sink.write("t", {})

    assert capsysbinary.readouterr().out == b'{"__table":"t"}\n'


@pytest.mark.parametrize(
    ("record", "source", "resource", "table"),
    [
        ({}, {}, None, "shop"),
        ({}, {"type": "typed"}, None, "typed"),
        ({"__table": "own"}, {"type": "typed"}, None, "own"),
        ({"__table": "own"}, {"destination": "dest"}, None, "dest"),
        ({"__table": "own"}, {"destination": "  "}, None, "own"),
        ({"__table": None}, {"destination": None}, None, "shop"),
        ({"a": "x"}, {"destination": "shop_{a}"}, None, "shop_x"),
        ({"a": "x", "b c": 3}, {"destination": "{a}_{b c}_{a}"}, None, "x_3_x"),
        ({"a": "{b}", "b": "no"}, {"destination": "{a}"}, None, "{b}"),
        ({"__tablename": "x"}, {"destination": "{__tablename}"}, None, "x"),
        ({"a.b": "x"}, {"destination": "{a.b}"}, None, "x"),
        ({}, {"destination": "un{closed"}, None, "un{closed"),
        ({}, {"destination": "dest"}, "orders", "dest_orders"),
        ({}, {}, "orders", "shop_orders"),
        ({"__table": "own"}, {}, "orders", "own"),
        ({"a": "x"}, {"destination": "dest_{a}"}, "orders", "dest_x"),
        ({}, {"destination": "{resource_id}"}, "orders", "orders"),
        ({"resource_id": "column"}, {"destination": "{resource_id}"}, "orders", "column"),
    ],
)
def test_the_table_of_a_row(record, source, resource, table):
    assert table_of(record, source, "shop", resource) == table


@pytest.mark.parametrize(
    "destination", ["{a.__class__}", "{a[0]}", "{a!r}", "{a:>10}", "{}", "{0}", "{ a }", "{__class__}"]
)
def test_a_destination_reaches_into_nothing(destination):
    with pytest.raises(PanoplyException, match=r"which a row does not have. Its columns: 'a', 'b'") as caught:
        table_of({"a": "x", "b": 1}, {"destination": destination}, "shop")
    assert caught.value.retryable is False


@pytest.mark.parametrize("value", [None, "", " ", [], {}, b"x"])
def test_a_value_that_names_no_table_is_refused(value):
    with pytest.raises(PanoplyException, match="the column 'a', which is "):
        table_of({"a": value}, {"destination": "{a}"}, "shop")


def test_of_many_columns_some_are_named():
    with pytest.raises(PanoplyException, match="and 80 more"):
        table_of({f"column{i}": 1 for i in range(100)}, {"destination": "{a}"}, "shop")


def test_an_endpoint_that_is_no_address_is_said_before_anything_is_read():
    secret = base64.b64encode(b"rand2/uuid/123456789012/us-east-1").decode()

    with pytest.raises(ParamsError, match="target `sqs`: endpoint_url should look like https://HOST"):
        open_sink("sqs", apikey="acme/rand1", apisecret=secret, endpoint_url="localhost:4566")
