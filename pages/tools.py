"""Tools: an agent, its tool calls, and what the tools report while they work."""

import streamlit as st

from components.features.chat import answer_texts, chat_turn, past_turns
from components.features.tools import call_summaries, call_table
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import TECHNIQUES
from streaming.core.events import Mode
from streaming.rendering.flush import FlushStrategy

MODES: tuple[Mode, ...] = ("messages", "updates", "custom", "tools")
# Pixels.
CALLS, RAW = 380, 340
AGENT = {"agent": TECHNIQUES["agent"]}

open_page(
    "Tools",
    modes=MODES,
    lead="Tool calls while the agent writes them, and while the tools run.",
    why="An agent writes tool calls before it writes an answer. The arguments stream in as pieces of JSON, the tool "
    "can report while it works, and its result arrives as a separate message. `tools` is a mode that LangGraph has and "
    "does not document: start, output and end of each call.",
    use="to show what an agent is about to do, and that a long tool is alive.",
    avoid="for acting on arguments before they are complete: half a JSON string can look like a whole one.",
)
panel = open_run_panel("tools", AGENT, default="agent", modes=MODES, needs_tools=True)
# A narrow screen has the calls first (style.css).
left, right = st.container(key="tools_stage").columns([3, 2])
with left:
    panel_heading("Conversation")
    conversation = left.container(key="chat")
    follow_up = left.container(key="follow_up")
with right:
    # A bar that comes with the first report moves nothing there.
    with panel_heading("Tool calls"):
        panel.play("progress", key="progress", settings={"height": 0, "quiet": True})
    with right.container(key="calls"):
        panel.play("calls", key="cards", settings={"height": CALLS})
table = st.container()
live, side = st.columns([3, 2])
with live:
    panel.show_raw(height=RAW)
with side:
    st.subheader("Graph", anchor=False)
    panel.show_diagram(key="diagram")
past_turns(conversation, panel, show=(call_summaries, answer_texts))
chat_turn(conversation, follow_up, panel, flush=FlushStrategy(flush="direct"))
call_table(table, panel.shown_events)
panel.show_code(before=panel.turns)
