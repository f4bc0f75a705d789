"""Sentences about what went wrong in a stranger's graph, with file and line where its own code is."""

from __future__ import annotations

import sys
import traceback
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .missing_modules import cure_of, cure_of_name
from .raised_by import frames_of, node_of, refusing_node, who_raised
from .wrong_edges import cure_of_edge

_NEWEST_SYNTAX = (3, 14)
"""No Python after this one has statements that an older one refuses."""
_OF_ANY_PYTHON = (
    "expected ':'",
    "never closed",
    "unterminated",
    "unmatched",
    "does not match",
    "Perhaps you forgot",
    "indent",
)
"""Words in the messages of mistakes that every version of Python refuses."""
_REFUSED = "Correct that field in the input, or in what an earlier node returns."
_NEWER_PYTHON = "name a newer Python as PYTHON_OF_GRAPH"


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))


class NotAGraph(Exception):
    """What the name stands for cannot be run; the text is a sentence."""


class WrongInput(Exception):
    """The input of a run does not fit the graph; the text is a sentence."""


def missing_package() -> str:
    """What to install with which interpreter; empty if LangGraph 1.0 or newer is there."""
    install = f'Install it: {sys.executable} -m pip install "langgraph>=1.0"'
    try:
        found = version("langgraph")
    except PackageNotFoundError:
        return f"The environment of the graph has no LangGraph. {install}"
    return "" if int(found.split(".")[0]) >= 1 else f"The environment of the graph has LangGraph {found}. {install}"


def loading_trouble(error: BaseException, paths: list[str]) -> str:
    """Why the graph cannot be loaded: the error, file and line, and the cure where it is known."""
    if isinstance(error, NotAGraph):
        return str(error)
    where = place(error, paths)
    # The text of a syntax error has its place again.
    text = (isinstance(error, SyntaxError) and error.msg) or text_of(error)
    said = " ".join(text.split())[:300].rstrip(".")
    what = f"{where}: {type(error).__name__}: {said}." if where else f"{type(error).__name__}: {said}."
    return f"{what} {_cure(error, said, paths)}".strip()


def why_without_values(error: Exception, paths: list[str]) -> str:
    """Why a factory makes no graph without configurable values; empty if they would not help it."""
    name = _value_missed(error)
    if name is None and (isinstance(error, (NotAGraph, ImportError, SyntaxError)) or _lacks_key(error, text_of(error))):
        return ""
    unknown = "Its nodes and its fields are known after a run with such values"
    if name is not None:
        return f"The factory needs “{name}” among the configurable values. {unknown}."
    return f"{loading_trouble(error, paths)} The factory got no configurable values. {unknown}, if it needs them."


def _cure(error: BaseException, said: str, paths: list[str]) -> str:
    if isinstance(error, KeyError) and (cure := _cure_of_key(error, said)):
        return cure
    if isinstance(error, ModuleNotFoundError) and error.name:
        return cure_of(error.name, paths)
    if isinstance(error, ImportError) and error.name and "cannot import name" in said:
        return cure_of_name(error.name, said, paths)
    if isinstance(error, SyntaxError):
        return _cure_of_syntax(said)
    if isinstance(error, ValueError) and (cure := cure_of_edge(error, said)):
        return cure
    if "outside of a runnable context" in said and sys.version_info < (3, 11):
        return f"Async code finds its run only from Python 3.11 on, and this is {_python()}: {_NEWER_PYTHON}."
    if "SQLite objects created in a thread" in said:
        return "Connect with check_same_thread=False: LangGraph calls its checkpointer from several threads."
    if _lacks_key(error, said):
        return "Set the variable in the shell, or in the .env file of the graph's project."
    return ""


def _lacks_key(error: BaseException, said: str) -> bool:
    """Whether it seems to miss a variable of the environment, such as the key of a provider."""
    lower = said.lower()
    return (isinstance(error, KeyError) and said.strip("'\"").isupper()) or "api_key" in lower or "api key" in lower


def _cure_of_key(error: KeyError, said: str) -> str:
    line = _raising_line(error)
    if _value_missed(error) is not None:
        reader = "node" if node_of(error) else "factory"
        return f"Give {said} as a configurable value: the {reader} reads it from its config."
    name, state = _state_of(error)
    if f"{name}[" in line:
        if meant := _field_meant(error, state):
            return f"Write '{meant}' if that is meant; else fill in {said} in the input, or let an earlier node set it."
        return (
            f"Fill in {said} in the input, or let an earlier node set it: the state has no such field yet, and a "
            "returned field that its type does not declare is dropped."
        )
    return ""


