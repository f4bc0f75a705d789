"""What the object is whose method code calls: a model, or a graph."""

from __future__ import annotations

import ast
import inspect

from langchain_core.language_models.chat_models import BaseChatModel
from langgraph.pregel import Pregel

from .code_names import Names
from .code_objects import MAX_DEPTH, UNKNOWN, models_in, pregel_in

MODEL_CALLS = frozenset(["invoke", "ainvoke", "stream", "astream", "batch", "abatch"])
MODEL_NAMES = ("llm", "model", "chat")


_WRAPPERS = frozenset(
    [
        *("bind", "bind_tools", "configurable_alternatives", "configurable_fields", "pick", "pipe", "with_config"),
        *("with_fallbacks", "with_listeners", "with_alisteners", "with_retry", "with_types", "copy", "model_copy"),
    ]
)
"""Methods of a runnable that make another one around it."""


def receiver_kind(node: ast.AST, names: Names, depth: int = 0) -> str | None:
    """Whether this is a model or a graph; by its name where neither its value nor what makes it is known."""
    value = names.value(node)
    if value is not UNKNOWN:
        if pregel_in(value) is not None:
            return "nested graph"
        return "model" if next(models_in(value), None) is not None else None
    expression = names.local_call(node)
    if depth <= MAX_DEPTH and (kind := _made_kind(expression, names, depth + 1)) is not None:
        return kind
    made = ast.unparse(expression).lower()
    if ".compile(" in made or made.endswith("graph"):
        return "nested graph"
    return "model" if any(name in made for name in MODEL_NAMES) else None


def _made_kind(node: ast.AST, names: Names, depth: int) -> str | None:
    """What an expression makes: an object of a class, one around another, or a chain."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts = [receiver_kind(side, names, depth) for side in (node.left, node.right)]
        return "model" if "model" in parts else None
    if not isinstance(node, ast.Call):
        return None
    made = names.value(node.func)
    if inspect.isclass(made):
        return "model" if issubclass(made, BaseChatModel) else "nested graph" if issubclass(made, Pregel) else None
    if isinstance(node.func, ast.Attribute) and node.func.attr in _WRAPPERS:
        return receiver_kind(node.func.value, names, depth)
    return None
