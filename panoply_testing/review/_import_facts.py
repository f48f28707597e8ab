"""What a source's files import, read without running them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.review._project import module_files

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
        is_optional: the source goes on without it: it is tried, or only for type checkers.
    """

    module: str
    path: str
    line: int
    is_optional: bool = False

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
    for file in module_files(site.project):
        path = file.relative_to(site.project.root).as_posix()
        if (
            {"test", "tests", "testing"} & set(path.split("/"))
            or file.name.startswith("test_")
            or file.name == "conftest.py"
        ):
            continue
        tree = ast.parse(file.read_bytes())
        imports += imports_in(tree, path)
        texts |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return SourceText(imports=tuple(imports), texts=frozenset(texts))


def imports_in(tree: ast.AST, path: str) -> Iterator[Import]:
    """The imports of other packages in one file."""
    yield from _imports(ast.iter_child_nodes(tree), path, is_optional=False)


def _imports(nodes: Iterable[ast.AST], path: str, *, is_optional: bool) -> Iterator[Import]:
    for node in nodes:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(module=alias.name, path=path, line=node.lineno, is_optional=is_optional)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                # `from google.cloud import storage` may name a module of another distribution.
                for alias in names:
                    name = module if alias.name == "*" else f"{module}.{alias.name}"
                    yield Import(module=name, path=path, line=node.lineno, is_optional=is_optional)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ) if not name.startswith("."):
                yield Import(module=name, path=path, line=node.lineno, is_optional=is_optional)
            case ast.Try(body=body, handlers=handlers) if any(map(_catches_imports, handlers)):
                yield from _imports(body, path, is_optional=True)
                rest = [*handlers, *node.orelse, *node.finalbody]
                yield from _imports(rest, path, is_optional=True)
            case ast.If(test=test, body=body, orelse=orelse) if _is_for_types(test):
                yield from _imports(body, path, is_optional=True)
                yield from _imports(orelse, path, is_optional=is_optional)
            case _:
                yield from _imports(ast.iter_child_nodes(node), path, is_optional=is_optional)


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or (isinstance(each, ast.Name) and each.id in _IMPORT_ERRORS) for each in types)


def _is_for_types(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False
