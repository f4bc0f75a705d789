"""The runs of a page, and the moves that continue them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.shell.format import escape_markdown
from components.shell.session_commands import show_runs, start_runs
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, RunRequest
from streaming.core.run import Run
from streaming.runtime import thread_moves
from streaming.services import get_services

BeforeStart = Callable[[RunRequest], RunRequest]
"""Completes a request when it starts."""


@dataclass(slots=True, kw_only=True)
class PageRuns:
    """The runs that a page shows, and the request that Run would start.

    A button's callback gets the runs of the script run that drew the button, so `request` holds the values of the
    controls at that time. Read a widget whose value arrives with the click (a text field) from `st.session_state`.
    """

    page: str
    request: RunRequest
    runs: list[Run]
    api_key: str | None
    before_start: BeforeStart | None = None

    @property
    def run(self) -> Run | None:
        """The page's run; the first one if the page compares several."""
        return self.runs[0] if self.runs else None

    @property
    def shown(self) -> RunRequest:
        """The request that the page shows: the run's own; before the first run, the one that Run would start."""
        return self.run.request if self.run else self.request

    @property
    def turns(self) -> list[Run]:
        """The runs of this conversation before the current one."""
        return get_services().engine.registry.turns(self.run)[:-1] if self.run else []

    def start_next_turn(self, prompt: str) -> None:
        """Start the next turn of the run's conversation."""
        self._start(thread_moves.next_turn(self._current, self._controls, prompt=prompt))

    def start_fork(self, checkpoint: Fork) -> None:
        """Start a separate run from a checkpoint of the run's thread."""
        self._start(thread_moves.fork(self._current, self._controls, checkpoint=checkpoint))

    def start_resumed(self, answers: Mapping[str, Any], *, thread_id: str) -> None:
        """Resume the interrupted thread with these answers: the run's thread, or without a run the one with this id."""
        if self.run is None:
            self._start(thread_moves.resume_thread(thread_id, self.request, answers=answers))
        else:
            self._start(thread_moves.resume(self.run, self._controls, answers=answers))

    def start_again(self) -> None:
        """Start with the input of the run, on a thread of its own."""
        self._start(thread_moves.again(self._current, self._controls))

    def start_retry(self, partial_answers: Mapping[str, PartialAnswer]) -> None:
        """Continue a run that broke off; `partial_answers` holds the texts that its nodes had received, by node."""
        self._start(thread_moves.retry(self._current, self._controls, partial_answers=partial_answers))

    def ask_again(self) -> None:
        """Go back to the questions that the run answered before it failed."""
        self._start(thread_moves.ask_again(self._current, self._controls))

    def start_edited_turn(self, turn: Run, prompt: str | None = None) -> None:
        """Repeat a turn of the conversation, optionally with another prompt; the old version stays available."""
        versions = get_services().engine.registry.versions(turn)
        self._start(thread_moves.edit_turn(turn, self._controls, versions=versions, prompt=prompt))

    def show_continuation(self) -> None:
        """Show the conversation as another tab has continued it, instead of the run that came too late."""
        previous = get_services().run_finder.find(self._current.request.previous_run_id or "")
        if previous is not None:
            self.show_version(previous)

    def show_version(self, turn: Run) -> None:
        """Show another version of a turn, with the turns that followed it."""
        show_runs(self.page, [get_services().engine.registry.newest_after(turn)])

    @property
    def _current(self) -> Run:
        assert self.run is not None
        return self.run

    @property
    def _controls(self) -> RunRequest:
        """The request whose settings the next run takes; a page with `before_start` keeps the model of its run."""
        return self.request if self.before_start is None else self.shown

    def _start(self, request: RunRequest) -> None:
        if self.before_start is not None and request.resume is None:
            request = self.before_start(request)
        if trouble := request.trouble:
            st.toast(escape_markdown(trouble), icon=":material/edit:", duration="long")
            return
        self.runs = start_runs(self.page, [request], api_key=self.api_key)
