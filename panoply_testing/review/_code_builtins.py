"""Functions of Python itself, and methods of dicts, that do more with values than to hand them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_leaks import taints_of
from panoply_testing.review._code_places import attribute, attributes_of, element, entry, new_object
from panoply_testing.review._code_values import (
    BOTTOM,
    CLEAN,
    Ref,
    Value,
    constant,
    container,
    join,
    joined,
    reference,
    text,
)
from panoply_testing.review._code_world import ANY_PARAM, PARAMS, Arguments, Frame, World

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

__all__ = ["DICT_METHODS", "SPECIAL", "same", "thread"]


def _dict(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    found = joined(args.positional[:1])
    if found.kinds("items"):
        found = joined(_as_params(ref.of or CLEAN) for ref in found.kinds("items"))
    for name, value in args.keywords.items():
        found = (CLEAN if found.is_bottom else found).with_item(name, value)
    if args.kwrest is not None:
        found = join(args.kwrest, found)
    return CLEAN if found.is_bottom else Value(found.taints, found.items, found.rest, found.refs, None, found.depth)


def _as_params(value: Value) -> Value:
    """Pairs of params made a dict again."""
    return Value(value.taints, value.items, value.rest, PARAMS.refs, None, value.depth)


def _as_any_param(value: Value) -> Value:
    """Any of the params in a dict, without those that were replaced or taken out."""
    return Value(value.taints, value.items, value.rest, ANY_PARAM.refs, None, value.depth)


def _first_element(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    return joined([element(world, frame, node, args.positional[0]), *args.positional[1:]]) if args.positional else CLEAN


def _enumerate(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    inner = element(world, frame, node, args.positional[0]) if args.positional else CLEAN
    return container({}, container({0: CLEAN, 1: inner}))


def _zip(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    return container(
        {}, container({index: element(world, frame, node, value) for index, value in enumerate(args.positional)})
    )


def _map(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    if not args.positional:
        return CLEAN
    inner = [element(world, frame, node, value) for value in args.positional[1:]]
    return container({}, world.call(frame, args.positional[0], Arguments(positional=inner), node))


def _filter(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    return same(Arguments(positional=args.positional[1:]))


def _getattr(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    owner, name = args.get(0), args.get(1)
    if owner is None or name is None or name.consts is None:
        return CLEAN
    names = sorted(each for each in name.consts if isinstance(each, str))
    found = joined(attribute(world, frame, node, owner, each) for each in names)
    return join(found, args.positional[2]) if len(args.positional) > 2 else found


def _setattr(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    owner, name, value = args.get(0), args.get(1), args.get(2)
    if owner is not None and name is not None and value is not None:
        names = ["*"] if name.consts is None else [each for each in name.consts if isinstance(each, str)]
        for ref in owner.kinds("instance"):
            for each in names:
                world.set_attribute(ref.name, each, value)
    return constant(None)


def _harmless(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    return CLEAN


def _super(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    scope: Frame | None = frame
    while scope is not None and (scope.function is None or not scope.class_id):
        scope = scope.outer
    if scope is None or scope.function is None:
        return CLEAN
    spec = scope.function.node.args
    first = [*spec.posonlyargs, *spec.args][:1]
    owner = scope.env.get(first[0].arg, CLEAN) if first else CLEAN
    return reference(Ref("super", scope.class_id, of=owner))


def _make_partial(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    if not args.positional:
        return CLEAN
    more = (tuple(args.positional[1:]), tuple(sorted(args.keywords.items())))
    return reference(Ref("partial", of=args.positional[0], more=more))


def thread(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    target, given, named = args.get(1, "target", "function"), args.get(2, "args"), args.get(3, "kwargs")
    if target is not None:
        positional = (
            []
            if given is None
            else [value for key, value in sorted(given.items.items(), key=str) if isinstance(key, int)]
        )
        keywords = {} if named is None else {key: value for key, value in named.items.items() if isinstance(key, str)}
        world.call(
            frame,
            target,
            Arguments(positional=positional, keywords=keywords, star=None if given is None else given.rest),
            node,
        )
    return new_object("threading.Thread")


def _substituted(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    """`re.sub(pattern, replacement, text)`: with stars in the replacement it masks."""
    replacement, subject = args.get(1, "repl"), args.get(2, "string")
    words = None if replacement is None else replacement.text()
    if words is not None and any(
        mark in words.lower() for mark in ("*", "xxx", "redact", "hidden", "mask", "…", "...", "<", "[")
    ):
        return CLEAN
    return text(taints_of(world, frame, node, [value for value in (replacement, subject) if value is not None]))


def _opened(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    """A file; one in a temporary folder is nobody else's."""
    name = args.get(0, "file")
    kept = name is not None and any(ref.name.startswith("tempfile") for ref in name.kinds("object"))
    return new_object("tempfile" if kept else "open")


