"""The checks, each against sources that break its rule and against right ones that only look odd (tests/sources)."""

from __future__ import annotations

import re

import pytest
from cases import CHECKS, SOURCES, Case, cases, right_cases, secrets_of, verdicts, wrong_cases
from far_end import FarEnd

from panoply_testing.checks._runs import grouped
from panoply_testing.findings import Finding
from panoply_testing.plans import CLEAN
from panoply_testing.report.text import explain

WRONG = wrong_cases()
RIGHT = right_cases()

# Those that are judged by a run from start to end alone: every wrong source is judged by all of these, and must break none but
# those that it is meant to break. (`make kill-matrix` asks more of them.)
CHEAP = [
    check.name
    for check in CHECKS.values()
    if check.level == "MUST"
    and check.plans == (CLEAN,)
    and (check.judge is not None or check.name == "module_imports_quietly")
]


@pytest.fixture(scope="module")
def address():
    with FarEnd() as far_end:
        yield far_end.address


def failures(case, names, address, *, quickly=False):
    """The checks that the source fails, each with the text that a person would read."""
    failed = {}
    secrets = secrets_of(case, address)
    for name, verdict in verdicts(case, names, address, quickly=quickly).items():
        # All that can be said of a source goes through here: no credential of any, whatever it lets out.
        assert not [secret for secret in secrets if secret in repr(verdict)], name
        if verdict.findings:
            failed[name] = explain(CHECKS[name], verdict, f"pytest --panoply-source={case.path.stem} -k {name}")
            for finding in verdict.findings:
                assert finding.place.strip(), name
                assert finding.fix.strip(), name
                assert finding.expected.strip(), name
                assert finding.received.strip(), name
        elif verdict.skip is None:
            assert re.search(r"\S", verdict.looked_at), name
    return failed


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_a_wrong_source_fails_its_check_and_no_other(case, address):
    failed = failures(case, {*CHEAP, *case.breaks}, address)
    assert set(failed) == case.breaks, "\n\n".join(failed.values())
    for text in failed.values():
        assert re.search(r"^  (At|After|Importing) ", text, re.MULTILINE), text
        assert "to do" in text
        assert not [line for line in text.splitlines() if line.endswith(("--panoply-", "-max-", "-read-"))]
        assert not [secret for secret in secrets_of(case, address) if secret in text], text


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_a_right_source_fails_nothing(case, address):
    # What a wrong one needs is at times rare; what a right one would be flagged for is not.
    failed = failures(case, CHECKS, address, quickly=True)
    assert set(failed) <= case.may_warn, "\n\n".join(text for name, text in failed.items() if name not in case.may_warn)


def test_where_no_batch_ever_came_nothing_passes_that_looks_at_batches_or_at_what_came_with_them(address):
    (generator,) = (case for case in WRONG if case.path.stem == "yields")
    names = {
        name for name in CHECKS if name.startswith(("records_", "batches_", "progress_", "state_", "read_accepts"))
    }
    said = verdicts(generator, names, address)
    assert {name for name, verdict in said.items() if verdict.skip is None} == set()


def test_of_a_read_that_takes_nothing_it_is_the_far_ends_refusal_that_is_judged(address):
    (case,) = (case for case in WRONG if str(case) == "read_accepts_optional_n-refused")
    verdict = verdicts(case, ["bad_credentials_fail_clearly"], address)["bad_credentials_fail_clearly"]
    assert verdict.looked_at == "it raised PermissionError"


def test_the_same_fault_with_other_numbers_is_told_once():
    def finding(number, received, fix="Cut it."):
        return Finding(place=f"read {number}", expected="less", received=received, fix=fix)

    same = [finding(1, "300,046 bytes"), finding(2, "1.5 bytes"), finding(3, "7 bytes")]
    other = [finding(4, "7 rows"), finding(5, "7 bytes", "Add --panoply-fault=reset@5."), finding(6, "7 rows")]
    assert [(each.place, each.received) for each in grouped([*same, *other])] == [
        ("read 1 (and 2 more places)", "300,046 bytes"),
        ("read 4 (and 1 more place)", "7 rows"),
        ("read 5", "7 bytes"),
    ]


def test_what_a_right_source_may_be_warned_of_are_no_duties():
    assert {name for case in RIGHT for name in case.may_warn} <= {
        check.name for check in CHECKS.values() if check.level == "SHOULD"
    }


RAISES_AND_ENDS = """
import panoply

class Stream(panoply.DataSource):
    tables = 2

    def read(self, n=None):
        if not self.tables:
            return None
        self.tables -= 1
        raise OSError("no answer from the database")

CONFIG = {"title": "Shop", "params": []}
"""


@pytest.mark.parametrize("name", ["read_returns_list_of_dicts", "records_are_json", "read_treats_n_as_a_hint"])
def test_who_gave_nothing_after_having_raised_is_told_so_rather_than_asked_for_params(name, tmp_path, address):
    path = tmp_path / "shop.py"
    path.write_text(RAISES_AND_ENDS, encoding="utf-8")
    verdict = verdicts(Case(path, None), [name], address)[name]
    assert "read 1 raised OSError: no answer from the database, and a later one gave None." in verdict.skip


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_has_sources_that_break_it_in_different_ways(name):
    assert len(cases(SOURCES / "wrong" / name)) >= 3


