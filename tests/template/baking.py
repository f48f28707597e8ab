"""Projects made from the template by cookiecutter, without anything of the user's own settings."""

from __future__ import annotations

import json
from pathlib import Path

from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).parents[2] / "template"


def bake(folder: Path, *, overwrite: bool = False, **answers: str) -> Path:
    """Make a project with some answers, in the folder `made` of another one; cookiecutter's own files stay there, too."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "cookiecutter.yaml"
    config.write_text(json.dumps({"replay_dir": str(folder / "replay"), "cookiecutters_dir": str(folder / "seen")}))
    made = cookiecutter(
        str(TEMPLATE),
        no_input=True,
        extra_context=answers,
        output_dir=str(folder / "made"),
        config_file=str(config),
        overwrite_if_exists=overwrite,
    )
    return Path(made)
