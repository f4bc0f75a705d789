"""What the names in a function refer to."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from .code_objects import UNKNOWN, Scope, attribute_of


class Names:
    """Resolves the names in a function: what they refer to when it runs, as far as that is known before."""

    def __init__(self, tree: ast.AST, scope: Scope) -> None:
        self.tree = tree
        self.scope = scope
        self.imported: dict[str, str] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.assigned: dict[str, ast.expr] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.imported |= {(one.asname or one.name).split(".")[0]: one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                self.imported |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not tree:
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.assigned[node.targets[0].id] = node.value

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

    def value(self, node: ast.AST) -> Any:
        """The object that a name or an attribute refers to, or `UNKNOWN`."""
        if isinstance(node, ast.Name):
            return self.scope.get(node.id, UNKNOWN)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            return UNKNOWN if owner is UNKNOWN else attribute_of(owner, node.attr)
        return UNKNOWN

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


def is_true(node: ast.AST | None) -> bool:
    """Whether the code says `True` here."""
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.AST | None) -> bool:
    """Whether the code says `False` here."""
    return isinstance(node, ast.Constant) and node.value is False
