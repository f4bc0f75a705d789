"""What the object is whose method code calls: a model, or a graph."""

from __future__ import annotations

import ast

from .code_names import Names
from .code_objects import UNKNOWN, models_in, pregel_in

MODEL_CALLS = frozenset(["invoke", "ainvoke", "stream", "astream", "batch", "abatch"])
MODEL_NAMES = ("llm", "model", "chat")


def receiver_kind(node: ast.AST, names: Names) -> str | None:
    """Whether this is a model or a graph; by its name where its value is not known."""
    value = names.value(node)
    if value is not UNKNOWN:
        if pregel_in(value) is not None:
            return "nested graph"
        return "model" if next(models_in(value), None) is not None else None
    made = ast.unparse(names.local_call(node)).lower()
    if ".compile(" in made or made.endswith("graph"):
        return "nested graph"
    return "model" if any(name in made for name in MODEL_NAMES) else None
