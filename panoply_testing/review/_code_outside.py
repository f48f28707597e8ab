"""Calls of what is not of the package: libraries, known by name, and objects of which nothing is known."""

from __future__ import annotations

import ast
from typing import Final

from panoply_testing.review._code_builtins import DICT_METHODS, SPECIAL, same, thread
from panoply_testing.review._code_leaks import leak, may_raise, taints_of
from panoply_testing.review._code_libraries import CLEAN_METHODS, HTTP_CALL, MASKS, PASSES, canonical, sink_of
from panoply_testing.review._code_places import element, new_object
from panoply_testing.review._code_texts import of_text
from panoply_testing.review._code_values import BOTTOM, CLEAN, Ref, Value, container, join, joined, stepped, text
from panoply_testing.review._code_world import Arguments, Frame, LibraryCall, World

__all__ = ["escaping", "external", "method", "note_call", "perhaps"]


def external(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    name = canonical(ref.name)
    level = name.rpartition(".")[2]
    if _looks_like_a_logger(node, level) and not sink_of(name):
        name = f"logging.getLogger().{level}"
    return library(world, frame, name, args, node, CLEAN)


def library(world: World, frame: Frame, name: str, args: Arguments, node: ast.AST, receiver: Value) -> Value:
    """What a library's function gives; what it shows, and to whom, is noted."""
    note_call(world, frame, name, args, node, receiver)
    if name.endswith(".__init__"):
        _keep_args(world, args, receiver)
    if name.endswith("().Process"):
        return thread(world, frame, args, node)
    if name in SPECIAL:
        return SPECIAL[name](world, frame, args, node)
    kind = sink_of(name)
    if kind == "file" and name.endswith("dump") and args.get(1, "fp", "file", "stream") is None:
        kind = ""  # of YAML, which gives the text then
    if kind:
        _show(world, frame, kind, name, args, node)
        return new_object(name) if kind == "process" else CLEAN
    if name.rpartition(".")[2] in _CALLING:
        return _callback(world, frame, args, node)
    if HTTP_CALL.fullmatch(name):
        return _request(world, frame, name, args, node, receiver)
    return _handed_on(world, frame, name, args, node)


def _keep_args(world: World, args: Arguments, receiver: Value) -> None:
    """`super().__init__(message)` in an exception, or `Exception.__init__(self, message)`."""
    given = list(args.positional)
    owners = receiver.kinds("instance")
    if not owners and given:
        owners = given.pop(0).kinds("instance")
    for ref in owners:
        if world.is_exception(ref.name):
            world.set_attribute(ref.name, "args", container(dict(enumerate(given)), args.star))


# Methods that call a function with the arguments that follow it.
_CALLING: Final = frozenset(
    {"submit", "to_thread", "run_in_executor", "call_soon", "apply_async", "run_sync", "start_soon"}
)


def _handed_on(world: World, frame: Frame, name: str, args: Arguments, node: ast.AST) -> Value:
    short = name.rpartition(".")[2]
    if MASKS.search(short):
        return CLEAN
    if PASSES.fullmatch(name):
        if short in _STRUCTURAL or name.startswith(("asyncio.", "contextlib.", "copy.", "collections.", "types.")):
            return _listed(world, frame, args, node) if short in _OF_NAMES else same(args)
        found = text(taints_of(world, frame, node, args.all()))
        return container({}, found, like=found) if name.startswith("re.") and found.taints else found
    if not name.endswith("DataSource().__init__"):  # which keeps the params, and reads none
        escaping(world, args)
    for value in args.all():
        if value.kinds("closure", "function", "partial"):
            perhaps(world, frame, value, node)
    return _object(name, args)


# Of a dict, these give the names.
_OF_NAMES: Final = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "max", "min"})


