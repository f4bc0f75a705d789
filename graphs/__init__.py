"""The graphs by name."""

from graphs import agent, approval, briefing, chat, ideas, joke, rag, report, research, retrieval
from graphs.base import Graph

GRAPHS: dict[str, Graph] = {
    graph.name: graph for graph in (joke.GRAPH, chat.GRAPH, rag.GRAPH, report.GRAPH, ideas.GRAPH)
}

WITH_PROGRESS: dict[str, Graph] = {name: graph for name, graph in GRAPHS.items() if graph.writes_custom}
"""The graphs whose nodes or tools use the stream writer."""

TECHNIQUES: dict[str, Graph] = {
    graph.name: graph for graph in (retrieval.GRAPH, approval.GRAPH, agent.GRAPH, research.GRAPH, briefing.GRAPH)
}
"""The graphs of the pages that show one technique each: interrupts, tools, subgraphs, filters, async searches."""

ALL: tuple[Graph, ...] = (*GRAPHS.values(), *TECHNIQUES.values())
