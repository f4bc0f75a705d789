"""The sections of the home page."""

import os
from typing import NamedTuple

import streamlit as st

from components.run_panel.model_picker import secret
from components.shell.modes import mode_badge
from components.shell.navigation import page_path
from components.shell.session_commands import allow_autorun
from streaming.core.events import Mode
from streaming.providers.catalogue import KEY_ENV, LABELS
from streaming.providers.embedded.server import INSTALL_COMMAND
from streaming.services import get_services


class Need(NamedTuple):
    """A need of a screen, the modes that serve it, and the page that teaches it."""

    text: str
    modes: tuple[Mode, ...]
    page: str


NEEDS = (
    Need("The answer, word by word", ("messages",), "messages"),
    Need("What has been done so far", ("updates",), "updates"),
    Need("A progress bar and a status line", ("custom",), "custom"),
    Need("The full state: a form, a board, a document", ("values",), "values"),
    Need("What runs now, and what takes the time", ("tasks",), "tasks"),
    Need("Undo, try again, resume", ("checkpoints",), "checkpoints"),
    Need("Why did it do that?", ("debug",), "debug"),
    Need("Several streams at the same time", ("messages", "tasks"), "parallel"),
    Need("Ask a human before continuing", ("values", "updates"), "interrupts"),
    Need("An agent and its tool calls", ("messages", "tools"), "tools"),
    Need("Failures: what survives", ("messages",), "faults"),
    Need("A different view for each audience", ("messages", "custom"), "conditional"),
)


def start_here() -> None:
    """A button that starts a live run on /combined."""
    with st.container(border=True, key="start"):
        st.markdown("**See it live.** One run, four panels: tokens, timeline, progress and latency.")
        if st.button("Start a run", type="primary", icon=":material/play_arrow:", key="start_run"):
            allow_autorun("combined")
            st.switch_page(page_path("combined"), query_params={"autorun": "1"})


def decision_helper() -> None:
    """Links from what you want to show to the page that teaches it."""
    st.subheader("What do you want to show?", anchor=False)
    for need in NEEDS:
        with st.container(horizontal=True, vertical_alignment="center", key=f"need_{need.page}"):
            st.page_link(page_path(need.page), label=need.text, icon=":material/arrow_forward:")
            st.markdown(" ".join(mode_badge(mode) for mode in need.modes), width="content")


def provider_status() -> None:
    """Show which models are available."""
    st.subheader("Models", anchor=False)
    with st.container(border=True, key="providers"):
        st.markdown(f"**{LABELS['local']}** {_local_badge()}")
        st.caption("In this app: no key, no network. Tiny and often silly; it is here to stream, not to be right.")
        if not get_services().embedded_model.installed:
            st.caption(f"Run `{INSTALL_COMMAND}` to install it.")
        st.markdown(f"**{LABELS['scripted']}** :green-badge[ready]")
        st.caption("Fixed texts at a pace that you choose, for exact comparisons.")
        for provider, name in KEY_ENV.items():
            badge = ":green-badge[key found]" if os.environ.get(name) or secret(name) else ":gray-badge[no key yet]"
            st.markdown(f"**{LABELS[provider]}** {badge}")
        st.caption("Set a key in the environment, in Streamlit's secrets, or in *Model settings* on a page.")


def _local_badge() -> str:
    server = get_services().embedded_model
    server.start()
    colours = {"ready": "green", "starting": "blue", "missing": "gray", "failed": "red", "idle": "gray"}
    labels = {"starting": "loading", "missing": "not installed"}
    return f":{colours[server.state]}-badge[{labels.get(server.state, server.state)}]"
