"""Projects made from the template, and their commands run as their authors would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """A project as it is made, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    config = folder / "cookiecutter.yaml"
    config.write_text(json.dumps({"replay_dir": str(folder / "replay"), "cookiecutters_dir": str(folder / "seen")}))
    answers = {"title": "Acme CRM"}
    made = cookiecutter(
        str(ROOT / "template"),
        no_input=True,
        extra_context=answers,
        output_dir=str(folder / "made"),
        config_file=str(config),
    )
    return Path(made)


@pytest.fixture(scope="session")
def run_pytest():
    """Run pytest in a project, without what this session's own pytest has set."""

    def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
            cwd=project,
            env={**own, "PYTHONDONTWRITEBYTECODE": "1"},
            text=True,
            capture_output=True,
            check=False,
        )

    return run
