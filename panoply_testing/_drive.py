"""Drives a source through one plan, in this process, and tells what happened, step by step.

Meant for a process of its own (see `isolation`): the source may hang it, crash it, or print into it. What is told is
masked and small; judging it is the business of the checks.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from panoply._hiding import declared_credentials
from panoply.driving import Driver, takes_hint
from panoply_testing._batches import Batches
from panoply_testing._candour import unmask
from panoply_testing._clock import Clock
from panoply_testing._copies import changed, copy_of
from panoply_testing._dealings import Notes
from panoply_testing._elsewhere import Elsewhere
from panoply_testing._facts import differences, home_of, marks_of, named, shown_record
from panoply_testing._footprint import Footprint
from panoply_testing._heard import Heard
from panoply_testing._leaks import Leaks
from panoply_testing._leftovers import given_paths
from panoply_testing._libraries import libraries_among
from panoply_testing._module_facts import module_facts
from panoply_testing._network import Network
from panoply_testing._proxied import Proxied, addresses_of
from panoply_testing._raised import Places
from panoply_testing._reroute import Rerouted, declared_ports, rerouted
from panoply_testing._reroute import named as named_by
from panoply_testing._sensors import Sensors
from panoply_testing._steps import Steps
from panoply_testing._told import Facts, Finished, Module, Searched, Told, Values
from panoply_testing._values import (
    Listing,
    ValuesCall,
    calls,
    facts_not_called,
    facts_of,
    facts_of_bare,
    facts_of_raised,
)
from panoply_testing.observation import Batch, End, Step
from panoply_testing.plans import CLEAN, FIRST_READS, IMPORTED_ANEW, READS_AFTER_EOF, Plan, Second
from panoply_testing.secrets import Credentials, Marks, Secret, credentials_among

if TYPE_CHECKING:
    from types import ModuleType

    from panoply_testing._proxy import ProxyEnd
    from panoply_testing._redirects import Redirected
    from panoply_testing.faults import Operation
    from panoply_testing.footprints import Trace

__all__ = ["Drive"]

# As the platform does it: a read() that raised is called again on the same object, at most three more times.
ATTEMPTS: Final = 4

# Of so many reads, the object's repr is looked at after each; of the rest, after the last one.
_REPRS: Final = 5

# Reads after which to look for connections that have been closed meanwhile, at the latest: whoever connects in each read()
# does so at once. Once is enough, and not for nothing: it takes tens of milliseconds.
MOST_LOOKS: Final = 5

_NOTHING: Final = object()

# A source announces tokens, whatever it calls them; and at times where it stands, which its records have as well.
_ANNOUNCED: Final = Marks(hidden=frozenset({"source-change"}))


class _Broken(Exception):
    """The run cannot go on; everything about it has been told."""


@dataclass(slots=True, kw_only=True)
class _Instance:
    """One instance of the source, and what it is made from.

    Attributes:
        reading: its calls of `read()`, one at a time.
        end: how reading it ended.
    """

    number: int
    params: dict[str, Any] = field(repr=False)
    options: dict[str, Any] = field(repr=False)
    heard: Heard
    stream: Any = None
    batches: Batches | None = None
    reading: Iterator[Step] = field(default_factory=lambda: iter(()))
    end: End = End.COMPLETE


class Drive:
    """One run of a source.

    Args:
        plan: which run.
        load: imports the source's module.
        params: what the source gets as `source`. `options`: likewise. Both are the source's to change.
        secrets: what the project says is a credential as well.
        max_reads: how many reads may pass without EOF.
        tell: called with each thing that there is to tell, as soon as it is known.
        stuck: called with a sentence where the source would never come to an end; does not return.
        proxy: where to ask it, if the plan wants one.
    """

    def __init__(  # noqa: PLR0913 - all of them by name
        self,
        plan: Plan,
        *,
        load: Callable[[], ModuleType],
        params: dict[str, Any],
        options: dict[str, Any],
        max_reads: int,
        tell: Callable[[Told], None],
        stuck: Callable[[str], NoReturn],
        secrets: tuple[Secret, ...] = (),
        proxy: ProxyEnd | None = None,
    ) -> None:
        self._plan = plan
        self._proxy = proxy
        self._load = load
        self._params = params
        self._given = copy_of(params)
        self._options = {} if plan.empty_options else dict(options)
        self._given_options = copy_of(self._options)
        self._secrets = secrets
        self._max_reads = max_reads if plan.most_reads is None else min(max_reads, plan.most_reads)
        self._tell = tell
        self._driver = Driver()
        self._places = Places()
        self._sensors = Sensors(lambda: self._places.home)
        self._leaks = Leaks(self._known())
        self._footprint = Footprint(lambda: self._places.home, given_paths(params, options))
        self._clock = Clock(
            at_work=lambda: self._network.at_work() or self._watched.at_work(),
            endless=stuck,
            failures=lambda: self._watched.hit_count,
            forsaken=self._forsaken,
            is_unseen=lambda descriptor: self._network.is_unseen(descriptor) and not self._forsaken(),
        )
        self._elsewhere = None if plan.redirect is None else Elsewhere(plan.redirect)
        self._network = Network(
            fault=None if plan.proxied else plan.fault,
            own_line=self._sensors.own_line,
            stuck_for_ever=stuck,
            advance=self._clock.advance,
            elsewhere=self._elsewhere,
        )
        # Of a run through a proxy, only what passes there is looked at: that is where the fault is.
        self._watched = self._network if proxy is None else Proxied(proxy)
        self._steps = Steps(
            tell=tell,
            sensors=self._sensors,
            leaks=self._leaks,
            places=self._places,
            network=self._watched,
            clock=self._clock,
            footprint=self._footprint,
        )
        self._left: list[Trace] = []
        self._unseen: dict[str, None] = {}
        self._ended: tuple[str, ...] | None = None
        self._spoken_to: set[str] = set()
        self._modules = frozenset(sys.modules)
        self._config: Any = None
        self._route = Rerouted(params={})
        self._announced: set[str] = set()
        self._changed_by_first: tuple[str, ...] = ()
        self._instances: list[_Instance] = []
        self._numbers = itertools.count()
        self._notes = Notes(self._params, self._stem) if plan == CLEAN else None

    def _stem(self) -> str:
        home = self._places.home
        return home.stem if home is not None else "table"

    def run(self) -> None:
        """Carry the plan out; whatever the source raises is told, not raised."""
        unmask(self._declared)
        self._sensors.start()
        self._footprint.start()
        self._network.start()
        self._clock.start()
        if self._plan == CLEAN:
            self._network.ended()
        end = End.COMPLETE
        try:
            module = self._import()
            end = self._go_through(module)
        except _Broken:
            end = End.GAVE_UP
        finally:
            self._driver.close()
        if any(each.stream is not None for each in self._instances):
            self._look_around()
        if self._leaks.has_learnt:
            self._tell_searched()
        self._tell(self._facts())
        self._tell(Finished(end))

    def _forsaken(self) -> str:
        """Why nothing that the source waits for will ever come."""
        if self._plan.fault is None or self._plan.fault.kind != "silent" or not self._watched.hit_count:
            return ""
        return f"{self._watched.hits()[0].operation} would wait for ever: the far end is silent, and there is no time limit"

    def tell_so_far(self) -> None:
        """Tell what the call that hangs has let out up to now, and what is known of the run."""
        # First what is short, and says whether the fault was met at all.
        self._tell(self._facts())
        self._steps.tell_so_far()

    # ------------------------------------------------------------------ the plan

    def _go_through(self, module: ModuleType) -> End:
        plan = self._plan
        if plan.anew:
            return End.COMPLETE
        if plan.values:
            return self._values(module)
        if plan.resume_after is not None:
            return self._resume(module)
        if plan.second is Second.REUSED:
            first = self._instance(self._params, self._options)
            self._open(first, module)
            self._exhaust(first)
            # What the second one turns back to what it was (a list that both reverse) has changed all the same.
            self._changed_by_first = self._changes()
            # The very same dicts, as the first one has left them; but for the state, which it may take out, and which the
            # platform puts there anew.
            if "state" in self._given:
                self._params["state"] = copy_of(self._given["state"])
            second = self._instance(self._params, self._options)
            self._open(second, module)
            return self._exhaust(second, first.end)
        if plan.second is not None:
            return self._two(module)
        only = self._instance(self._params, self._options)
        self._open(only, module)
        return self._exhaust(only)

    def _two(self, module: ModuleType) -> End:
        """Two instances at once, each with params of its own."""
        first = self._instance(copy_of(self._given), copy_of(self._given_options))
        second = self._instance(copy_of(self._given), copy_of(self._given_options))
        self._open(first, module)
        self._open(second, module)
        if self._plan.second is Second.INTERLEAVED:
            # Not strictly by turns: what two instances take from one heap, batch by batch, may then come out even.
            for each in (first, second, first, second, second, second):
                next(each.reading, None)
            left = [first, second]
            while left:
                left = [each for each in left if next(each.reading, None) is not None]
        for each in (second, first):
            self._exhaust(each)
        return next((each.end for each in (second, first) if each.end is not End.COMPLETE), End.COMPLETE)

    def _resume(self, module: ModuleType) -> End:
        first = self._instance(copy_of(self._given), copy_of(self._given_options))
        self._open(first, module)
        end = self._exhaust(first)
        if end is not End.COMPLETE:
            return end
        params = copy_of(self._given)
        if first.heard.merged:
            params["state"] = copy_of({**(params.get("state") or {}), **first.heard.merged})
        second = self._instance(params, copy_of(self._given_options))
        self._open(second, module)
        return self._exhaust(second)

    def _values(self, module: ModuleType) -> End:
        """Call the functions among CONFIG's values, each with params of its own."""
        options = self._options_with_a_logger(self._given_options)
        for number, call in enumerate(calls(named(module, "CONFIG"), self._given, options), 1):
            if call.call is None:
                self._tell(Values(facts_not_called(call)))
                continue
            step, listings = self._ask(call, number, call.name)
            seconds = step.seconds + step.waited
            if step.raised is not None:
                self._tell(Values(facts_of_raised(call, step.raised, seconds=seconds)))
                continue
            facts = facts_of(call, listings[0], seconds=seconds, mask=self._leaks.credentials.mask)
            if call.source.whole and call.bare is not None:
                step, _ = self._ask(call.bare, number, f"{call.name}, with no other params than it depends on")
                facts = facts_of_bare(facts, call, step.raised)
            self._tell(Values(facts))
        return End.COMPLETE

    def _ask(self, call: ValuesCall, number: int, name: str) -> tuple[Step, list[Listing]]:
        listings: list[Listing] = []

        def keep(listing: Listing) -> dict[str, Any]:
            listings.append(listing)
            return {}

        if call.call is None:
            raise TypeError(f"{call.name} cannot be called")
        act = partial(self._driver.call, call.call)
        step = self._steps.do(Step(kind="values", call=name, number=number, seconds=0.0), act, read=keep)
        return step, listings

    # ------------------------------------------------------------------ the steps

    def _import(self) -> ModuleType:
        step = Step(kind="import", call="import", number=1, seconds=0.0)
        module: ModuleType | None = None
        traces: list[Trace] = []

        def load() -> None:
            nonlocal module
            self._footprint.began_import(judged=self._plan in (CLEAN, IMPORTED_ANEW))
            try:
                loaded = self._load()
            finally:
                traces.extend(self._footprint.ended_import())
            self._config = named(loaded, "CONFIG")
            if self._proxy is not None:
                self._route = self._rerouted(self._proxy.ports)
                self._params, self._given = copy_of(self._route.params), self._route.params
            # Known before the import is judged: a module may print a credential that only CONFIG marks as one.
            self._leaks.credentials = self._known(marks_of(self._config))
            module = loaded

        self._steps.do(step, load, cause=True)
        if module is None:
            raise _Broken
        self._places.home = home_of(module)
        facts = module_facts(module, self._places, self._given if self._plan == CLEAN else None)
        self._tell(Module(facts, self._told_of(traces), self._footprint.saw_import))
        self._tell_searched()
        if not callable(named(module, "Stream")):
            raise _Broken
        return module

    def _tell_searched(self) -> None:
        known = self._leaks.credentials
        self._tell(Searched(tuple(secret.label for secret in known.secrets), known.not_searched))

    def _instance(self, params: dict[str, Any], options: dict[str, Any]) -> _Instance:
        instance = _Instance(
            number=len(self._instances) + 1, params=params, options=options, heard=Heard(self._leaks, self._learn)
        )
        self._instances.append(instance)
        return instance

    def _open(self, instance: _Instance, module: ModuleType) -> None:
        """Construct it, and get ready to read it."""
        step = Step(kind="construct", call="Stream(source, options)", number=1, seconds=0.0, instance=instance.number)
        options = instance.options
        if not self._plan.empty_options:
            options = self._options_with_a_logger(options)

        def construct() -> None:
            instance.stream = module.Stream(instance.params, options)
            instance.heard.listen(instance.stream)

        def read(_: None) -> dict[str, Any]:
            self._repr(instance)
            return {
                "attributes": differences(instance.stream, instance.params, options),
                "copied": named(instance.stream, "source") is not instance.params,
            }

        self._note(self._steps.do(step, construct, heard=instance.heard, read=read))
        if instance.stream is None:
            raise _Broken
        instance.batches = Batches(
            self._plan,
            search=lambda text: self._leaks.search("record", "a record", text),
            search_records=self._leaks.search_records,
            describe=lambda row: shown_record(row, self._leaks.credentials.mask),
            numbers=self._numbers,
            note=None if self._notes is None else self._notes.record,
        )
        instance.reading = self._read(instance)

    def _exhaust(self, instance: _Instance, so_far: End = End.COMPLETE) -> End:
        """Read an instance to its end, or as far as the plan wants it, and close it."""
        try:
            for _ in instance.reading:
                pass
        finally:
            self._look_for_ended()
            self._close(instance)
        return instance.end if so_far is End.COMPLETE else so_far

    def _read(self, instance: _Instance) -> Iterator[Step]:
        plan = self._plan
        wanted = plan.reads if plan.resume_after is None or instance.number > 1 else plan.resume_after
        failures = returned = 0
        # Whether read(n) is accepted is for a check of its own to say: the others can still be judged.
        without_hint = plan not in FIRST_READS and not _takes_hint(instance.stream)
        instance.end = End.ENDLESS
        for number in range(1, self._max_reads + 1):
            if returned == wanted:
                instance.end = End.COMPLETE
                return
            arguments = () if without_hint else plan.arguments(number)
            step = self._one_read(instance, number, arguments)
            self._note(step)
            self._look_for_drivers(step)
            if step.raised is not None:
                self._watched.relieve()
                if number == 1 and wanted is None and step.raised.defect:
                    # A decorator may hide what the signature would have said.
                    without_hint = True
                failures += 1
                if failures >= ATTEMPTS or not step.raised.retryable:
                    instance.end = End.GAVE_UP
                    return
                yield step
                continue
            failures = 0
            returned += 1
            if step.batch is not None and step.batch.is_none:
                if wanted is None and plan.is_plain:
                    for beyond in range(1, READS_AFTER_EOF + 1):
                        self._one_read(instance, number + beyond, arguments, after_eof=beyond)
                instance.end = End.COMPLETE
                return
            yield step

    def _note(self, step: Step) -> None:
        if self._notes is not None:
            self._notes.operations(step.operations)

    def _look_for_drivers(self, step: Step) -> None:
        """See which connections there are, or were, that the sensor does not know of."""
        if self._plan.is_plain:
            self._unseen.update(dict.fromkeys(self._network.unseen()))
        if step.number <= MOST_LOOKS:
            self._spoken_to.update(each.host for each in step.operations)
        if step.number == MOST_LOOKS:
            self._look_for_ended()

    def _look_for_ended(self) -> None:
        """See, once a run, which connections have been closed meanwhile: the system lists them for a minute."""
        if self._plan == CLEAN and self._ended is None:
            self._ended = self._network.ended()

    def _one_read(
        self, instance: _Instance, number: int, arguments: tuple[int | None, ...], *, after_eof: int = 0
    ) -> Step:
        call = f"read({', '.join(map(str, arguments))})"
        step = Step(kind="read", call=call, number=number, after_eof=after_eof, seconds=0.0, instance=instance.number)

        def look(value: Any) -> dict[str, Any]:
            if value is None or number <= _REPRS:
                self._repr(instance)
            return {"batch": self._batch(instance, value, number)}

        return self._steps.do(
            step, lambda: self._driver.call(instance.stream.read, *arguments), heard=instance.heard, read=look
        )

    def _batch(self, instance: _Instance, value: Any, number: int) -> Batch:
        assert instance.batches is not None  # noqa: S101 - it was constructed
        batch = instance.batches.look(value, number, instance.heard.state_ids)
        # A place is made of keys, and a key may be anything.
        mask = self._leaks.credentials.mask
        problems = tuple(replace(problem, place=mask(problem.place)) for problem in batch.problems)
        return replace(batch, problems=problems)

    def _repr(self, instance: _Instance) -> None:
        """Look through the object's repr, as a traceback or a log would print it."""
        if self._plan.is_plain:
            try:
                text = repr(instance.stream)
            except Exception as exc:  # noqa: BLE001 - the source's own __repr__
                text = f"<its repr() raises {type(exc).__name__}>"
            self._leaks.search("repr", "repr() of the source", text)

    def _close(self, instance: _Instance) -> None:
        for number in (1, 2):
            step = Step(kind="close", call="close()", number=number, seconds=0.0, instance=instance.number)

            def read(_: Any, number: int = number) -> dict[str, Any]:
                if number > 1:
                    self._repr(instance)
                    self._sensors.settle()
                    if instance is self._instances[-1]:
                        self._left.extend(self._footprint.tasks(self._driver.loop))
                return {}

            self._steps.do(step, lambda: self._driver.call(instance.stream.close), heard=instance.heard, read=read)

    def _look_around(self) -> None:
        """See what is left of the source, now that it is closed."""
        step = Step(kind="end", call="after close()", number=1, seconds=0.0)

        def look(_: Any) -> dict[str, Any]:
            for piece in self._footprint.left_texts():
                self._leaks.search("file", piece.channel, piece.text, piece.where)
            return {}

        # In a step of its own, since the source's finalisers run when garbage is collected.
        self._steps.do(step, lambda: self._left.extend(self._footprint.left()), read=look)

    def _told_of(self, traces: Iterable[Trace]) -> tuple[Trace, ...]:
        mask = self._leaks.credentials.mask
        return tuple(replace(trace, what=mask(trace.what)) for trace in traces)

    # ------------------------------------------------------------------ what is listened to

    def _options_with_a_logger(self, options: dict[str, Any]) -> dict[str, Any]:
        """Put our logger there, in front of the one that there may be. The dict stays the same."""
        theirs = options.get("logger")
        if getattr(theirs, "_of_the_kit", False):  # a second instance made from the same options
            return options

        def logger(*msgs: Any) -> None:
            # DataSource.log() hands over one tuple; sources that call it by themselves do as they like.
            self._sensors.logged(msgs[0] if len(msgs) == 1 and isinstance(msgs[0], tuple) else msgs)
            if theirs is not None:
                theirs(*msgs)

        logger._of_the_kit = True  # type: ignore[attr-defined]  # noqa: SLF001 - a function's own attribute
        options["logger"] = logger
        return options

    def _known(self, marks: Marks | None = None) -> Credentials:
        return Credentials((*self._secrets, *credentials_among(self._given, self._given_options, marks)))

    def _learn(self, changes: Any) -> None:
        """A token that the source obtained during the run is a credential from now on."""
        if isinstance(changes, Mapping):
            self._announced.update(str(key) for key in changes)
            # Some announce all of their source: what the user chose is not made a credential by that.
            new = {key: value for key, value in changes.items() if value != self._given.get(key)}
            for secret in credentials_among({"source-change": new}, {}, _ANNOUNCED):
                self._leaks.learn(
                    replace(secret, label=secret.label.removeprefix("param ")), "source-change announced it"
                )

    def _declared(self, value: Any) -> None:
        """So is what it says by itself that it is one."""
        for secret, path in declared_credentials(value):
            self._leaks.learn(Secret(label=path, value=secret), "secret() declared it")

    # ------------------------------------------------------------------ facts

    def _facts(self) -> Facts:
        """What can be said once the run is over."""
        all_batches = [each.batches for each in self._instances if each.batches is not None]
        if self._ended:
            # A driver may connect anew in each read(). Whose connections these were nobody knows, but a run through a proxy will
            # show it, if the params lead there.
            ended = [address for address in self._ended if address not in self._spoken_to]
            self._unseen.update(dict.fromkeys(named_by(self._given, ended, addresses_of)))
        unseen = tuple(self._unseen) if self._proxy is None else ()
        if unseen and self._plan.is_plain:
            # Any port will do to see whether the params can be changed at all.
            self._route = self._rerouted(dict.fromkeys(unseen, 1))
        return Facts(
            shown=tuple(shown for batches in all_batches for shown in batches.shown),
            columns=all_batches[0].columns.sums() if all_batches and self._plan.by_column else (),
            hits=tuple(replace(hit, operation=self._masked(hit.operation)) for hit in self._watched.hits()),
            unseen=unseen,
            reroute="" if self._route.reached else self._route.reason,
            rerouted=self._route.changed,
            left=self._told_of(self._left),
            unwatched=self._footprint.problem,
            libraries=libraries_among(self._modules) if self._plan == CLEAN else (),
            changes=tuple(dict.fromkeys((*self._changed_by_first, *self._changes())))
            if self._plan.second is Second.REUSED
            else (),
            dealings=None
            if self._notes is None
            else self._notes.told(
                mask=self._leaks.credentials.mask,
                unseen=unseen,
                touched=self._footprint.touched,
                started=self._footprint.started,
            ),
            redirected=self._redirected(),
        )

    def _redirected(self) -> Redirected | None:
        found = None if self._elsewhere is None else self._elsewhere.told(self._leaks.credentials)
        return None if found is None else replace(found, operation=self._masked(found.operation))

    def _masked(self, operation: Operation) -> Operation:
        return replace(operation, request=self._leaks.credentials.mask(operation.request))

    def _rerouted(self, ports: Mapping[str, int]) -> Rerouted:
        return rerouted(self._given, ports, addresses_of, declared_ports(self._config))

    def _changes(self) -> tuple[str, ...]:
        return tuple(
            f"{name}{path}: {what}"
            for name, before, after in (
                ("source", self._given, self._params),
                ("options", self._given_options, {k: v for k, v in self._options.items() if k != "logger"}),
            )
            for path, what in changed(before, after)
            if not (name == "source" and path.startswith(tuple(f"[{key!r}]" for key in (*self._announced, "state"))))
        )


def _takes_hint(stream: Any) -> bool:
    try:
        return takes_hint(stream.read)
    except Exception:  # noqa: BLE001 - a `read` that cannot be had is for the call of it to tell
        return True
