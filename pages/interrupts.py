"""Interrupts: a run that waits for a person, and goes on streaming."""

from functools import partial

import streamlit as st

from components.features.interrupts import (
    ask_questions,
    before_the_pause,
    current_position,
    modes_at_interrupt,
    open_thread,
    show_continuation,
    show_published,
    with_breakpoints,
)
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import TECHNIQUES
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")
# Pixels.
RAW = 340
PANE = "token_pane"
APPROVAL = {"approval": TECHNIQUES["approval"]}

open_page(
    "Interrupts",
    modes=("values", "updates", "tasks", "debug"),
    lead="A node asks a person, and the run waits for the answer.",
    why="A node calls `interrupt()` and the run ends there, with its questions in the checkpoint. Hours or restarts "
    "later a person answers, and the run goes on streaming from where it stopped. Here two nodes ask at the same time.",
    use="before anything that cannot be undone: sending, paying, publishing.",
    avoid="with the stream as your only signal: three of the seven modes send nothing about an interrupt.",
)
controls = st.container()
left, side = st.columns([3, 2])
live = left.container(key="asked")
with live:
    heading = panel_heading("Text")
with controls:
    panel = open_run_panel(
        "interrupts",
        APPROVAL,
        default="approval",
        modes=MODES,
        vary=partial(with_breakpoints, heading),
    )
thread = open_thread(panel)
with live:
    before_the_pause(live.container(key="story"), panel.turns, thread)
    with live.container(key=PANE):
        panel.play("tokens", key="answer", settings={"height": None})
    questions = live.container(key="questions")
    published = live.container(key="published")
with side:
    panel_heading("Graph")
    panel.show_diagram(key="diagram")
show_continuation(panel, part=PANE)
modes = st.container(key="modes_said")
panel.show_raw(height=RAW)
panel.draw_end()
now = current_position(panel, thread)
ask_questions(questions, panel, now, part=PANE)
show_published(published, now)
modes_at_interrupt(modes, panel.run)
panel.show_code(answering=True)
