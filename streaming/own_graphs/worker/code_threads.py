"""What code does in threads and tasks without the context of the node, where callbacks and the writer are lost."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from .code_names import Names
from .code_objects import body_of_thread, parse_function, scope_of, user_function
from .code_receivers import MODEL_CALLS, receiver_kind

_MAX_CALLS = 2
"""How far the calls of a thread's code are followed."""

POOL_CALLS = frozenset(["submit", "map", "apply", "apply_async", "map_async", "imap", "imap_unordered", "starmap"])


def other_thread(node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr], names: Names) -> str | None:
    """What is lost in a thread or a task that gets no copy of the context."""
    if last == "create_task" and "context" in keywords:
        return "lost context" if ast.unparse(keywords["context"]).endswith("Context()") else None
    if (run := body_of_thread(names.value(node.func))) is not None and (code := _unparsed(run)):
        return _lost_in(code)
    target = _run_elsewhere(node, last, keywords, names)
    if target is None:
        return None
    partial, handed = names.local_call(target), [*node.args, *keywords.values()]
    if isinstance(partial, ast.Call) and partial.args and names.dotted(partial.func).endswith("partial"):
        target, handed = partial.args[0], [*handed, *partial.args]
    if any(isinstance(one, ast.Name) and one.id in names.writers for part in handed for one in _items(part)):
        return "thread writer"
    if isinstance(target, ast.Attribute) and target.attr in MODEL_CALLS and receiver_kind(target.value, names):
        return "lost context"
    code, *called = _codes_of(target, names)
    return _lost_in(code, writers=names.writers) or next(filter(None, map(_lost_in, called)), None)


def _items(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple | ast.List) else [node]


def _run_elsewhere(node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr], names: Names) -> ast.expr | None:
    """What a thread or a pool of threads is given to run; LangChain's pool copies the context."""
    if last == "Thread":
        return keywords.get("target")
    if last == "Timer":
        return keywords.get("function") or (node.args[1] if len(node.args) > 1 else None)
    if last == "run_in_executor" and len(node.args) > 1:
        return node.args[1]
    if not node.args or not isinstance(node.func, ast.Attribute):
        return None
    if last == "run" and ast.unparse(names.local_call(node.func.value)).endswith("Context()"):
        return node.args[0]
    if last not in POOL_CALLS:
        return None
    pool = ast.unparse(names.local_call(node.func.value)).lower()
    is_pool = last == "submit" or "executor" in pool or "pool" in pool
    if not is_pool or "contextthreadpool" in pool:
        return None
    # A loop in the thread runs a coroutine, which is called here.
    coroutine = node.args[1] if len(node.args) > 1 and ast.unparse(node.args[0]).endswith("asyncio.run") else None
    return coroutine.func if isinstance(coroutine, ast.Call) else node.args[0]


def _lost_in(code: str, *, writers: frozenset[str] = frozenset()) -> str | None:
    # A writer that the node has got looks into the context again when it writes.
    if "get_stream_writer(" in code or any(f"{name}(" in code for name in writers):
        return "thread writer"
    return "lost context" if any(f".{name}(" in code for name in ("invoke", "ainvoke", "stream", "astream")) else None


def _codes_of(target: ast.AST, names: Names, depth: int = 0) -> Iterator[str]:
    """The code that a thread would run, and that of the author's functions which it calls.

    It is a lambda, a function inside this one, or one of the author's.
    """
    tree: ast.AST = names.functions.get(target.id, target) if isinstance(target, ast.Name) else target
    function = user_function(names.value(target)) if tree is target else None
    if function is not None and (parsed := parse_function(inspect.unwrap(function))) is not None:
        tree, names = parsed[0], Names(parsed[0], scope_of(function))
    yield ast.unparse(tree)
    if tree is target and not isinstance(tree, ast.Lambda):
        return
    for part in ast.walk(tree):
        if isinstance(part, ast.Call) and depth < _MAX_CALLS and not isinstance(part.func, ast.Call):
            yield from _codes_of(part.func, names, depth + 1)


def _unparsed(function: Any) -> str:
    """The code of a function below its decorators; empty if it cannot be read."""
    parsed = parse_function(inspect.unwrap(function))
    return "" if parsed is None else ast.unparse(parsed[0])
