"""Imports point one way. A new module has to be given its place here, on purpose."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each group may import the groups that it names, and within itself only what stands further left or above.
GROUPS = {
    "words": (
        (),
        """panoply.constants panoply.errors.exceptions panoply.errors.error_normalization panoply.errors panoply.events panoply.records
        panoply._inner_secrets panoply._chance
        panoply._escapes panoply._needles panoply._search panoply._matching panoply.masking""",
    ),
    "delivery": (
        ("words",),
        """panoply.credentials panoply._jsonable panoply.encoding panoply.batching panoply.retrying panoply.delivery
        panoply._inbox panoply._sqs_wire panoply._sqs_xml panoply._sqs_json panoply._sqs_query panoply._sqs_refusal
        panoply.sqs panoply._spool_session panoply.spool panoply._keeping panoply._outcome
        panoply._telling panoply._dispatch panoply.sdk panoply._signal panoply.aio""",
    ),
    "authoring": (
        ("words",),
        """panoply._spelling panoply._credential_names panoply._credential_params
        panoply._config_fault panoply._config_json panoply._config_words panoply._config_icon
        panoply._icon_facts panoply._icon_svg panoply._icon_look panoply._config_picture
        panoply._config_schema panoply._config_sound panoply._config_rules panoply._config_advice panoply.config
        panoply._config_normal panoply._param_shapes panoply._params_schema panoply._params_example panoply.params panoply._form
        panoply._hiding panoply.resources panoply._token_endpoint panoply.oauth panoply.progress panoply.datasource panoply.ssh panoply.loading panoply.driving panoply._tables""",
    ),
    # From nothing to a source's project.
    "beginning": (
        ("words", "authoring"),
        """panoply._template_filling panoply._template_git panoply._template_notes panoply._template_update panoply._template_module
        panoply._template_config panoply._template_project panoply._template_pytest panoply._template_into""",
    ),
    # The only place where the two halves meet.
    "running": (
        ("words", "delivery", "authoring", "beginning"),
        """panoply._forks panoply._locks panoply._sink panoply._sink_files panoply._sink_queue
        panoply._warehouse_types panoply._warehouse_names panoply._warehouse_keys panoply._warehouse_rows
        panoply._warehouse_lots panoply._warehouse_buffer
        panoply._warehouse_store panoply._warehouse_load panoply._warehouse_duckdb panoply._warehouse_sqlite
        panoply._interrupts panoply._sink_warehouse panoply._sink_parquet panoply.sinks
        panoply._secret_params panoply._stuck panoply._saved_state panoply._run_result panoply._observer panoply._portions panoply._reading panoply._ledger
        panoply._part_wire panoply._part_output panoply._part_run panoply._part_process panoply._engines panoply._engine_local panoply._source_code panoply._engine_dask
        panoply._splitting panoply._split_run panoply._session panoply.runner
        panoply.cli._text panoply.cli._streams panoply.cli._display panoply.cli._pace panoply.cli._row panoply.cli._summary
        panoply.cli._screen panoply.cli._events panoply.cli._failures panoply.cli._source panoply.cli._flags panoply.cli._files
        panoply.cli._params panoply.cli._choices panoply.cli._prompt panoply.cli._options panoply.cli._command
        panoply.cli._config_view panoply.cli._choosing panoply.cli.run
        panoply.cli._form_view panoply.cli.config panoply.cli._questions panoply.cli._new_view panoply.cli.new panoply.cli panoply.__main__""",
    ),
    # The public names, for those who stand outside.
    "facade": (("words", "delivery", "authoring"), "panoply"),
    "observing": (
        ("words", "delivery", "authoring", "facade"),
        """panoply_testing._wording panoply_testing.secrets panoply_testing.faults panoply_testing._breakages panoply_testing._redirects panoply_testing.plans panoply_testing._config_facts panoply_testing.footprints panoply_testing.dealings
        panoply_testing.observation panoply_testing._told
        panoply_testing._credential_params panoply_testing._param_facts panoply_testing._values panoply_testing._facts panoply_testing._prints panoply_testing._batches panoply_testing._leaks panoply_testing._heard
        panoply_testing._candour panoply_testing._sensors panoply_testing._blame panoply_testing._audit panoply_testing._surroundings
        panoply_testing._pools panoply_testing._dealings panoply_testing._leftovers panoply_testing._footprint panoply_testing._libraries panoply_testing._http_bytes
        panoply_testing._network_failures panoply_testing._network_shapes panoply_testing._network_ledger
        panoply_testing._network_lines panoply_testing._network_connections panoply_testing._network_unseen
        panoply_testing._elsewhere panoply_testing._network_wire panoply_testing._network_names panoply_testing._network_tls
        panoply_testing._network_sockets panoply_testing._network panoply_testing._clock_real
        panoply_testing._clock_references panoply_testing._clock_wall panoply_testing._clock_waits
        panoply_testing._clock_others panoply_testing._clock_line panoply_testing._clock
        panoply_testing._locators panoply_testing._reroute panoply_testing._exchanges panoply_testing._relay panoply_testing._proxy panoply_testing._proxied
        panoply_testing._raised panoply_testing._steps panoply_testing._copies panoply_testing._module_facts panoply_testing._drive panoply_testing._stacks panoply_testing.isolation panoply_testing._anew panoply_testing._ticking panoply_testing.runs""",
    ),
    "judging": (
        ("observing",),
        """panoply_testing.findings panoply_testing.checks panoply_testing.checks._runs panoply_testing.checks._footprints
        panoply_testing.checks._spread panoply_testing.checks._points panoply_testing.checks._compare panoply_testing.checks._messages
        panoply_testing.checks.independence panoply_testing.checks.hints panoply_testing.checks.faults
        panoply_testing.checks.state panoply_testing.checks.bad_credentials panoply_testing.checks.bad_params
        panoply_testing.checks.module panoply_testing.checks.config panoply_testing.checks.construction panoply_testing.checks.reading
        panoply_testing.checks.progress panoply_testing.checks.credentials panoply_testing.checks.lifecycle
        panoply_testing.contract panoply_testing.report panoply_testing.report._words
        panoply_testing.report.text panoply_testing.report.model panoply_testing.report.table panoply_testing.report.json
        panoply_testing.report._markup panoply_testing.report._charts panoply_testing.report.html""",
    ),
    "testing": (
        ("words", "delivery", "authoring", "facade", "observing", "judging"),
        """panoply_testing.postgres panoply_testing.probe panoply_testing._planted panoply_testing._sqs_wire panoply_testing._sqs_rules panoply_testing._sqs_faults panoply_testing._sqs_arrivals
        panoply_testing._sqs_nearest panoply_testing._sqs_server panoply_testing._sqs_http panoply_testing.fake_sqs
        panoply_testing.settings panoply_testing.masked panoply_testing.reporting panoply_testing.items panoply_testing.fixtures
        panoply_testing.source_contract panoply_testing panoply_testing.plugin
        panoply_testing._drawn_text panoply_testing._drawn_params panoply_testing._drawn_broken
        panoply_testing._drawn_configs panoply_testing._drawn_records panoply_testing.strategies""",
    ),
    "reviewing": (
        ("words", "authoring", "running", "facade", "observing", "judging", "testing"),
        """panoply_testing.review._dossier panoply_testing.review.model panoply_testing.review._settings
        panoply_testing.review._guard panoply_testing.review._child panoply_testing.review._left_running panoply_testing.review._git
        panoply_testing.review._pyproject
        panoply_testing.review._project panoply_testing.review._tree panoply_testing.review._site
        panoply_testing.review._declared panoply_testing.review._fetched panoply_testing.review._installed panoply_testing.review._environment panoply_testing.review._linked
        panoply_testing.review._import_facts panoply_testing.review._environments
        panoply_testing.review._module_probe panoply_testing.review._module_facts
        panoply_testing.review._redirect_runs panoply_testing.review._recorder panoply_testing.review._pytest_ending panoply_testing.review._pytest_facts panoply_testing.review._asserting
        panoply_testing.review._secret_scan panoply_testing.review._telling panoply_testing.review._git_facts panoply_testing.review._wheel_facts
        panoply_testing.review.git panoply_testing.review.leaks panoply_testing.review._known_libraries panoply_testing.review.packaging
        panoply_testing.review.dependencies panoply_testing.review._index panoply_testing.review.installs
        panoply_testing.review._code_conventions panoply_testing.review._ask_conventions panoply_testing.review._code_config panoply_testing.review._code
        panoply_testing.review._code_values panoply_testing.review._code_libraries panoply_testing.review._code_network
        panoply_testing.review._code_world panoply_testing.review._code_places
        panoply_testing.review._code_leaks panoply_testing.review._code_texts panoply_testing.review._code_builtins
        panoply_testing.review._code_outside panoply_testing.review._code_calls
        panoply_testing.review._code_arguments
        panoply_testing.review._code_expressions panoply_testing.review._code_patterns panoply_testing.review._code_definitions
        panoply_testing.review._code_statements panoply_testing.review._code_reading
        panoply_testing.review._code_flow panoply_testing.review._code_params panoply_testing.review._code_limits
        panoply_testing.review._code_failures panoply_testing.review._code_leftovers panoply_testing.review.code
        panoply_testing.review.tables panoply_testing.review.module panoply_testing.review.contract panoply_testing.review.tests panoply_testing.review.config
        panoply_testing.review._stream_probe panoply_testing.review._previous panoply_testing.review.compatibility
        panoply_testing.review._egress_trees panoply_testing.review._egress_addresses
        panoply_testing.review._egress_certificates panoply_testing.review._egress_headers panoply_testing.review._egress_redirects panoply_testing.review.egress
        panoply_testing.review._mutants panoply_testing.review._mutant_runs panoply_testing.review.mutation
        panoply_testing.review._repeats panoply_testing.review.stability
        panoply_testing.review.families
        panoply_testing.review._dossier_facts
        panoply_testing.review._baseline panoply_testing.review._consequences panoply_testing.review._review panoply_testing.review
        panoply_testing.review.formats panoply_testing.review.formats._words panoply_testing.review.formats.json
        panoply_testing.review.formats.github panoply_testing.review.formats.junit panoply_testing.review.formats.sarif
        panoply_testing.review.formats.markdown panoply_testing.review.formats.html panoply_testing.review.formats.text panoply_testing.review.command""",
    ),
}


def modules() -> dict[str, Path]:
    found = {}
    for package in ("panoply", "panoply_testing"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path) -> set[str]:
    """The modules of ours that a module imports: anywhere in it, also in functions and for type checkers."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports relatively; write the whole name"
            # `from panoply import errors` imports the module, `from panoply.errors import X` a name in it.
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {each if each in MODULES else str(node.module) for each in inner}
    return {each for each in found if each in MODULES and each != name}


