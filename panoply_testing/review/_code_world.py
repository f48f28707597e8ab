"""What is known while code is read: classes, functions, attributes, and what was noted for the rules.

One world reads one `Code`, in rounds, until nothing new comes to light. The parts that read expressions, calls and statements
need each other; they meet here, as `evaluate`, `call` and `run`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panoply.config import names_a_credential
from panoply_testing.review._code_values import (
    BOTTOM,
    CLEAN,
    Label,
    Ref,
    Trace,
    Value,
    container,
    join,
    reference,
    text,
)
from panoply_testing.review.model import Step

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from panoply_testing.review._code import Code, File

__all__ = [
    "ANY_PARAM",
    "OPTIONS",
    "PARAMS",
    "Arguments",
    "Class",
    "Edge",
    "Exhausted",
    "Frame",
    "Function",
    "Leak",
    "LibraryCall",
    "Notes",
    "Summary",
    "World",
]

# Names that nested values have without being secret: `{"key": "status", "value": "open"}`.
_NOT_INSIDE: Final = frozenset({"key", "keys", "token_type"})

PARAMS: Final = reference(Ref("params"))
OPTIONS: Final = reference(Ref("options"))
ANY_PARAM: Final = reference(Ref("any_param"))

# How many expressions are read in all: some seconds' worth. A source has a few thousand, read a few times each.
_MOST_WORK: Final = 250_000
_DEEPEST_CALLS: Final = 40


class Exhausted(Exception):
    """There is more to read than is allowed for."""


@dataclass(slots=True)
class Function:
    """A function of the package, as it was defined."""

    id: str
    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    file: File
    class_id: str = ""
    outer: Frame | None = None
    is_nested: bool = False

    @property
    def label(self) -> str:
        """What a report calls it."""
        return self.id.partition(":")[2]


@dataclass(slots=True)
class Class:
    """A class of the package: what stands in its body, and what it extends."""

    id: str
    node: ast.ClassDef
    file: File
    env: dict[str, Value] = field(default_factory=dict)
    bases: Value = BOTTOM
    fields: list[str] = field(default_factory=list)
    quiet_fields: set[str] = field(default_factory=set)
    is_record: bool = False


@dataclass(slots=True)
class Arguments:
    """What a call passes on. `star` and `kwrest` are what `*` and `**` bring of which the number or the names are not known."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    star: Value | None = None
    kwrest: Value | None = None

    def all(self) -> list[Value]:
        """Every argument."""
        rest = [each for each in (self.star, self.kwrest) if each is not None]
        return [*self.positional, *self.keywords.values(), *rest]

    def get(self, position: int, *names: str) -> Value | None:
        """The argument at a position, or of one of these names."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        if 0 <= position < len(self.positional):
            return self.positional[position]
        return None


@dataclass(slots=True)
class Summary:
    """What a call of a function comes to: what it gives, and what its exceptions hold."""

    returns: Value = BOTTOM
    raises: dict[Label, Trace] = field(default_factory=dict)
    is_open: bool = True  # it is still being read
    was_asked: bool = False  # while it was: by a call of itself


@dataclass(slots=True)
class Frame:
    """The variables of a function, a class body or a module while it is read; or, `from_outside`, the platform's call."""

    file: File
    env: dict[str, Value]
    function: Function | None = None
    class_id: str = ""
    outer: Frame | None = None
    number: int = 0
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    params: set[str] = field(default_factory=set)
    returns: Value = BOTTOM
    yields: Value = BOTTOM
    is_generator: bool = False
    mutated: dict[str, Value] = field(default_factory=dict)
    raising: list[dict[Label, Trace]] = field(default_factory=lambda: [{}])
    handling: list[dict[Label, Trace]] = field(default_factory=list)
    exits: list[list[dict[str, Value]]] = field(default_factory=list)
    certain: bool = True  # whether what it calls is called for sure
    from_outside: bool = False
    captured: int = 0  # how many `with redirect_stdout(...)` it is in
    nested: list[Value] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The function that is being read, or its module; for edges between functions."""
        if self.from_outside:
            return ""
        return self.function.id if self.function is not None else f"{self.file.module}:"


@dataclass(frozen=True, slots=True)
class Leak:
    """A credential that came to where others see it."""

    path: str
    line: int
    column: int
    kind: str
    function: str
    traces: dict[Label, Trace]


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """A call of something outside the package, by its full name: `requests.Session().get`."""

    name: str
    path: str
    line: int
    column: int
    function: str
    place: str
    arguments: Arguments
    receiver: Value


@dataclass(frozen=True, slots=True)
class Edge:
    """One function calls another here; uncertain: it hands it to a library, which may call it."""

    path: str
    line: int
    certain: bool = True


@dataclass(slots=True)
class Notes:
    """What the rules are judged from."""

    leaks: dict[tuple[str, int, int, str], Leak] = field(default_factory=dict)
    reads: dict[str, tuple[str, int, int, str]] = field(default_factory=dict)
    writes: set[str] = field(default_factory=set)
    reads_any: bool = False
    calls: dict[tuple[str, str, int, int], list[LibraryCall]] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)
    exhausted: bool = False


class World:
    """Everything that is known about one `Code`."""

    evaluate: Callable[[Frame, ast.expr], Value]
    call: Callable[[Frame, Value, Arguments, ast.AST], Value]
    run: Callable[[Frame, list[ast.stmt]], bool]

    def __init__(self, code: Code) -> None:
        self.code = code
        self.credentials = frozenset(code.credentials)
        self.files: dict[str, File] = {file.module: file for file in code.files if file.tree is not None}
        self.modules: dict[str, dict[str, Value]] = {name: {} for name in self.files}
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.heap: dict[tuple[str, str], Value] = {}
        self.frames: dict[int, Frame] = {}
        self.numbers: dict[object, int] = {}
        self.memo: dict[object, Summary] = {}
        self.contexts: dict[str, int] = {}
        self.wide: dict[str, dict[str, Value]] = {}
        self.called: set[str] = set()
        self.globals: dict[tuple[str, str], Value] = {}
        self.mutations: dict[str, dict[str, Value]] = {}
        self.choices: set[Value] = set()
        self.met: set[str] = set()
        self.notes = Notes()
        self.changed = False
        self.work = 0
        self.stack: list[str] = []
        self._families: dict[str, frozenset[str]] = {}

    def spend(self) -> None:
        """Count one piece of work.

        Raises:
            Exhausted: it was the last.
        """
        self.work += 1
        if self.work > _MOST_WORK:
            raise Exhausted

    @property
    def too_deep(self) -> bool:
        """Whether calls are nested so deep that no more are followed."""
        return len(self.stack) > _DEEPEST_CALLS

    def number(self, key: object) -> int:
        """The same number for the same key."""
        return self.numbers.setdefault(key, len(self.numbers) + 1)

    # What classes are to each other.

    def ancestors(self, class_id: str) -> list[str]:
        """A class of the package and those that it extends, nearest first."""
        found: list[str] = []
        waiting = [class_id]
        while waiting:
            current = waiting.pop(0)
            if current in found or current not in self.classes:
                continue
            found.append(current)
            waiting += [ref.name for ref in self.classes[current].bases.kinds("class")]
        return found

    def family(self, class_id: str) -> frozenset[str]:
        """A class, those that it extends, and those that extend it."""
        known = self._families.get(class_id)
        if known is None:
            below = {other for other in self.classes if class_id in self.ancestors(other)}
            known = frozenset(below.union(*(self.ancestors(each) for each in below), {class_id}))
            self._families[class_id] = known
        return known

    def forget_families(self) -> None:
        """A class was read, so that who extends whom may have changed."""
        self._families = {}

    def external_bases(self, class_id: str) -> list[str]:
        """The library's classes that a class extends, by their full names."""
        return [
            ref.name
            for ancestor in self.ancestors(class_id)
            for ref in self.classes[ancestor].bases.kinds("external", "attribute")
        ]

    def is_source(self, class_id: str) -> bool:
        """Whether it is a data source, or a part of one (a mixin)."""
        family = self.family(class_id)
        if ":".join(self.code.stream) in family or any(self._is_named_stream(each) for each in family):
            return True
        return any(base.rpartition(".")[2] == "DataSource" for each in family for base in self.external_bases(each))

    def _is_named_stream(self, class_id: str) -> bool:
        """Whether it looks like one, whatever it extends."""
        known = self.classes.get(class_id)
        return known is not None and known.node.name == "Stream" and "read" in known.env

    def is_exception(self, class_id: str) -> bool:
        """Whether it is an exception."""
        return any(
            base.rpartition(".")[2].endswith(("Exception", "Error", "Warning"))
            for base in self.external_bases(class_id)
        )

    # Attributes of the package's objects.

    def get_attribute(self, class_id: str, name: str) -> Value | None:
        """What an attribute of an object holds that was assigned to it; None: nothing is known of."""
        found = [self.heap[each, name] for each in sorted(self.family(class_id)) if (each, name) in self.heap]
        if not found:
            return None
        whole = BOTTOM
        for value in found:
            whole = join(whole, value)
        return whole

    def set_attribute(self, class_id: str, name: str, value: Value) -> None:
        """An attribute may hold this, too."""
        if value.kinds("params"):
            # Which method ran before which is not known: what one replaces is still there in another.
            value = join(PARAMS, value)
        known = self.heap.get((class_id, name), BOTTOM)
        merged = join(known, value)
        if merged != known:
            self.heap[class_id, name] = merged
            self.changed = True

    def set_global(self, module: str, name: str, value: Value) -> None:
        """A function gives a module's variable this, or changes what it holds: all that read it later may see it."""
        known = self.globals.get((module, name), BOTTOM)
        merged = join(known, value)
        if merged != known:
            self.globals[module, name] = merged
            self.changed = True
        env = self.modules[module]
        env[name] = join(env.get(name, BOTTOM), merged)

    def in_class(self, class_id: str, name: str, *, after: str = "") -> Value | None:
        """What stands in the body of a class, or of one that it extends; `after`: of those that come after that one."""
        line = self.ancestors(class_id)
        if after in line:
            line = line[line.index(after) + 1 :]
        for each in line:
            if name in self.classes[each].env:
                return self.classes[each].env[name]
        return None

    # What the platform hands over.

    def is_credential(self, name: str) -> bool:
        """Whether the param of that name holds a credential; CONFIG decides, and the name where CONFIG has none of it."""
        if self.code.params is not None and name in self.code.params:
            return name in self.credentials
        return name in self.credentials or names_a_credential(name)

    def param(self, frame: Frame, node: ast.AST, name: str, how: str) -> Value:
        """What `source[name]` holds."""
        self.note_read(frame, node, name, how)
        if self.is_credential(name):
            label = Label("param", name)
            self.met.add(name)
            found = text({label: (self.step(frame, node, f"the {label.words} is read"),)})
            # Several of them, or an object that has one in it.
            return container({}, found, like=found) if name.lower().endswith("s") else found
        return CLEAN if name == "state" else reference(Ref("param", name))

    def inside_param(self, frame: Frame, node: ast.AST, name: str, key: str) -> Value:
        """What an entry of a param holds that is no credential as a whole."""
        if names_a_credential(key) and key not in _NOT_INSIDE:
            label = Label("param", f"{name}.{key}")
            return text({label: (self.step(frame, node, f"the {label.words} is read"),)})
        return reference(Ref("param", name))

    def option(self, frame: Frame, node: ast.AST, path: str, key: str) -> Value:
        """What `options[key]` holds, or `options["refresh"][key]`."""
        if not path and key == "logger":
            return reference(Ref("sink", "log"))
        if not path and key == "refresh":
            return reference(Ref("options", "refresh"))
        if not names_a_credential(key):
            return CLEAN
        label = Label("option", f"{path}.{key}" if path else key)
        return text({label: (self.step(frame, node, f"the {label.words} is read"),)})

    def note_read(self, frame: Frame, node: ast.AST, name: str, how: str) -> None:
        """A key of `source` is read here."""
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1
        self.notes.reads.setdefault(name, (frame.file.path, line, column, how))

    def whole_params(self, frame: Frame, node: ast.AST, value: Value) -> Iterator[tuple[Label, Trace]]:
        """The credentials in a dict of all params, but for those that were taken out of it or replaced."""
        names = sorted(self.credentials | self.met)
        if self.code.params is None and not names:
            yield Label("params", ""), (self.step(frame, node, "all params are taken"),)
        for name in names:
            if name not in value.items:
                yield (
                    Label("param", name),
                    (self.step(frame, node, f"all params are taken, the param `{name}` among them"),),
                )

    @staticmethod
    def step(frame: Frame, node: ast.AST, what: str) -> Step:
        """A step of a flow, at this place."""
        return Step(path=frame.file.path, line=getattr(node, "lineno", 0), what=what)
