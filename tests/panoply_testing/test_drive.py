"""`_drive`: what a run tells of a source, step by step, without trusting any of its values."""

from __future__ import annotations

import decimal
import enum
import itertools
import textwrap
import types
from functools import partial
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from panoply.loading import load_source
from panoply_testing._audit import Audit
from panoply_testing._batches import Batches
from panoply_testing._facts import _number
from panoply_testing._heard import Heard
from panoply_testing._leaks import Leaks
from panoply_testing.checks._runs import unwatched
from panoply_testing.isolation import Limits, observe
from panoply_testing.observation import End
from panoply_testing.plans import CLEAN, EMPTY_OPTIONS, UNREAD, VALUES, Plan, Second
from panoply_testing.secrets import Credentials

HEAD = "import panoply\nCONFIG = {'title': 'T', 'params': []}\n"


@pytest.fixture
def run(tmp_path):
    def run(text, plan=CLEAN, *, params=None, options=None, max_reads=100):
        path = tmp_path / "acme.py"
        # Python takes code of the same size, from the same second, for the one that it has compiled before.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
        limits = Limits(read_timeout=20.0, max_reads=max_reads)
        return observe(
            plan, load=partial(load_source, str(path)), params=params or {}, options=options or {}, limits=limits
        )

    return run


def batch_facts(value):
    looking = Batches(
        CLEAN, search=len, search_records=lambda _, numbers: len(numbers), describe=repr, numbers=itertools.count()
    )
    return looking.look(value, 1)


class Level(enum.IntEnum):
    HIGH = 3


class Half(float):
    pass


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (3, 3),
        (Level.HIGH, 3),
        (True, True),
        (None, None),
        (0.5, 0.5),
        (Half(0.5), 0.5),
        ("3", "<str>"),
        (decimal.Decimal(3), "<Decimal>"),
        ([1], "<list>"),
    ],
)
def test_numbers_are_kept_and_other_values_named(value, kept):
    assert _number(value) == kept
    assert type(_number(value)) is type(kept)


def test_of_many_calls_of_progress_the_odd_ones_are_kept():
    heard = Heard(Leaks(Credentials(())), learn=print)
    for number in range(1000):
        heard.add({"loaded": number, "total": 1000 if number != 777 else 3, "msg": ""})
    assert heard.count == 1000
    assert len(heard.progress) == 51
    assert heard.progress[-1].number == 778


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({1: 2}, "record[1]"),
        ({"a": [{"b": {None: 1}}]}, "record['a'][0]['b'][None]"),
        ({"a": types.MappingProxyType({2024: 1})}, "record['a'][2024]"),
        ({"a": ({"b": {True: 1}},)}, "record['a'][0]['b'][True]"),
    ],
)
def test_keys_that_are_no_text_are_found_at_any_depth(value, place):
    assert [problem.place for problem in batch_facts([value]).problems] == [place]


def test_a_batch_is_looked_at_without_being_used_up():
    rows = iter([{"id": 1}])
    assert batch_facts(rows).length is None
    assert next(rows) == {"id": 1}


def test_a_batch_counts_the_rows_of_record_groups():
    group = {"data": [{"id": 1}, {"id": 2}], "metadata": {"resource_id": "r"}}
    assert batch_facts([group, {"id": 3}]).records == 3


def test_only_the_first_examples_are_kept_and_all_are_counted():
    batch = batch_facts([{"a": {1}}] * 100 + [None] * 50)
    assert (len(batch.problems), batch.problem_count) == (5, 100)
    assert (len(batch.odd_items), batch.odd_count) == (5, 50)


def test_a_list_that_raises_while_it_is_gone_through_is_the_source_s_fault(run):
    seen = run("""
        class Lazy(list):
            def __iter__(self):
                raise OSError("gone")
        class Stream(panoply.DataSource):
            def read(self, n=None):
                return Lazy([1])
    """)
    assert str(seen.reads[0].raised) == "OSError: gone"


def test_a_message_is_masked_before_it_is_cut(run):
    seen = run(
        """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise ValueError("x" * 1990 + self.source["token"])
        """,
        params={"token": "tk-9f3b71ca2zq8-and-more"},
    )
    message = seen.reads[0].raised.message
    assert "tk-9f" not in message
    assert message.startswith("x" * 1990)


