"""`probe`: a sensor that notices nothing is found out, and the planted source does what it is there for."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from panoply.driving import Driver
from panoply_testing import probe
from panoply_testing._candour import unmask
from panoply_testing._footprint import Footprint
from panoply_testing._leftovers import given_paths
from panoply_testing._sensors import Sensors
from panoply_testing.footprints import Trace
from panoply_testing.probe import AT_IMPORT, LEFT, PLANTS, deaf, sensors
from panoply_testing.secrets import Credentials, credentials_among


def leak(kind, channel):
    return SimpleNamespace(kind=kind, channel=channel)


def observation():
    """What a run looks like in which all was noticed."""
    reads = [
        SimpleNamespace(
            kind="read", number=number, leaks=[leak(plant.kind, f"{plant.channel} (x)")] if plant.step else []
        )
        for number, plant in enumerate(PLANTS, 1)
    ]
    return SimpleNamespace(
        steps=[
            SimpleNamespace(kind="construct", number=1, leaks=[leak("repr", "")]),
            *reads,
            SimpleNamespace(kind="close", number=2, leaks=[leak("file", "")]),
        ],
        imported=[Trace(kind=kind, what="x") for kind in AT_IMPORT],
        left=[Trace(kind=kind, what="x") for kind in LEFT],
        operations=[SimpleNamespace(kind="lookup"), SimpleNamespace(kind="connect")],
    )


def test_where_all_is_noticed_no_sensor_is_deaf():
    assert deaf(observation()) == ()
    assert len(sensors(observation())) == len(PLANTS) + len(AT_IMPORT) + len(LEFT)


@pytest.mark.parametrize(
    "plant", [plant for plant in PLANTS if plant.kind != "operation"], ids=lambda plant: plant.name
)
def test_a_fault_that_is_not_noticed_has_a_deaf_sensor(plant):
    run = observation()
    for step in run.steps:
        if not plant.step or (step.kind == "read" and step.number == PLANTS.index(plant) + 1):
            step.leaks = [each for each in step.leaks if each.kind != plant.kind]
    (result,) = deaf(run)
    assert (result.name, result.planted, result.heard) == (plant.name, True, False)
    assert result.note == f"A fault planted for {plant.name} was not noticed: a source that does the same would pass."


@pytest.mark.parametrize(("field", "kinds"), [("imported", AT_IMPORT), ("left", LEFT)])
def test_a_trace_that_is_not_seen_has_a_deaf_sensor(field, kinds):
    for kind in kinds:
        run = observation()
        setattr(run, field, [trace for trace in getattr(run, field) if trace.kind != kind])
        assert [result.name.partition(",")[0] for result in deaf(run)] == [kind]
    setattr(run, field, [Trace(kind=kind, what="x", by="a library") for kind in kinds])
    assert len(deaf(run)) == len(kinds)


def test_an_operation_that_is_not_seen_has_a_deaf_sensor():
    run = observation()
    run.operations = run.operations[:1]
    assert [result.name for result in deaf(run)] == ["connect"]


def test_a_fault_that_was_never_come_to_is_not_taken_for_one_that_was_noticed():
    run = observation()
    run.steps = run.steps[:3]
    results = deaf(run)
    assert len(results) == len(PLANTS) - 2 + len(LEFT)
    assert {result.planted for result in results} == {False}
    assert "broke off before it came to" in results[0].note


def test_the_planted_source_leaves_a_trace_of_each_kind_and_lets_its_token_out():
    with probe.params() as params:
        folder = Path(tempfile.gettempdir(), params["folder"])
        assert folder.exists()
        told = in_a_child(lambda: run_the_planted_source(params))
    assert not folder.exists()
    imported, left, texts, processes, failures, reads = told
    assert {trace.kind for trace in imported if not trace.by} == set(AT_IMPORT)
    assert {trace.kind for trace in left if not trace.by} == set(LEFT)
    secrets = Credentials(credentials_among(params, {}))
    channels = [piece.channel for piece in texts if secrets.find(piece.text)]
    assert channels[:2] == ["stdout", "stdout"]
    assert [
        name for name in ("stderr", "log()", "logging (panoply_testing._planted)", "warnings") if name not in channels
    ] == []
    assert [piece for piece in processes if secrets.find(piece.text)]
    assert failures == ["RuntimeError"]
    assert reads == len(PLANTS) + 1
    assert "panoply_testing._planted" not in sys.modules


@pytest.mark.parametrize("folder", [os.sep, tempfile.gettempdir()])
def test_it_changes_the_working_folder_wherever_it_is(folder):
    def leaves():
        os.chdir(folder)
        probe.load()
        return Path.cwd() != Path(folder)

    assert in_a_child(leaves)


def run_the_planted_source(params):
    home = None
    unmask(len)
    listening = Sensors(lambda: home)
    listening.start()
    footprint = Footprint(lambda: home, given_paths(params))
    footprint.start()
    footprint.began_import()
    module = probe.load()
    imported = footprint.ended_import()
    home = Path(module.__file__)
    driver, heard, failures, reads = Driver(), [], [], 0
    stream = module.Stream(params, {"logger": listening.logged})
    batch = []
    while batch is not None:
        reads += 1
        try:
            batch = driver.call(stream.read, 1000)
        except RuntimeError as exc:
            failures.append(type(exc).__name__)
        heard += listening.drain()
    for _ in range(2):
        driver.call(stream.close)
    left = footprint.tasks(driver._runner.get_loop())
    driver.close()
    left += footprint.left()
    return imported, left, heard + footprint.left_texts(), footprint.drain_processes(), failures, reads


def in_a_child(act):
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # Python warns of threads, such as those of xdist, whose locks a fork copies.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            with os.fdopen(writer, "wb", closefd=False) as pipe:
                pipe.write(pickle.dumps(act()))
        finally:
            os.killpg(0, signal.SIGKILL)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    return pickle.loads(data)
