"""The names in a Python file that seem to be graphs, found without running it."""

import ast
from pathlib import Path

_MAKERS = frozenset({"compile", "create_agent", "create_react_agent", "create_deep_agent", "StateGraph", "with_config"})
_ENTRYPOINT = "entrypoint"


def graphs_in(file: Path) -> list[str]:
    """The names of graphs at the top of the file, and of functions that make one; empty if it cannot be read."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    return list(dict.fromkeys(name for statement in tree.body for name in _names(statement)))


def _names(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Assign(targets=targets, value=value) if _makes_a_graph(value):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _makes_a_graph(value):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            called = [_last(one.func if isinstance(one, ast.Call) else one) for one in statement.decorator_list]
            returned = [node.value for node in ast.walk(statement) if isinstance(node, ast.Return) and node.value]
            return [name] if _ENTRYPOINT in called or any(map(_makes_a_graph, returned)) else []
    return []


def _makes_a_graph(value: ast.expr) -> bool:
    """Whether the last call of the expression, such as `builder.compile()`, is one that makes a graph."""
    return isinstance(value, ast.Call) and _last(value.func) in _MAKERS


def _last(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