def test_a_credential_in_a_key_is_masked(run):
    seen = run(
        """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                return [{self.source["token"]: {1}}]
        """,
        params={"token": "tk-9f3b71ca2"},
        max_reads=1,
    )
    (problem,) = seen.reads[0].batch.problems
    assert "tk-9f3b71ca2" not in problem.place


def test_odd_exceptions_can_be_told(run):
    seen = run("""
        class Text(str):
            pass
        class Odd(Exception):
            def __str__(self):
                return Text("words")
            @property
            def retryable(self):
                raise KeyError
        class Mute(Exception):
            def __str__(self):
                raise ValueError
        class Stream(panoply.DataSource):
            calls = 0
            def read(self, n=None):
                self.calls += 1
                raise (Odd if self.calls == 1 else Mute)
    """)
    assert [str(step.raised) for step in seen.reads[:2]] == ["Odd: words", "Mute: (its str() raises ValueError)"]
    assert type(seen.reads[0].raised.message) is str
    assert seen.end is End.GAVE_UP


def test_a_read_that_raises_is_called_three_times_more(run):
    seen = run("class Stream(panoply.DataSource):\n    def read(self, n=None):\n        raise OSError\n")
    assert len(seen.reads) == 4


def test_one_that_is_not_retryable_is_not_called_again(run):
    seen = run("""
        class Stream(panoply.DataSource):
            def read(self, n=None):
                raise panoply.PanoplyException("no", retryable=False)
    """)
    assert len(seen.reads) == 1


def test_a_success_in_between_starts_the_count_anew(run):
    seen = run("""
        class Stream(panoply.DataSource):
            calls = 0
            def read(self, n=None):
                self.calls += 1
                if self.calls % 4:
                    raise OSError
                return [] if self.calls < 12 else None
    """)
    assert (seen.end, len(seen.reads)) == (End.COMPLETE, 12)


@pytest.mark.parametrize(
    ("body", "differences"),
    [
        ("super().__init__(source, options)", ()),
        ("super().__init__(source, options); source.clear()", ()),
        ("super().__init__(dict(source), dict(options))", ()),
        ("super().__init__({**source, 'more': 1}, options)", ()),
        ("pass", ("it has no .source", "it has no .options")),
        ("super().__init__(source)", (".options lacks the key 'logger' of the options that was passed",)),
        ("super().__init__(None, options)", (".source is None, not the dict",)),
        ("super().__init__(list(source), options)", (".source is of type list, not the dict",)),
    ],
)
def test_source_and_options_are_compared_with_what_was_passed(run, body, differences):
    seen = run(
        f"""
        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                {body}
            def read(self, n=None):
                return None
        """,
        UNREAD,
        params={"user": "ada"},
    )
    (step,) = seen.of("construct")
    assert step.attributes == differences


def test_the_project_s_own_logger_is_called_as_well(run, tmp_path):
    said = tmp_path / "said"
    run(
        "class Stream(panoply.DataSource):\n    def read(self, n=None):\n        self.log('a', 1)\n",
        options={"logger": lambda msgs: said.write_text(repr(msgs))},
    )
    assert said.read_text() == "('a', 1)"


def test_empty_options_are_empty(run):
    seen = run(
        "class Stream(panoply.DataSource):\n"
        "    def __init__(self, source, options):\n        super().__init__(source, options)\n        assert options == {}\n",
        EMPTY_OPTIONS,
        options={"limit": 3},
    )
    assert seen.failed_step("construct") is None


@pytest.mark.parametrize(
    ("announced", "logged", "leaks"),
    [
        ("{'token': 'fresh-123456'}", "fresh-123456", ["source-change.token"]),
        ("{'at': 'fresh-123456'}", "fresh-123456", ["source-change.at"]),
        ("{'token': 'fresh-123456', 'expires_at': '2024-01-01'}", "until 2024-01-01", []),
        ("self.source", "north-branch", []),
        ("'fresh-123456'", "fresh-123456", []),
    ],
)
def test_an_announced_token_is_a_credential_from_then_on(run, announced, logged, leaks):
    seen = run(
        f"""
        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.fire("source-change", {announced})
                self.log({logged!r})
        """,
        params={"shop": "north-branch"},
    )
    assert [leak.secret for leak in seen.reads[0].leaks] == leaks


