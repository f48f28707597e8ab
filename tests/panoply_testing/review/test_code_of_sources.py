"""The sources that the contract's checks are tried on, read by the review: the wrong ones leak, the right ones do not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from panoply_testing.review.code import judge_code, known_params, parse_code

SOURCES = Path(__file__).parent.parent.parent / "sources"


def literal(node):
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def config_in(text):
    """CONFIG, as far as it is made of constants."""
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "CONFIG"
            and isinstance(node.value, ast.Dict)
        ):
            params = [
                value for key, value in zip(node.value.keys, node.value.values, strict=True) if literal(key) == "params"
            ]
            dicts = [each for each in getattr(params[0], "elts", []) if isinstance(each, ast.Dict)] if params else []
            return {
                "params": [{literal(k): literal(v) for k, v in zip(d.keys, d.values, strict=True) if k} for d in dicts]
            }
    return {}


def leaks(path):
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    texts = {str(file.relative_to(path.parent)): file.read_text(encoding="utf-8") for file in files}
    known = known_params(config_in("\n".join(texts.values())))
    code = parse_code(
        texts, package=path.stem, params=known.params or None, credentials=known.credentials, widgets=known.widgets
    )
    outcome = judge_code(code)
    assert "credentials_stay_inside" in outcome.judged
    return [finding for finding in outcome.findings if finding.rule == "credentials_stay_inside"]


def sources(*folders):
    return [
        pytest.param(path, id=f"{path.parent.name}/{path.stem}")
        for folder in folders
        for path in sorted((SOURCES / folder).iterdir())
        if path.name != "__pycache__" and (path.is_dir() or path.suffix == ".py")
    ]


# They send the token in the URL, where nothing fails: the contract has them right, a reader of the code is not so sure.
IN_THE_URL = {"basic_config_at_info", "library_tells_urls", "root_handler_without_a_level"}


@pytest.mark.parametrize("path", sources("right"))
def test_the_right_sources_keep_their_credentials(path):
    found = leaks(path)
    if path.stem in IN_THE_URL:
        assert ["request" in finding.key for finding in found] == [True]
    else:
        assert found == []


# What no reading of the code tells: what a library, a child process or the far end does with it, and values whose names say
# nothing.
UNTOLD = {
    *(
        "aiohttp_web_page",
        "at_import",
        "at_import_marked",
        "child_left_behind",
        "child_process",
        "child_process_stderr",
    ),
    *(
        "declared_after_it_was_logged",
        "dsn_password",
        "http_debug",
        "refreshed_odd_name",
        "refreshed_token",
        "split_lines",
    ),
    *("hidden_in_config", "told_before_it_is_announced", "url_password", "named_by_the_project", "refreshed"),
}


@pytest.mark.parametrize(
    "path",
    sources(
        "wrong/logs_hide_credentials",
        "wrong/errors_hide_credentials",
        "wrong/progress_hides_credentials",
        "wrong/processes_hide_credentials",
        "wrong/state_hides_credentials",
    ),
)
def test_the_wrong_sources_are_found_out(path):
    assert bool(leaks(path)) == (path.stem not in UNTOLD)
