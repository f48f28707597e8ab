"""What an observed process tells about a run while it goes on: one value a message, in the order of the events."""

from __future__ import annotations

from dataclasses import dataclass

from panoply_testing.observation import End, ModuleFacts, Step

__all__ = ["Finished", "Module", "Returned", "Searched", "Started", "Told", "Unfinished"]


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


@dataclass(frozen=True, slots=True)
class Searched:
    """These credentials are looked for, and those not."""

    secrets: tuple[str, ...]
    not_searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The plan is carried out, as far as the source let it."""

    end: End


Told = Started | Unfinished | Returned | Step | Module | Searched | Finished