def _path(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    kept = any(ref.name.startswith("tempfile") for value in args.all() for ref in value.kinds("object"))
    made = new_object("tempfile" if kept else "pathlib.Path")
    return join(text(taints_of(world, frame, node, args.all())), made)


def _temporary(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    made = new_object("tempfile")
    return join(made, container({0: made, 1: made, ".name": made}))


def _url(world: World, frame: Frame, args: Arguments, node: ast.AST) -> Value:
    """A URL taken apart: its host and path are no secret, what stands before the host is."""
    taints = text(taints_of(world, frame, node, args.all()))
    secret = {".password": taints, ".netloc": taints, ".query": taints, 1: taints, 4: taints}
    return container(secret, taints) if taints.taints else CLEAN


def _namespace(value: Value) -> Value:
    """An object whose attributes are the entries of a dict."""
    named = {f".{key}": inner for key, inner in value.items.items() if isinstance(key, str)}
    return Value(
        value.taints, {**value.items, **named}, value.rest, value.refs | {Ref("object", "namespace")}, None, value.depth
    )


def same(args: Arguments) -> Value:
    found = joined(args.all())
    return CLEAN if found.is_bottom else Value(found.taints, found.items, found.rest, found.refs, None, found.depth)


SPECIAL: Final[dict[str, Callable[[World, Frame, Arguments, ast.AST], Value]]] = {
    "dict": _dict,
    "collections.OrderedDict": _dict,
    "types.SimpleNamespace": lambda world, frame, args, node: _namespace(_dict(world, frame, args, node)),
    "argparse.Namespace": lambda world, frame, args, node: _namespace(_dict(world, frame, args, node)),
    "next": _first_element,
    "anext": _first_element,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "filter": _filter,
    "getattr": _getattr,
    "vars": lambda world, frame, args, node: attributes_of(world, frame, node, joined(args.positional[:1])),
    "setattr": _setattr,
    "super": _super,
    "functools.partial": _make_partial,
    "functools.partialmethod": _make_partial,
    "threading.Thread": thread,
    "threading.Timer": thread,
    "multiprocessing.Process": thread,
    "re.sub": _substituted,
    "re.subn": _substituted,
    "open": _opened,
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "io.open": _opened,
    "os.fdopen": _opened,
    "urllib.parse.urlparse": _url,
    "urllib.parse.urlsplit": _url,
    "tempfile.NamedTemporaryFile": _temporary,
    "tempfile.TemporaryFile": _temporary,
    "tempfile.SpooledTemporaryFile": _temporary,
    "tempfile.TemporaryDirectory": _temporary,
    "tempfile.mkstemp": _temporary,
    "tempfile.mkdtemp": _temporary,
    "tempfile.gettempdir": _temporary,
    **dict.fromkeys(
        (
            "len",
            "bool",
            "hash",
            "type",
            "id",
            "isinstance",
            "issubclass",
            "callable",
            "any",
            "all",
            "hasattr",
            "range",
            "sum",
            "input",
        ),
        _harmless,
    ),
}


def _get(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    found = entry(world, frame, node, receiver, args.get(0) or CLEAN, "get")
    return joined((found, *args.positional[1:]))


def _items(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    if receiver.kinds("params"):
        world.notes.reads_any = True
        # What was replaced or taken out is not among them any more.
        return reference(Ref("items", of=_as_any_param(receiver)))
    pairs = [
        container({0: constant(key), 1: value}) for key, value in receiver.items.items() if not str(key).startswith(".")
    ]
    if receiver.rest is not None:
        pairs.append(container({0: CLEAN, 1: receiver.rest}))
    return container({}, joined(pairs)) if pairs else CLEAN


def _values(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    if receiver.kinds("params"):
        world.notes.reads_any = True
        return container({}, _as_any_param(receiver))
    return container({}, joined((*receiver.items.values(), receiver.rest or BOTTOM)))


def _keys(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    return CLEAN


def _copy(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    return receiver


def _pop_element(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    if receiver.kinds("params", "options", "param") or args.positional:
        key = args.get(0) or CLEAN
        if key.text() is not None or receiver.kinds("params", "options", "param"):
            return _get(world, frame, receiver, args, node)
    return joined((*receiver.items.values(), receiver.rest or BOTTOM))


DICT_METHODS: Final[dict[str, Callable[[World, Frame, Value, Arguments, ast.AST], Value]]] = {
    "get": _get,
    "setdefault": _get,
    "pop": _pop_element,
    "popleft": _pop_element,
    "__getitem__": _get,
    "items": _items,
    "values": _values,
    "keys": _keys,
    "copy": _copy,
    "most_common": _keys,
}