TEXTS = {
    "read_ends_with_none-empty_lists": """\
read_ends_with_none (MUST)
  When everything has been read, read() gives None.

  At read 10000:
    expected  None, once everything has been read
    received  10,000 reads without it; the last 9,999 gave empty lists
    source    empty_lists.py:11 in read
    to do     Keep on self what is left to read, and return None once nothing is. If there is that
              much to read, allow more: --panoply-max-reads=N, or provide params with less data.

    why       None is how the platform knows that the collection is complete; without it, it reads
              for ever.
    again     pytest --panoply-source=empty_lists -k read_ends_with_none""",
    "read_terminates-async_future": """\
read_terminates (MUST)
  Each call into the source returns within the time limit.

  At read 1:
    expected  an answer within 0.7 seconds
    received  read 1 did not return within 0.7 seconds
    source    async_future.py:18 in answer
    stack     async_future.py:18 in answer: await asyncio.get_running_loop().create_future()
              async_future.py:14 in read: await self.answer()
    to do     Give every wait an end: a timeout for each network call, a limit for each loop that
              polls. If one call really takes that long, allow it: --panoply-read-timeout=SECONDS.

    why       A call that hangs holds up the collection, and nobody learns why.
    again     pytest --panoply-source=async_future -k read_terminates""",
    "read_accepts_optional_n-in_a_generator": """\
read_accepts_optional_n (MUST)
  read(), read(None) and read(n) are all accepted.

  At read():
    expected  a batch or None, as from the other ways to call it
    received  it raised TypeError: 'NoneType' object cannot be interpreted as an integer
    source    in_a_generator.py:18 in batches
    stack     in_a_generator.py:14 in read: return next(self.pages, None)
              in_a_generator.py:18 in batches: for start in range(0, len(rows), n):
    to do     Declare it as read(self, n=None), let a decorator pass the argument on, and choose a
              size where n is None.

  At read(None):
    expected  a batch or None, as from the other ways to call it
    received  it raised TypeError: 'NoneType' object cannot be interpreted as an integer
    source    in_a_generator.py:18 in batches
    stack     in_a_generator.py:14 in read: return next(self.pages, None)
              in_a_generator.py:18 in batches: for start in range(0, len(rows), n):
    to do     The same.

    why       n is a hint of how many records are wanted; the platform gives one, people at a prompt
              do not.
    again     pytest --panoply-source=in_a_generator -k read_accepts_optional_n""",
    "read_returns_list_of_dicts-none_among_rows": """\
read_returns_list_of_dicts (MUST)
  Each call gives a list of dicts, or None.

  At read 1, item 1:
    expected  a dict: one record, with its columns as keys
    received  None
    source    none_among_rows.py:11 in read
    to do     Make each item a dict, such as {"id": 1}: dict(row) for a database row, vars(obj) for
              an object.

    why       A dict is a row and a list is a batch; anything else the platform cannot tell from a
              mistake.
    again     pytest --panoply-source=none_among_rows -k read_returns_list_of_dicts""",
    "records_are_json-in_a_record_group": """\
records_are_json (MUST)
  Each record can be sent as JSON: text keys, no NaN or Infinity, valid Unicode, no cycles.

  At read 1, record 0: row 1 of its data: record["id"]:
    expected  what JSON can say: text, finite numbers, booleans, None, lists, dicts (and dates,
              decimals, UUIDs)
    received  NaN or Infinity, which JSON does not have
    source    in_a_record_group.py:11 in read
    to do     Write None, or leave the key out. 1 record of this batch has such a value.

    why       Records travel to Panoply as JSON; one that cannot is lost, or stops the collection.
    again     pytest --panoply-source=in_a_record_group -k records_are_json""",
    "stream_is_data_source-no_stream": """\
stream_is_data_source (MUST)
  The module exposes Stream, a subclass of panoply.DataSource that overrides read.

  At module no_stream:
    expected  Stream, a subclass of panoply.DataSource that overrides read
    received  no name Stream in the module
    to do     Name the class at the end of the module: Stream = OrdersSource

    why       The platform imports the module by name and constructs its Stream: it knows no other
              name.
    again     pytest --panoply-source=no_stream -k stream_is_data_source""",
    "progress_counts_are_integers-late_in_one_read": """\
progress_counts_are_integers (MUST)
  loaded and total are integers with 0 <= loaded <= total, or both None with a message.

  At read 1, call 251 of progress():
    expected  0 <= loaded <= total, both int (or both None, with a message)
    received  loaded=250, total=249.5: total is a float
    source    late_in_one_read.py:11 in read
    to do     Count in whole things (rows, files, pages), not in parts of one.

    why       The progress bar divides one by the other.
    again     pytest --panoply-source=late_in_one_read -k progress_counts_are_integers""",
    "logs_hide_credentials-percent_args": """\
logs_hide_credentials (MUST)
  Nothing logged or printed holds a credential, in any encoding.

  At read 1, through logging (percent_args):
    expected  no credential, in any encoding
    received  param token, as is: INFO percent_args: token tk***q8
    source    percent_args.py:16 in read
    to do     Leave it out of what is logged: name the resource or the page, not the request's
              headers, URL or params.

    why       Logs are kept for long, and read by many; a credential in them is given away.
    again     pytest --panoply-source=percent_args -k logs_hide_credentials""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_says_what_where_and_what_to_do(name, address):
    case = next(case for case in WRONG if str(case) == name)
    assert failures(case, {case.wrong}, address)[case.wrong] == TEXTS[name]
