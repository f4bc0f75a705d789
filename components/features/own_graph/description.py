"""How a graph of one's own is brought here, and what is known of it."""

from collections.abc import Sequence

import streamlit as st

from components.shell.format import count, escape_markdown
from components.shell.keys import GRAPH
from components.shell.navigation import page_path
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.source_code import code_of
from streaming.remote_graphs.sources import Found, RemoteGraphSource
from streaming.services import get_services

WAYS = (
    ("A graph in a file", "make run GRAPH=path/to/agent.py:graph"),
    ("All graphs of a langgraph.json", "make run GRAPH=path/to/langgraph.json"),
    ("A function in a module", "make run GRAPH=package.module:make_graph"),
)

OTHER_PAGES = (
    *("lanes", "combined", "values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "tools"),
    *("subgraphs", "parallel", "conditional", "interrupts", "events", "wires"),
)


def show_how_to_bring() -> None:
    """What to type so that the server loads a graph, and what happens then."""
    st.markdown("No graph was named when this server was started. Stop it, and start it with yours:")
    for column, (title, command) in zip(st.columns(len(WAYS)), WAYS, strict=True):
        with column.container(border=True):
            st.markdown(f"**{title}**")
            st.code(command, language="bash", wrap_lines=True)
    st.caption("The graphs of a LangGraph Server: `LANGGRAPH_URL=http://127.0.0.1:2024 make run`.")
    st.markdown(
        "- Nothing changes in your code: a compiled graph, a builder, an agent, an `@entrypoint` or a function that "
        "makes one, several at once with spaces between them.\n"
        "- It runs in a process of its own, with the environment of its project and its `.env`. A crash or a node "
        "that blocks stops nothing here, and a changed file is loaded before the next run.\n"
        "- Only the person who starts the server chooses what is loaded: this page cannot.\n"
        "- Its model is its own and may cost money, so no link starts it. Only *Run* does."
    )


def show_description(graph: OwnGraph | RemoteGraphSource) -> None:
    """Nodes, interpreter, version, and what keeps its threads; or why no more than its environment is known."""
    about = graph.description
    if about.unknown:
        st.info(escape_markdown(about.unknown), icon=":material/tune:")
    checkpointer = f"checkpointer {about.checkpointer}" if about.checkpointer else "no checkpointer of its own"
    parts = [
        "" if about.unknown else count(len(about.nodes), "node"),
        f"LangGraph {about.langgraph}" if about.langgraph else "",
        f"Python {about.python}" if about.python else "",
        "" if about.unknown else checkpointer,
        f"store {about.store}" if about.store else "",
    ]
    if isinstance(graph, OwnGraph) and graph.notice:
        st.caption(escape_markdown(graph.notice))
    st.caption(
        " · ".join(escape_markdown(part) for part in parts if part),
        help=f"Interpreter: `{about.interpreter}`" if about.interpreter else None,
    )


def link_other_pages(graph: OwnGraph | RemoteGraphSource) -> None:
    """Links to pages that show the same graph in other ways."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="other_pages"):
        st.caption("The same graph on other pages:", width="content")
        for name in OTHER_PAGES:
            st.page_link(page_path(name), query_params={GRAPH: graph.name})
        st.page_link(page_path("race"), query_params={"graph_1": graph.name, "graph_2": graph.name})


def show_own_code(graph: OwnGraph | RemoteGraphSource) -> None:
    """The lines that build the graph and the functions of its nodes, each with its place."""
    with st.container(key="own_code"):
        st.subheader("The code of the graph", anchor=False)
        if isinstance(graph, RemoteGraphSource):
            st.caption(f"The code of this graph is on {escape_markdown(graph.server.label)}.")
            return
        parts = code_of(graph)
        if not parts:
            st.caption(f"The code of {escape_markdown(graph.source.target)} cannot be read here.")
            return
        titles = [part.title for part in parts]
        chosen = parts[0]
        if len(parts) > 1:
            number = st.selectbox("Part", range(len(parts)), format_func=titles.__getitem__, key=f"code.{graph.name}")
            chosen = parts[min(number or 0, len(parts) - 1)]
        st.caption(f"`{chosen.file}`, from line {chosen.line}")
        st.code(chosen.code, language="python")


def show_troubles(broken: Sequence[OwnGraph], *, out_of: int) -> None:
    """Why these graphs cannot be loaded; behind one line where others can, so that they are not in the way."""
    if not broken:
        return
    if len(broken) == out_of:
        for graph in broken:
            _show_trouble(graph)
        return
    names = escape_markdown(", ".join(graph.name for graph in broken))
    with st.expander(f":red[{count(len(broken), 'graph')} cannot be loaded: {names}]", icon=":material/error:"):
        for graph in broken:
            _show_trouble(graph)


def _show_trouble(graph: OwnGraph) -> None:
    """Why the graph cannot be loaded, and a button that loads it again."""
    st.error(escape_markdown(graph.trouble), icon=":material/error:")
    st.caption("Change the file, or install what is missing, then load it again.")
    st.button("Reload", icon=":material/refresh:", key=f"reload_{graph.name}", on_click=graph.process.reload)


def show_file_troubles() -> None:
    """Which parts of the setting name no graph, also in a `langgraph.json` that has changed: the others stay."""
    for trouble in get_services().own_graphs.troubles:
        st.error(escape_markdown(str(trouble)), icon=":material/error:")
        st.caption("Until then the other graphs stay as they are.")


def show_server_troubles(found: Found) -> None:
    """Which LangGraph Servers did not answer, and a button that asks them again."""
    for trouble in found.troubles:
        st.error(escape_markdown(trouble), icon=":material/cloud_off:")
    if found.troubles:
        st.button("Ask again", icon=":material/refresh:", key="ask_servers", on_click=_ask_servers_again)


def _ask_servers_again() -> None:
    get_services().remote_graphs.found(again=True)
