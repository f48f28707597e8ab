"""What a stranger's processes have said is told with the project's own paths, and without credentials."""

from __future__ import annotations

from base64 import b64encode

import pytest
from review_projects import PYPROJECT, make

from panoply_testing.review import CannotReview, review
from panoply_testing.review._telling import Telling, mapped, project_paths
from panoply_testing.review.formats import FORMATS, rendered
from panoply_testing.review.model import Finding, Outcome, Step, Unchecked

SCRATCH = "/tmp/panoply-review-x1"

# Of Stripe's form, and of none; made up.
STRIPE = "sk_live_" + "Q7vBn2KpX9wRt4LmZc8HsDf3"
PASSWORD = "Zk8wQp2LrT5vNx7d"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{SCRATCH}/project/shop/shop/a.py", "shop/a.py"),
        (f"{SCRATCH}/contract-again/shop/shop/a.py:3", "shop/a.py:3"),
        (f"cannot open '{SCRATCH}/tests/shop/data.csv'", "cannot open 'data.csv'"),
        (f"in {SCRATCH}/build/shop", "in ."),
        (f"{SCRATCH}/unpacked/shop/a.py", "shop/a.py"),
        (f"{SCRATCH}/contract/home/.cache/x and {SCRATCH}/tmp/y", "~/.cache/x and $TMPDIR/y"),
        (f"{SCRATCH}/environments/bare/lib/python3.11/site-packages/requests/api.py", "requests/api.py"),
        (f"{SCRATCH}/contract/reached.jsonl", "$REVIEW/contract/reached.jsonl"),
        (f"{SCRATCH}/project/shop-two/a.py", "$REVIEW/project/shop-two/a.py"),
        ("/tmp/panoply-review-x2/project/shop/a.py", "/tmp/panoply-review-x2/project/shop/a.py"),
    ],
)
def test_paths_are_the_project_s_own(text, told):
    assert project_paths(text, SCRATCH, "shop") == told


@pytest.mark.parametrize("name", ["mein Projekt (1)", "größe", "home", "project", "a.b+c"])
def test_a_folder_may_have_any_name(name):
    assert project_paths(f"{SCRATCH}/project/{name}/a.py", SCRATCH, name) == "a.py"


def test_all_texts_of_a_value_are_told_and_nothing_else_is_changed():
    finding = Finding(rule="r", found=f"{SCRATCH}/project/shop/a", line=3, flow=(Step(path="p", line=1, what=SCRATCH),))
    outcome = Outcome(judged=("r",), findings=(finding,), unchecked=(Unchecked(rule="r", reason=f"{STRIPE}!"),))
    told = Telling.of(scratch=SCRATCH, name="shop", secrets=[]).told(outcome)
    assert (told.findings[0].found, told.findings[0].line, told.findings[0].flow[0].what) == ("a", 3, "$REVIEW")
    assert STRIPE not in told.unchecked[0].reason
    assert mapped(outcome, lambda text: text) == outcome


def test_a_credential_of_the_project_is_masked_in_any_encoding():
    telling = Telling.of(scratch=SCRATCH, name="shop", secrets=[("a password", PASSWORD)])
    for text in (PASSWORD, PASSWORD.encode().hex(), b64encode(f"user:{PASSWORD}".encode()).decode()):
        assert text not in telling.told(f"cannot log in with {text}: refused")
    assert telling.told("cannot log in") == "cannot log in"


IMPORTS = "from .config import CONFIG\nfrom .source import Stream\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"shop/__init__.py": f"{IMPORTS}PASSWORD = '{PASSWORD}'\nraise RuntimeError(PASSWORD + __file__)\n"},
        {"shop/__init__.py": f"{IMPORTS}raise RuntimeError('refused: {STRIPE} ' + __file__)\n"},
        # In a test nobody minds it, and it is not shown all the same.
        {
            "tests/conftest.py": f"TOKEN = '{PASSWORD}'\n",
            "shop/__init__.py": f"{IMPORTS}raise RuntimeError('{PASSWORD}' + __file__)\n",
        },
    ],
)
def test_no_report_shows_a_credential_or_where_the_review_has_worked(tmp_path, changes):
    done = review(make(tmp_path / "shop-source", changes), only=["module_imports", "config"], dossier=True)
    assert done.findings
    for form in FORMATS:
        text = rendered(done, form)
        assert PASSWORD not in text
        assert STRIPE not in text
        assert "panoply-review-" not in text


def test_what_cannot_be_reviewed_is_told_without_credentials(tmp_path):
    wrong = PYPROJECT.replace('"panoply-python-sdk"', f'"shop @@ https://user:{PASSWORD}@shop.io/x"')
    with pytest.raises(CannotReview, match="is no requirement") as told:
        review(make(tmp_path / "shop-source", {"pyproject.toml": wrong}), only=["dependencies"])
    assert PASSWORD not in str(told.value)