@pytest.mark.parametrize(
    ("declared", "logged", "leaks"),
    [
        ("'fresh-123456'", "('fresh-123456',)", ["secret()"]),
        ("{'session': 'fresh-123456', 'user': 'ada-123456'}", "('fresh-123456', 'ada-123456')", ["secret().session"]),
        ("['fresh-123456']", "('fresh-', '123456')", ["secret()[0]"]),
        ("None", "('fresh-123456',)", []),
    ],
)
def test_a_declared_credential_is_one_from_then_on_and_before(run, declared, logged, leaks):
    seen = run(
        f"""
        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self.log("logged in", *{logged})
                self.secret({declared})

            def read(self, n=None):
                self.log("reading with", *{logged})
        """
    )
    assert [leak.secret for leak in seen.reads[0].leaks] == leaks
    assert [leak.secret for step in seen.steps if step.kind == "construct" for leak in step.leaks] == leaks
    assert seen.secrets == tuple(leaks)


def test_a_declared_credential_is_one_also_without_options(run):
    seen = run(
        """
        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self.log("logged in", self.secret("fresh-123456"))
        """,
        EMPTY_OPTIONS,
    )
    (leak,) = (leak for step in seen.steps for leak in step.leaks)
    assert (leak.secret, leak.channel) == ("secret()", "logging (panoply.source)")


def test_what_log_would_mask_is_seen_as_the_source_hands_it_over(run):
    seen = run(
        """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.log("token", self.source["token"])
        """,
        params={"token": "fresh-123456"},
    )
    (leak,) = seen.reads[0].leaks
    assert (leak.secret, leak.channel, leak.excerpt) == ("param token", "log()", "token fr***56")


def test_a_credential_is_refused_that_is_none_and_nothing_is_learnt_of_it(run):
    seen = run(
        """
        class Stream(panoply.DataSource):
            def read(self, n=None):
                self.secret(object())
        """
    )
    assert seen.reads[0].raised.type_name == "TypeError"


@pytest.mark.parametrize(
    ("text", "described", "is_source", "reads"),
    [
        ("class Stream(panoply.DataSource):\n    def read(self, n=None): ...", "class Stream", True, True),
        ("class Stream(panoply.DataSource):\n    async def read(self, n=None): ...", "class Stream", True, True),
        ("class Stream(panoply.DataSource):\n    read = property(lambda self: list)", "class Stream", True, True),
        ("class Stream(panoply.DataSource): pass", "class Stream", True, False),
        ("class Stream(panoply.DataSource):\n    read = 3", "class Stream", True, False),
        ("Stream = panoply.DataSource", "class DataSource", True, False),
        ("class Stream:\n    def read(self): ...", "class Stream", False, True),
        ("Stream = None", "None", False, False),
        ("Stream = 3", "an object of type int", False, False),
        ("", None, False, False),
        ("def __getattr__(name): raise LookupError", None, False, False),
    ],
)
def test_the_module_is_described(run, text, described, is_source, reads):
    module = run(text, UNREAD).module
    assert (module.stream, module.stream_is_data_source, module.overrides_read) == (described, is_source, reads)


def test_an_import_that_fails_names_the_source_s_line(run):
    seen = run("import os\nos.environ['ACME_THAT_NOBODY_SET']")
    (step,) = seen.steps
    assert str(step.raised) == "KeyError: 'ACME_THAT_NOBODY_SET'"
    assert step.raised.where.endswith("acme.py:4 in <module>")
    assert seen.end is End.GAVE_UP


COUNTS = """
class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.at = source.get("state", {}).get("at", 0)

    def read(self, n=None):
        if self.at >= 4:
            return None
        self.at += 1
        self.state(f"s{self.at}", {"at": self.at})
        return [{"id": self.at, "__state": f"s{self.at}"}]
"""
SHARES = """
class Stream(panoply.DataSource):
    left = [1, 2, 3]

    def read(self, n=None):
        return [{"id": self.left.pop()}] if self.left else None
"""


def order_of(observation):
    return [(step.instance, step.kind) for step in observation.steps if step.kind != "import"]


def test_two_instances_are_read_in_turns(run):
    seen = run(COUNTS, Plan(about="in turns", second=Second.INTERLEAVED))
    reads = [step.instance for step in seen.of("read")]
    assert reads == [1, 2, 1, 2, 2, 2, 1, 2, 1, 1]
    assert seen.prints(1) == seen.prints(2)
    assert [step.instance for step in seen.of("close")] == [2, 2, 1, 1]


def test_the_younger_instance_can_be_read_first(run):
    seen = run(SHARES, Plan(about="younger first", second=Second.READ_FIRST))
    assert [step.instance for step in seen.of("construct")] == [1, 2]
    assert seen.prints(2).total() == 3
    assert seen.prints(1).total() == 0
    assert seen.reached_eof


