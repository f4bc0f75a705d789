"""One description for every graph: of this repository, of the developer's own, and of a LangGraph Server."""

from threading import Lock

from langgraph.pregel import Pregel

from streaming.core.graph_description import GraphDescription, NodeDescription
from streaming.core.request import GraphSource, HasDescription, RunnableGraph
from streaming.own_graphs.worker.describing import context_schema
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.known_graphs import resolved

_described: dict[GraphSource, GraphDescription] = {}
"""The graphs of this process do not change; filled once by concurrent callers."""
_describing = Lock()


def describe(source: GraphSource) -> GraphDescription:
    """The graph's description; raises `UnknownGraph` for a name that this server does not know.

    A graph that runs elsewhere says it itself, anew each time, because its code may change while the server runs; it is
    empty until the graph has been loaded. A graph of this process is built once, with the scripted model, which needs
    no key and no process.
    """
    source = resolved(source)
    if isinstance(source, HasDescription):
        return source.description
    with _describing:
        if source not in _described:
            _described[source] = _of_this_process(source.build(ScriptedChatModel()))
        return _described[source]


def values_of(source: GraphSource) -> GraphDescription:
    """What the graph takes beside its input; raises `UnknownGraph`.

    A graph of this process is not described with it: its pages have controls for its context, and no form.
    """
    source = resolved(source)
    if isinstance(source, HasDescription):
        return source.description
    return GraphDescription(context_schema=context_schema(source.build(ScriptedChatModel())))


def _of_this_process(graph: RunnableGraph) -> GraphDescription:
    drawable = graph.get_graph()
    inner = graph.get_subgraphs(recurse=True) if isinstance(graph, Pregel) else ()
    return GraphDescription(
        nodes=tuple(NodeDescription(name=name) for name in drawable.nodes),
        edges=tuple((edge.source, edge.target, edge.conditional) for edge in drawable.edges),
        subgraphs=tuple(tuple(path.split("|")) for path, _ in inner),
    )
