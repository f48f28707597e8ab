"""`panoply.sinks`: every target takes what the SDK would send; a table's name is a user's text and no more."""

from __future__ import annotations

import base64
import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

import panoply
from panoply.encoding import encode_record
from panoply.errors import Closed, CredentialsError, DeliveryError, PanoplyException, ParamsError, RecordError
from panoply.sinks import JSONLSink, SQSSink, TableSummary, open_sink, table_of

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
        (".jsonl.gz", "There is no target"),
        ("out.csv.gz", "Did you mean out.jsonl.gz"),
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


def read_all(path):
    data = path.read_bytes()
    return lines(gzip.decompress(data) if path.suffix == ".gz" else data)


FILES = pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])


@FILES
def test_a_file_is_plain_or_gzipped_by_its_name(tmp_path, name):
    path = tmp_path / name
    with open_sink(str(path)) as sink:
        sink.write("t", {"a": 1})
        sink.flush()
        sink.write("t", {"a": 2})

    assert [row["a"] for row in read_all(path)] == [1, 2]
    assert path.read_bytes().startswith(b"\x1f\x8b") == (name == "out.jsonl.gz")
    assert [file.name for file in tmp_path.iterdir()] == [name]


@FILES
def test_an_empty_run_makes_a_file_that_can_be_read(tmp_path, name):
    with open_sink(str(tmp_path / name)):
        pass

    assert read_all(tmp_path / name) == []


@FILES
def test_with_append_a_file_grows_and_each_flush_can_be_read_by_itself(tmp_path, name):
    path = tmp_path / name
    with open_sink(str(path), append=True) as sink:
        assert sink.resumable
        for number in range(3):
            sink.write("t", {"a": number})
            sink.flush()
            assert sink.position == path.stat().st_size
            assert [row["a"] for row in read_all(path)] == list(range(number + 1))
    with open_sink(str(path), append=True) as sink:
        sink.write("t", {"a": 3})

    assert [row["a"] for row in read_all(path)] == [0, 1, 2, 3]
    assert [file.name for file in tmp_path.iterdir()] == [name]


@FILES
def test_what_a_killed_run_left_half_written_is_cut_off_wherever_it_broke(tmp_path, name):
    path = tmp_path / name
    with open_sink(str(path), append=True) as sink:
        sink.write("t", {"a": 0})
        sink.flush()
        whole = sink.position
        sink.write("t", {"a": 1, "long": "x" * 30})
    data = path.read_bytes()

    for cut in range(whole, len(data)):
        path.write_bytes(data[:cut])
        with open_sink(str(path), append=True) as sink:
            sink.write("t", {"a": 2})
        # A line that lacks nothing but its end is one.
        kept = [0, 1, 2] if name == "out.jsonl" and cut == len(data) - 1 else [0, 2]
        assert [row["a"] for row in read_all(path)] == kept


@FILES
def test_a_resumed_file_holds_each_record_once(tmp_path, name):
    path = tmp_path / name
    first = open_sink(str(path), append=True)
    first.write("t", {"a": 0})
    first.flush()
    position = json.loads(json.dumps(first.position))
    first.write("t", {"a": 1})
    first.flush()  # more is there than the state that was saved knows of
    first.write("t", {"a": 2})
    first.close(complete=False)

    with open_sink(str(path), append=True, resume=position) as sink:
        sink.write("t", {"a": 1})

    assert [row["a"] for row in read_all(path)] == [0, 1]


@pytest.mark.parametrize(
    ("data", "resume", "message"),
    [
        (b"", 5, "has 0 bytes, and the saved state is about the first 5"),
        (b'{"a":1}\n{"a":2}\n', 9, "no line ends at byte 9"),
        (b"", "5", "no number of bytes"),
        (b"", True, "no number of bytes"),
        (b"", -1, "no number of bytes"),
    ],
)
def test_a_file_that_is_not_what_the_state_knows_is_left_alone(tmp_path, data, resume, message):
    path = tmp_path / "out.jsonl"
    path.write_bytes(data)

    with pytest.raises(ParamsError, match=message):
        open_sink(str(path), append=True, resume=resume)

    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "data", [b"no gzip", gzip.compress(b"{}\n", mtime=0) + b"{}\n"], ids=["none", "its end is none"]
)
def test_what_is_no_gzip_file_is_left_alone(tmp_path, data):
    path = tmp_path / "out.jsonl.gz"
    path.write_bytes(data)

    with pytest.raises(ParamsError, match=r"from byte \d+ on it is no gzip file"):
        open_sink(str(path), append=True)

    assert path.read_bytes() == data


def test_a_long_line_that_broke_is_cut_off_too(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"{}\n" + b"x" * (3 << 20))

    open_sink(str(path), append=True).close()

    assert path.read_bytes() == b"{}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_closing_then_is_no_trouble(tmp_path):
    path = tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.part").symlink_to("/dev/full")
    sink = open_sink(str(path))
    sink.write("t", {"a": 1})

    with pytest.raises(DeliveryError, match=r"Cannot write .*out.jsonl: No space left on device"):
        sink.flush()
    with pytest.raises(DeliveryError):
        sink.close()
    sink.close()

    assert not path.exists()


def test_what_was_written_is_summed_up(tmp_path, queue):
    records = [("b", {"x": 1}), ("a", {"y": "\u00e9"}), ("b", {})]
    options = {"apikey": queue.apikey, "apisecret": queue.apisecret, "endpoint_url": queue.endpoint_url}
    for target in (tmp_path / "out.jsonl", tmp_path / "out.jsonl.gz", "sqs"):
        with open_sink(str(target), **options) as sink:
            for table, record in records:
                sink.write(table, record)

        assert sink.summaries() == tuple(
            TableSummary(
                table=table, records=count, bytes=sum(len(encode_record(t, r)) for t, r in records if t == table)
            )
            for table, count in (("b", 2), ("a", 1))
        )


def test_only_what_outlives_the_process_can_be_resumed(tmp_path, queue):
    sdk = panoply.SDK(queue.apikey, queue.apisecret, endpoint_url=queue.endpoint_url)
    for sink, resumable in (
        (JSONLSink(io.BytesIO()), True),
        (SQSSink(sdk), True),
        (JSONLSink(tmp_path / "x.jsonl"), False),
    ):
        with sink:
            sink.write("t", {})
            sink.flush()
            assert sink.resumable is resumable
            assert sink.position is None


@pytest.mark.parametrize(
    ("last", "kept"), [(b'{"a": 2}', [1, 2, 3]), (b'{"a": ', [1, 3]), (b"2", [1, 3]), (b"", [1, 3])]
)
def test_a_line_that_lacks_nothing_but_its_end_is_kept(tmp_path, last, kept):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b'{"a": 1}\n' + last)

    with open_sink(str(path), append=True) as sink:
        sink.write("t", {"a": 3})

    assert [json.loads(line)["a"] for line in path.read_bytes().splitlines()] == kept


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DeliveryError("not in time")])
def test_who_has_waited_for_the_queue_in_vain_does_not_wait_as_long_again(error):
    class Down:
        waited: ClassVar[list] = []

        def on(self, name, handler):
            pass

        def flush(self, timeout):
            self.waited.append(timeout)
            raise error

        def close(self, timeout):
            self.waited.append(timeout)

    sink = SQSSink(Down())
    with pytest.raises(type(error)):
        sink.flush()
    sink.close()

    assert Down.waited == [120, 2]
