"""Finds the graph in a file or module, whatever shape it has, and makes it ready to run."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.store.memory import InMemoryStore

from .factories import COMPILED, DESCRIBES, call_factory, call_in_code, takes_config, typed_context
from .memory import saver_in_memory
from .module_names import MAX_LEVELS, name_of_module
from .sync_savers import with_async_methods
from .troubles import NotAGraph
from .wrappers import graphs_held, is_graph, options_of, unwrap


def load_object(target: str, attribute: str) -> Any:
    """The object with this name in a file or module; raises what the module raises."""
    module = _import_file(Path(target)) if target.endswith(".py") else importlib.import_module(target)
    found: Any = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            names = [name for name, value in vars(module).items() if _looks_like_graph(value)]
            hint = f" It has {', '.join(names)}." if names else ""
            raise NotAGraph(f"{target} has no “{attribute}”.{hint}")
        found = getattr(found, name)
    return found


def _import_file(path: Path) -> Any:
    """Import a file by the name that its imports need, or by a longer one if those that it imports need that."""
    folder, name = name_of_module(path)
    for _ in range(MAX_LEVELS):
        try:
            return _import_by(name, path, folder)
        except ImportError as error:
            if "relative import" not in str(error):
                raise
        folder, name = folder.parent, f"{folder.name}.{name}"
    return _import_by(name, path, folder)


def _import_by(name: str, path: Path, folder: Path) -> Any:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    if name != path.stem:
        return importlib.import_module(name)
    # A file of its own may have the name of another module.
    name = name if name not in sys.modules and name not in sys.stdlib_module_names else f"_{name}_"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise NotAGraph(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    # Type hints are resolved through it.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:
        del sys.modules[name]
        raise
    return module


def _looks_like_graph(value: Any) -> bool:
    return not inspect.isclass(value) and (hasattr(value, "aget_state") or hasattr(value, "add_conditional_edges"))


class Loaded:
    """An object that is a graph, or makes one: a factory is called for each use, as LangGraph's server does.

    `place` names it in sentences, `name` in code. `options` of `astream` are those that the graph is bound to,
    `left_out` what its wrappers do and is not done here.
    """

    def __init__(self, found: Any, place: str = "The name", name: str = "") -> None:
        self.found, self.place, self.name = found, place, name
        self.saver, self.store = saver_in_memory(), InMemoryStore()
        self.is_factory = not is_graph(found) and callable(found)
        self.takes_config = self.is_factory and takes_config(found)
        self.checkpointer = ""
        self.made_by: str | None = (call_in_code(found) or None) if self.is_factory else ""
        self.opened_by = ""
        self.options: dict[str, Any] = {}
        self.left_out: list[str] = []
        self._context_schema: Any = None
        self._prepared: Any = None if self.is_factory else self._prepare(found)

    @property
    def origin(self) -> dict[str, Any]:
        """How the object makes the graph, and what is lost of it, for the description."""
        return {"made_by": self.made_by, "opened_by": self.opened_by, "left_out": self.left_out}

    @asynccontextmanager
    async def use(self, config: Any, *, access: str = DESCRIBES, context: Any = None) -> AsyncIterator[Any]:
        """The graph for one use; `access` says for which, as LangGraph's server does."""
        if not self.is_factory:
            yield self._prepared
            return
        context = typed_context(context, self._context_schema)
        made = call_factory(self.found, config, access=access, context=context, store=self.store)
        if inspect.isawaitable(made):
            self.opened_by, made = "await", await made
        if hasattr(made, "__aenter__") and not is_graph(made):
            self.opened_by = "async with"
            async with made as graph:
                yield self._prepare(graph)
        elif hasattr(made, "__enter__") and not is_graph(made):
            self.opened_by = "with"
            with made as graph:
                yield self._prepare(graph)
        else:
            yield self._prepare(made)

    def _no_graph(self, found: Any) -> str:
        kind = type(found).__name__
        if not self.is_factory:
            told = f"{self.place} is an object of type {kind}: no graph, and no function that makes one."
            return f"{told} {self._which_held(found)}".strip()
        returned = "None" if found is None else f"an object of type {kind}"
        return f"{getattr(self.found, '__name__', 'The factory')} returned {returned}: no graph."

    def _which_held(self, found: Any) -> str:
        """How to name one of the graphs that the object holds; empty if it holds none, or is not what was named."""
        ways = graphs_held(found) if found is self.found and self.name else []
        if not ways:
            return ""
        if isinstance(found, dict):
            return f"It holds graphs: give one a name of its own, such as agent = {self.name}{ways[0]}, and name that."
        return f"It holds several graphs: name one of them, {' or '.join(self.name + way for way in ways)}."

    def _prepare(self, found: Any) -> Any:
        """The compiled graph, with a checkpointer and a store if it has none."""
        unwrapped = unwrap(found)
        graph = unwrapped.graph
        if unwrapped.held:
            self.made_by = None
        if hasattr(graph, "compile"):
            graph = graph.compile()
            if self.made_by is not None and not self.made_by.endswith(COMPILED):
                self.made_by += COMPILED
        if not hasattr(graph, "aget_state"):
            raise NotAGraph(self._no_graph(graph))
        self.options, self.left_out = options_of(graph, unwrapped.options), unwrapped.left_out
        self._context_schema = getattr(graph, "context_schema", None)
        own = getattr(graph, "checkpointer", None)
        if own is self.saver:
            pass
        elif own in (None, True, False):
            graph.checkpointer = self.saver
            self.checkpointer = "InMemorySaver"
        else:
            graph.checkpointer = with_async_methods(own)
            self.checkpointer = type(own).__name__
        if getattr(graph, "store", None) is None:
            graph.store = self.store
        return graph.with_config(unwrapped.config) if unwrapped.config else graph
