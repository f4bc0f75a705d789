"""The buttons of the run panel: Run, and what stops or continues a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.shell.session import runs_of
from components.shell.session_commands import cancel
from components.shell.stop_button import offer_stop
from streaming.core.run import Run

BUTTONS_WIDTH = 454
"""Pixels for Run and what stops or continues: what appears there moves nothing."""

_KEY = "run_buttons"

RUN_PRESSED = "run_pressed"
"""Holds the page on which Run was pressed, until its runs start."""


@dataclass(slots=True)
class RunButtons:
    """The buttons of a page's run panel; `pressed` says whether a click on Run waits for its start.

    A page without a run, whose players follow its next one ahead, is drawn for that run already: to draw it again takes
    a browser a third of a second, in which no text moves. Where the buttons are `alone`, a click on Run draws only them
    again: it calls `start`, which gives `started`. Without `start`, the page's script runs.
    """

    page: str
    alone: bool = False
    pressed: bool = field(default=False, init=False)
    start: Callable[[], Sequence[Run]] | None = field(default=None, init=False)
    started: list[Run] = field(default_factory=list, init=False)
    stop: DeltaGenerator = field(init=False)
    drain: DeltaGenerator = field(init=False)
    recovery: DeltaGenerator = field(init=False)
    _drawn: bool = field(default=False, init=False)

    def draw(self) -> None:
        """Draw Run, and the places of the others."""
        draw = st.fragment(self._draw, key=_KEY) if self.alone else self._draw
        with st.container(width=BUTTONS_WIDTH, key="run_buttons"):
            draw()

    def _draw(self) -> None:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="buttons"):
            # Streamlit forgets the callback of a click that interrupts a script run before the button is drawn.
            if self._draw_run() and not self.started:
                self._keep_click()
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="stops"):
                self.stop, self.drain, self.recovery = st.empty(), st.empty(), st.container()
        self.pressed = st.session_state.get(RUN_PRESSED) == self.page
        if self._drawn:
            self._give_way()
            self.offer_stop(self.started)
        self._drawn = True

    def _draw_run(self) -> bool:
        return st.button(
            "Run",
            type="primary",
            icon=":material/play_arrow:",
            key="run",
            shortcut="Ctrl+Enter",
            on_click=self._press,
        )

    def _press(self) -> None:
        """Start the run, unless the page's script has to: it does so too where a control was changed with the click."""
        context = get_script_run_ctx()
        if self.start is None or context is None or not context.fragment_ids_this_run:
            self._keep_click()
            return
        start, self.start = self.start, None
        self.started = list(start())
        st.rerun(_KEY)

    def _keep_click(self) -> None:
        """Keep it until its runs start: a report of the player ends the script run that would have started them."""
        st.session_state[RUN_PRESSED] = self.page

    def _give_way(self) -> None:
        """Let the page's script run for a click that is not answered, and draw what was started elsewhere."""
        if self.pressed or runs_of(self.page) != self.started:
            st.rerun()

    def offer_stop(self, runs: Sequence[Run]) -> None:
        """Draw the buttons that stop the runs: at once, or after the current step."""
        if any(run.ended is None for run in runs):
            offer_stop(self.stop, "Stop", key="stop", stop=partial(cancel, runs))
        # Without the popover after a click on drain, so that it closes; the chip shows the state.
        if any(run.ended is None and not run.draining for run in runs):
            with self.drain.popover("More", icon=":material/more_horiz:", type="tertiary"):
                st.button("Stop after this step", icon=":material/pause:", key="drain", on_click=_drain, args=(runs,))
                st.caption("Running nodes finish; no new ones start. You can continue the run from there.")


def take_click() -> None:
    """A click on Run has been answered, or counts no more."""
    st.session_state.pop(RUN_PRESSED, None)


def _drain(runs: Sequence[Run]) -> None:
    for run in runs:
        run.drain()
