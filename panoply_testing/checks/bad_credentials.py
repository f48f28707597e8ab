"""Rules about params that the far end refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks._messages import unclear
from panoply_testing.checks._runs import count, location, no_reading, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import BAD_PARAMS, CLEAN

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation, Step

__all__ = ["bad_credentials_are_not_retried", "bad_credentials_fail_clearly"]

_PROVIDE: Final = (
    "There are no params that the far end refuses. Provide them in a fixture panoply_bad_params of conftest.py, made from "
    'those that work: return {**panoply_params, "token": "no-such-token"}'
)

_CLEAR: Final = (
    "Look at the answer's status (401, 403) before its content, and say what to do: raise panoply.PanoplyException("
    '"Acme refused the token. Make a new one under Settings, API.", retryable=False).'
)


def bad_credentials_fail_clearly(context: Context) -> Verdict:
    """What the source does with params that the far end refuses."""
    if not context.bad_params:
        return no_reading(context.ask(CLEAN)) or skipped(_PROVIDE)
    run = context.ask(BAD_PARAMS)
    if run.module is None:
        return no_reading(run) or skipped("The module could not be imported.")
    step = _refusal(run)
    expected = "an exception with a message that says what is wrong with the params, and what to do"
    if step is None or step.raised is None:
        if run.records:
            received = f"it gave {count(run.records, 'record')}, as if these params were good"
        else:
            received = "an empty success: None, and no exception" if run.reached_eof else what_happened(run)
        return failed(
            Finding(
                place=run.unfinished.name if run.unfinished is not None else "reading with bad params",
                expected=expected,
                received=received,
                fix=_CLEAR,
                source=run.stuck_at or location(run),
                detail=run.stack,
            )
        )
    raised = step.raised
    received = unclear(run, step)
    if received:
        return failed(
            Finding(
                place=step.name,
                expected=expected,
                received=received,
                fix=_CLEAR,
                source=location(run, step),
                detail=raised.frames,
            )
        )
    return passed(f"it raised {raised.type_name}")


def bad_credentials_are_not_retried(context: Context) -> Verdict:
    """What its exception says of trying again."""
    if not context.bad_params:
        return no_reading(context.ask(CLEAN)) or skipped(_PROVIDE)
    run = context.ask(BAD_PARAMS)
    step = _refusal(run)
    if step is None or step.raised is None:
        return no_reading(run) or skipped("No exception left the source: see bad_credentials_fail_clearly.")
    if not step.raised.retryable:
        return passed(f"{step.raised.type_name}, retryable = False")
    return failed(
        Finding(
            place=step.name,
            expected="an exception with retryable = False: what was refused will be refused again",
            received=f"{step.raised.type_name}, which does not say so",
            fix="Raise panoply.PanoplyException(message, retryable=False), or set the attribute retryable = False on another.",
            source=location(run, step),
        )
    )


def _refusal(run: Observation) -> Step | None:
    """The call that the run ended with by an exception, and the first of its kind; a success in between is none."""
    if run.reached_eof or run.records:
        return None
    return next((step for step in run.steps if step.raised is not None and step.kind in ("construct", "read")), None)
