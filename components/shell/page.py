"""The head of every page, and its code section."""

import inspect
from collections.abc import Callable, Sequence
from importlib import import_module

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.download import offer_download
from components.shell.glossary import show_glossary, with_terms
from components.shell.modes import mode_badge
from components.shell.session import unreachable
from components.shell.share_link import offer_share_link
from streaming.analysis.code_snippet import project_script, python_script
from streaming.analysis.notebook_file import notebook_of
from streaming.core.events import Mode
from streaming.core.request import GraphSource, HasDescription, RunRequest
from streaming.core.run import Run

_PRESENTER = (
    '<button type="button" class="sl-presenter-toggle" aria-label="Presenter" title="Presenter mode (F)"></button>'
)
"""Its work is done by `presenter.js`, in the browser alone."""
_WITHOUT = {
    "script": "This browser cannot load the view's script from the server: it came through Streamlit.",
    "socket": "Slower way: this browser does not reach the server's socket, so this view is fed through Streamlit, "
    "four times a second.",
    "recordings": "This browser cannot load recordings from the server: they come through Streamlit.",
}
"""What a page says about a route that its browser does not reach."""


_WITH_SMALL_GRAPH = "A program of its own, with a small graph: set your key, save it anywhere and run it."
_WITH_ITS_GRAPH = "A program that streams this graph as this page did."


def mark_drawn() -> None:
    """Tell the style that all elements of the page have arrived."""
    st.container(key="page_drawn").empty()


def open_page(
    title: str, *, lead: str, why: str = "", use: str = "", avoid: str = "", modes: tuple[Mode, ...] = ()
) -> None:
    """The head of a page in one line, with `lead`, its subject in one sentence.

    *Why* unfolds the teaching paragraph, and when to use and when to avoid the subject; *Glossary* explains the words.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="page_head"):
        st.title(title, anchor=False, width="content")
        if modes:
            st.markdown(" ".join(mode_badge(mode) for mode in modes), width="content")
        with st.container(width="content", key="page_lead"):
            st.markdown(with_terms(lead))
        with st.container(horizontal=True, width="content", gap="xsmall", key="page_more"):
            if why or use:
                with st.popover("Why", type="tertiary", icon=":material/school:", key="why"):
                    st.markdown(with_terms(why))
                    if use:
                        st.markdown(f":material/check_circle: **Use it** {with_terms(use)}")
                        st.markdown(f":material/do_not_disturb_on: **Avoid it** {with_terms(avoid)}")
            show_glossary()
            with st.container(key="presenter", width="content"):
                st.html(_PRESENTER)
    if missing := unreachable():
        st.caption(" ".join(text for route, text in _WITHOUT.items() if route in missing))


def panel_heading(title: str) -> DeltaGenerator:
    """The heading of a panel; draw controls of the panel into the row that it returns."""
    row = st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        gap="small",
        key=f"heading_{title.lower().replace(' ', '_')}",
    )
    row.subheader(title, anchor=False, width="content")
    return row


def show_code(
    request: RunRequest,
    *,
    before: Sequence[Run] = (),
    answering: bool = False,
    waits: bool = False,
    live: Callable[[], None] | None = None,
) -> None:
    """A program for any project, a script that makes the same stream, the source of its graph, and a link to the page.

    `before` holds the earlier runs of the thread; with `answering` the script resumes interrupts, and the run
    `waits` for an answer; `live` draws what the modes deliver, above the code.
    """
    earlier = [run.request for run in before]
    with st.container(key="code"):
        st.subheader("The code", anchor=False)
        if live:
            live()
        graph, brought = request.graph, isinstance(request.graph, HasDescription)
        own, *stream, source, link = st.tabs(
            ["In your project", *([] if brought else ["In this repository"]), f"The {graph.name} graph", "Share"]
        )
        own.caption(_WITH_ITS_GRAPH if brought else _WITH_SMALL_GRAPH)
        program = project_script(request, before=earlier, answering=answering, waits=waits)
        own.code(program, language="python")
        with own:
            _offer_code(request, program, key="project")
        for tab in stream:
            tab.caption("The script is complete: save it in the root folder of the repository and run it.")
            script = python_script(request, before=earlier, answering=answering)
            tab.code(script, language="python")
            with tab:
                _offer_code(request, script, key="repository")
        with source:
            _show_source(graph)
        with link:
            offer_share_link()


def _show_source(graph: GraphSource) -> None:
    """The code of a graph of this repository; of one that runs elsewhere, where its code is: it is never imported."""
    if not isinstance(graph, HasDescription):
        st.code(inspect.getsource(import_module(graph.module)), language="python")
        return
    st.caption("This server does not import its code. Its process says where its nodes are defined.")
    known = [f"{node.name}  {node.file}:{node.line}" for node in graph.description.nodes if node.file]
    st.code("\n".join([graph.module, *known]), language=None, wrap_lines=True)


def _offer_code(request: RunRequest, code: str, *, key: str) -> None:
    """The code as a script and as a notebook, to download."""
    name, title = request.graph.name, f"The {request.graph.name} graph, streamed"
    with st.container(horizontal=True):
        offer_download("Script", lambda: code, f"{name}.py", mime="text/x-python", key=f"script_{key}")
        offer_download(
            "Notebook",
            lambda: notebook_of(code, title=title),
            f"{name}.ipynb",
            mime="application/x-ipynb+json",
            key=f"notebook_{key}",
        )