def test_a_second_instance_gets_the_very_same_params(run):
    text = """
    class Stream(panoply.DataSource):
        def read(self, n=None):
            if self.source.get("done"):
                return None
            self.source["done"] = True
            self.source.pop("tables")
            self.options["page"]["size"] = 7
            self.fire("source-change", {"token": "new-token-1"})
            self.source["token"] = "new-token-1"
            return [{"id": 1}]
    """
    params = {"tables": ["a"], "token": "old-token-1", "state": {"at": 1}}
    seen = run(text, Plan(about="again", second=Second.REUSED), params=params, options={"page": {"size": 5}})
    assert seen.prints(1).total() == 1
    assert seen.prints(2).total() == 0
    assert seen.changes == (
        "source['tables']: taken out",
        "options['page']['size']: another int than the one that was passed",
    )
    assert params == {"tables": ["a"], "token": "old-token-1", "state": {"at": 1}}


def test_a_state_that_was_taken_out_is_there_again_for_the_second_instance(run):
    text = COUNTS.replace('source.get("state", {})', 'source.pop("state")')
    seen = run(text, Plan(about="again", second=Second.REUSED), params={"state": {"at": 2}})
    assert seen.prints(1) == seen.prints(2)
    assert seen.prints(1).total() == 2


@pytest.mark.parametrize("after", [1, 2, 4])
def test_a_new_instance_goes_on_from_the_state_after_so_many_batches(run, after):
    seen = run(COUNTS, Plan(about="resume", resume_after=after))
    assert seen.prints(1).total() == after
    assert seen.prints(2).total() == 4 - after
    assert [kind for number, kind in order_of(seen) if number == 1] == [
        "construct",
        *["read"] * after,
        "close",
        "close",
        "end",
    ]


def test_hints_follow_each_other_and_the_last_one_stays(run):
    seen = run(COUNTS, Plan(about="hints", hints=(1, None, 7)))
    assert [step.call for step in seen.reads] == ["read(1)", "read(None)", "read(7)", "read(7)", "read(7)"]


def test_a_run_that_is_compared_makes_no_calls_after_eof(run):
    seen = run(COUNTS, Plan(about="again", by_column=True))
    assert not [step for step in seen.of("read") if step.after_eof]
    assert dict(seen.columns).keys() == {"id"}


def test_records_can_be_shown(run):
    seen = run(COUNTS, Plan(about="show", show=(2,)))
    assert [(each.read, each.index, each.text) for each in seen.shown] == [(3, 0, "{id: 3, __state: 's3'}")]


def test_a_plan_may_end_sooner_than_the_user_allows(run):
    text = """
    class Stream(panoply.DataSource):
        def read(self, n=None):
            return []
    """
    assert len(run(text, Plan(about="few", most_reads=7), max_reads=100).reads) == 7
    assert len(run(text, Plan(about="few", most_reads=700), max_reads=100).reads) == 100


def test_what_the_kit_failed_to_watch_is_no_reason_to_pass(run, monkeypatch):
    def fail(*_):
        raise OSError("no")

    monkeypatch.setattr(Audit, "_made", fail)
    seen = run("""
    import os, tempfile

    class Stream(panoply.DataSource):
        def read(self, n=None):
            os.rmdir(tempfile.mkdtemp())
            return None
    """)
    assert seen.unwatched == "OSError at the event os.mkdir"
    assert "os.mkdir" in unwatched(seen).skip
    assert unwatched(run(COUNTS)) is None


def test_functions_of_config_are_called_with_the_waits_counted_and_once_more_where_they_take_all_params(run):
    text = """
    import asyncio

    async def slow(source):
        await asyncio.sleep(75)
        return ["north"]

    def needy(source):
        return [{**source}["user"]]

    CONFIG["params"] = [
        {"name": "user"}, {"name": "a", "type": "list", "values": slow}, {"name": "b", "type": "list", "values": needy},
    ]

    class Stream(panoply.DataSource):
        pass
    """
    slow, needy = run(text, VALUES, params={"user": "ada"}).values
    assert 75 <= slow.seconds < 95
    assert (slow.count, slow.bare_raised) == (1, "")
    assert (needy.count, needy.bare_raised) == (1, "KeyError: 'user'")
    assert needy.bare_without == ("user",)
