"""The wheel is built, unpacked and imported; names, metadata and the files beside the package are read."""

from __future__ import annotations

import pytest
from review_projects import CONFIG, PYPROJECT, README, SOURCE, commit, git, put, site_of

from panoply_testing.review import git as git_family
from panoply_testing.review import packaging as family
from panoply_testing.review._module_facts import ParamFact
from panoply_testing.review._project import find_project
from panoply_testing.review._wheel_facts import WheelFacts, wheel_of
from panoply_testing.review.packaging import (
    judge_changelog,
    judge_licence,
    judge_metadata,
    judge_name,
    judge_readme,
    judge_wheel,
)

NAMES = tuple(rule.name for rule in family.RULES)


def rules(outcome):
    return [each.rule for each in outcome.findings]


@pytest.fixture
def look(tmp_path):
    def look(folder):
        return family.look(site_of(folder, tmp_path / "scratch", *NAMES))

    return look


def test_a_right_project_has_no_finding_and_no_build_folder(project, look):
    folder = project({"shop/data/regions.json": "[]", "shop/py.typed": "", "shop/README.md": "x"})
    before = sorted(folder.rglob("*"))
    outcome = look(folder)
    assert (outcome.findings, outcome.unchecked) == ((), ())
    assert set(outcome.judged) == set(NAMES)
    assert sorted(folder.rglob("*")) == before


def without(pattern):
    return PYPROJECT.replace('packages = ["shop"]', f'packages = ["shop"]\nexclude = ["{pattern}"]')


DEEP = SOURCE.replace("import panoply\n", "import panoply\n\nfrom shop.api import URL\n", 1)


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        (
            {"shop/api/__init__.py": "URL = 1\n", "shop/source.py": DEEP, "pyproject.toml": without("shop/api")},
            "shop/api/__init__.py",
        ),
        ({"shop/regions.json": "[]", "pyproject.toml": without("*.json")}, "shop/regions.json"),
        ({"pyproject.toml": without("shop/config.py")}, "shop/config.py"),
    ],
)
def test_what_the_wheel_lacks_is_told(project, look, changes, lacking):
    outcome = look(project(changes))
    assert rules(outcome) == ["wheel_holds_the_package"]
    assert f"The wheel lacks {lacking}." in outcome.findings[0].found
    assert [each.rule for each in outcome.unchecked] == ["wheel_imports"]


def test_a_module_that_relies_on_the_checkout_is_told(project, look):
    beside = (
        'from pathlib import Path\n\nVERSION = (Path(__file__).parents[1] / "pyproject.toml").read_text()\n' + CONFIG
    )
    outcome = look(project({"shop/config.py": beside}))
    assert rules(outcome) == ["wheel_imports"]
    assert "FileNotFoundError" in outcome.findings[0].found


@pytest.mark.parametrize(
    "pyproject",
    [
        PYPROJECT.replace('version = "1.2.0"', 'version = "one"'),
        PYPROJECT.replace('readme = "README.md"', 'readme = "LIESMICH.md"'),
        PYPROJECT.replace('build-backend = "hatchling.build"', 'build-backend = "hatchling.no_such_backend"'),
    ],
)
def test_a_build_that_fails_says_why(project, look, pyproject):
    outcome = look(project({"pyproject.toml": pyproject}))
    assert "wheel_builds" in rules(outcome)
    assert {each.rule for each in outcome.unchecked} >= {"wheel_holds_the_package", "wheel_imports"}


def test_a_backend_that_is_not_here_is_not_the_project_s_fault(project, tmp_path):
    pyproject = PYPROJECT.replace('["hatchling"]', '["hatchling", "no-such-backend>=2"]')
    facts = wheel_of(site_of(project({"pyproject.toml": pyproject}), tmp_path / "scratch"))
    assert "no-such-backend>=2 (not installed)" in facts.unbuildable
    outcome = judge_wheel(facts, [], is_importable=True)
    assert (outcome.findings, len(outcome.unchecked)) == ((), 3)


