"""What the objects of a graph hold: models, tools, functions, and the code of these."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, MethodType
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langgraph.pregel import Pregel

MAX_DEPTH = 4
"""How far wrappers are opened and calls are followed."""

LIBRARIES = ("site-packages", "dist-packages", "<frozen")
UNKNOWN = object()
"""Stands for a value that is not known before the code runs."""

Scope = Mapping[str, Any]


def pregel_in(value: Any) -> Any:
    """The graph that this is, or that it wraps with a config."""
    for _ in range(MAX_DEPTH):
        if isinstance(value, Pregel):
            return value
        value = vars(value).get("bound") if isinstance(value, Runnable) and hasattr(value, "__dict__") else None
    return None


def models_in(value: Any, depth: int = 0) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The chat models in a value, each with the tags that its wrappers add."""
    if isinstance(value, BaseChatModel) or is_chosen_later(value):
        yield value, tuple(getattr(value, "tags", None) or ())
    elif depth > MAX_DEPTH or not isinstance(value, Runnable) or isinstance(value, Pregel):
        return
    else:
        held = vars(value) if hasattr(value, "__dict__") else {}
        config = held.get("config")
        tags = tuple(config.get("tags") or ()) if isinstance(config, Mapping) else ()
        for part in parts_of(held):
            for model, inner in models_in(part, depth + 1):
                yield model, (*inner, *tags)


def is_chosen_later(value: Any) -> bool:
    """Whether this is a model of `init_chat_model` whose class the config of a call names."""
    return isinstance(value, Runnable) and type(value).__name__ == "_ConfigurableModel"


def is_response_format(value: Any) -> bool:
    """Whether this is what `create_agent` makes of a schema for its answer."""
    return type(value).__module__ == "langchain.agents.structured_output" and type(value).__name__.endswith("Strategy")


def is_structured(value: Any, depth: int = 0) -> bool:
    """Whether a model is bound to a schema for its whole answer, by `with_structured_output` or a parser of calls."""
    held = vars(value) if isinstance(value, Runnable) and hasattr(value, "__dict__") else {}
    options = held.get("kwargs")
    if isinstance(options, Mapping) and "ls_structured_output_format" in options:
        return True
    if type(value).__name__.endswith("ToolsParser"):
        return True
    return depth < MAX_DEPTH and any(is_structured(part, depth + 1) for part in parts_of(held))


def parts_of(held: Mapping[str, Any]) -> list[Any]:
    """What a chain is made of, by its attributes: its steps in order, branches, parallel steps and fallbacks."""
    steps = held.get("steps__")
    branches = held.get("branches")
    return [
        *(held.get(name) for name in ("bound", "runnable", "first")),
        *(held.get("middle") or ()),
        *(held.get(name) for name in ("last", "mapper")),
        *(part for pair in (branches if isinstance(branches, list | tuple) else ()) for part in pair),
        held.get("default"),
        *(steps.values() if isinstance(steps, Mapping) else ()),
        *(held.get("fallbacks") or ()),
    ]


def tools_in(value: Any) -> Iterator[BaseTool]:
    """The tools that this is or holds."""
    if isinstance(value, BaseTool):
        yield value
    elif isinstance(value, list | tuple):
        yield from (one for one in value if isinstance(one, BaseTool))
    elif isinstance(value, dict):
        yield from (one for one in value.values() if isinstance(one, BaseTool))
    elif isinstance(value, Runnable) and hasattr(value, "__dict__"):
        by_name = vars(value).get("_tools_by_name") or vars(value).get("tools_by_name")
        yield from tools_in(by_name) if isinstance(by_name, dict) else ()


def model_facts(model: Any, tags: tuple[str, ...]) -> dict[str, Any]:
    """How a model is built, as far as it decides whether it streams."""
    kind = type(model)
    if is_chosen_later(model):
        unknown = {"disable_streaming": None, "streaming": None, "cache": None, "can_stream": True}
        return {"class": kind.__name__, **unknown, "tags": [str(tag) for tag in tags]}
    streams = kind._astream is not BaseChatModel._astream or kind._stream is not BaseChatModel._stream
    # The author's class, which is where to write the missing method.
    place = None if streams or in_library(kind._generate) else _place_of_class(kind)
    set_streaming = "streaming" in getattr(model, "model_fields_set", ())
    return {
        "class": kind.__name__,
        "disable_streaming": model.disable_streaming if isinstance(model.disable_streaming, bool) else "tool_calling",
        "streaming": bool(model.streaming) if set_streaming else None,
        "cache": None if model.cache is None else model.cache is not False,
        "can_stream": streams,
        "tags": [str(tag) for tag in tags],
        **({} if place is None else {"file": place[0], "line": place[1]}),
    }


def _place_of_class(kind: type) -> tuple[str, int] | None:
    try:
        return inspect.getsourcefile(kind) or "", inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        return None


def tool_facts(tool: BaseTool) -> dict[str, Any]:
    """The `file` and `line` of a tool; empty for one of a library."""
    function = vars(tool).get("coroutine") or vars(tool).get("func") or type(tool)._run
    place = None if in_library(function) else place_of(function)
    return {} if place is None else {"file": place[0], "line": place[1]}


