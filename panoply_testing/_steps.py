"""Does one thing with a source after the other, and tells of each what came of it and what was let out meanwhile."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from panoply_testing._raised import let_out, raised_facts
from panoply_testing._told import Returned, Started, Told, Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply_testing._clock import Clock
    from panoply_testing._footprint import Footprint
    from panoply_testing._heard import Heard
    from panoply_testing._leaks import Leaks
    from panoply_testing._network import Network
    from panoply_testing._proxied import Proxied
    from panoply_testing._raised import Places
    from panoply_testing._sensors import Sensors
    from panoply_testing.observation import Raised, Step

__all__ = ["Steps"]

# Operations of one run that are told: faults can be put at these. With more, a report would be larger than its use.
MOST_OPERATIONS = 20_000


class Steps:
    """The calls into a source, in one process.

    Args:
        tell: called with each thing that there is to tell, as soon as it is known.
        sensors: hear what is printed and logged.
        leaks: looks it through.
        places: knows the source's own lines.
        network: sees what is done there. `clock`: what is waited for. `footprint`: which processes are started.
    """

    def __init__(  # noqa: PLR0913 - all of them by name
        self,
        *,
        tell: Callable[[Told], None],
        sensors: Sensors,
        leaks: Leaks,
        places: Places,
        network: Network | Proxied,
        clock: Clock,
        footprint: Footprint,
    ) -> None:
        self._tell = tell
        self._sensors = sensors
        self._leaks = leaks
        self._places = places
        self._network = network
        self._clock = clock
        self._footprint = footprint
        self._operations = 0
        self._hits = 0
        self._pid = os.getpid()
        self._at_work: tuple[Step, Heard | None] | None = None

    def do(
        self,
        step: Step,
        act: Callable[[], Any],
        *,
        heard: Heard | None = None,
        read: Callable[[Any], dict[str, Any]] = lambda _: {},
        cause: bool = False,
    ) -> Step:
        """Do one thing with the source, and tell what came of it.

        Args:
            step: what it is called.
            act: does it.
            heard: hears the events of the instance that it is done with.
            read: what to record of its result.
            cause: whether the exception that counts is the cause of the one that arrives.
        """
        if heard is not None:
            heard.reset()
        self._at_work = (step, heard)
        self._tell(Started(step))
        result: dict[str, Any] = {}
        raised: Raised | None = None
        self._clock.begin()
        started = self._clock.monotonic()
        try:
            value = act()
        except BaseException as exc:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are the source's faults as well
            self._stay_alone()
            raised = self._raised(exc.__cause__ if cause and exc.__cause__ is not None else exc)
        self._stay_alone()
        seconds = self._clock.monotonic() - started
        self._at_work = None
        self._tell(Returned())
        if raised is None:
            try:
                result = read(value)
            except BaseException as exc:  # noqa: BLE001 - a list of the source's own may raise while it is gone through
                raised = self._raised(exc)
        done = replace(self._with_what_was_heard(step, heard), seconds=seconds, raised=raised, **result)
        self._tell(done)
        return done

    def tell_so_far(self) -> None:
        """Tell what the call that hangs has let out up to now."""
        if self._at_work is not None:
            self._tell(Unfinished(self._with_what_was_heard(*self._at_work)))

    def _with_what_was_heard(self, step: Step, heard: Heard | None) -> Step:
        logged = 0
        for piece in self._sensors.drain():
            logged += piece.channel == "log()" or (piece.channel.startswith("logging") and bool(piece.where))
            self._leaks.search("log", piece.channel, piece.text, piece.where)
        for piece in self._footprint.drain_processes():
            self._leaks.search("process", piece.channel, piece.text, piece.where)
        searched, leaks = self._leaks.take()
        step = replace(step, logged=logged, searched=searched, leaks=leaks, **self._done_on_the_network())
        step = replace(step, waited=self._clock.waited, waits=self._clock.waits)
        if heard is None:
            return step
        return replace(
            step,
            progress=tuple(heard.progress),
            progress_count=heard.count,
            went_back=heard.went_back,
            last_progress=heard.last,
            states=tuple(heard.states),
        )

    def _done_on_the_network(self) -> dict[str, Any]:
        operations = self._network.drain()
        room = max(0, MOST_OPERATIONS - self._operations)
        self._operations += len(operations)
        hits, self._hits = self._network.hit_count - self._hits, self._network.hit_count
        mask = self._leaks.credentials.mask
        kept = tuple(replace(each, request=mask(each.request)) if each.request else each for each in operations[:room])
        return {"operations": kept, "operation_count": len(operations), "hits": hits}

    def _raised(self, exc: BaseException) -> Raised:
        raised = raised_facts(exc, self._places, self._leaks.credentials.mask)
        for what, text in let_out(exc):
            self._leaks.search("error", what, text, raised.where)
        return raised

    def _stay_alone(self) -> None:
        """End a process that the source forked and did not end: it would tell everything a second time."""
        if os.getpid() != self._pid:
            os._exit(1)