def _listed(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    if not any(value.kinds("params", "options") for value in args.positional):
        return same(args)
    return container({}, joined(element(world, frame, node, value) for value in args.positional))


def perhaps(world: World, frame: Frame, value: Value, node: ast.AST) -> None:
    """A function that somebody else has may be called by them, nobody knows when and with what."""
    before = frame.certain
    frame.certain = False
    try:
        world.call(frame, value, Arguments(kwrest=CLEAN), node)
    finally:
        frame.certain = before


_STRUCTURAL: Final = frozenset(
    {
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "reversed",
        "iter",
        "aiter",
        "cast",
        "max",
        "min",
        "Namespace",
        "asdict",
        "replace",
    }
)


def _object(name: str, args: Arguments) -> Value:
    """What a library's function gives: something that has none of its arguments in its text."""
    made = new_object(name)
    if name in ("aiohttp.ClientSession", "httpx.Client", "httpx.AsyncClient"):
        for key in ("headers", "params", "base_url"):
            if key in args.keywords:
                made = made.with_item(f".{key}", args.keywords[key])
        return made
    if name.rpartition(".")[2] in ("Request", "PreparedRequest"):
        url = args.get(1 if name.startswith("requests") else 0, "url", "full_url")
        parts = {
            ".url": join(url or BOTTOM, args.keywords.get("params", BOTTOM)),
            ".headers": args.keywords.get("headers"),
        }
        for key, value in parts.items():
            made = made if value is None or value.is_bottom else made.with_item(key, value)
        return made
    if any(
        value.kinds("object") and any(ref.name == "tempfile" for ref in value.kinds("object")) for value in args.all()
    ):
        return join(made, new_object("tempfile"))
    return made


def _show(world: World, frame: Frame, kind: str, name: str, args: Arguments, node: ast.AST) -> None:
    """A library's function shows what it is given, or some of it."""
    shown = args.all()
    if kind == "process":
        shown = [
            *args.positional,
            *(value for key, value in args.keywords.items() if key in ("args", "cmd", "executable")),
        ]
    elif kind == "warning":
        shown = args.positional[:1] + [value for key, value in args.keywords.items() if key == "message"]
    elif kind == "print" and any(
        ref.name == "io" or ref.name.startswith(("io.", "tempfile"))
        for ref in args.keywords.get("file", CLEAN).kinds("object")
    ):
        return
    elif kind == "file" and name.endswith("dump"):
        into = args.get(1, "fp", "file", "stream")
        if into is None or any(ref.name.startswith(("io.", "tempfile")) for ref in into.kinds("object")):
            return
        shown = args.positional[:1]
    taints = taints_of(world, frame, node, shown)
    if kind == "logging" and _tells_exception(name, args):
        for label, trace in (frame.handling[-1] if frame.handling else {}).items():
            taints.setdefault(label, trace)
    leak(world, frame, node, kind, taints)


def _tells_exception(name: str, args: Arguments) -> bool:
    told = args.keywords.get("exc_info")
    return name.endswith(".exception") or (
        told is not None and told.consts not in (frozenset({False}), frozenset({None}))
    )


def _callback(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    """`executor.submit(f, x)`: a function and what it is called with, maybe after an executor."""
    for index, value in enumerate(args.positional):
        if value.kinds("function", "closure", "partial", "sink", "attribute", "external"):
            rest = Arguments(args.positional[index + 1 :], args.keywords, args.star, args.kwrest)
            given = world.call(frame, value, rest, node)
            return (
                join(new_object("future"), container({".result": given}, None))
                if given.all_taints() or given.refs
                else CLEAN
            )
    return CLEAN


def _request(world: World, frame: Frame, name: str, args: Arguments, node: ast.AST, receiver: Value) -> Value:
    """A request by HTTP: its answer tells nothing of what was sent, but knows it; an exception may quote the URL."""
    verb = name.rpartition(".")[2]
    at = 1 if verb in ("request", "stream", "urlopen") else 0
    url = join(args.get(at, "url") or BOTTOM, args.keywords.get("params", BOTTOM))
    url = joined((url, receiver.items.get(".params", BOTTOM), receiver.items.get(".base_url", BOTTOM)))
    if name.startswith("urllib3"):
        url = join(url, args.keywords.get("fields", BOTTOM))
    in_url = taints_of(world, frame, node, [url])
    step = world.step(frame, node, "it is in the URL of a request")
    in_url = dict(stepped(text(in_url), step).taints)
    if name.startswith(("requests", "urllib3")):
        may_raise(frame, in_url)
    headers = joined((args.keywords.get("headers", BOTTOM), receiver.items.get(".headers", BOTTOM)))
    sent = text(in_url)
    if not in_url and not headers.all_taints():
        return new_object(name)
    asked = container({".url": sent, ".path_url": sent, ".headers": headers})
    return container({".url": sent, ".request": asked}, None, like=new_object(name))


def escaping(world: World, args: Arguments) -> None:
    """All params go to something that is not known: it may read any of them."""
    if any(
        value.kinds("params") or any(inner.kinds("params") for inner in value.items.values()) for value in args.all()
    ):
        world.notes.reads_any = True


_MOST_NOTED: Final = 8


def note_call(world: World, frame: Frame, name: str, args: Arguments, node: ast.AST, receiver: Value) -> None:
    if name.endswith("validate_token"):
        # Where tokens are refreshed may be a function of the params, which is called as the one for choices is.
        refresh_url = args.get(0, "refresh_url")
        if refresh_url is not None and refresh_url.kinds("function", "closure", "partial", "static"):
            world.choices.add(refresh_url)
    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1
    noted = world.notes.calls.setdefault((name, frame.file.path, line, column), [])
    if len(noted) < _MOST_NOTED:
        label = "" if frame.function is None else frame.function.label
        noted.append(
            LibraryCall(
                name=name,
                path=frame.file.path,
                line=line,
                column=column,
                function=label,
                place=frame.place,
                arguments=args,
                receiver=receiver,
            )
        )


def method(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    receiver, name = ref.of or CLEAN, ref.name
    found = BOTTOM
    if receiver.kinds("params", "options", "param", "any_param") or receiver.depth:
        given = DICT_METHODS.get(name)
        if given is not None:
            found = given(world, frame, receiver, args, node)
    names = _names(world, receiver, name)
    if _looks_like_a_logger(node, name) and not any(sink_of(each) for each in names):
        names = [f"logging.getLogger().{name}"]
    for each in names:
        found = join(found, library(world, frame, each, args, node, receiver))
    if name in CLEAN_METHODS or MASKS.search(name):
        return CLEAN if found.is_bottom else found
    found = join(found, of_text(world, frame, receiver, name, args, node))
    return CLEAN if found.is_bottom else found


def _names(world: World, receiver: Value, name: str) -> list[str]:
    names = [canonical(f"{ref.name}().{name}") for ref in receiver.kinds("object")]
    for ref in receiver.kinds("instance"):
        names += [canonical(f"{base}().{name}") for base in world.external_bases(ref.name)]
    for ref in receiver.kinds("attribute"):
        owners = [] if ref.of is None else [*ref.of.kinds("object"), *ref.of.kinds("instance")]
        for owner in owners:
            of = [owner.name] if owner.kind == "object" else world.external_bases(owner.name)
            names += [canonical(f"{each}().{ref.name}.{name}") for each in of]
    if name == "raise_for_status":
        return names or [name]
    return names


def _looks_like_a_logger(node: ast.AST, name: str) -> bool:
    """`log.info(...)`, `self._logger.debug(...)`, wherever that came from."""
    if name not in ("debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"):
        return False
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value
    if isinstance(owner, ast.Call):
        owner = owner.func  # `get_logger().info(...)`
    called = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return called.lower().strip("_").endswith(("log", "logger", "logging"))