def test_what_the_wheel_has_is_judged_without_what_only_tests_need():
    facts = WheelFacts(files=("shop/__init__.py",), version="1")
    assert rules(judge_wheel(facts, ["shop/__init__.py"], is_importable=True)) == []
    assert [each.rule for each in judge_wheel(facts, [], is_importable=False).unchecked] == ["wheel_imports"]


def test_a_version_that_the_build_decides_on_is_taken_from_the_wheel(project, look, tmp_path):
    dynamic = (
        PYPROJECT.replace('version = "1.2.0"', 'dynamic = ["version"]')
        + '\n[tool.hatch.version]\npath = "shop/version.py"\n'
    )
    folder = project({"pyproject.toml": dynamic, "shop/version.py": '__version__ = "1.2.0"\n'})
    assert look(folder).findings == ()
    commit(folder, tag="v1.2.0")
    assert git_family.look(site_of(folder, tmp_path / "scratch2")).findings == ()
    put(folder, "shop/version.py", '__version__ = "1.3.0"\n')
    commit(folder)
    git(folder, "tag", "--annotate", "v1.2.1", "--message", "v1.2.1")
    assert rules(git_family.look(site_of(folder, tmp_path / "scratch3"))) == ["version_is_tagged"]
    assert rules(look(folder)) == ["changelog_has_the_version"]


# ---------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name", ["json", "queue", "stripe", "dropbox", "pytest", "tests", "requests", "panoply_testing"]
)
def test_a_name_that_somebody_else_has_is_told(name):
    owners = {"requests": ["requests"], "pytest": ["pytest"]}
    assert rules(judge_name([name], [f"{name}/__init__.py"], owners, "source-x")) == ["package_shadows_no_library"]


@pytest.mark.parametrize("name", ["shop", "source_stripe", "stripe_source", "json_api", "panoply.shop"])
def test_a_name_of_its_own_is_right(name):
    outcome = judge_name([name], [f"{name.replace('.', '/')}/__init__.py"], {"shop": ["Shop_Source"]}, "shop-source")
    assert rules(outcome) == []


def test_whatever_else_the_wheel_installs_counts_as_well():
    files = ["shop/__init__.py", "tests/test_a.py", "docs/conf.py", "json.py"]
    outcome = judge_name(["shop"], files, {}, "shop-source")
    assert [each.key for each in outcome.findings] == ["docs", "json", "tests"]


# ---------------------------------------------------------------------- metadata, and the files beside


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ('description = "Panoply data source: Shop"\n', "description"),
        ('readme = "README.md"\n', "readme"),
        ('license = "MIT"\n', "license"),
        ('requires-python = ">=3.11"\n', "requires-python"),
        ('authors = [{ name = "A. Author" }]\n', "authors"),
        ('version = "1.2.0"\n', "version"),
    ],
)
def test_metadata_that_are_missing_are_named(project, line, missing):
    (finding,) = judge_metadata(find_project(project({"pyproject.toml": PYPROJECT.replace(line, "")}))).findings
    assert finding.found == f"[project] has no {missing}."


@pytest.mark.parametrize(
    "pyproject",
    [
        PYPROJECT,
        PYPROJECT.replace('license = "MIT"', 'classifiers = ["License :: OSI Approved :: MIT License"]'),
        PYPROJECT.replace('license = "MIT"', 'license = { file = "LICENSE" }'),
        PYPROJECT.replace('readme = "README.md"', 'dynamic = ["readme"]'),
    ],
)
def test_metadata_may_be_given_in_more_than_one_way(project, pyproject):
    assert judge_metadata(find_project(project({"pyproject.toml": pyproject}))).findings == ()


@pytest.mark.parametrize("texts", [{}, {"LICENSE": " \n"}, {"LICENSING": "MIT"}, {"README.md": "MIT"}])
def test_a_licence_that_is_not_there_is_told(texts):
    assert rules(judge_licence(texts)) == ["licence_is_included"]


