# ruff: noqa: INP001 - cookiecutter wants this very folder
"""Refuses answers that would give a project that cannot work, before any file of it is written.

Cookiecutter fills in below what is wrong with the answers, as JSON, whose escapes keep odd ones from being taken for
Python.
"""

import json
import sys

PROBLEMS = json.loads(r"""{{ cookiecutter | problems | tojson }}""")

if PROBLEMS:
    # ASCII with escapes: a console that cannot show an answer must not keep the reason from being shown.
    lines = ["No project was made:", *(f"  - {problem}" for problem in PROBLEMS)]
    sys.exit("\n".join(lines).encode("ascii", "backslashreplace").decode())
