"""The template gives a project that passes its own checks, whatever the answers, or refuses them and says why."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import panoply_template
import pytest
from cookiecutter.exceptions import FailedHookException
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template"

ODD_TITLES = {
    "quote": "Bob's Burgers",
    "double quotes": 'The "Best" CRM',
    "both quotes": """It's "x" and "y\"""",
    "three double quotes": '"""Docs"""',
    "backslash": "C:\\new\\table",
    "ends with a backslash": "Acme\\",
    "backslash and quote": "Acme\\\"'",
    "umlauts": "Müller & Söhne GmbH",
    "another alphabet": "Яндекс Метрика",
    "chinese": "微信支付",
    "right to left": "שלום",
    "emoji": "🚀",
    "joined emoji": "Family 👨‍👩‍👧 App",
    "ambiguous dash": "Acme \u2013 CRM\u00a0\u2019s",
    "100 characters": "Acme " * 19 + "Acme!",
    "100 letters": "a" * 100,
    "short words": "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "digits first": "3D Hubs",
    "digits only": "42",
    "leading dash": "-acme",
    "dashes": "---",
    "markup": "<b>Acme</b> [x](y) *z* `q` #1 | 5% ~$&amp;",
    "well-known library": "Stripe",
    "library of the kit": "Panoply testing",
    "comment": "Acme # CRM",
    "spaces around": "  Acme CRM  ",
    "trailing line break": "Acme CRM\n",
    "closing brackets": "Acme }} %} #}",
    "percent": "Acme %s {0} ${x}",
}


def texts(project):
    return {
        path: path.read_text(encoding="utf-8")
        for path in project.rglob("*")
        if path.is_file() and path.suffix != ".png"
    }


