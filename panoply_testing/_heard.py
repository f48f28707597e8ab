"""What the events of one instance of a source said: progress, states, tokens, and whatever else it fires."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from panoply_testing._facts import order_of, progress_facts
from panoply_testing.observation import Progress, StateFacts

if TYPE_CHECKING:
    from panoply_testing._leaks import Leaks

__all__ = ["Heard"]

# How many calls of progress() in one read are kept, beyond the first of each kind; and of state().
PROGRESS_KEPT: Final = 50
STATES_KEPT: Final = 50

# What of a state's id a report can use.
LONGEST_ID: Final = 40

# Those that have a handler of their own. `source-change` exists to carry credentials.
_KNOWN: Final = frozenset({"progress", "source-state", "source-change"})


class Heard:
    """Hears one instance.

    Args:
        leaks: looks texts through.
        learn: is told what `source-change` announces.
    """

    def __init__(self, leaks: Leaks, learn: Callable[[Any], None]) -> None:
        self._leaks = leaks
        self._learn = learn
        # Of all the run.
        self.merged: dict[str, Any] = {}
        self._ids: set[str] = set()
        self._state_number = 0
        self._loaded: int | float | None = None
        # Of this step.
        self.progress: list[Progress] = []
        self.count = 0
        self.last: Progress | None = None
        self.went_back: tuple[int, int | float, int | float] | None = None
        self.states: list[StateFacts] = []
        self.state_ids: frozenset[str] = frozenset()
        self._shapes: set[tuple[object, ...]] = set()

    def reset(self) -> None:
        """A new step begins."""
        # The handlers that the source knows must stay the same objects, so what they have heard is what is changed.
        self.progress, self.count, self.last, self.went_back, self._shapes = [], 0, None, None, set()
        self.states, self.state_ids = [], frozenset()

    def listen(self, stream: Any) -> None:
        """Subscribe to its events, where it has any."""
        on = getattr(stream, "on", None)
        if callable(on):
            on("progress", self.add)
            on("source-state", self.add_state)
            on("source-change", self._learn)
            on("*", self._other)

    def add(self, data: Any) -> None:
        """A call of `progress()`."""
        self.count += 1
        call = progress_facts(data, self.count)
        self._leaks.search("progress", "progress()", _text(data.get("msg") if isinstance(data, Mapping) else data))
        self.last = call
        if isinstance(call.loaded, int | float):
            if self._loaded is not None and call.loaded < self._loaded and self.went_back is None:
                self.went_back = (self.count, self._loaded, call.loaded)
            self._loaded = call.loaded
        shape = (call.loaded_type, call.total_type, call.msg_type, call.has_msg, order_of(call))
        if shape in self._shapes and len(self.progress) >= PROGRESS_KEPT:
            return
        self._shapes.add(shape)
        self.progress.append(call)

    def add_state(self, data: Any) -> None:
        """A call of `state()`."""
        self._state_number += 1
        state_id, state = (data.get("stateId"), data.get("state")) if isinstance(data, Mapping) else (None, data)
        id_problem = self._id_problem(state_id)
        problem = ""
        try:
            # As the platform keeps it: some sources go on changing the dict that they have reported.
            self.merged.update(_copied(state))
            _check_keys(state)
        except _NoJson as exc:
            problem = str(exc)
        if isinstance(state_id, str):
            self._ids.add(state_id)
            self.state_ids |= {state_id}
        self._leaks.search("state", "state()", f"{_text(state_id)} {_written(state)}")
        if len(self.states) < STATES_KEPT or problem or id_problem:
            self.states.append(
                StateFacts(
                    number=self._state_number,
                    state_id=self._shown(state_id),
                    id_problem=id_problem,
                    problem=self._leaks.credentials.mask(problem),
                )
            )
            del self.states[STATES_KEPT * 2 :]

    def _id_problem(self, state_id: object) -> str:
        if not isinstance(state_id, str):
            return f"an id of type {type(state_id).__name__}" if state_id is not None else "None for an id"
        if not state_id.strip():
            return "an empty id"
        return "an id that was reported before" if state_id in self._ids else ""

    def _shown(self, state_id: object) -> str:
        if not isinstance(state_id, str):
            return f"<{type(state_id).__name__}>"
        text = self._leaks.credentials.mask(state_id)
        return text if len(text) <= LONGEST_ID else f"{text[:LONGEST_ID]}..."

    def _other(self, name: Any, data: Any = None) -> None:
        if name not in _KNOWN:
            shown = self._leaks.credentials.mask(_text(name))[:LONGEST_ID]
            self._leaks.search("state", f"event {shown!r}", f"{_text(name)} {_written(data)}")


class _NoJson(ValueError):
    """A state that is no JSON object; the message says why."""


def _copied(state: Any) -> dict[str, Any]:
    if not isinstance(state, Mapping):
        raise _NoJson(f"the state is a {type(state).__name__}, not a dict")
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(state), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as exc:
        # The messages of json name types ("Object of type datetime is not JSON serializable"), and no values.
        raise _NoJson(str(exc)) from None
    return copy


def _check_keys(state: Any) -> None:
    """See that all keys are text: json turns others into text, and the source does not find them again.

    Raises:
        _NoJson: one is not.
    """
    todo = [state]  # which json has gone through, so that it ends
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            for key in value:
                if not isinstance(key, str):
                    raise _NoJson(f"it has a key of type {type(key).__name__}, which comes back from JSON as text")
            todo += value.values()
        elif isinstance(value, list | tuple):
            todo += value


def _written(value: Any) -> str:
    try:
        return json.dumps(value, default=_text)
    except (TypeError, ValueError, RecursionError):
        return _text(value)


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as exc:  # noqa: BLE001 - the source's own __str__
        return f"<a {type(value).__name__} whose str() raises {type(exc).__name__}>"
