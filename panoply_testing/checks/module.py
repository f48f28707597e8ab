"""Rules about the module: that it is quiet, and what it exposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.checks import Check
from panoply_testing.checks._footprints import imports_quietly
from panoply_testing.checks._runs import unwatched, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed, skipped
from panoply_testing.plans import CLEAN, IMPORTED_ANEW

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation

__all__ = ["CHECKS"]


# What to do where the import fails: by the exception, and otherwise.
_FIXES: Final = {
    "ModuleNotFoundError": "Install what the message names into this environment, and name it among the project's "
    "dependencies. If it is a module of the source's own, import it from the package: from . import client.",
    "SyntaxError": "Mend the line that the message names.",
    "IndentationError": "Mend the line that the message names.",
}
_FIX: Final = "Import it in a shell of this environment (python -c 'import ...') and mend what that shows."


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
                fix=_FIXES.get(raised.type_name if raised is not None else "", _FIX),
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


def _module_imports_quietly(context: Context, run: Observation) -> Verdict:
    if run.module is None:
        return skipped(f"The module could not be imported ({what_happened(run)}): see stream_is_data_source.")
    if not run.saw_import:
        # The project's own tests have imported it before.
        anew = context.ask(IMPORTED_ANEW)
        run = run if anew.module is None else anew
    verdict = imports_quietly(run.imported, seen=run.saw_import)
    return verdict if verdict.findings else unwatched(run) or verdict


CHECKS: Final = (
    Check(
        name="module_imports_quietly",
        level="MUST",
        rule="Importing the module prints nothing, reaches no network, starts nothing, and changes no global settings.",
        why="The platform imports all sources into one process; what one changes there, the others suffer from.",
        plans=(CLEAN,),
        sensors=(
            *(
                "output, at import",
                "network, at import",
                "file written",
                "thread, at import",
                "process, at import",
                "logging, at import",
            ),
            *("hook", "signal", "warning filters", "environment", "working folder", "setting"),
        ),
        inquire=_module_imports_quietly,
    ),
    Check(
        name="stream_is_data_source",
        level="MUST",
        rule="The module exposes Stream, a subclass of panoply.DataSource that overrides read.",
        why="The platform imports the module by name and constructs its Stream: it knows no other name.",
        plans=(CLEAN,),
        judge=_stream_is_data_source,
    ),
)
