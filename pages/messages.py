"""Messages: live tokens, and what each way of drawing them costs."""

import streamlit as st

from components.features.chat import chat_turn, past_turns
from components.run_panel.controls import pick_flush_strategy
from components.run_panel.launcher import open_run_panel
from components.shell.keys import NODES, TAGS
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

RAW = 340

open_page(
    "Messages",
    modes=("messages",),
    lead="Tokens as the model writes them, each with the node it comes from.",
    why="Tokens as the model writes them, each with the node it comes from. This is the mode that makes an answer "
    "feel fast; how its text is flushed to the screen decides whether it also stays fast.",
    use="when people read along: a chat, a draft, an explanation.",
    avoid="for progress or data. Filter by node or tag, or the inner monologue of every node ends up in the chat.",
)
controls = st.container()
heading = panel_heading("Conversation")
with heading:
    flush = pick_flush_strategy(labelled=False)
with controls:
    panel = open_run_panel("messages", GRAPHS, default="chat", modes=("messages",), flush=flush)
with heading.popover("Filter", icon=":material/filter_alt:"):
    names = panel.description.node_names
    nodes = st.pills("Only these nodes", names, selection_mode="multi", key=NODES, bind="query-params")
    tags = st.pills("Only these tags", ["answer", "draft"], selection_mode="multi", key=TAGS, bind="query-params")
conversation = st.container(key="chat")
# Above the answer, where it is in sight while that grows.
cost = conversation.container(key="cost").empty()
follow_up = st.container(key="follow_up")
trials = st.empty()
panel.show_raw(height=RAW)
past_turns(conversation, panel)
chat_turn(conversation, follow_up, panel, flush=flush, nodes=nodes, tags=tags, cost=cost, trials=trials)
panel.show_code(before=panel.turns)
