"""The graphs of the lab, by name."""

from graphs import chat, ideas, joke, rag, report
from graphs.base import Graph

GRAPHS: dict[str, Graph] = {
    graph.name: graph for graph in (joke.GRAPH, chat.GRAPH, rag.GRAPH, report.GRAPH, ideas.GRAPH)
}

WITH_PROGRESS: dict[str, Graph] = {name: graph for name, graph in GRAPHS.items() if graph.writes_custom}
"""Those whose nodes or tools use the stream writer."""
