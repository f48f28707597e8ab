"""What an observed process tells about a run while it goes on: one value a message, in the order of the events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panoply_testing.observation import End, ModuleFacts, Shown, Step

if TYPE_CHECKING:
    from panoply_testing._config_facts import ValuesFacts
    from panoply_testing._redirects import Redirected
    from panoply_testing.dealings import Dealings
    from panoply_testing.faults import Hit
    from panoply_testing.footprints import Trace

__all__ = ["Facts", "Finished", "Module", "Returned", "Searched", "Started", "Told", "Unfinished", "Values"]


@dataclass(frozen=True, slots=True)
class Started:
    """A call into the source begins."""

    step: Step


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What the call that is being waited for has let out so far."""

    step: Step


@dataclass(frozen=True, slots=True)
class Returned:
    """The call is over; what it gave is being looked at, on the kit's time."""


@dataclass(frozen=True, slots=True)
class Module:
    """The module was imported."""

    facts: ModuleFacts
    imported: tuple[Trace, ...] = ()
    saw_import: bool = True


@dataclass(frozen=True, slots=True)
class Searched:
    """These credentials are looked for, and those not."""

    secrets: tuple[str, ...]
    not_searched: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What can be said once the run is over; the fields are those of `Observation`."""

    shown: tuple[Shown, ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    changes: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    unseen: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    unwatched: str = ""
    left: tuple[Trace, ...] = ()
    reroute: str = ""
    rerouted: tuple[str, ...] = ()
    dealings: Dealings | None = None
    redirected: Redirected | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """A function of CONFIG's was called for its values, or could not be."""

    facts: ValuesFacts


@dataclass(frozen=True, slots=True)
class Finished:
    """The plan is carried out, as far as the source let it; or the kit ended the run, for this reason."""

    end: End
    reason: str = ""


Told = Started | Unfinished | Returned | Step | Module | Searched | Facts | Values | Finished
