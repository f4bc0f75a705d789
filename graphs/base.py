"""The definition of a graph."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.core.request import CompiledGraph

__all__ = ["Build", "CompiledGraph", "Graph"]


class Build(Protocol):
    """Builds the compiled graph for one model; a checkpointer gives it memory per thread."""

    def __call__(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
        """The compiled graph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """One graph: `build` compiles it, `to_input` turns a prompt into its input, `examples` are prompts that work well.

    `module` is the importable name of the file that defines it, shown to the reader. `writes_custom` is true if its
    nodes or tools use the stream writer, `multi_turn` if a thread is a conversation.
    """

    name: str
    title: str
    summary: str
    module: str
    build: Build
    to_input: Callable[[str], Mapping[str, Any]]
    examples: tuple[str, ...]
    writes_custom: bool = False
    multi_turn: bool = False
