"""The last released version is taken out of a real repository, and what has changed since is told by what it breaks."""

from __future__ import annotations

import pytest
from review_projects import CONFIG, PYPROJECT, SOURCE, commit, git, put, site_of

from panoply_testing.review import compatibility as family
from panoply_testing.review._previous import (
    Pair,
    Released,
    Written,
    made_up_params,
    previous_of,
    previous_tag,
    written_in,
)
from panoply_testing.review.compatibility import judge

NAMES = {rule.name for rule in family.RULES}

TOKEN = {"name": "token", "title": "Token", "type": "password", "required": True}
REGION = {"name": "region", "title": "Region"}


def outcome(before, now, *, written=("", ""), by_reading=False, more=({}, {})):
    """What is said of two lists of params."""
    sides = [{"title": "Shop", "params": params, **keys} for params, keys in zip((before, now), more, strict=True)]
    texts = [Written(values={"destination": each} if each else {}, by_reading=by_reading) for each in written]
    pair = Pair(
        name="shop", path="shop/config.py", before=sides[0], now=sides[1], written_before=texts[0], written_now=texts[1]
    )
    return judge(Released(tag="v1.1.0", pairs=(pair,)))


def found(*args, **more):
    return [(each.rule, each.found) for each in outcome(*args, **more).findings]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([TOKEN], "The param region of v1.1.0 is gone."),
        ([TOKEN, {"name": "regions", "title": "Where"}], "region of v1.1.0 is gone; regions looks like it"),
        ([TOKEN, {"name": "place", "title": "Region"}], "region of v1.1.0 is gone; place looks like it"),
        # Required and renamed: one thing, told once.
        ([TOKEN, {"name": "place", "title": "Region", "required": True}], "place looks like it"),
    ],
)
def test_a_param_that_is_gone_is_told_with_what_it_has_become(now, said):
    [(rule, text)] = found([TOKEN, REGION], now)
    assert rule == "params_are_kept"
    assert said in text


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([TOKEN, {**REGION, "required": True}], "region was optional in v1.1.0, and is required now"),
        ([TOKEN, REGION, {"name": "account", "required": True}], "account is new since v1.1.0, and required"),
        ([TOKEN, REGION, {"name": "account", "required": True, "default": ""}], "account is new"),
    ],
)
def test_what_is_newly_required_is_told(now, said):
    [(rule, text)] = found([TOKEN, REGION], now)
    assert rule == "params_stay_optional"
    assert said in text


STATES = ["open", "closed"]
ENTRIES = [{"name": "Open", "value": "open"}]
FUNCTION = {"$callable": {"signature": "(source)", "binds": [1]}}


def param(**keys):
    return {"name": "states", "title": "States", **keys}


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (param(type="list", values=STATES), param(type="list", values=ENTRIES), "a list of texts"),
        (param(type="list", values=ENTRIES), param(type="list", values=STATES), "a list of {name, value}"),
        (param(type="select", values=STATES), param(type="list", values=STATES), "was text"),
        (param(), param(type="list", values=FUNCTION), "was text"),
        (param(type="dynamic-list", values=FUNCTION), param(type="select", values=FUNCTION), "a list of values"),
        (param(type="number"), param(type="text"), "was number in v1.1.0, and is text now"),
        (param(type="text"), param(type="oauth"), "what the type oauth gives"),
        (param(type="checkbox"), param(type="select", values=["yes", "no"]), "was true or false"),
    ],
)
def test_another_shape_of_a_value_is_told(before, now, said):
    [(rule, text)] = found([before], [now])
    assert rule == "params_keep_their_shape"
    assert said in text


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (param(), param(type="password", title="Other", help="New.", placeholder="x")),
        (param(type="text"), param(type="string")),
        (param(type="select", values=STATES), param(type="select", values=[*STATES, "all"])),
        (param(type="select", values=STATES), param(type="select", values=ENTRIES)),
        (param(type="list", values=STATES), param(type="dynamic-list", values=FUNCTION)),
        (param(type="text"), param(type="hidden")),
        (param(required=True), param()),
        (param(type="exclude"), param(type="exclude", title="Leave out")),
        (param(type="number", default="10"), param(type="text")),
        (param(), param(required=True, default="open")),
    ],
)
def test_what_breaks_no_collection_is_no_finding(before, now):
    assert found([before], [now]) == []
    assert found([before], [{"name": "new", "title": "New"}, now]) == []
    assert found([before], [{"name": "new", "required": True, "default": 3}, now]) == []


