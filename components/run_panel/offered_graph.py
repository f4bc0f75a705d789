"""What the controls of a page need to know of a graph."""

from typing import Protocol

from streaming.core.request import GraphSource, HasDescription

FIRST_PROMPT = "Hello! What can you do?"
"""The prompt to begin with for a graph without examples."""


class OfferedGraph(GraphSource, Protocol):
    """A graph that a page offers, with texts for its controls."""

    @property
    def summary(self) -> str:
        """One sentence about the graph."""
        ...

    @property
    def examples(self) -> tuple[str, ...]:
        """Prompts to try; the first is the default."""
        ...

    @property
    def multi_turn(self) -> bool:
        """Whether a thread of the graph is a conversation with several turns."""
        ...


def brings_its_model(graph: GraphSource) -> bool:
    """Whether the graph runs elsewhere, with a model of its own, which we neither choose nor pay for."""
    return isinstance(graph, HasDescription)


def first_prompt(graph: OfferedGraph) -> str:
    """The prompt to begin with."""
    return next(iter(graph.examples), FIRST_PROMPT)
