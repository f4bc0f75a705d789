"""Loops that join the pieces of a stream into one text, which nobody sees before it is whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .code_names import Names, is_true

Loop = ast.For | ast.AsyncFor | ast.comprehension


def joined_streams(names: Names) -> Iterator[ast.Call]:
    """The calls whose stream a loop of this function reads, where the function joins pieces without a separator."""
    if not any(map(_joins, ast.walk(names.tree))):
        return
    for loop in ast.walk(names.tree):
        if not isinstance(loop, Loop):
            continue
        source = names.local_call(loop.iter)
        call = source.value if isinstance(source, ast.Await) else source
        if isinstance(call, ast.Call) and _makes_a_stream(call):
            yield call


def _makes_a_stream(call: ast.Call) -> bool:
    keywords = {word.arg: word.value for word in call.keywords}
    return is_true(keywords.get("stream")) or "stream" in ast.unparse(call.func).rpartition(".")[2].lower()


def _joins(node: ast.AST) -> bool:
    """Whether this is `"".join(…)` or `text += …`; rows of a database are joined with something between them."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Add) and not isinstance(node.value, ast.Constant)
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=""), attr="join")):
            return True
    return False