DESTINATION = {"name": "destination", "title": "Table", "type": "destination"}


def test_a_field_that_the_platform_consumes_may_go():
    assert found([TOKEN, param(type="truncate-table")], [TOKEN]) == []
    assert found([TOKEN], [TOKEN, {**DESTINATION, "required": True}]) == []


@pytest.mark.parametrize(
    ("written", "by_reading", "said"),
    [
        (("shop", "shop_{id}"), False, "The destination that the constructor writes was 'shop' in v1.1.0, and is"),
        (("", "shop"), False, "writes is 'shop' now; in v1.1.0 there was none"),
        (("shop", ""), False, "and is gone"),
        (("'shop'", "'shops'"), True, "What the code writes as destination was"),
    ],
)
def test_another_default_table_is_told(written, by_reading, said):
    [(rule, text)] = found([TOKEN], [TOKEN], written=written, by_reading=by_reading)
    assert rule == "table_defaults_are_kept"
    assert said in text


def test_a_default_in_config_is_told_once():
    params = [[{**DESTINATION, "default": each}] for each in ("shop", "shops")]
    [(rule, text)] = found(*params, written=("shop", "shops"))
    assert (rule, "Destination's default in CONFIG was 'shop'" in text) == ("table_defaults_are_kept", True)
    assert found(params[0], params[0], written=("shop", "shop")) == []


@pytest.mark.parametrize(
    "more", [({}, {"title": "Store"}), ({}, {"hostProperty": "host"}), ({"hostProperty": "host"}, {})]
)
def test_another_title_or_host_is_told(more):
    assert [rule for rule, _ in found([TOKEN], [TOKEN], more=more)] == ["identity_is_kept"]


def test_the_newest_version_below_is_the_last_one():
    tags = ["v1.9.0", "v1.10.0", "v1.10.1rc1", "v2.0", "v1.11.0-beta", "1.10.5", "v2.0.0", "v3.0.0", "other"]
    assert previous_tag(tags, "2.0.0") == "v1.10.0"
    assert previous_tag(tags, "2.0.1.dev1") == "v2.0.0"
    assert previous_tag(tags, "") == "v3.0.0"
    assert previous_tag(tags, "1.0.0") == ""


def test_params_are_made_up_in_the_shape_that_the_form_gives():
    params = [
        TOKEN,
        {"name": "api_url"},
        {"name": "since", "default": "2020-01-01", "required": True},
        {"name": "limit", "type": "number"},
        {"name": "tables", "type": "list", "values": ENTRIES},
        DESTINATION,
    ]
    everything, required = made_up_params({"params": params})
    assert required == {"token": "made-up", "since": "2020-01-01"}
    assert everything == {
        **required,
        "api_url": "https://made-up.example.com",
        "limit": 1,
        "tables": ENTRIES,
    }
    assert made_up_params("no CONFIG") == [{}, {}]


def test_what_code_writes_is_read_with_its_constants():
    text = """
TABLE = "shop"

class Stream:
    def __init__(self, source):
        source.setdefault("destination", TABLE)
        source["idpattern"] = f"{source['kind']}-id"
        source["else"] = "unread"
"""
    assert written_in({"a.py": text, "b.py": "not Python"}) == {
        "destination": "'shop'",
        "idpattern": ast_text("f\"{source['kind']}-id\""),
    }


def ast_text(code):
    import ast

    return ast.unparse(ast.parse(code, mode="eval"))


# ---------------------------------------------------------------------- in repositories


@pytest.fixture
def released(project):
    """A project with v1.1.0 in its past, and changes since."""

    def released(changes, before=None):
        old = {"pyproject.toml": PYPROJECT.replace("1.2.0", "1.1.0"), **(before or {})}
        folder = commit(project(old), "First", tag="v1.1.0")
        for name, content in {"pyproject.toml": PYPROJECT, **changes}.items():
            put(folder, name, content)
        return commit(folder, "Second", tag="v1.2.0")

    return released


def look(folder, tmp_path):
    return family.look(site_of(folder, tmp_path / "scratch"))


