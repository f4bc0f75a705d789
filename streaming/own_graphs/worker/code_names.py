"""What the names in a function refer to."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from .code_objects import MAX_DEPTH, UNKNOWN, Scope, attribute_of, method_of


class Names:
    """Resolves the names in a function: what they refer to when it runs, as far as that is known before."""

    def __init__(self, tree: ast.AST, scope: Scope) -> None:
        self.tree = tree
        self.scope = scope
        self.imported: dict[str, str] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.assigned: dict[str, ast.expr] = {}
        self.writers = frozenset(_writers(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.imported |= {(one.asname or one.name).split(".")[0]: one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                self.imported |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not tree:
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.assigned[node.targets[0].id] = node.value
            elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
                self.assigned[node.optional_vars.id] = node.context_expr

    def expressions(self) -> Iterator[tuple[ast.AST, bool]]:
        """All expressions, and whether each is in a sync function inside, which may run in a thread."""

        def walk(node: ast.AST, threaded: bool) -> Iterator[tuple[ast.AST, bool]]:
            for child in ast.iter_child_nodes(node):
                inside = threaded or isinstance(child, ast.FunctionDef | ast.Lambda)
                yield child, inside
                yield from walk(child, inside)

        root = self.tree
        body = root.body if isinstance(root, ast.FunctionDef | ast.AsyncFunctionDef) else [root]
        for statement in body if isinstance(body, list) else [body]:
            inside = isinstance(statement, ast.FunctionDef)
            yield statement, inside
            yield from walk(statement, inside)

    def value(self, node: ast.AST, depth: int = 0) -> Any:
        """The object that a name, an attribute or a fixed part of a collection refers to, or `UNKNOWN`."""
        if depth > MAX_DEPTH:
            return UNKNOWN
        if isinstance(node, ast.Name):
            local = self.assigned.get(node.id)
            return self.scope.get(node.id, UNKNOWN) if local is None else self.value(local, depth + 1)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value, depth + 1)
            return self._method(node, depth + 1) if owner is UNKNOWN else attribute_of(owner, node.attr)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return _part(self.value(node.value, depth + 1), node.slice.value)
        return UNKNOWN

    def _method(self, node: ast.Attribute, depth: int) -> Any:
        """The method of an object that the function makes itself, of a class of the author's."""
        made = self.local_call(node.value)
        kind = self.value(made.func, depth) if isinstance(made, ast.Call) else UNKNOWN
        return method_of(kind, node.attr) if inspect.isclass(kind) else UNKNOWN

    def dotted(self, node: ast.AST) -> str:
        """The full name of what is called, for example `time.sleep`."""
        value = self.value(node)
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(module, str) and isinstance(name, str):
            return f"{module}.{name}"
        text = ast.unparse(node)
        root, dot, rest = text.partition(".")
        held = self.scope.get(root)
        root = held.__name__ if inspect.ismodule(held) else self.imported.get(root, root)
        return f"{root}{dot}{rest}"

    def local_call(self, node: ast.AST) -> ast.AST:
        """The expression that a local name was assigned."""
        return self.assigned.get(node.id, node) if isinstance(node, ast.Name) else node


def _writers(tree: ast.AST) -> Iterator[str]:
    """The names by which this code has the stream writer: a parameter, or what was assigned."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg == "writer":
            yield node.arg
        elif isinstance(node, ast.Assign) and ast.unparse(node.value).endswith(
            ("get_stream_writer()", ".stream_writer")
        ):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _part(collection: Any, key: Any) -> Any:
    """A part of a plain collection: another class may run code of its own for it."""
    if type(collection) not in (dict, list, tuple):
        return UNKNOWN
    try:
        return collection[key]
    except (KeyError, IndexError, TypeError):
        return UNKNOWN


def is_true(node: ast.AST | None) -> bool:
    """Whether the code says `True` here."""
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.AST | None) -> bool:
    """Whether the code says `False` here."""
    return isinstance(node, ast.Constant) and node.value is False