MODULES = modules()
PLACES = {
    name: (group, position) for group, (_, names) in GROUPS.items() for position, name in enumerate(names.split())
}


def test_every_module_has_a_place_and_every_place_a_module():
    assert set(PLACES) == set(MODULES)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_only_what_stands_before_it(name):
    group, position = PLACES[name]
    allowed = GROUPS[group][0]
    wrong = [
        imported
        for imported in sorted(imports(name, MODULES[name]))
        if not (PLACES[imported][0] in allowed or (PLACES[imported][0] == group and PLACES[imported][1] < position))
    ]
    assert not wrong, f"{name} stands before, or apart from, {', '.join(wrong)}"


def test_the_two_halves_do_not_know_each_other():
    assert "authoring" not in GROUPS["delivery"][0]
    assert "delivery" not in GROUPS["authoring"][0]


def run_python(code: str, run) -> str:
    return run([sys.executable, "-c", code])


@pytest.fixture
def run(tmp_path):
    import subprocess

    def run(words):
        done = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout

    return run


HEAVY = "duckdb boto3 botocore pytest jsonschema orjson asyncio click rich moto hypothesis cookiecutter tomlkit"


def test_importing_panoply_imports_nothing_heavy(run):
    code = f"import sys, panoply; print(*[name for name in {HEAVY.split()} if name in sys.modules])"
    assert run_python(code, run).split() == []


def test_writing_a_source_takes_no_part_of_the_delivery(run):
    code = "import sys, panoply; panoply.DataSource; print(*[m for m in sys.modules if m.startswith('panoply.')])"
    loaded = set(run_python(code, run).split())
    delivery = set(GROUPS["delivery"][1].split())
    assert loaded
    assert not loaded & delivery


def test_every_public_name_can_be_had(run):
    code = "import panoply; print(*[n for n in panoply.__all__ if not hasattr(panoply, n)], len(panoply.__all__))"
    missing_and_count = run_python(code, run).split()
    assert int(missing_and_count.pop()) > 10
    assert missing_and_count == []