def rules(outcome):
    return sorted(each.rule for each in outcome.findings)


def test_a_first_version_keeps_all_of_them(project, tmp_path):
    said = look(commit(project(), tag="v1.2.0"), tmp_path)
    assert (set(said.judged), said.findings, said.unchecked) == (NAMES, (), ())
    assert "first version" in said.notes[0].text


def test_what_has_changed_since_the_tag_is_told(released, tmp_path):
    source = SOURCE.replace(
        "        self._left = [] if",
        '        source.setdefault("destination", "shop_{id}")\n        self._left = [] if',
    )
    assert source != SOURCE
    folder = released(
        {
            "shop/config.py": CONFIG.replace('"region"', '"area"'),
            "shop/source.py": source,
            "shop/old.py": None,
        },
        before={"shop/old.py": 'X = "only then"\n', "shop/source.py": "from . import old\n" + SOURCE},
    )
    before = git(folder, "status", "--porcelain")
    said = look(folder, tmp_path)
    assert rules(said) == ["params_are_kept", "table_defaults_are_kept"]
    assert {each.path for each in said.findings} == {"shop/config.py"}
    assert "area looks like it" in said.findings[0].found
    assert git(folder, "status", "--porcelain") == before


def test_a_version_that_was_never_merged_is_nobodys_last_one(project, tmp_path):
    folder = commit(project(), tag="v1.0.0")
    git(folder, "switch", "--quiet", "--create", "other")
    put(folder, "shop/config.py", CONFIG.replace('"region"', '"area"'))
    commit(folder, tag="v1.1.0")
    git(folder, "switch", "--quiet", "main")
    assert rules(look(folder, tmp_path)) == []


def test_a_version_with_another_layout_and_name_is_found(released, tmp_path):
    folder = released({})
    git(folder, "mv", "shop", "store")
    put(folder, "pyproject.toml", PYPROJECT.replace('"shop"', '"store"'))
    put(folder, "store/config.py", CONFIG.replace('"region"', '"area"'))
    commit(folder)
    assert rules(look(folder, tmp_path)) == ["params_are_kept"]


def test_a_source_that_has_come_beside_another_has_no_past(released, tmp_path):
    both = PYPROJECT.replace('panoply_source = "shop"', 'panoply_source = ["shop", "stock"]')
    stock = "from shop.source import Stream\n\nCONFIG = {'title': 'Stock', 'params': []}\n"
    said = look(released({"pyproject.toml": both, "stock.py": stock}), tmp_path)
    assert (set(said.judged), said.findings) == (NAMES, ())


def test_a_constructor_that_takes_no_made_up_params_is_read_instead(released, tmp_path):
    picky = SOURCE.replace(
        "        super()", "        if source['token'] != 'real': raise ValueError\n        super()", 1
    )
    texts = [picky + f'\n    def table(self):\n        self.source["destination"] = "{name}"\n' for name in ("a", "b")]
    (finding,) = look(released({"shop/source.py": texts[1]}, {"shop/source.py": texts[0]}), tmp_path).findings
    assert finding.rule == "table_defaults_are_kept"
    assert "What the code writes as destination was \"'a'\"" in finding.found


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ({"shop/source.py": "import no_such_library\n"}, "importing shop as of v1.1.0 raises ModuleNotFoundError"),
        ({"shop/config.py": "CONFIG = 3\n"}, "has no CONFIG that can be read"),
        ({"shop/source.py": "import os\nos._exit(3)\n"}, "exit code 3"),
    ],
)
def test_a_version_that_cannot_be_loaded_is_said_to_be(released, tmp_path, before, reason):
    right = {"shop/source.py": SOURCE, "shop/config.py": CONFIG}
    said = look(released(right, before), tmp_path)
    assert said.findings == ()
    assert {each.rule for each in said.unchecked} == NAMES
    assert reason in said.unchecked[0].reason


def test_without_a_repository_nobody_can_tell(project, tmp_path):
    said = look(project(), tmp_path)
    assert {each.reason for each in said.unchecked} == {"it is in no git repository"}


def test_a_shallow_clone_has_no_past_to_compare_with(released, tmp_path):
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--no-tags", "--depth=1", f"file://{released({})}", str(clone))
    assert "fetch-depth: 0" in previous_of(site_of(clone, tmp_path / "scratch")).problem
