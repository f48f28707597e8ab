"""Observes a run in an interpreter of its own, where this process has imported the source before: to see what its import does.

A module that was imported once does nothing any more when it is imported again. Nor does a copy that is run a second time
tell much: what it sets up was set up by the first.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.isolation import Limits, observe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan
    from panoply_testing.secrets import Secret

__all__ = ["Anew", "answer", "observe_anew"]

# Modules are looked for where this process looks for them. Everything else comes on stdin, as the arguments of a process
# can be read by anybody.
_START: Final = (
    f"import json, sys; sys.path[:] = json.loads(sys.stdin.buffer.readline()); from {__name__} import answer; answer()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """How another interpreter comes to the source.

    Attributes:
        load: imports its module. A function that pickle knows by its name, or a partial of one.
        environment: the variables as they were before the session imported anything; None: as they are.
        folder: the working folder, likewise.
    """

    load: Callable[[], ModuleType]
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    folder: str | None = None


def observe_anew(  # noqa: PLR0913 - most of them by name
    plan: Plan,
    anew: Anew,
    *,
    params: dict[str, Any],
    options: dict[str, Any],
    limits: Limits,
    secrets: tuple[Secret, ...] = (),
) -> Observation | None:
    """What `observe` gives, seen by a new interpreter; None where the arguments cannot be handed over to one.

    Args:
        plan: what to do with the source.
        anew: how to come to it.
        params: what it gets as `source`.
        options: what it gets as `options`.
        limits: how much patience to have.
        secrets: what is a credential as well.
    """
    act = partial(observe, plan, load=anew.load, params=params, options=options, limits=limits, secrets=secrets)
    try:
        asked = pickle.dumps(act, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - a function without a name, a param with a lock in it
        return None
    path = json.dumps([folder for folder in sys.path if isinstance(folder, str)]).encode()
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", _START],
        input=path + b"\n" + asked,
        env=anew.environment,
        cwd=anew.folder,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            "The test kit itself failed while it observed the source in a new interpreter. Please report this:\n"
            f"{done.stderr.decode(errors='replace')}"
        )
    seen: Observation = pickle.loads(done.stdout)  # noqa: S301 - our own process wrote it
    return seen


def answer() -> None:
    """The other side: read from stdin what to observe, and write to stdout what was seen."""
    act = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    told = os.dup(1)
    os.dup2(2, 1)  # whatever else is printed here is no answer
    with os.fdopen(told, "wb") as out:
        pickle.dump(act(), out, protocol=pickle.HIGHEST_PROTOCOL)
