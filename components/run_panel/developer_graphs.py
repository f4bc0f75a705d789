"""The graphs that the developer brought, of their own project and of LangGraph Servers: every page can run them."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from components.run_panel.offered_graph import OfferedGraph
from components.run_panel.open_question import ANSWERING
from components.shell.format import escape_markdown
from components.shell.session import runs_of
from streaming.core.request import GraphSource
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.project_files import told_changes
from streaming.services import get_services


def brought_graphs() -> Mapping[str, OfferedGraph]:
    """These graphs by name; waits for none that loads."""
    services = get_services()
    own: Iterable[OfferedGraph] = services.own_graphs.known()
    return {graph.name: graph for graph in (*own, *services.remote_graphs.known().graphs)}


def load_own_graphs() -> tuple[OwnGraph, ...]:
    """All graphs of the developer's own as their files are now, and on screen what is waited for."""
    own = get_services().own_graphs
    with st.spinner(_what_loads(own.known())):
        return own.graphs()


def load_graph(graph: GraphSource) -> str:
    """Wait until the graph is loaded as its files are now; why it cannot be, or an empty string."""
    if not isinstance(graph, OwnGraph):
        return ""
    with st.spinner(_what_loads([graph])):
        return graph.process.load().trouble


def _what_loads(graphs: Sequence[OwnGraph]) -> str:
    changed = [graph for graph in graphs if graph.process.changed]
    names = ", ".join(graph.name for graph in changed or graphs)
    because = told_changes({name: is_new for graph in changed for name, is_new in graph.process.changes.items()})
    waits = because and any(map(_waits, changed))
    also = " A question that waits ends with the process that asked it." if waits else ""
    return escape_markdown(f"{because}: loading {names} again…{also}" if because else f"Loading {names}…")


def _waits(graph: OwnGraph) -> bool:
    """Whether a question of this visitor's run waits in the graph's process, and nowhere else."""
    newest = get_services().engine.registry.newest_after
    asked = [run for page in ANSWERING for run in runs_of(page) if run.interrupted and newest(run) is run]
    about = graph.description
    return not about.threads_last and any(run.request.graph.name == graph.name for run in asked)


def restarts(graph: GraphSource) -> bool:
    """Whether the graph's process ended by itself, and the next one is not there yet."""
    return isinstance(graph, OwnGraph) and graph.process.restarts


def offer_reload(graph: GraphSource) -> None:
    """A button that loads the graph again at its next use: what it lacked may be there now, such as a package."""
    if isinstance(graph, OwnGraph):
        st.button("Reload", icon=":material/refresh:", key="reload_graph", on_click=graph.process.reload)


def tell_why_no_other_graph(because: str) -> None:
    """One line on a page whose lesson needs its own graph, for a developer who has brought another one."""
    if brought_graphs():
        with st.container(key="only_its_graph"):
            st.caption(f":material/lock: {because} Your graphs run on the other pages.")
