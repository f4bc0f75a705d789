"""What a factory of graphs is called with: nothing, the config, the runtime of LangGraph's server, or both."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from .troubles import NotAGraph

EXECUTES, UPDATES, READS, DESCRIBES = "threads.create_run", "threads.update", "threads.read", "assistants.read"
"""Why LangGraph's server calls a factory."""

CONFIG = "CONFIG"
"""What the code that makes a graph calls the config of its run; the program around it defines it."""

COMPILED = ".compile()"
"""How the code that makes a graph of a builder ends."""


def call_factory(
    factory: Callable[..., Any], config: Mapping[str, Any], *, access: str, context: Any, store: Any
) -> Any:
    """What the factory returns, which may be awaitable; raises `NotAGraph` if it needs anything else."""
    given, unknown = _arguments(factory, config=config, runtime=lambda: _runtime(access, context, store))
    if unknown:
        raise NotAGraph(f"The factory needs {', '.join(unknown)}: it can get only the config and the server's runtime.")
    parameters = inspect.signature(factory).parameters
    by_position = [given.pop(name) for name, item in parameters.items() if name in given and _first(item)]
    return factory(*by_position, **given)


def call_in_code(factory: Callable[..., Any]) -> str:
    """The arguments that a program calls the factory with; empty if it needs more than the config."""
    given, unknown = _arguments(factory, config=CONFIG, runtime=lambda: None)
    if unknown or None in given.values():
        return ""
    parameters = inspect.signature(factory).parameters
    return f"({', '.join(text if _first(parameters[name]) else f'{name}={text}' for name, text in given.items())})"


def takes_config(factory: Callable[..., Any]) -> bool:
    """Whether the factory gets the config of the run, and so may need its configurable values."""
    given, _ = _arguments(factory, config=CONFIG, runtime=lambda: None)
    return CONFIG in given.values()


def _arguments(
    factory: Callable[..., Any], *, config: Any, runtime: Callable[[], Any]
) -> tuple[dict[str, Any], list[str]]:
    """The arguments by name, and the names of those that the factory needs besides."""
    given: dict[str, Any] = {}
    unknown: list[str] = []
    for name, item in inspect.signature(factory).parameters.items():
        if item.kind in (item.VAR_POSITIONAL, item.VAR_KEYWORD):
            continue
        if name == "runtime" or "ServerRuntime" in str(item.annotation):
            given[name] = runtime()
        elif "config" in name.lower() or "RunnableConfig" in str(item.annotation):
            given[name] = config
        elif item.default is item.empty:
            unknown.append(name)
    if len(unknown) == 1 and not given:
        # Whatever its name: the only argument of a factory is the config.
        given[unknown.pop()] = config
    return given, unknown


def _first(item: inspect.Parameter) -> bool:
    return item.kind is item.POSITIONAL_ONLY


def typed_context(context: Any, schema: Any) -> Any:
    """The values of a context as an object of its schema, where that is a class with fields."""
    if not isinstance(context, Mapping) or not isinstance(schema, type):
        return context
    has_fields = dataclasses.is_dataclass(schema) or hasattr(schema, "model_fields")
    return schema(**context) if has_fields else context


def default_context(graph: Any) -> Any:
    """The context of a run that gives none: an empty one, as LangGraph's server sends, if each field has a default."""
    schema = getattr(graph, "context_schema", None)
    if not isinstance(schema, type):
        return None
    try:
        return typed_context({}, schema)
    except Exception:  # noqa: BLE001 - a field without a default, or whatever a stranger's class raises
        return None


def _runtime(access: str, context: Any, store: Any) -> Any:
    fields: dict[str, Any] = {"access_context": access, "user": None, "store": store}
    executes = access == EXECUTES
    try:
        from langgraph_sdk import runtime

        executing, reading = runtime._ExecutionRuntime, runtime._ReadRuntime
    except (ImportError, AttributeError):
        made = SimpleNamespace(**fields, context=context, execution_runtime=None)
        made.execution_runtime = made if executes else None
        return made
    return executing(**fields, context=context) if executes else reading(**fields)
