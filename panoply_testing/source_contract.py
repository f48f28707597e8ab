"""The contract as a class, for projects that test more than one source, or one in more than one way."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from panoply.loading import load_source
from panoply_testing._ticking import ticker_of
from panoply_testing.contract import CONTRACT
from panoply_testing.items import CheckItem, anew_by, inputs_of, judge, mark
from panoply_testing.runs import Runs
from panoply_testing.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from panoply_testing.checks import Check

__all__ = ["SourceContract", "make_item"]

_CHECKS = {check.name: check for check in CONTRACT}
_RUNS = pytest.StashKey[Runs]()


class SourceContract:
    """Extend it, name the class `Test...`, and override the fixtures; each check becomes a test of the class.

    ::

        class TestMySource(panoply_testing.SourceContract):
            @pytest.fixture
            def panoply_params(self, server):
                return {"url": server.url, "token": "made-up"}
    """


def _method(check: Check) -> Callable[..., None]:
    if not check.is_implemented:

        def nothing(self: SourceContract) -> None:
            """Marked to be skipped: needs no fixtures."""

        return nothing

    def test(  # noqa: PLR0913, PLR0917 - the fixtures of a check
        self: SourceContract,  # noqa: ARG001 - pytest calls it as a method
        request: pytest.FixtureRequest,
        panoply_source: ModuleType,
        panoply_params: dict[str, Any],
        panoply_options: dict[str, Any],
        panoply_secrets: object,
    ) -> None:
        limits, node = Settings.of(request.config).limits, request.node.parent
        if _RUNS not in node.stash:
            node.stash[_RUNS] = Runs(
                lambda: panoply_source,
                limits,
                ticker_of(request.config, node.name),
                # The fixture has imported it in this process.
                anew_by(request.config, partial(load_source, panoply_source.__name__)),
            )
        runs = node.stash[_RUNS]
        judge(request, check, runs, inputs_of(request, panoply_params, panoply_options, panoply_secrets))

    return test


# One method for each check, under its public name: pytest finds the fixtures that a test needs by its method.
for _check in CONTRACT:
    setattr(SourceContract, _check.name, _method(_check))


def make_item(collector: pytest.Collector, name: str, obj: object) -> pytest.Item | list[pytest.Item] | None:
    """The item of one check, where `collector` is a class that extends `SourceContract`.

    That class itself is none to be collected, under whatever name a test module imports it. None: it is no affair of
    ours.
    """
    if obj is SourceContract:
        return []
    cls = getattr(collector, "obj", None)
    if not inspect.isclass(cls) or not issubclass(cls, SourceContract) or name not in _CHECKS:
        return None
    if not callable(obj):
        # `read_accepts_optional_n = None` leaves a check out, as Python does it with __hash__.
        return []
    item = CheckItem.from_parent(collector, name=name)
    mark(item, _CHECKS[name], Settings.of(collector.config))
    return item
