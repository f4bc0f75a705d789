"""What is known of a graph's code. It comes from another process, so every field may be missing or of another type."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call in a node's code; `fields` hold what is known of it beside its kind."""

    kind: str
    text: str
    file: str | None
    line: int | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """The code of one node; a subgraph has no code of its own. `is_async` is `None` where it is not known.

    `tasks` are those of the functional API that it calls: the log has them by their own names.
    """

    path: str
    file: str | None
    line: int | None
    is_async: bool | None
    subgraph: bool
    writes: bool
    calls: tuple[Call, ...]
    tasks: frozenset[str] = frozenset()
    retries: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths in the log of what it does: its own, and those of its tasks."""
        outer = self.path.rpartition("/")[0]
        return (self.path, *(f"{outer}/{name}".lstrip("/") for name in self.tasks))

    def calls_of(self, *kinds: str) -> list[Call]:
        """The calls of these kinds, in the order of the code."""
        return [call for call in self.calls if call.kind in kinds]


class CodeFacts:
    """The facts that the graph's process sent; empty ones for a graph of which nothing is known."""

    def __init__(self, raw: Mapping[str, Any] | None = None) -> None:
        raw = raw if isinstance(raw, Mapping) else {}
        self.known = bool(raw)
        self.python = _version(raw.get("python"))
        self.llm_cache = raw.get("llm_cache") is True
        self.no_node_cache = raw.get("node_cache") is False
        self.models = [dict(model) for model in _mappings(raw.get("models"))]
        self.streams = list(_mappings(raw.get("streams")))
        self.tools = {name: place_in(tool) for name, tool in _named(raw.get("tools"))}
        self.nodes = {path: _node(path, node) for path, node in _named(raw.get("nodes"))}

    def models_of(self, path: str) -> list[dict[str, Any]]:
        """The models that a node holds."""
        return [model for model in self.models if model.get("node") == path]

    @property
    def has_model(self) -> bool:
        """Whether the code asks a model."""
        kinds = ("model", "sync model")
        return bool(self.models) or any(node.calls_of(*kinds) for node in self.nodes.values())

    @property
    def before_3_11(self) -> bool:
        """Whether asyncio tasks of this Python lose the context."""
        return self.python is not None and self.python < (3, 11)


def _version(raw: Any) -> tuple[int, int] | None:
    parts = str(raw or "").split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 and all(part.isdecimal() for part in parts[:2]) else None


def _node(path: str, raw: Mapping[str, Any]) -> NodeFacts:
    file, line = place_in(raw)
    is_async = raw.get("async")
    return NodeFacts(
        path=path,
        file=file,
        line=line,
        is_async=is_async if isinstance(is_async, bool) else None,
        subgraph=raw.get("subgraph") is True,
        writes=raw.get("writes") is True,
        retries=raw.get("retries") is True,
        calls=tuple(_call(call) for call in _mappings(raw.get("calls"))),
        tasks=frozenset(map(str, tasks)) if isinstance(tasks := raw.get("tasks"), list) else frozenset(),
    )


def _call(raw: Mapping[str, Any]) -> Call:
    file, line = place_in(raw)
    return Call(kind=str(raw.get("kind")), text=str(raw.get("text", ""))[:200], file=file, line=line, fields=raw)


def place_in(raw: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """The file and the line of a fact, where it has them."""
    file, line = raw.get("file"), raw.get("line")
    return (str(file) if isinstance(file, str) else None, line if isinstance(line, int) else None)


def _mappings(raw: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        yield from (one for one in raw if isinstance(one, Mapping))


def _named(raw: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(raw, Mapping):
        yield from ((str(name), one) for name, one in raw.items() if isinstance(one, Mapping))