def functions_of(runnable: Any, depth: int = 0) -> Iterator[Callable[..., Any]]:
    """The functions that a runnable calls: the async one alone where both exist."""
    if depth > MAX_DEPTH:
        return
    held = vars(runnable) if hasattr(runnable, "__dict__") else {}
    found = held.get("afunc") or held.get("func")
    if found is not None:
        yield from _plain(found)
    elif isinstance(runnable, Runnable):
        for part in parts_of(held):
            yield from functions_of(part, depth + 1)
    elif callable(runnable):
        yield from _plain(runnable)


def _plain(function: Any) -> Iterator[Callable[..., Any]]:
    """The functions behind partials and callable objects; LangGraph wraps a sync function in an async one."""
    while hasattr(function, "func") and hasattr(function, "args"):
        if function.args and callable(function.args[-1]) and in_library(function.func):
            function = function.args[-1]
        else:
            function = function.func
    if inspect.isfunction(function) or inspect.ismethod(function):
        yield function
    elif callable(function):
        yield type(function).__call__.__get__(function)


def held_by(function: Any) -> list[Any]:
    """What a function refers to by its closure and its object."""
    held = [cell.cell_contents for cell in getattr(function, "__closure__", None) or () if _filled(cell)]
    owner = getattr(function, "__self__", None)
    return [*held, *(vars(owner).values() if hasattr(owner, "__dict__") else ())]


def functions_held_by(function: Any) -> Iterator[Any]:
    """The functions that a library's function calls: those of its closure, such as middleware."""
    for value in held_by(function):
        for one in value if isinstance(value, list | tuple) else (value,):
            if inspect.isfunction(one) or inspect.ismethod(one):
                yield one


def scope_of(function: Any) -> dict[str, Any]:
    """The names of a function whose values are known before it runs: not its parameters and local variables."""
    code = getattr(function, "__code__", None)
    closure = getattr(function, "__closure__", None) or ()
    cells = zip(code.co_freevars, closure, strict=False) if code else ()
    scope = {
        **getattr(function, "__globals__", {}),
        **{name: cell.cell_contents for name, cell in cells if _filled(cell)},
    }
    for parameter in code.co_varnames if code else ():
        scope.pop(parameter, None)
    if (owner := getattr(function, "__self__", None)) is not None:
        scope["self"] = owner
    return scope


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def attribute_of(owner: Any, name: str) -> Any:
    """An attribute without running code of its owner."""
    held = getattr(owner, "__dict__", None)
    if isinstance(held, Mapping) and name in held:
        return held[name]
    found = inspect.getattr_static(owner, name, UNKNOWN)
    if inspect.isfunction(found) and not inspect.ismodule(owner) and not inspect.isclass(owner):
        return found.__get__(owner)
    return UNKNOWN if isinstance(found, property) else found


def method_of(kind: type, name: str) -> Any:
    """A method of the author's as one of an object of which only the class is known; `UNKNOWN` for all else."""
    found = inspect.getattr_static(kind, name, UNKNOWN)
    return MethodType(found, kind) if inspect.isfunction(found) and not in_library(found) else UNKNOWN


def user_function(value: Any, *, called: bool = True) -> Any:
    """The author's function behind a function, a task, a partial or an object that is called; `None` for all else."""
    while hasattr(value, "func") and (hasattr(value, "args") or type(value).__module__.startswith("langgraph.func")):
        value = value.func
    if hasattr(value, "cache_info"):
        value = inspect.unwrap(value)
    if not (inspect.isfunction(value) or inspect.ismethod(value)):
        method = inspect.getattr_static(type(value), "__call__", None)
        if not called or not inspect.isfunction(method) or isinstance(value, Runnable):
            return None
        value = method.__get__(value)
    return None if in_library(value) else value


def body_of_tool(tool: BaseTool) -> Any:
    """The function that a tool calls: the async one where both exist; `None` for one of a library."""
    held = vars(tool).get("coroutine") or vars(tool).get("func")
    return next(filter(None, map(user_function, [held] if held else [tool._arun, tool._run])), None)


def body_of_thread(kind: Any) -> Any:
    """The `run` of a class of threads; `None` for another class."""
    is_thread = inspect.isclass(kind) and issubclass(kind, threading.Thread)
    return user_function(kind.run) if is_thread else None


def layers_of(function: Any) -> Iterator[Any]:
    """A function, and those that it wraps as a decorator's: each may wait or call a model."""
    for _ in range(2 * MAX_DEPTH):
        if isinstance(getattr(function, "__code__", None), CodeType):
            yield function
        function = getattr(function, "__wrapped__", None)


def in_library(function: Any) -> bool:
    """Whether a function's code is of an installed package or of Python; so counts code without a file."""
    held = getattr(inspect.unwrap(function) if callable(function) else function, "__code__", None)
    code = function if isinstance(function, CodeType) else held
    file = code.co_filename if code is not None else ""
    return not file or any(part in file for part in LIBRARIES) or file.startswith((sys.base_prefix + "/lib",))


def place_of(function: Any) -> tuple[str, int] | None:
    """The file and line where a function begins; `None` where it has no file."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return None if code is None or code.co_filename.startswith("<") else (code.co_filename, code.co_firstlineno)


def parse_function(function: Any) -> tuple[ast.AST, str, int] | None:
    """The tree of a function, without those that it wraps, its file, and what to add to the tree's lines."""
    try:
        lines, first = inspect.getsourcelines(function.__code__)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (AttributeError, OSError, TypeError, SyntaxError, ValueError):
        return None
    root = tree.body[0] if tree.body and isinstance(tree.body[0], ast.FunctionDef | ast.AsyncFunctionDef) else tree
    return root, function.__code__.co_filename, max(first, 1) - 1