def title_in_config(project):
    """Read CONFIG's title from the source code; importing some thirty packages of one process would be slower."""
    [config] = project.glob("*/config.py")
    for node in ast.walk(ast.parse(config.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "title":
                    return ast.literal_eval(value)
    raise AssertionError("CONFIG has no title")


TRACES = re.compile(r"cookiecutter|jinja|\{\{|\}\}|\{%|%\}|\{#|#\}", re.IGNORECASE)


def check_files(project, title, author):
    for path, text in texts(project).items():
        # Two braces may meet in JSON that is laid out in one line.
        traces = set(TRACES.findall(text)) - set(TRACES.findall(title + author)) - {"}}"}
        assert not traces, f"{path}: {traces}"
        assert not text.startswith("\n"), path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        if path.suffix == ".py":
            compile(text, path.name, "exec")
        if path.suffix == ".json":
            json.loads(text)
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert title_in_config(project) == title
    assert metadata["project"]["description"] == f"Panoply data source: {title}"
    assert metadata["project"]["authors"] == [{"name": author}]
    assert author in (project / "LICENSE").read_text(encoding="utf-8")
    package = metadata["tool"]["pytest"]["ini_options"]["panoply_source"]
    assert (project / package / "icon.png").read_bytes() == (
        TEMPLATE / "{{cookiecutter.__project_slug}}" / "{{cookiecutter.package}}" / "icon.png"
    ).read_bytes()


def test_the_default_answers_give_a_tidy_project(bake, check_style):
    project = bake()
    assert project.name == "acme-crm"
    check_files(project, "Acme CRM", "Your Name")
    assert sorted(str(path.relative_to(project)) for path in texts(project)) == [
        ".github/workflows/ci.yml",
        ".gitignore",
        ".panoply-template.json",
        ".pre-commit-config.yaml",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "acme_crm/__init__.py",
        "acme_crm/client.py",
        "acme_crm/config.py",
        "acme_crm/source.py",
        "params.example.toml",
        "pyproject.toml",
        "tests/conftest.py",
        "tests/test_source.py",
    ]
    check_style(project)


@pytest.mark.parametrize("title", ODD_TITLES.values(), ids=ODD_TITLES.keys())
def test_an_odd_title_comes_through_unchanged(bake, title, check_style):
    project = bake(title=title)
    check_files(project, title.strip(), "Your Name")
    check_style(project)


@pytest.mark.parametrize("author", ['Zoë O\'Hara "zo" <zoe@example.com>', "back\\slash", "名前", "🚀 Inc."])
def test_an_odd_author_comes_through_unchanged(bake, author, check_style):
    project = bake(author=author)
    check_files(project, "Acme CRM", author)
    check_style(project)


def test_braces_that_are_typed_stay_text(bake, check_style, tmp_path):
    """Answers passed as arguments are templates to cookiecutter itself; what is typed at its prompts is not."""
    config = tmp_path / "cookiecutter.yaml"
    config.write_text(json.dumps({"replay_dir": str(tmp_path / "replay"), "cookiecutters_dir": str(tmp_path / "seen")}))
    asked = ["-m", "cookiecutter", str(TEMPLATE), "--config-file", str(config), "-o", str(bake.output)]
    answers = "{{ 7 * 7 }} {% raw %} {#\nbraces\n\n\n\n\n\n\n"
    subprocess.run(
        [sys.executable, *asked], input=answers, text=True, encoding="utf-8", check=True, capture_output=True
    )
    project = bake.output / "braces"
    check_files(project, "{{ 7 * 7 }} {% raw %} {#", "Your Name")
    check_style(project)


def test_an_author_can_choose_the_package(bake, check_style):
    project = bake(title="Müller", package="mueller_crm2")
    assert project.name == "mueller-crm2"
    assert "class MuellerCrm2Client:" in (project / "mueller_crm2" / "client.py").read_text()
    check_files(project, "Müller", "Your Name")
    check_style(project)


@pytest.mark.parametrize("package", ["page", "resources", "a", "zz9", "access2", "stream_", "http_x", "client"])
@pytest.mark.parametrize("kind", ["api", "files"])
def test_imports_are_in_order_whatever_the_classes_are_called(bake, check_style, kind, package):
    check_style(bake(package=package, kind=kind, auth="oauth2"))


@pytest.mark.parametrize(
    ("title", "package"),
    [
        ("Google Sheets", "google_sheets"),
        ("Straße 5", "strasse_5"),
        ("3D Hubs", "source_3d_hubs"),
        ("Stripe", "source_stripe"),
        ("Dropbox", "source_dropbox"),
        ("Import", "source_import"),
        ("Match", "source_match"),
        ("Secrets", "source_secrets"),
        ("🚀", "source"),
        ("--Acme--", "acme"),
        ("The quick brown fox jumps over the lazy dog", "the_quick_brown_fox_jumps_over_the_lazy"),
    ],
)
def test_the_package_is_named_after_the_title(bake, title, package):
    assert (bake(title=title) / package / "source.py").is_file()


REFUSED = {
    "blank title": ({"title": "  "}, "title is blank"),
    "no title": ({"title": ""}, "title is blank"),
    "line break": ({"title": "Acme\nCRM"}, r"title holds '\\n'"),
    "nothing that can be seen": ({"title": "\u200b\ufeff \u00ad"}, "title is blank"),
    "turned around": ({"title": "Acme \u202eMRC"}, r"title holds '\\u202e'"),
    "escape sequence": ({"title": "Acme\x1b[31m"}, r"title holds '\\x1b'"),
    "blank author": ({"author": " "}, "author is blank"),
    "author of two lines": ({"author": "A\nB"}, r"author holds '\\n'"),
    "spaces": ({"package": "Acme CRM"}, "package is 'Acme CRM', .* for example, acme_crm"),
    "digits first": ({"package": "3d"}, "package is '3d', .* for example, source_3d"),
    "umlaut": ({"package": "müller"}, "package is .*, which is no name"),
    "empty": ({"package": ""}, "package is '', .* for example, source"),
    "path": ({"package": "../evil"}, "for example, evil"),
    "quotes": ({"package": 'a"""b'}, "for example, a_b"),
    "too long": ({"package": "a" * 51}, "51 characters.*at most 50"),
    "keyword": ({"package": "class"}, "word of the Python language.*source_class"),
    "soft keyword": ({"package": "match"}, "word of the Python language"),
    "standard library": ({"package": "secrets"}, "standard library.*source_secrets"),
    "client library": ({"package": "stripe"}, "well-known library.*source_stripe"),
    "the kit": ({"package": "panoply"}, "well-known library"),
    "what its own code imports": ({"package": "stamina"}, "well-known library"),
    "a folder that is left out of what is built": ({"package": "dist"}, "library or folder"),
    "installed": ({"package": "cookiecutter"}, "installed here"),
}


@pytest.mark.parametrize(("answers", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_an_answer_that_cannot_work_is_refused(bake, capfd, answers, reason):
    with pytest.raises(FailedHookException):
        bake(**answers)
    assert list(bake.output.iterdir()) == []
    message = capfd.readouterr().err
    assert "No project was made" in message
    assert re.search(reason, message), message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("package", "words"),
    [("source_stripe", ["stripe"]), ("acme_open_source", ["acme", "open"]), ("source", ["source"])],
)
def test_people_find_it_by_the_words_of_its_name(package, words):
    assert panoply_template.title_words(package) == words


def test_all_that_is_wrong_is_told_at_once(bake, capfd):
    with pytest.raises(FailedHookException):
        bake(title=" ", package="class", author="")
    message = capfd.readouterr().err
    assert message.count("\n  - ") == 3


def test_a_project_can_be_made_anew_over_itself_while_it_is_installed(bake, monkeypatch):
    project = bake(title="Acme again")
    monkeypatch.setenv("PYTHONPATH", str(project))
    bake(title="Acme again", author="Another", overwrite=True)
    assert "Another" in (project / "LICENSE").read_text(encoding="utf-8")


def test_nothing_is_asked_that_has_no_explanation():
    questions = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
    asked = [name for name in questions if not name.startswith("_")]
    assert asked == list(questions["__prompts__"])


@pytest.mark.parametrize("package", ["Requests", "Json", "PANOPLY", "Class"])
def test_what_is_proposed_in_place_of_a_bad_name_is_not_refused_next(bake, package, capfd):
    with pytest.raises(FailedHookException):
        bake(package=package)

    assert f"Type, for example, source_{package.lower()}." in capfd.readouterr().err


# Any text at all; and such as is likely to break something: quotes, braces, backslashes, what Markdown, TOML or YAML read.
LIKELY = st.text(st.sampled_from("aA1 _-.'\"\\{}%#$&<>[]()*`~|:\n\t\u2028üß漢🚀"), max_size=30)
TITLES = st.one_of(st.text(max_size=120), LIKELY)


@given(TITLES)
def test_any_title_gives_a_name_that_is_free_or_a_reason(title):
    package = panoply_template.package_name(title)
    found = panoply_template.problems({"title": title, "package": package, "author": "Ada"})
    if found:
        assert all(re.match("title (is blank|holds '.*', which cannot be seen)", each) for each in found)
    assert re.fullmatch("[a-z][a-z0-9_]*", package)
    assert panoply_template.package_problem(package) is None
    assert f"{panoply_template.class_name(package)}Client".isidentifier()


@given(TITLES)
def test_any_title_reads_back_unchanged(title):
    title = title.strip()
    assume(panoply_template.text_problem("title", title, "x") is None)
    assert ast.literal_eval(panoply_template.python(title)) == title
    assert tomllib.loads(f"title = {panoply_template.toml(title)}") == {"title": title}
    shown = MarkdownIt().parseInline(panoply_template.markdown(title))[0].children
    assert "".join(part.content for part in shown) == title


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TITLES, st.sampled_from(["api", "database", "files"]))
def test_any_title_gives_a_valid_project_or_is_refused(tmp_path_factory, bake_into, check_style, title, kind):
    folder = tmp_path_factory.mktemp("titles")
    try:
        # What is passed as an argument is a template to cookiecutter itself; this stands for what was typed.
        project = bake_into(folder, title="{% raw %}" + title + "{% endraw %}", kind=kind)
    except FailedHookException:
        assert panoply_template.text_problem("title", title, "x")
        assert list((folder / "made").iterdir()) == []
        return
    check_files(project, title.strip(), "Your Name")
    check_style(project)
