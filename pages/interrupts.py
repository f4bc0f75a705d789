"""Interrupts: a run that waits for a person, and goes on streaming."""

from dataclasses import replace

import streamlit as st

from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.page import open_page, show_code
from components.questions import ask_person, story, thread_now, waiting_thread, what_came_of_it, what_modes_said
from components.raw import RawParts
from components.tokens import TokenPane
from graphs import TECHNIQUES
from graphs.picture import drawer, nodes_of
from streaming.pacing import Pacing

MODES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")
APPROVAL = {"approval": TECHNIQUES["approval"]}

open_page(
    "Interrupts",
    modes=("values", "updates", "tasks", "debug"),
    lead="A node calls `interrupt()` and the run ends there, with its questions in the checkpoint. Hours or restarts "
    "later a person answers, and the run goes on streaming from where it stood. Here two nodes ask at the same time.",
    use="before anything that cannot be undone: sending, paying, publishing.",
    avoid="trusting the stream alone to tell you: three of the seven modes say nothing about an interrupt.",
)
pauses = st.pills(
    "Pause before these nodes (static breakpoints)",
    nodes_of(APPROVAL["approval"]),
    selection_mode="multi",
    key="pauses",
    bind="query-params",
)
desk = open_desk(
    "interrupts",
    APPROVAL,
    default="approval",
    modes=MODES,
    vary=lambda request: [replace(request, breakpoints=tuple(pauses))],
)
thread = waiting_thread(desk, APPROVAL["approval"])
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("What it writes", anchor=False)
    story(live.container(key="story"), desk.turns, thread)
    tokens = TokenPane(live.container(key="token_pane"), pacing=Pacing())
    questions = live.container(key="questions")
    published = live.container(key="published")
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(APPROVAL["approval"]))
modes = st.container(key="modes_said")
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(figures, picture, raw, tokens=tokens)
now = thread_now(desk, thread)
ask_person(questions, desk, now)
what_came_of_it(published, now)
what_modes_said(modes, desk.run)
show_code(desk.shown, answering=True)
