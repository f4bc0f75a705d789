"""The sections of the home page."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from components.features.race.presets import RACES, WAYS_TO_APPEAR
from components.player.replay_mount import mount_showcase, source
from components.run_panel.model_picker import secret
from components.shell.glossary import with_terms
from components.shell.modes import mode_badge
from components.shell.navigation import page_path
from components.shell.session_commands import allow_autorun
from streaming.core.errors import BadRecording
from streaming.core.events import MODES, Mode
from streaming.providers.catalogue import KEY_ENV, LABELS
from streaming.providers.embedded.server import INSTALL_COMMAND
from streaming.recordings.library import open_recording
from streaming.services import get_services

SAMPLE = "report-in-all-seven-modes-scripted.jsonl"
"""The recording with which the page opens."""
SAMPLE_GRAPH: Mapping[str, Any] = {
    "nodes": ["__start__", "plan", "gather", "write", "check", "__end__"],
    "edges": [
        ("__start__", "plan", False),
        ("gather", "write", False),
        ("plan", "gather", False),
        ("write", "check", False),
        ("check", "__end__", False),
    ],
}
"""The nodes and edges of its graph: importing the graphs would delay the first paint of a new server."""
_PICTURE_PX = 360


_WAYS: Mapping[str, str] = MappingProxyType({name: str(value) for name, value in RACES[WAYS_TO_APPEAR].items()})
"""The race of the ways in which an answer can appear, as the query of a link."""


class Need(NamedTuple):
    """What one wants to do, the page for it, the modes that it is about, if any, and settings of the page."""

    text: str
    page: str
    modes: tuple[Mode, ...] = ()
    query: Mapping[str, str] = MappingProxyType({})


NEEDS: Mapping[str, tuple[Need, ...]] = {
    "Show on a screen": (
        Need("The answer, word by word", "messages", ("messages",)),
        Need("What has been done so far", "updates", ("updates",)),
        Need("A progress bar and a status line", "custom", ("custom",)),
        Need("The full state: a form, a board", "values", ("values",)),
        Need("What runs now, and what takes the time", "tasks", ("tasks",)),
        Need("Undo, try again, resume", "checkpoints", ("checkpoints",)),
        Need("Why did it do that?", "debug", ("debug",)),
    ),
    "Build": (
        Need("Wait for several things at the same time", "async"),
        Need("Several streams at the same time", "parallel"),
        Need("Ask a human before continuing", "interrupts"),
        Need("An agent and its tool calls", "tools"),
        Need("Graphs inside graphs", "subgraphs"),
        Need("A different view for each audience", "conditional"),
        Need("A front end in another language", "wires"),
        Need("My own graph: what does it stream?", "your_graph"),
    ),
    "Decide and prove": (
        Need("Which mode do I need? One run in seven lanes", "lanes"),
        Need("Everything at once: text, progress, timeline", "combined"),
        Need("Is streaming faster? A race and a blind test", "race"),
        Need("An answer whole, by token or in pieces", "race", query=_WAYS),
        Need("Compare and export the figures of all runs", "runs"),
        Need("Watch a run again, slower, step by step", "replay"),
        Need("Failures: what survives", "faults"),
        Need("Why it does not stream: broken, fixed", "pitfalls"),
        Need("Stream modes or event APIs?", "events"),
    ),
}
"""Each page, by what one wants to do; a second time with settings of its own."""


def explain() -> None:
    """What one gains here, and the words for it, for readers new to LangGraph."""
    st.markdown(
        with_terms(
            "An answer feels fast when its first word is there soon (TTFT is that time), and a long job when one sees "
            "it go on. Here you see what a screen can show before the result is there, and measure what each way "
            "gains and costs. **LangGraph** runs a program of *nodes* (functions, many of which ask a language model) "
            "that share a *state*; nodes whose turn it is run together, in a superstep, and seven *stream modes* tell "
            "what happens meanwhile."
        )
    )


def play_sample() -> None:
    """A recorded run in seven lanes that plays by itself, and the two ways to go on."""
    with st.container(key="home_lanes"):
        try:
            sample = source(_sample_key())
        except BadRecording:
            # The server's folder of recordings is another one.
            return
        panel = {"panel": "mode_lanes", "modes": list(MODES), **SAMPLE_GRAPH}
        note = "A recorded run: each dot is one part of the stream, on its way from a node to the lane of its mode."
        mount_showcase(sample, panel, note=note, key="home_sample", min_height=_PICTURE_PX)


@st.cache_resource(show_spinner=False, validate=lambda key: key in get_services().playable_recordings)
def _sample_key() -> str:
    """The sample's id for browsers: one for all visitors, because a server holds only so many recordings."""
    services = get_services()
    return services.playable_recordings.add(open_recording(services.settings.recordings, SAMPLE))


def start_here() -> None:
    """A button that starts a live run on /combined, and one that leads to the comparison of the modes."""
    with st.container(horizontal=True, key="start"):
        if st.button("See it live", type="primary", icon=":material/play_arrow:", key="start_run"):
            allow_autorun("combined")
            st.switch_page(page_path("combined"), query_params={"autorun": "1"})
        if st.button("Which mode do I need?", icon=":material/view_stream:", key="which_mode"):
            st.switch_page(page_path("lanes"))


def decision_helper() -> None:
    """Links from what one wants to do to the page for it."""
    st.subheader("What do you want to do?", anchor=False)
    for column, (title, needs) in zip(st.columns(len(NEEDS)), NEEDS.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            for need in needs:
                label = " ".join([need.text, *map(mode_badge, need.modes)])
                st.page_link(
                    page_path(need.page), label=label, icon=":material/arrow_forward:", query_params=need.query or None
                )


def provider_status() -> None:
    """Show which models are available."""
    st.subheader("Models", anchor=False)
    with st.container(border=True, key="providers"):
        here, hosted = st.columns(2)
        with here:
            st.markdown(f"**{LABELS['scripted']}** :green-badge[ready]")
            st.caption("Fixed texts at a pace that you choose, for exact comparisons.")
            st.markdown(f"**{LABELS['local']}** {_local_badge()}")
            st.caption("Real, but tiny: 135 million parameters, inside this app. No key, no network; often silly.")
            if not get_services().embedded_model.installed:
                st.caption(f"Run `{INSTALL_COMMAND}` to install it.")
        with hosted:
            found = [provider for provider, name in KEY_ENV.items() if os.environ.get(name) or secret(name)]
            for provider in found:
                st.markdown(f"**{LABELS[provider]}** :green-badge[key found]")
            if missing := [LABELS[provider] for provider in KEY_ENV if provider not in found]:
                st.markdown(f"With a key: {', '.join(missing)}")
            st.caption("Set a key in the environment, in Streamlit's secrets, or in *Model settings* on a page.")


def _local_badge() -> str:
    server = get_services().embedded_model
    server.start()
    colours = {"ready": "green", "starting": "blue", "missing": "gray", "failed": "red", "idle": "gray"}
    labels = {"starting": "loading", "missing": "not installed"}
    return f":{colours[server.state]}-badge[{labels.get(server.state, server.state)}]"
