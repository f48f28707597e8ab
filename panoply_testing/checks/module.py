"""Rules about the module: what it exposes, and its CONFIG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._runs import count, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import CLEAN

if TYPE_CHECKING:
    from panoply_testing.observation import Observation

__all__ = ["CHECKS"]


def _stream_is_data_source(run: Observation) -> Verdict:
    module = run.module
    if module is None:
        step = run.failed_step("import")
        raised = step.raised if step is not None else None
        return failed(
            Finding(
                place="importing the module",
                expected="a module that can be imported",
                received=what_happened(run),
                fix="Import it in a shell of this environment (python -c 'import ...') and mend what that shows.",
                source=raised.where if raised is not None else run.stuck_at,
                detail=raised.frames if raised is not None else run.stack,
            )
        )
    expected = "Stream, a subclass of panoply.DataSource that overrides read"
    if module.stream is None:
        near = module.similar_names[0] if module.similar_names else "MyDataSource"
        return failed(
            Finding(
                place=f"module {module.name}",
                expected=expected,
                received="no name Stream in the module",
                fix=f"Name the class at the end of the module: Stream = {near}",
            )
        )
    if not module.stream_is_data_source:
        what = "Assign the class itself, not an instance or a function." if not module.stream_is_class else ""
        return failed(
            Finding(
                place=f"{module.name}.Stream",
                expected=expected,
                received=f"{module.stream}, which is no subclass of panoply.DataSource",
                fix=what or "Let the class extend it: class MyDataSource(panoply.DataSource).",
            )
        )
    if not module.overrides_read:
        return failed(
            Finding(
                place=f"{module.name}.Stream",
                expected=expected,
                received=f"{module.stream}, which has no read() but that of DataSource",
                fix="Define read(self, n=None) in it: it gives a list of dicts, then None. One that it inherits has to come "
                "from a base class named before panoply.DataSource.",
            )
        )
    return passed(f"{module.stream}")


def _config_is_valid(run: Observation) -> Verdict:
    module = run.module
    if module is None:
        return skipped(f"The module could not be imported ({what_happened(run)}): see stream_is_data_source.")
    if module.config_findings is None:
        return failed(
            Finding(
                place=f"module {module.name}",
                expected="CONFIG, a dict with a title and the params, from which the platform draws the form",
                received="no name CONFIG in the module",
                fix='Define it: CONFIG = {"title": "My source", "params": [{"name": "token", "type": "password"}]}.',
            )
        )
    errors = [finding for finding in module.config_findings if finding.level == "error"]
    notes = tuple(
        f"CONFIG: {finding.path or 'CONFIG'}: {'missing' if finding.found == 'nothing' else finding.found}; {finding.fix}"
        for finding in module.config_findings
        if finding.level == "warning"
    )
    if errors:
        return failed(
            *(
                Finding(
                    place=f"CONFIG: {error.path or 'the dict itself'}",
                    expected=error.expected,
                    received=error.found,
                    fix=error.fix,
                )
                for error in errors
            ),
            notes=notes,
        )
    return passed(f"CONFIG, {count(len(notes), 'warning')}", *notes)


CHECKS: Final = (
    Check(
        name="module_imports_quietly",
        level="MUST",
        rule="Importing the module prints nothing, reaches no network, starts nothing, and changes no global settings.",
    ),
    Check(
        name="stream_is_data_source",
        level="MUST",
        rule="The module exposes Stream, a subclass of panoply.DataSource that overrides read.",
        why="The platform imports the module by name and constructs its Stream: it knows no other name.",
        plans=(CLEAN,),
        judge=_stream_is_data_source,
    ),
    Check(
        name="config_is_valid",
        level="MUST",
        rule="CONFIG keeps the schema and its rules: named params, dependencies that exist, dates that are dates.",
        why="The platform draws the source's form from CONFIG; what it cannot read, nobody can fill in.",
        plans=(CLEAN,),
        judge=_config_is_valid,
    ),
    Check(
        name="config_icon_is_image",
        level="MUST",
        rule="The icon is a data: URL whose bytes decode, and are really of the media type that it names.",
    ),
    Check(
        name="config_secrets_are_masked",
        level="SHOULD",
        rule="A param that holds a credential has a type that the form masks: password or oauth.",
    ),
    Check(
        name="config_values_resolve",
        level="MUST",
        rule="A callable values gives a list of strings, numbers or {name, value} entries.",
    ),
)
