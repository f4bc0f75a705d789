"""The head of every page, and its code section."""

import inspect
from collections.abc import Sequence
from importlib import import_module

import streamlit as st

from components.shell.modes import mode_badge
from components.shell.share_link import offer_share_link
from streaming.analysis.code_snippet import python_script
from streaming.core.events import Mode
from streaming.core.request import RunRequest
from streaming.core.run import Run


def open_page(title: str, *, lead: str, use: str = "", avoid: str = "", modes: tuple[Mode, ...] = ()) -> None:
    """The title, the teaching paragraph, and when to use and when to avoid the subject of the page."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        if modes:
            st.markdown(" ".join(mode_badge(mode) for mode in modes), width="content")
    st.markdown(lead)
    if use:
        show_advice(use=use, avoid=avoid)


def show_advice(*, use: str, avoid: str) -> None:
    """When to use and when to avoid the subject of a page, for pages on which it comes later."""
    left, right = st.columns(2)
    left.caption(f":material/check_circle: **Use it** {use}")
    right.caption(f":material/do_not_disturb_on: **Avoid it** {avoid}")


def show_code(request: RunRequest, *, before: Sequence[Run] = (), answering: bool = False) -> None:
    """A script that makes the same stream, the source of its graph, and a link to this page.

    `before` holds the earlier runs of the thread; with `answering` the script resumes interrupts.
    """
    earlier = [run.request for run in before]
    with st.container(key="code"):
        st.subheader("The code", anchor=False)
        stream, graph, link = st.tabs(["Stream it", f"The {request.graph.name} graph", "Share"])
        stream.caption("The script is complete: save it in the root folder of the repository and run it.")
        stream.code(python_script(request, before=earlier, answering=answering), language="python")
        graph.code(inspect.getsource(import_module(request.graph.module)), language="python")
        with link:
            offer_share_link()