def _value_missed(error: BaseException) -> str | None:
    """The configurable value that code missed as it read its config; `None` if the error is another one."""
    if not isinstance(error, KeyError) or not error.args:
        return None
    line = _raising_line(error)
    frames = [frame.f_locals for frame in frames_of(error)]
    values = [one["configurable"] for held in frames for one in held.values() if _is_config(one)]
    names = [name for name, value in frames[-1].items() if any(value is one for one in values)] if frames else []
    read = "configurable" in line or any(f"{name}[" in line for name in names)
    return str(error.args[0]) if read else None


def _is_config(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("configurable"), dict)


def _cure_of_syntax(said: str) -> str:
    may_be_newer = sys.version_info < _NEWEST_SYNTAX and not any(word in said for word in _OF_ANY_PYTHON)
    newer = f", or {_NEWER_PYTHON}: this is {_python()}" if may_be_newer else ""
    return f"Correct the line{newer}; a changed file is loaded again."


def _state_of(error: BaseException) -> tuple[str, Any]:
    """What the raising code calls the state of its node, and the state: the argument of a node, whatever its name."""
    frames = list(frames_of(error))
    if not frames:
        return "state", None
    values, code = frames[-1].f_locals, frames[-1].f_code
    arguments = [name for name in code.co_varnames[: code.co_argcount] if name not in ("self", "cls")]
    caller = frames[-2].f_globals.get("__name__", "") if len(frames) > 1 else ""
    is_node = str(caller).partition(".")[0] in ("langgraph", "langchain_core")
    name = arguments[0] if is_node and arguments and isinstance(values.get(arguments[0]), dict) else "state"
    return name, values.get(name)


def _field_meant(error: BaseException, state: Any) -> str:
    """The field of the node's state whose name is nearly that of the missing one; empty for none."""
    names = [str(name) for name in state] if isinstance(state, dict) else []
    return next(iter(get_close_matches(str(error.args[0] if error.args else ""), names, n=1, cutoff=0.75)), "")


def _raising_line(error: BaseException) -> str:
    """The line of code that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return (frames[-1].line or "") if frames else ""


def failure(error: BaseException, paths: list[str]) -> dict[str, Any]:
    """The error of a call as plain values."""
    names = [kind.__name__ for kind in type(error).__mro__]
    node, found = node_of(error), place(error, paths)
    cure = _REFUSED if refusing_node(error) else _cure(error, text_of(error), paths)
    return {
        "type": type(error).__name__,
        "text": said_by(error),
        "where": ", ".join(filter(None, (f"node “{node}”" if node else "", found))),
        **who_raised(error, found),
        "recursion": "GraphRecursionError" in names,
        "drained": "GraphDrained" in names,
        "cure": cure,
    }


def said_by(error: Any) -> str:
    """The text of an error: one of pydantic's as what is wrong with which field."""
    if type(error).__name__ != "ValidationError" or not callable(getattr(error, "errors", None)):
        return text_of(error)
    # Before the text of what a validator raises, pydantic writes that it is a value's error.
    said = [(one["loc"], one["msg"].removeprefix("Value error, ")) for one in error.errors()]
    found = [f"{'.'.join(map(str, field)) or 'value'}: {text}" for field, text in said]
    return "; ".join(found)


def text_of(error: BaseException) -> str:
    """What the error says; its class is the author's, and may fail at that."""
    try:
        return str(error)
    except Exception as failed:  # noqa: BLE001 - whatever a stranger's class raises
        return f"its text cannot be read, for {type(error).__name__}.__str__ raises {type(failed).__name__}"


def place(error: BaseException, paths: list[str]) -> str:
    """`file, line n` of the innermost frame in the project's own code; empty if none is."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    roots = [Path(path).resolve() for path in paths]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if frame.filename.startswith("<") or file.parent == Path(__file__).parent:
            continue
        if "site-packages" not in file.parts and any(root in file.resolve().parents for root in roots):
            return f"{file}, line {frame.lineno}"
    return ""
