"""What makes a CONFIG wrong beyond the schema: names, references between params, dates.

Each rule is a function from the sound part of a CONFIG to faults; `RULES` is all of them. What is merely advised is in
`_config_advice`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from panoply._config_fault import Fault, Path
from panoply._config_icon import icon_faults
from panoply._config_sound import Sound
from panoply._config_words import described, expected_at
from panoply._spelling import did_you_mean

__all__ = ["RULES", "cycles", "edges"]

# So many params of a cycle, and letters of their names, are shown; nobody types more.
_SHOWN = 60


def icon_is_image(sound: Sound) -> Iterator[Fault]:
    """The icon, where there is one, is an image of a bearable size."""
    yield from icon_faults(sound.config)


def created_at_is_date(sound: Sound) -> Iterator[Fault]:
    """2023-02-30 looks like a date, and is none."""
    day = sound.config.get("createdAt")
    if day is None:
        return
    try:
        date.fromisoformat(day)
    except ValueError:
        yield _wrong(("createdAt",), described(day))


def names_are_unique(sound: Sound) -> Iterator[Fault]:
    """Two params of one name would share one value."""
    for index, param in sound.params:
        first = sound.indices.get(param.get("name", ""), index)
        if first != index:
            yield Fault(
                level="error",
                path=("params", index, "name"),
                found=f"{described(param['name'])}, which is also the name of params[{first}]",
                expected="a name that no other param has",
                fix="Rename one of them, or remove it.",
            )


def host_property_is_param(sound: Sound) -> Iterator[Fault]:
    """The platform looks the host up under that name."""
    name = sound.config.get("hostProperty")
    if name is not None and name not in sound.indices and sound.names_are_reliable:
        yield _wrong(("hostProperty",), described(name), did_you_mean(name, sound.indices))


def dependencies_are_params(sound: Sound) -> Iterator[Fault]:
    """A field that waits for one that does not exist, or for itself, is never enabled."""
    for path, name, target in edges(sound):
        owner = path[1]
        if target is None and sound.names_are_reliable:
            yield _wrong(path, f"{described(name)}, which names no param", did_you_mean(name, sound.indices))
        elif target == owner:
            yield _wrong(path, f"{described(name)}, the param itself", "Remove it.")


def dependencies_have_no_cycle(sound: Sound) -> Iterator[Fault]:
    """Fields that wait for one another are never enabled."""
    for cycle in cycles(sound):
        names = [sound.config["params"][index]["name"][:_SHOWN] for _, index in cycle[:_SHOWN]]
        yield Fault(
            level="error",
            path=cycle[0][0],
            found=f"a cycle: {' -> '.join([*names, names[0]])}",
            expected="dependencies that lead back to no param",
            fix="Remove the dependency that is not needed; a param depends on params above it.",
        )


Rule = Callable[[Sound], Iterator[Fault]]

RULES: Final[tuple[Rule, ...]] = (
    icon_is_image,
    created_at_is_date,
    names_are_unique,
    host_property_is_param,
    dependencies_are_params,
    dependencies_have_no_cycle,
)


def edges(sound: Sound) -> Iterator[tuple[Path, str, int | None]]:
    """Each dependency: its place, the name, and the index of the param of that name."""
    for index, param in sound.params:
        for number, name in enumerate(param.get("dependencies", ())):
            if name is not None:
                yield ("params", index, "dependencies", number), name, sound.indices.get(name)


def cycles(sound: Sound) -> list[list[tuple[Path, int]]]:
    """The cycles among the dependencies, no two of which share a param.

    Each begins with its uppermost param. A step is the place of a dependency, and the index of the param that has it.
    """
    graph: dict[int, list[tuple[Path, int]]] = {}
    for path, _, target in edges(sound):
        if target is not None and target != path[1]:
            graph.setdefault(int(path[1]), []).append((path, target))

    found: list[list[tuple[Path, int]]] = []
    done: set[int] = set()  # params that lead into no further cycle
    for start, first_steps in graph.items():
        # A depth-first search by hand: a chain of dependencies may be longer than Python's stack.
        way: list[tuple[Path, int]] = []  # the dependencies taken from `start` to here
        depth = {start: 0}
        waiting = [(start, iter(first_steps))] if start not in done else []
        while waiting:
            node, steps = waiting[-1]
            path, target = next(steps, ((), -1))
            if target == -1:
                done.add(node)
                del depth[node]
                waiting.pop()
                if way:
                    way.pop()
            elif target in depth:
                cycle = [*way[depth[target] :], (path, node)]
                if not done.intersection(index for _, index in cycle):
                    found.append(_from_the_top(cycle))
                    done.update(index for _, index in cycle)
            elif target not in done:
                way.append((path, node))
                depth[target] = len(waiting)
                waiting.append((target, iter(graph.get(target, ()))))
    return found


def _from_the_top(cycle: list[tuple[Path, int]]) -> list[tuple[Path, int]]:
    top = min(range(len(cycle)), key=lambda step: cycle[step][1])
    return cycle[top:] + cycle[:top]


def _wrong(path: Path, found: str, fix: str = "") -> Fault:
    expected, usual_fix = expected_at(path)
    return Fault(level="error", path=path, found=found, expected=expected, fix=fix or usual_fix)