@pytest.mark.parametrize("name", ["LICENSE", "LICENCE.md", "license.txt", "COPYING", "LICENSE-MIT"])
def test_a_licence_may_be_called_otherwise(name):
    assert rules(judge_licence({name: "MIT License"})) == []


PARAMS = [
    ParamFact(name="token"),
    ParamFact(name="apiUrl", title="API address"),
    ParamFact(name="refresh", hidden=True),
]


@pytest.mark.parametrize(
    "text",
    ["`token` and `apiUrl`", "The token; the API address.", "Token, apiUrl", "| token | x |\n| API Address | y |"],
)
def test_a_readme_that_names_each_param_is_right(text):
    assert rules(judge_readme({"README.md": text}, PARAMS)) == []


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "no README"),
        ({"README.md": "\n"}, "is empty"),
        ({"README.md": "The token."}, "does not name apiUrl."),
        ({"README.rst": "Tokens, apiUrls."}, "does not name token, apiUrl."),
        ({"README.md": "a_token, apiUrl"}, "does not name token."),
    ],
)
def test_a_readme_that_lacks_a_param_is_told(texts, said):
    (finding,) = judge_readme(texts, PARAMS).findings
    assert said in finding.found


def test_a_readme_of_a_source_that_nobody_could_import_is_not_judged():
    assert [each.rule for each in judge_readme({"README.md": README}, None).unchecked] == ["readme_names_each_param"]


@pytest.mark.parametrize("text", ["## 1.2.0", "## [1.2.0] - 2024-05-01", "v1.2.0 (May)", "Version 1.2.0."])
def test_a_changelog_with_the_version_is_right(text):
    assert rules(judge_changelog({"CHANGELOG.md": f"# Changelog\n\n{text}\n"}, "1.2.0")) == []


@pytest.mark.parametrize(
    "text", ["## Unreleased", "## 1.2.0.1", "## 11.2.0", "## 1.2.01", "## 1.2.0rc1", "## 1.2.0-beta", "## 2.1.2.0"]
)
def test_a_changelog_without_the_version_is_told(text):
    assert rules(judge_changelog({"CHANGES.rst": f"{text}\n"}, "1.2.0")) == ["changelog_has_the_version"]


def test_a_changelog_has_to_be_there():
    assert rules(judge_changelog({"README.md": "1.2.0"}, "1.2.0")) == ["changelog_has_the_version"]


def test_what_only_the_backend_knows_to_be_missing_is_not_the_project_s_fault(project, tmp_path):
    backend = "def get_requires_for_build_wheel(settings=None):\n    return ['no-such-tool>=1', 'nor-this']\n"
    pyproject = PYPROJECT.replace(
        '["hatchling"]\nbuild-backend = "hatchling.build"', '[]\nbuild-backend = "make"\nbackend-path = ["."]'
    )
    facts = wheel_of(site_of(project({"pyproject.toml": pyproject, "make.py": backend}), tmp_path / "scratch"))
    assert facts.unbuildable.startswith("building it needs ")
    assert "no-such-tool" in facts.unbuildable


ICON_BESIDE = """\
from pathlib import Path

_FILE = Path(__file__).parent.parent / "icon.svg"
ICON = "data:image/svg+xml;utf8," + (_FILE.read_text() if _FILE.exists() else "")
"""


def test_what_the_wheel_alone_breaks_of_the_contract_is_told(project, look):
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>"
    config = ICON_BESIDE + CONFIG.replace(f'"data:image/svg+xml;utf8,{svg}"', "ICON")
    assert "ICON," in config
    outcome = look(project({"icon.svg": svg, "shop/config.py": config}))
    assert rules(outcome) == ["wheel_imports"]
    assert "config_icon_is_image" in outcome.findings[0].found


def test_what_is_broken_in_the_checkout_as_well_is_not_the_wheel_s_fault(project, look):
    config = CONFIG.replace("data:image/svg+xml;utf8,<svg", "data:image/png;utf8,<svg")
    assert rules(look(project({"shop/config.py": config}))) == []
