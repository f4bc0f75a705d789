"""Loops over a stream whose tuples are taken apart in a way that cannot work."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .code_names import Names, is_true
from .code_objects import Scope, pregel_in

Loop = ast.For | ast.AsyncFor | ast.comprehension
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def wrong_loops(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """The calls of `stream` and `astream` in this code, each with what is wrong with the loop over it."""
    assigned = _assigned(tree)
    for loop in ast.walk(tree):
        if isinstance(loop, Loop) and (found := _wrong(loop, assigned)) is not None:
            yield found


def wrong_loops_over(graphs: Sequence[Any], file: str, scope: Scope) -> Iterator[tuple[ast.Call, str]]:
    """Those of a file that read one of these graphs by a name of the module, whose names `scope` holds."""
    try:
        with open(file, encoding="utf-8") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return
    names, assigned = Names(tree, scope), _assigned(tree)
    for loop, local in _loops(tree, frozenset()):
        found = _wrong(loop, assigned)
        if found is None or not isinstance(found[0].func, ast.Attribute):
            continue
        read = found[0].func.value
        # A name that a function sets itself is another one, even if the module has it too.
        if not any(isinstance(part, ast.Name) and part.id in local for part in ast.walk(read)):
            graph = pregel_in(names.value(read))
            if any(graph is one for one in graphs):
                yield found


def _loops(node: ast.AST, local: frozenset[str]) -> Iterator[tuple[Loop, frozenset[str]]]:
    """All loops, each with the names that the functions around it set."""
    for child in ast.iter_child_nodes(node):
        inside = local | _set_in(child) if isinstance(child, Function) else local
        if isinstance(child, Loop):
            yield child, inside
        yield from _loops(child, inside)


def _set_in(function: Function) -> frozenset[str]:
    parts = list(ast.walk(function))
    shared = {name for part in parts if isinstance(part, ast.Global) for name in part.names}
    stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return frozenset((stored | {part.arg for part in parts if isinstance(part, ast.arg)}) - shared)


def _assigned(tree: ast.AST) -> dict[str, ast.expr]:
    """What the names of a piece of code were assigned, where that is one thing alone."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _wrong(loop: Loop, assigned: Mapping[str, ast.expr]) -> tuple[ast.Call, str] | None:
    call = assigned.get(loop.iter.id) if isinstance(loop.iter, ast.Name) else loop.iter
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    keywords = {word.arg: word.value for word in call.keywords}
    if call.func.attr not in ("stream", "astream") or "version" in keywords or None in keywords:
        return None
    if not {"stream_mode", "subgraphs"} & keywords.keys():
        return None
    trouble = _trouble(loop, keywords)
    return None if trouble is None else (call, trouble)


def _trouble(loop: Loop, keywords: Mapping[str | None, ast.expr]) -> str | None:
    modes = keywords.get("stream_mode")
    if isinstance(modes, ast.Tuple):
        return "a tuple of modes is not a list: its parts come without the names of their modes"
    several, single = isinstance(modes, ast.List), isinstance(modes, ast.Constant)
    if modes is not None and not several and not single:
        return None
    pair = isinstance(modes, ast.Constant) and modes.value == "messages"
    values = 1 + several + is_true(keywords.get("subgraphs"))
    target = loop.target
    if isinstance(target, ast.Tuple) and not any(isinstance(one, ast.Starred) for one in target.elts):
        got, expected = len(target.elts), 2 if values == 1 and pair else values
        return None if got == expected else f"each part has {expected} values and the loop takes {got}"
    if not isinstance(target, ast.Name) or values == 1:
        return None
    body = [part for line in getattr(loop, "body", ()) for part in ast.walk(line)]
    wrong = any(_is_no_tuple(part, target.id) for part in body)
    return f"each part is a tuple of {values} values" if wrong else None


def _is_no_tuple(node: ast.AST, name: str) -> bool:
    """Whether this reads a name as a mapping or as a message."""
    if not isinstance(node, ast.Subscript | ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    if node.value.id != name:
        return False
    if isinstance(node, ast.Attribute):
        return node.attr in ("content", "text", "items", "keys", "values", "get")
    return isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
