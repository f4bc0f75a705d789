"""Whether code gives a model callbacks in place of those that LangGraph put into the context."""

from __future__ import annotations

import ast

from langchain_core.runnables import RunnableBinding

from .code_names import Names
from .code_objects import MAX_DEPTH, UNKNOWN

_KEY = "callbacks"
_KEEP_A_BINDING = frozenset(["bind", "with_config", "with_listeners", "with_retry", "with_types"])
"""Methods that make a binding with the config of the one that they are called on; `with_retry` of nothing else."""


def replaces_callbacks(call: ast.Call, names: Names) -> bool:
    """Whether the callbacks of this call's config, or of one that its receiver is bound to, are heard alone.

    A binding merges its config with that of the call, and each of both has the callbacks of the context unless it has
    its own.
    """
    config = _argument(call, "config", 1)
    given = None if config is None else _sets_callbacks(config, names)
    bound = _bound_callbacks(call.func.value, names) if isinstance(call.func, ast.Attribute) else None
    return bool(given) if bound is None else bound and given is not False


def _argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
    named = next((word.value for word in call.keywords if word.arg == name), None)
    return named if named is not None or len(call.args) <= place else call.args[place]


def _bound_callbacks(receiver: ast.AST, names: Names, depth: int = 0) -> bool | None:
    """Whether a binding has callbacks of its own; `None` for what is no binding."""
    if (value := names.value(receiver)) is not UNKNOWN:
        return value.config.get(_KEY) is not None if isinstance(value, RunnableBinding) else None
    made = names.local_call(receiver)
    # `model = model.bind(…)` leads to itself.
    if not (isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute)) or depth > MAX_DEPTH:
        return None
    method = made.func.attr
    if method == "with_config":
        config = _argument(made, "config", 0)
        if _has_keyword(made) or (config is not None and _sets_callbacks(config, names)):
            return True
    if method not in _KEEP_A_BINDING:
        return False if method == "bind_tools" else None
    inner = _bound_callbacks(made.func.value, names, depth + 1)
    return inner if method == "with_retry" else bool(inner)


def _sets_callbacks(config: ast.AST, names: Names) -> bool:
    """Whether a config has callbacks of its own: a dictionary, or a call that makes one."""
    if (value := names.value(config)) is not UNKNOWN:
        return type(value) is dict and value.get(_KEY) is not None
    made = names.local_call(config)
    if isinstance(made, ast.Call):
        # What copies another config keeps the callbacks of that one beside its own.
        return ast.unparse(made.func).rpartition(".")[2] in ("RunnableConfig", "dict") and (
            not made.args and _has_keyword(made)
        )
    if not isinstance(made, ast.Dict):
        return False
    found = zip(made.keys, made.values, strict=True)
    return any(isinstance(key, ast.Constant) and key.value == _KEY and _is_new(value) for key, value in found)


def _has_keyword(call: ast.Call) -> bool:
    named = {word.arg: word.value for word in call.keywords}
    return _KEY in named and None not in named and _is_new(named[_KEY])


def _is_new(callbacks: ast.expr) -> bool:
    """Whether these are other callbacks than those of the config or of a run; `None` keeps what is there."""
    if isinstance(callbacks, ast.Constant):
        return callbacks.value is not None
    return not any(word in ast.unparse(callbacks) for word in (_KEY, "get_child"))
