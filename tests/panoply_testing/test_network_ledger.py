"""`_network_ledger`: operations are numbered in order, and the fault is put where it was asked for."""

from __future__ import annotations

import pytest

from panoply_testing._network_ledger import HITS_KEPT, Entry, Ledger
from panoply_testing.faults import FAULTS_AT, HTTP_FAULTS, Fault

KINDS = ["lookup", "connect", "handshake", "send", "receive"]


def entry(kind, request=""):
    return Entry(number=0, kind=kind, host="acme:1", request=request)


def verdicts(fault, kinds=("lookup", "connect", "handshake", "send", "receive", "send", "receive"), relieve_after=None):
    ledger = Ledger(fault)
    found = []
    for number, kind in enumerate(kinds, 1):
        found.append(ledger.begin(entry(kind, "GET /" if kind == "send" else "")))
        if number == relieve_after:
            ledger.relieve()
    return found


def test_operations_are_numbered_from_one_on():
    ledger = Ledger(None)
    for kind in KINDS:
        ledger.begin(entry(kind))
    assert [(each.number, each.kind) for each in ledger.drain()] == list(enumerate(KINDS, 1))
    ledger.begin(entry("send"))
    assert [each.number for each in ledger.drain()] == [6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refused@2:once", [None, "refused", None, None, None, None, None]),
        ("reset@4:once", [None, None, None, "reset", None, None, None]),
        ("reset@2:once", [None] * 7),
        ("silent@1:once", ["silent", None, None, None, None, None, None]),
        ("http-429@4:once", [None, None, None, "http-429", None, None, None]),
        ("http-429@5:once", [None] * 7),
        ("http-500@2:for-good", [None, None, None, "http-500", None, "http-500", None]),
        ("reset@4:for-good", [None, None, None, "reset", "reset", "reset", "reset"]),
        ("refused@1:for-good", ["unknown-host", "refused", "reset", "reset", "reset", "reset", "reset"]),
        (
            "timed-out@1:for-good",
            ["unknown-host", "timed-out", "timed-out", "timed-out", "timed-out", "timed-out", "timed-out"],
        ),
        (
            "answered-half@5:for-good",
            [None, None, None, None, "answered-half", "reset", "answered-half"],
        ),
    ],
)
def test_a_fault_is_put_where_it_was_asked_for_and_fits(text, expected):
    assert verdicts(Fault.parse(text)) == expected


def test_an_outage_is_over_once_a_read_has_raised():
    fault = Fault.parse("reset@4:until-raised")
    assert verdicts(fault, relieve_after=5) == [None, None, None, "reset", "reset", None, None]
    # Raised for a reason of its own, before anything was broken.
    assert verdicts(fault, relieve_after=3) == [None, None, None, "reset", "reset", "reset", "reset"]
    assert verdicts(Fault.parse("reset@4:for-good"), relieve_after=5)[5:] == ["reset", "reset"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_of_any_kind_lets_nothing_through(kind):
    for broken in {fault for faults in FAULTS_AT.values() for fault in faults}:
        verdict = verdicts(Fault(kind=broken, at=1, spell="for-good"), (kind,))[0]
        assert verdict in FAULTS_AT[kind]


@pytest.mark.parametrize("kind", HTTP_FAULTS)
def test_what_is_no_request_gets_no_made_up_answer(kind):
    assert Ledger(Fault(kind=kind, at=1)).begin(entry("send")) is None


def test_what_happens_on_a_dead_connection_is_counted_and_nothing_more():
    ledger = Ledger(Fault.parse("reset@1:for-good"))
    assert ledger.begin(entry("send"), immune=True) is None
    assert len(ledger.drain()) == 1


def test_the_first_hits_are_kept_and_all_are_counted():
    ledger = Ledger(None)
    for _ in range(HITS_KEPT + 5):
        each = entry("send")
        ledger.begin(each)
        ledger.hit(each, "reset")
    assert [hit.operation.number for hit in ledger.hits()] == list(range(1, HITS_KEPT + 1))
    assert ledger.hit_count == HITS_KEPT + 5


def test_what_has_not_settled_is_told_later_or_at_the_last():
    ledger = Ledger(None)
    request, answer = entry("send", "GET /"), entry("receive")
    request.settled = False
    ledger.begin(request)
    ledger.begin(answer)
    assert [each.number for each in ledger.drain()] == [2]
    request.answers_json = request.settled = True
    assert [(each.number, each.answers_json) for each in ledger.drain()] == [(1, True)]
    request.settled = False
    ledger.begin(request)
    assert [each.number for each in ledger.drain(last=True)] == [3]
    assert ledger.drain(last=True) == ()
