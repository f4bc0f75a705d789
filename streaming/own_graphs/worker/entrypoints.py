"""The input of an `@entrypoint`: what its function is annotated with, and values of a form as objects of that type."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

import typing_extensions
from langchain_core.messages import BaseMessage, convert_to_messages
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import NotRequired, Required, get_type_hints, is_typeddict  # noqa: UP035 - Python 3.10

from .module_names import imported
from .troubles import WrongInput, said_by

_MAX_DEPTH = 6


def input_type(graph: Any) -> Any:
    """What the input of an entrypoint is annotated with; `None` for another graph, and where nothing is known."""
    nodes = getattr(graph, "nodes", {})
    if hasattr(graph, "builder") or len(nodes) != 1:
        return None
    hint = getattr(graph.channels.get("__start__"), "typ", None)
    if isinstance(hint, str):
        hint = _resolved(next(iter(nodes.values())))
    return None if hint is Any else hint


def _resolved(node: Any) -> Any:
    """The type of the first argument of a function whose annotations are texts."""
    bound = node.bound
    function = bound.func or bound.afunc
    hints = get_type_hints(function, include_extras=True)
    return hints.get(function.__code__.co_varnames[0])


def typed_input(graph: Any, given: Any) -> Any:
    """The input as a program gives it: messages, dataclasses and models of pydantic for what a form gave as JSON.

    Raises `WrongInput` if the value does not fit.
    """
    hint = input_type(graph)
    classes = set(_classes(hint))
    if isinstance(given, list) and any(issubclass(kind, BaseMessage) for kind in classes):
        return convert_to_messages(given)
    has_objects = any(dataclasses.is_dataclass(kind) or issubclass(kind, BaseModel) for kind in classes)
    if not has_objects:
        return given
    try:
        return TypeAdapter(readable(hint)).validate_python(given)
    except ValidationError as error:
        name = getattr(hint, "__name__", str(hint))
        raise WrongInput(f"The input does not fit {name}: {said_by(error)}.") from None


def input_code(graph: Any) -> dict[str, Any]:
    """How a program makes the objects that an entrypoint takes of plain values: a function, and imports for it.

    `names` are the imports from the project. Empty where it takes plain values, and where its objects are parts of
    others.
    """
    hint = input_type(graph)
    if any(issubclass(kind, BaseMessage) for kind in _classes(hint)):
        imported = "from langchain_core.messages import convert_to_messages"
        return {"made_by": "convert_to_messages", "imports": [imported], "names": []}
    if not isinstance(hint, type) or not (dataclasses.is_dataclass(hint) or issubclass(hint, BaseModel)):
        return {}
    if not hint.__qualname__.isidentifier():
        return {}
    module = _module_of(hint)
    return {
        "made_by": f"TypeAdapter({hint.__name__}).validate_python",
        "imports": ["from pydantic import TypeAdapter"],
        "names": [f"from {module} import {hint.__name__}"],
    }


def _module_of(declared: type) -> str:
    """What the module is called outside of this process, which gives a file another name if its own is taken."""
    name, file = declared.__module__, getattr(sys.modules.get(declared.__module__), "__file__", None)
    return imported(file)["module"] if file and "." not in name else name


def _classes(hint: Any, depth: int = 0) -> Iterator[type]:
    """The classes of which a type is made."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    parts = get_type_hints(hint).values() if is_typeddict(hint) else get_args(hint)
    for part in parts:
        yield from _classes(part, depth + 1)


def readable(hint: Any, depth: int = 0) -> Any:
    """The same type for pydantic, which before Python 3.12 refuses a `typing.TypedDict`, also inside of others."""
    if sys.version_info >= (3, 12):
        return hint
    if is_typeddict(hint) and type(hint).__module__ == "typing":
        # One that holds itself ends as JSON of any shape.
        return _copied(hint, depth) if depth <= _MAX_DEPTH else Any
    parts = get_args(hint)
    inner = tuple(readable(part, depth + 1) for part in parts)
    if inner == parts:
        return hint
    if hasattr(hint, "__metadata__"):
        return Annotated[(inner[0], *hint.__metadata__)]
    return reduce(or_, inner) if isinstance(hint, UnionType) else _with_parts(hint, inner)


def _with_parts(hint: Any, parts: tuple[Any, ...]) -> Any:
    return hint.copy_with(parts) if hasattr(hint, "copy_with") else get_origin(hint)[parts]


def _copied(declared: Any, depth: int) -> Any:
    needed = declared.__required_keys__
    fields = {
        name: (Required if name in needed else NotRequired)[readable(_without_need(hint), depth + 1)]
        for name, hint in get_type_hints(declared, include_extras=True).items()
    }
    make: Any = typing_extensions.TypedDict
    copied = make(declared.__name__, fields)
    copied.__doc__ = declared.__doc__
    return copied


def _without_need(hint: Any) -> Any:
    """The type in `Required[…]` or `NotRequired[…]`."""
    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint
