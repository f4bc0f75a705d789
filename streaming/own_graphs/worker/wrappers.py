"""What is around a graph: bindings, whose options it keeps, and runnables and objects that hold it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import Runnable, RunnableWithFallbacks

_OURS = frozenset({"self", "input", "config", "kwargs", "stream_mode", "subgraphs", "version", "control"})
"""Parameters of `astream` that a run gives itself."""
_ADDED = {
    "RunnableSequence": "the other steps of its chain",
    "RunnableRetry": "its retries",
    "RunnableWithFallbacks": "its fallbacks",
}
"""What a wrapper of LangChain's does beside running the graph, by its class."""


@dataclass
class Unwrapped:
    """A graph or its builder, with the config and the options of `astream` that it is bound to.

    `left_out` are parts of a sentence: what wrappers do that is lost without them. `held` says that an object had it.
    """

    graph: Any
    config: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    held: bool = False


def is_graph(value: Any) -> bool:
    """Whether this is a graph, a builder, or a binding."""
    return any(hasattr(value, name) for name in ("aget_state", "add_conditional_edges")) or _is_binding(value)


def graphs_held(value: Any) -> list[str]:
    """How the graphs in a value are written behind its name: `.name` of an object, `["key"]` of a dictionary."""
    if isinstance(value, dict):
        return [f"[{key!r}]" for key, one in value.items() if is_graph(one)]
    held = vars(value).items() if hasattr(value, "__dict__") and not inspect.isclass(value) else ()
    return [f".{name}" for name, one in held if not inspect.isclass(one) and is_graph(one)]


def unwrap(value: Any) -> Unwrapped:
    """The graph in a value; the innermost value that can be opened where there is none."""
    found = Unwrapped(value)
    while not _is_plain(value := found.graph):
        if _is_binding(value):
            found.config = {**(getattr(value, "config", None) or {}), **found.config}
            found.options = {**value.kwargs, **found.options} if isinstance(value.kwargs, dict) else found.options
            if getattr(value, "config_factories", None):
                found.left_out.append("its listeners")
            inner = value.bound
        elif (inner := _held(value)) is None:
            break
        else:
            found.held = True
        if isinstance(value, Runnable) and (added := _ADDED.get(type(value).__name__)):
            found.left_out.append(added)
        found.graph = inner
    return found


def options_of(graph: Any, bound: dict[str, Any]) -> dict[str, Any]:
    """Those of the options that a graph is bound to which its `astream` takes and a run does not give itself."""
    accepted = inspect.signature(type(graph).astream).parameters
    return {name: value for name, value in bound.items() if name in accepted and name not in _OURS}


def _is_plain(value: Any) -> bool:
    # A binding has the methods of what it binds too, but its class has not.
    return any(hasattr(type(value), name) for name in ("aget_state", "add_conditional_edges"))


def _is_binding(value: Any) -> bool:
    return hasattr(value, "bound") and hasattr(value, "kwargs") and not _is_plain(value)


def _held(value: Any) -> Any:
    """The graph that a chain, or an object of the author's own class, holds; `None` without one, or for several."""
    held = list(vars(value).values()) if hasattr(value, "__dict__") else []
    if isinstance(value, RunnableWithFallbacks):
        held = [value.runnable]
    elif isinstance(value, Runnable):
        held += [step for part in held if isinstance(part, list) for step in part]
    for attribute in ("aget_state", "add_conditional_edges"):
        found = [one for one in held if not inspect.isclass(one) and hasattr(one, attribute)]
        if len(found) == 1:
            return found[0]
    wrapped = [one for one in held if isinstance(one, Runnable) and _is_plain(unwrap(one).graph)]
    return wrapped[0] if len(wrapped) == 1 else None
