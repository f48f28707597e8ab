"""What the benchmarks say is what was measured: every record is counted, and no verdict is kinder than its figures."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from types import SimpleNamespace
from urllib.parse import quote_plus

import pytest

from benchmarks import __main__, leaks, scenarios
from benchmarks.far_end import running
from benchmarks.figures import Verdict, fill, median_of, median_ratio, spread
from benchmarks.records import SIZES, make, size_of
from benchmarks.report import table, text
from benchmarks.rivals import MESSAGE_LIMIT, RIVALS, Rival, named
from benchmarks.scenarios import Run, cell_environment
from benchmarks.standin import StandIn, form_value
from benchmarks.targets import judge


@pytest.fixture(scope="module")
def far_end():
    with running() as far_end:
        yield far_end


@pytest.fixture
def run(far_end):
    return Run(far_end=far_end, rounds=1, scale=0.001, import_rounds=1, tell=lambda what: None)


# --- the smallest cell, from one end to the other


@pytest.mark.parametrize("rival", [rival.name for rival in RIVALS])
def test_every_record_that_a_rival_writes_is_counted_at_the_far_end(run, rival):
    if named(rival).missing:
        pytest.skip(named(rival).missing)
    options = {} if named(rival).sqs else {"options": {"record_size": SIZES["200 B"]}}

    found = run.cell(kind="throughput", rival=rival, size="200 B", timed=200, count=3000, **options)

    assert run.broken == []
    assert found["arrived"] == found["written"] == 3200
    assert found["requests"] == len(found["sizes"]) >= 3
    assert found["seconds"] > 0
    assert found["cpu"] > 0
    assert found["write"]["p99"] >= found["write"]["median"] > 0


def test_messages_of_this_sdk_are_sent_when_they_are_full(run):
    found = run.cell(kind="throughput", rival="panoply", size="200 B", timed=20, count=5000)

    assert fill(found["sizes"], MESSAGE_LIMIT) > 0.95


def test_all_sizes_are_run_and_shown(run):
    scenarios.write(run)

    shown = text(run, judge(run.results))
    assert run.broken == []
    assert [f"Records of {size}" in shown for size in SIZES] == [True] * 3
    assert "orjson.dumps, no network" in shown
    assert "write of 200 B, median, against orjson.dumps" in shown


def test_memory_is_measured_at_a_far_end_that_hangs(run):
    options = {"max_buffer": 1024 * 1024, "write_timeout": 0}

    found = run.cell(kind="hanging", rival="panoply", size="200 B", count=10_000, options=options)

    assert 3000 < found["refused"] < 6000  # of 2.2 MB, about half has room
    assert found["peak"] > found["before"]


def test_a_rival_that_breaks_is_told_and_left_out(run):
    rows = run.rows({"nobody": {"kind": "throughput", "rival": "nobody", "size": "200 B", "timed": 1, "count": 1}})

    assert rows == {}
    assert len(run.broken) == 1
    assert run.broken[0].startswith("nobody, 200 B, throughput: exit code 1, StopIteration")


def test_a_record_that_did_not_arrive_is_told(run, monkeypatch):
    done = SimpleNamespace(returncode=0, stdout='{"arrived": 9, "written": 10}\n')
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: done)

    run.cell(kind="throughput", rival="panoply", size="200 B")

    assert run.broken == ["panoply, 200 B, throughput: wrote 10 records, but 9 arrived"]


def test_the_spool_is_skipped_in_words_until_there_is_one(run, monkeypatch):
    monkeypatch.setattr(scenarios, "panoply", SimpleNamespace(SDK=lambda apikey, apisecret: None))

    scenarios.spool(run)

    assert "spool" not in run.results
    assert run.skipped == ["spool: this panoply.SDK has no argument `spool` yet"]


def test_a_rival_that_is_not_installed_says_how_to_get_it():
    rival = Rival(name="other", module="other", needs=("no_such_module.inside",), install="other-sdk")

    assert rival.missing == "other: not installed; pip install other-sdk"


def test_the_machines_own_aws_settings_and_proxies_do_not_reach_a_cell(far_end):
    kept = cell_environment({"PATH": "/bin", "AWS_PROFILE": "mine", "https_proxy": "there", "HTTP_PROXY": "x"}, far_end)

    assert kept["PATH"] == "/bin"
    assert not {"AWS_PROFILE", "https_proxy", "HTTP_PROXY"} & set(kept)


# --- the command


@pytest.mark.parametrize(("broken", "code"), [([], 0), (["a rival: broke"], 1)])
def test_the_exit_code_tells_whether_all_could_be_measured(broken, code, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(__main__, "SCENARIOS", {"write": lambda run: run.broken.extend(broken)})
    path = tmp_path / "all.json"

    assert __main__.main(["--quick", "--json", str(path)]) == code

    assert json.loads(path.read_text()) == {"results": {}, "verdicts": [], "skipped": [], "broken": broken}
    assert ("BROKEN" in capsys.readouterr().out) == bool(broken)


# --- the stand-in


def test_the_stand_in_takes_both_protocols_of_sqs_and_answers_with_the_same_digest():
    body = '{"a":"é + = & % \\n"}\n{"b":1}\n'
    as_json = json.dumps({"MessageBody": body}).encode()
    as_form = f"Action=SendMessage&MessageBody={quote_plus(body)}&Version=2012-11-05".encode()
    stand_in = StandIn()

    status, _, reply = stand_in.answer("/", {"x-amz-target": "AmazonSQS.SendMessage"}, as_json)
    form_status, _, form_reply = stand_in.answer("/", {"content-type": "application/x-www-form-urlencoded"}, as_form)

    assert (status, form_status) == (200, 200)
    assert json.loads(reply)["MD5OfMessageBody"] in form_reply.decode()
    assert asdict(stand_in.counts) == {
        "requests": 2,
        "refused": 0,
        "connections": 0,
        "records": 4,
        "sizes": [len(body.encode())] * 2,
    }


def test_the_stand_in_counts_no_empty_lines_and_no_message_that_sqs_would_refuse():
    stand_in = StandIn()
    headers = {"content-type": "application/x-www-form-urlencoded"}

    stand_in.answer("/", headers, b"Action=SendMessage&MessageBody=%7B%7D\n\n%7B%7D\n\n")
    status, _, _ = stand_in.answer("/", headers, b"Action=SendMessage&MessageBody=" + b"x" * (256 * 1024 + 1))

    assert status == 400
    assert (stand_in.counts.records, stand_in.counts.refused, stand_in.counts.requests) == (2, 1, 2)


@pytest.mark.parametrize("value", ["", "plain", "a=b==c", "1+1", "100 %", "é\u2028\r\n\t", '{"k": [1]}\n', "=\n=20"])
def test_a_forms_value_comes_out_as_it_went_in(value):
    form = f"Action=SendMessage&MessageBody={quote_plus(value)}&After=x".encode()

    assert form_value(form, b"MessageBody") == value.encode()


def test_a_forms_value_may_hold_what_should_have_been_encoded():
    assert form_value(b"MessageBody=%7B==3D a/b\n\n", b"MessageBody") == b"{==3D a/b\n\n"


def test_a_field_that_a_form_has_not_is_none():
    assert form_value(b"Action=SendMessage", b"MessageBody") is None


# --- records


@pytest.mark.parametrize("size", SIZES)
def test_records_have_the_size_they_are_said_to_have_and_differ(size):
    records = make(size)

    assert all(SIZES[size] * 0.97 < size_of(record) <= SIZES[size] * 1.01 for record in records)
    assert len({json.dumps(record) for record in records}) == len(records) >= 20
    kinds = {type(value) for record in records for value in record.values()}
    assert {int, float, bool, str, type(None)} <= kinds


def test_records_are_the_same_in_every_run():
    assert make("2 KB") == make("2 KB")


# --- figures and verdicts


def cells(*values):
    return [{"v": value} for value in values]


def v(cell):
    return cell["v"]


def test_ratios_are_taken_within_a_round():
    assert median_of(cells(1, 9, 2), v) == 2
    assert median_ratio(cells(2, 20, 9), cells(1, 10, 3), v) == 2
    assert spread(cells(1, 2, 4), v) == 1.5


def test_a_rival_that_lacks_a_round_is_not_compared():
    with pytest.raises(ValueError, match="shorter"):
        median_ratio(cells(1, 2), cells(1), v)


def test_the_last_message_does_not_count_as_one_that_was_to_be_full():
    assert fill([90, 5, 100], 100) == 0.95
    assert fill([5], 100) is None


@pytest.mark.parametrize(
    ("at_most", "reached", "met", "line"),
    [
        (True, 2.75, True, "met      speed: 2.75x (at most 3x)"),
        (True, 3.0, True, "met      speed: 3x (at most 3x)"),
        (True, 3.1, False, "NOT MET  speed: 3.1x (at most 3x)"),
        (False, 3.1, True, "met      speed: 3.1x (at least 3x)"),
        (False, 2.9, False, "NOT MET  speed: 2.9x (at least 3x)"),
        (False, 118.4, True, "met      speed: 118x (at least 3x)"),
        (True, None, None, "skipped  speed (at most 3x)"),
    ],
)
def test_a_verdict_tells_target_figure_and_bound(at_most, reached, met, line):
    verdict = Verdict(target="speed", bound=3, at_most=at_most, reached=reached, unit="x")

    assert verdict.met is met
    assert verdict.line == line


def test_a_verdicts_note_stands_at_its_end():
    assert Verdict(target="t", bound=1, at_most=True, reached=1, note="why").line == "met      t: 1 (at most 1) [why]"


def cell(*, write=0.5, cpu=1.0, seconds=1.0, sizes=(250_000, 250_000, 9)):
    return {
        "floors": {"orjson.dumps": {"median": 0.2}},
        "write": {"median": write},
        "cpu": cpu,
        "count": 10,
        "seconds": seconds,
        "requests": len(sizes),
        "sizes": list(sizes),
    }


def met(results):
    return {verdict.target: verdict.met for verdict in judge(results)}


def write_results(**ours):
    return {"write": {"200 B": {"panoply": [cell(**ours)], "published": [cell(cpu=10.0, seconds=6.0)]}}}


def test_a_run_that_reaches_everything_is_said_to():
    assert set(met(write_results()).values()) == {True}
    assert len(met(write_results())) == 5


@pytest.mark.parametrize(
    ("worse", "target"),
    [
        ({"write": 0.61}, "write of 200 B, median, against orjson.dumps"),
        ({"cpu": 1.4}, "CPU a record of 200 B, against published"),
        ({"seconds": 1.3}, "200 B from end to end, against published"),
        ({"sizes": (250_000, 230_000, 9)}, "messages are full, 200 B"),
    ],
)
def test_each_figure_has_a_target_of_its_own(worse, target):
    found = met(write_results(**worse))

    assert [name for name, reached in found.items() if not reached] == [target]


def test_more_requests_than_messages_are_not_one_a_message():
    results = write_results()
    results["write"]["200 B"]["panoply"][0]["requests"] += 1

    assert met(results)["requests a message, 200 B"] is False


def test_what_could_not_be_compared_is_skipped_and_not_met_by_default():
    results = write_results()
    del results["write"]["200 B"]["published"]

    assert met(results)["CPU a record of 200 B, against published"] is None
    assert set(met({"tls": {}}).values()) == {None}


@pytest.mark.parametrize(("seconds", "reached"), [(0.9, True), (1.1, False)])
def test_four_messages_in_flight_are_compared_with_one(seconds, reached):
    rows = {"panoply, max_in_flight=4": [cell(seconds=seconds)], "panoply, max_in_flight=1": [cell(seconds=3.0)]}

    assert list(met({"tls": rows}).values()) == [reached]


@pytest.mark.parametrize(("peak", "reached"), [(103, True), (105, False)])
def test_memory_may_be_the_buffer_and_40_mib(peak, reached):
    mib = 1024 * 1024
    found = {"limit": 64 * mib, "rows": {"panoply": [{"before": 20 * mib, "peak": peak * mib}]}}

    assert list(met({"memory": found}).values()) == [reached]


@pytest.mark.parametrize(("lost", "reached"), [(0, True), (1, False)])
def test_one_record_lost_with_the_spool_is_one_too_many(lost, reached):
    rows = {"with": [cell(write=5.0)], "without": [cell(write=0.5)]}

    found = met({"spool": {"rows": rows, "accepted": 7, "lost": lost}})

    assert found["records lost by SIGKILL with the spool"] is reached
    assert found["write of 200 B with the spool, against without"] is True


@pytest.mark.parametrize(("seconds", "reached"), [(0.05, True), (0.07, False)])
def test_imports_are_compared_by_what_they_add(seconds, reached):
    taken = {
        "bare": [0.01, 0.01, 9.0],  # one was disturbed
        "import panoply": [0.02] * 3,
        "panoply.SDK": [seconds, seconds, 0.0],
        "what published imports": [0.31] * 3,
    }

    found = met({"import": {"seconds": taken, "boto3": True}})

    assert found["panoply.SDK adds to bare Python, against what published imports"] is reached
    assert found["boto3 imported with panoply.SDK"] is False


def test_a_table_has_its_first_column_to_the_left_and_its_numbers_to_the_right():
    assert table(["", "us"], [["a", "1.00"], ["long", "22.00"]]).splitlines() == [
        "           us",
        "  a      1.00",
        "  long  22.00",
    ]


# --- looking for credentials


def test_looking_for_credentials_is_measured_and_shown(run):
    scenarios.leaks(run)

    shown = text(run, judge(run.results))
    assert run.broken == []
    assert "Looking for 5 credentials in text that holds none" in shown
    assert "looking for 5 credentials in log lines" in shown
    assert set(run.results["leaks"]) == {"panoply_testing", "plain Python", "as is only"}


def test_what_finds_credentials_where_there_are_none_is_broken(run, monkeypatch):
    cell = {"ready": 1.0, "speed": {}, "false": 1}
    monkeypatch.setattr(Run, "rows", lambda self, specs: {name: [cell] for name in specs})

    scenarios.leaks(run)

    assert run.broken[0] == "panoply_testing: found credentials in text that holds none"


@pytest.mark.parametrize(
    ("speed", "ready", "reached"), [(150.0, 0.004, [True] * 5), (90.0, 0.006, [False] * 3 + [True, False])]
)
def test_looking_for_credentials_is_judged_by_speed_and_by_what_it_takes_to_begin(speed, ready, reached):
    ours = [{"ready": ready, "speed": dict.fromkeys(leaks.KINDS, speed)}]
    theirs = [{"ready": 0.003, "speed": dict.fromkeys(leaks.KINDS, 15.0)}]

    found = met({"leaks": {"panoply_testing": ours, "plain Python": theirs}})

    assert list(found.values()) == reached


@pytest.mark.parametrize("kind", leaks.KINDS)
def test_the_text_that_is_looked_through_is_of_the_size_that_was_asked_for(kind):
    assert sum(map(len, leaks.texts(kind, 0.1))) == pytest.approx(100_000, rel=0.01)
