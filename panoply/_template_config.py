"""Reads the CONFIG of a source in a process of its own, which has a time limit: the module is foreign code.

That process writes what it finds to a file, as JSON; what the module prints goes its own way.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from panoply._param_shapes import env_names
from panoply.config import Config
from panoply.errors import LoadError, PanoplyException
from panoply.loading import load_source
from panoply.params import params_example

__all__ = ["ConfigFacts", "read_config", "tell"]

# Seconds. Nothing that is imported takes as long.
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFacts:
    """What is to be known of a source's CONFIG.

    Attributes:
        example: a params file to fill in.
        variables: the environment variables for its credentials, by the names of the params.
    """

    example: str
    variables: dict[str, str]


def read_config(project: Path, target: str, patience: float = _PATIENCE) -> ConfigFacts | str:
    """Load the source in another process; a text tells why that cannot be done.

    Args:
        project: where it is loaded from.
        target: what is to be loaded, as seen from there.
        patience: in seconds.
    """
    # The kit's own folder, which may be a checkout, comes last: other names in it must not hide any.
    root = Path(__file__).resolve().parents[1]
    code = f"import sys; sys.path.append({str(root)!r}); from {__name__} import tell; tell(*sys.argv[1:])"
    with tempfile.TemporaryDirectory(prefix="panoply-new-") as scratch:
        file = Path(scratch) / "facts.json"
        process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-c", code, target, str(file)],
            cwd=project,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            return f"importing {target} did not end within {patience:g} seconds"
        finally:
            _end(process)
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return f"importing {target} ended its process (exit code {process.returncode})"
    return str(told["error"]) if "error" in told else ConfigFacts(**told)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, and all that it has started."""
    with suppress(OSError, AttributeError):  # they have ended; or this system has no groups
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
    process.wait()


def _facts(target: str) -> ConfigFacts:
    module = load_source(target)
    if not hasattr(module, "CONFIG"):
        raise LoadError(f"{target} has no CONFIG")
    config = Config.parse(module.CONFIG)
    names = env_names(param.name for param in config.params)
    return ConfigFacts(
        example=params_example(config, module=target),
        variables={param.name: names[param.name] for param in config.params if param.is_credential},
    )


def tell(target: str, file: str) -> None:
    """Write to the file what is to be known of the source, or why it cannot be loaded; this ends the process."""
    try:
        told = asdict(_facts(target))
    except PanoplyException as exc:
        cause = "" if exc.__cause__ is None else f" ({type(exc.__cause__).__name__}: {exc.__cause__})"
        told = {"error": f"{exc}{cause}"}
    Path(file).write_text(json.dumps(told), encoding="utf-8")
    # Threads that the module has started are not waited for.
    os._exit(0)
