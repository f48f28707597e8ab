"""Projects made from the template, and their commands run as their authors would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import baking
import pytest
import steps

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def bake_into():
    return baking.bake


@pytest.fixture
def bake(tmp_path):
    def bake(**answers):
        return baking.bake(tmp_path, **answers)

    bake.output = tmp_path / "made"
    bake.output.mkdir()
    return bake


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """A project as it is made, to be copied."""
    return baking.bake(tmp_path_factory.mktemp("template"), title="Acme CRM")


@pytest.fixture(scope="session")
def run_pytest():
    """Run pytest in a project, whatever comes of it."""

    def run_pytest(project, *words):
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "COVERAGE_"))
        }
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
            cwd=project,
            env={**own, "PYTHONDONTWRITEBYTECODE": "1"},
            text=True,
            capture_output=True,
            check=False,
        )

    return run_pytest


@pytest.fixture(scope="session")
def check_style():
    return steps.check_style
