"""A sample of what can be answered, taken through everything; `make template-matrix` does so with all of it."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
import steps
from combinations import CHOICES, OF_THE_CODE, called, every_answer, every_code, sample

SAMPLE = sample()


def test_the_sample_has_each_kind_and_each_mode():
    codes = [{name: answers[name] for name in OF_THE_CODE} for answers in SAMPLE]
    codes.append({"kind": "api", "auth": "token", "mode": "sync"})  # the README's walk-through
    for question in ("kind", "mode"):
        assert {code[question] for code in codes} == set(CHOICES[question])


def test_among_the_codes_each_kind_meets_each_licence_and_each_ci():
    codes = every_code()
    assert len(codes) == 24
    for one, other in combinations(("kind", "license", "ci"), 2):
        assert len({(each[one], each[other]) for each in codes}) == len(CHOICES[one]) * len(CHOICES[other])
    assert len(every_answer()) == 24 * 4 * 3


@pytest.mark.parametrize("answers", every_code(), ids=called)
def test_every_code_is_clean(bake, answers):
    project = bake(**answers)

    steps.check_files(project, answers)
    steps.check_style(project)
    notes = json.loads((project / ".panoply-template.json").read_text(encoding="utf-8"))
    assert set(notes["files"]) == set(steps.texts(project)) - {".panoply-template.json"} | {"acme_crm/icon.png"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("answers", SAMPLE, ids=called)
def test_a_project_is_ready_for_review(bake, answers):
    """Which runs its tests, the contract in strict mode, ruff and mypy, measures what the tests cover, and builds."""
    project = bake(**answers)
    steps.commit(project)

    assert "Ready: " in steps.check_review(project)


@pytest.mark.timeout(600)
def test_what_is_built_runs_in_an_environment_of_its_own(bake, tmp_path):
    project = bake(title="Acme CRM", kind="files", auth="none")
    sdk = steps.build(steps.ROOT, tmp_path / "sdk")

    steps.check_installed(project, steps.build(project, tmp_path / "dist"), sdk, tmp_path / "installed")
