"""What several checks say of a run that did not go through, in the same words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.observation import End, Observation, Step

__all__ = ["broke_off", "count", "grouped", "location", "no_reading", "provide", "settle", "unwatched", "what_happened"]

# More examples of the same fault than these help nobody.
EXAMPLES = 3

# A batch of 100 records and one of 50 are the same fault.
_NUMBER: Final = re.compile(r"\d[\d,.]*")


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 read", "5,046 reads"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def provide(observation: Observation) -> str:
    """What to do where there was nothing to judge: mend what was raised, if anything was, else give it something to read."""
    params = (
        "provide params with which there is something to read (--panoply-params=FILE, or the fixture panoply_params)"
    )
    raised = next((step for step in observation.reads if step.raised is not None), None)
    if raised is None:
        return params
    return f"{raised.name} raised {raised.raised}, and a later one gave None. Mend that, or {params}"


def what_happened(observation: Observation) -> str:
    """Why a run broke off, in one clause."""
    step = observation.unfinished
    call = step.name if step is not None else "the source"
    if observation.end is End.HUNG and observation.reason:
        return f"{call} would never have come to an end: {observation.reason}"
    if observation.end is End.HUNG:
        return f"{call} did not return within {observation.limit:g} seconds"
    if observation.end is End.DIED:
        return f"{call} ended the process: {observation.fate}"
    if observation.end is End.ENDLESS:
        return f"{count(len(observation.reads), 'read')} passed without EOF"
    last = next((step for step in reversed(observation.steps) if step.raised is not None), None)
    if last is not None and last.raised is not None:
        return f"{last.name} raised {last.raised}"
    return "the source gave up"


def no_reading(observation: Observation) -> Verdict | None:
    """Skip a check about reading where the run never got that far."""
    if observation.module is None:
        return skipped(f"The module could not be imported ({what_happened(observation)}): see stream_is_data_source.")
    no_stream = skipped("The module has no usable Stream: see stream_is_data_source.")
    if not observation.module.stream_is_data_source:
        return no_stream
    raised = observation.failed_step("construct")
    if raised is not None or (observation.unfinished is not None and observation.unfinished.kind == "construct"):
        return skipped(
            f"The source could not be constructed ({what_happened(observation)}): see constructor_takes_source_and_options."
        )
    return None if observation.module.overrides_read else no_stream


def broke_off(observation: Observation) -> str | None:
    """Why a run does not show everything, or None where it does.

    An endless run shows more than enough; what it lacks is the business of read_ends_with_none.
    """
    if observation.end in (End.COMPLETE, End.ENDLESS) or observation.reached_eof:
        return None
    return what_happened(observation)


def unwatched(observation: Observation) -> Verdict | None:
    """Skip a check about what a source does to its process where the kit failed to look at some of it."""
    if not observation.unwatched:
        return None
    return skipped(f"Not all could be watched ({observation.unwatched}), a fault of the kit's. Please report it.")


def settle(observation: Observation, findings: list[Finding], looked_at: str, *notes: str) -> Verdict:
    """Failed where there are findings; passed where all was seen; otherwise skipped: half a run proves nothing."""
    if findings:
        return failed(*grouped(findings), notes=notes)
    reason = broke_off(observation)
    if reason is not None:
        return skipped(f"The run broke off, because {reason}. Up to there the rule was kept ({looked_at}).")
    return passed(looked_at, *notes)


def grouped(findings: list[Finding]) -> tuple[Finding, ...]:
    """The first of each kind of finding, with the number of others like it; the first few kinds."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((_NUMBER.sub("0", finding.received), finding.fix), []).append(finding)
    return tuple(
        replace(same[0], place=f"{same[0].place} (and {count(len(same) - 1, 'more place')})")
        if len(same) > 1
        else same[0]
        for same in list(kinds.values())[:EXAMPLES]
    )


def location(observation: Observation, step: Step | None = None) -> str:
    """The best line of the source to point at: the one that raised, else its `read`."""
    if step is not None and step.raised is not None and step.raised.where:
        return step.raised.where
    return observation.module.read_at if observation.module is not None else ""
