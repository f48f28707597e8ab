"""What a source's files import, read without running them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from panoply_testing.review._project import source_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.review._site import Site

__all__ = ["Import", "SourceText", "imports_in", "read_source"]

_IMPORT_ERRORS: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import.

    Attributes:
        module: the dotted name, as far as it is known to be a module's.
        is_optional: the source goes on without it: it is tried, or only for type checkers or other systems.
        is_tried: ... because it is tried, so that the rest of the file can know whether it is there.
        is_late: it is in a function, and comes about when that is called.
    """

    module: str
    path: str
    line: int
    is_optional: bool = False
    is_tried: bool = False
    is_late: bool = False

    @property
    def top(self) -> str:
        """The first part of its name."""
        return self.module.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """What the files of a source say: their imports, and the texts in them, for names of modules that are given as text."""

    imports: tuple[Import, ...] = ()
    texts: frozenset[str] = frozenset()


def read_source(site: Site) -> SourceText:
    """Read the source's files, but for the tests among them."""
    imports: list[Import] = []
    texts: set[str] = set()
    for file in source_files(site.project):
        path = file.relative_to(site.project.root).as_posix()
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            # Another rule says so.
            continue
        imports += imports_in(tree, path)
        texts |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return SourceText(imports=tuple(imports), texts=frozenset(texts))


def imports_in(tree: ast.AST, path: str) -> Iterator[Import]:
    """The imports of other packages in one file."""
    yield from _imports(ast.iter_child_nodes(tree), Import(module="", path=path, line=0))


def _imports(nodes: Iterable[ast.AST], around: Import) -> Iterator[Import]:
    """The imports in some nodes; `around` has what is true of all of them."""
    for node in nodes:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield replace(around, module=alias.name, line=node.lineno)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                # `from google.cloud import storage` may name a module of another distribution.
                for alias in names:
                    name = module if alias.name == "*" else f"{module}.{alias.name}"
                    yield replace(around, module=name, line=node.lineno)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ) if not name.startswith("."):
                yield replace(around, module=name, line=node.lineno)
            case _:
                for inner, truth in _inside(node, around):
                    yield from _imports(inner, truth)


def _inside(node: ast.AST, around: Import) -> Iterator[tuple[Iterable[ast.AST], Import]]:
    """The nodes in one node, each group with what is true of the imports in it."""
    match node:
        case ast.Try(handlers=handlers) if any(map(_catches_imports, handlers)):
            # What is imported in its place, is optional as well.
            around = replace(around, is_optional=True, is_tried=True)
        case ast.With(items=items) if any(map(_suppresses_imports, items)):
            around = replace(around, is_optional=True, is_tried=True)
        case ast.If(test=test, body=body, orelse=orelse) if _is_for_types(test):
            yield body, replace(around, is_optional=True)
            yield orelse, around
            return
        case ast.If(test=test) if _is_for_a_system(test):
            around = replace(around, is_optional=True)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            around = replace(around, is_late=True)
    yield ast.iter_child_nodes(node), around


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or (isinstance(each, ast.Name) and each.id in _IMPORT_ERRORS) for each in types)


def _suppresses_imports(item: ast.withitem) -> bool:
    match item.context_expr:
        case ast.Call(func=ast.Attribute(attr="suppress") | ast.Name(id="suppress"), args=args):
            return any(isinstance(each, ast.Name) and each.id in _IMPORT_ERRORS for each in args)
    return False


def _is_for_types(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False


def _is_for_a_system(test: ast.expr) -> bool:
    """Whether it asks for the platform, or for Python's version."""
    asked = {
        (node.value.id, node.attr)
        for node in ast.walk(test)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return bool(asked & {("sys", "platform"), ("sys", "version_info"), ("sys", "implementation"), ("os", "name")})
