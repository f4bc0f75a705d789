"""The line below the controls of a page: what to know before Run."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.controls import ControlValues
from components.run_panel.model_picker import missing_key
from components.run_panel.offered_graph import brings_its_model
from components.run_panel.runs_elsewhere import tell_of_runs_elsewhere
from components.shell.format import escape_markdown, truncate
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import LABELS
from streaming.services import get_services

_NAME_CHARS = 60
_REPLACED = "{} is too small to call tools: here the scripted agent calls them. Other pages keep your choice."


def draw_hint(
    hint: DeltaGenerator,
    page: str,
    values: ControlValues,
    runs: Sequence[Run],
    *,
    prompt: str,
    obstacle: str,
    refused: str,
    lost: str,
    own_model: bool,
) -> None:
    """Say what is missing, whose run is shown, or what the graph does.

    `obstacle` is what is wrong with the graph or its input, `refused` why this `prompt` cannot be run, `lost` why the
    thread of the runs is not there any more; a page with an `own_model` needs no key.
    """
    if obstacle:
        icon = ":material/error:" if values.trouble else ":material/edit:"
        earlier = " Below is the run before." if runs else ""
        # With a key of its own: it is shown as a whole, in as many lines as it takes.
        with hint.container(key="obstacle"):
            st.markdown(f":orange[{icon} {escape_markdown(obstacle)}]{earlier}")
    elif refused:
        # As a whole, too.
        with hint.container(key="obstacle"):
            say_refused(refused, prompt=prompt)
    elif not own_model and (missing := missing_key(values.provider, values.spec, values.key)):
        hint.markdown(f":orange[:material/key_off: {missing}]")
    elif not runs and (trouble := get_services().history_trouble):
        hint.markdown(f":orange[:material/database_off: A run will not be stored. {escape_markdown(trouble)}]")
    elif tell_of_runs_elsewhere(hint, page, otherwise=_about(values)):
        pass
    elif runs and (shown := runs[0].request.graph.name) != values.graph.name:
        hint.caption(f"Showing the {shown} run; press Run for {values.graph.name}.")
    elif lost:
        hint.caption(f"{lost} Run starts a new one.")
    elif runs and (origin := _origin(runs[0].request)):
        # With a key of its own: the presenter shows it, because what ran before is not in the picture.
        hint.container(key="origin").caption(f"{origin} Its figures count only what is new.")
    elif values.replaced:
        hint.caption(f":material/swap_horiz: {_REPLACED.format(LABELS[values.replaced])}")
    else:
        hint.caption(_about(values))


def say_refused(why: str, *, prompt: str) -> None:
    """Say why this prompt cannot be run; the player hides that it is empty while something is typed."""
    with st.container(key="refused" if prompt.strip() else "empty_prompt"):
        st.markdown(f":orange[:material/edit: {escape_markdown(why)}]")


def _about(values: ControlValues) -> str:
    """What the graph does, or where it comes from and what the prompt is in it."""
    use = values.form.use_of_prompt if values.form is not None else ""
    summary = escape_markdown(values.graph.summary) if brings_its_model(values.graph) else values.graph.summary
    return " · ".join(filter(None, (summary, escape_markdown(use))))


def _origin(request: RunRequest) -> str:
    """Where a run began that goes on in a thread: its input is not the one of the form; empty for all others."""
    if request.resume is not None:
        return "This run continues an earlier one."
    if request.fork is None:
        return ""
    changed = ", ".join(f"*{escape_markdown(truncate(name, _NAME_CHARS))}*" for name in request.fork.edits)
    edit = f", with another {changed}" if changed else ""
    return f"This run continues from the checkpoint of step {request.fork.step}{edit}."
