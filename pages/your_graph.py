"""Your graph: a graph of the developer's own, unchanged, in a process of its own."""

import streamlit as st

from components.features.own_graph.description import (
    link_other_pages,
    show_description,
    show_file_troubles,
    show_how_to_bring,
    show_own_code,
    show_server_troubles,
    show_troubles,
)
from components.features.own_graph.questions import answer_questions
from components.features.own_graph.run_form import PAGE, ask_for_run
from components.features.time_travel import travel_from
from components.run_panel.developer_graphs import load_own_graphs
from components.run_panel.launcher import open_run_panel
from components.shell.keys import GRAPH
from components.shell.page import open_page, panel_heading
from streaming.core.events import MODES
from streaming.own_graphs.own_graph import OwnGraph
from streaming.remote_graphs.sources import RemoteGraphSource
from streaming.services import get_services

# Pixels.
TOKENS, ROWS, STEPS, GRAPH_HEIGHT, RAW = 300, 6, 120, 440, 340

open_page(
    "Your graph",
    lead="Your own graph, unchanged: its input as a form, and all that it streams.",
    why="A graph is loaded from your project in a process of its own, with the environment of that project. Its JSON "
    "schemas become a form, and its stream is shown like that of every graph here, with its supersteps, subgraphs and "
    "checkpoints. So you see what your users would see, and when: its TTFT first of all.",
    use="to find out what your graph streams, in which modes, and where it is silent.",
    avoid="as a server for other people: everyone who reaches this page can run your graph with your keys.",
)
graphs, remote = load_own_graphs(), get_services().remote_graphs.found()
# A graph that breaks while it is shown stays: Run would start another one in its place.
chosen = st.session_state.get(GRAPH, st.query_params.get(GRAPH))
show_troubles([graph for graph in graphs if graph.trouble and graph.name != chosen], out_of=len(graphs))
show_file_troubles()
show_server_troubles(remote)
works: dict[str, OwnGraph | RemoteGraphSource] = {
    graph.name: graph for graph in graphs if not graph.trouble or graph.name == chosen
}
works |= {graph.name: graph for graph in remote.graphs}
if not graphs and not get_services().remote_graphs.servers:
    show_how_to_bring()
if works:
    panel = open_run_panel(PAGE, works, default=next(iter(works)), modes=MODES, modes_chosen=True, ask=ask_for_run)
    shown = works[panel.shown.graph.name]
    questions = st.container(key="questions")
    left, right = st.columns(2)
    with left:
        panel_heading("Tokens")
        panel.play("tokens", key="answer", settings={"height": TOKENS})
        panel_heading("Progress")
        panel.play("progress", key="progress", settings={"height": STEPS})
        panel_heading("State")
        panel.play("states", key="state", settings={"height": TOKENS})
    with right:
        panel_heading("Timeline")
        panel.play("timeline", key="timeline", settings={"lanes": panel.shown.modes, "rows": ROWS})
        panel_heading("Graph")
        if not shown.description.unknown:
            panel.show_diagram(key="diagram", height=GRAPH_HEIGHT)
        show_description(shown)
        link_other_pages(shown)
    panel.show_raw(height=RAW)
    panel.draw_end()
    with questions:
        answer_questions(panel)
    if panel.over and panel.run is not None:
        with st.expander("Time travel", icon=":material/history:"):
            travel_from(panel, button="travel")
    panel.show_code(before=panel.turns)
    show_own_code(shown)
