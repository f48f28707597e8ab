# ruff: noqa: INP001 - cookiecutter wants this very folder
"""Notes in the project what it was made from, so that it can be brought up to a later template.

Each file is noted by the id that git gives to its contents: where it was committed as it was made, git knows the contents
by that id for good, and what its author has changed since can be told from what the template has.
"""

import hashlib
import json
import shutil
from pathlib import Path

NOTES = ".panoply-template.json"
MADE_FROM = json.loads(
    r"""{{ dict(
    sdk=cookiecutter._sdk_version,
    created=cookiecutter.__created,
    answers=dict(
        title=cookiecutter.title, package=cookiecutter.package, kind=cookiecutter.kind, auth=cookiecutter.auth,
        mode=cookiecutter.mode, author=cookiecutter.author, license=cookiecutter.license, ci=cookiecutter.ci,
    ),
) | tojson }}"""
)


def git_id(contents: bytes) -> str:
    """Compute the id that git gives to a file's contents (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    return hashlib.sha1(b"blob %d\0" % len(contents) + contents, usedforsecurity=False).hexdigest()


{% if cookiecutter.ci != "github" %}
# Cookiecutter can leave out a file, by an empty name, but no folder.
shutil.rmtree(".unwanted")

{% endif %}
# What else lies in the folder is its author's.
FILES = """
.gitignore
.pre-commit-config.yaml
CHANGELOG.md
LICENSE
README.md
params.example.toml
pyproject.toml
{{ cookiecutter.package }}/__init__.py
{{ cookiecutter.package }}/config.py
{{ cookiecutter.package }}/icon.png
{{ cookiecutter.package }}/source.py
{{ cookiecutter.package }}/{{ cookiecutter.__far_end }}.py
{% if cookiecutter.__rows_file %}
{{ cookiecutter.package }}/{{ cookiecutter.__rows_file }}
{% endif %}
tests/conftest.py
tests/test_source.py
{% if cookiecutter.ci == "github" %}
.github/workflows/ci.yml
{% elif cookiecutter.ci == "gitlab" %}
.gitlab-ci.yml
{% endif %}
""".split()

notes = {**MADE_FROM, "files": {name: git_id(Path(name).read_bytes()) for name in sorted(FILES)}}
Path(NOTES).write_text(json.dumps(notes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
