"""The pages of the app."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from components.shell.keys import COMPARE_PARAM, SPEED_PARAM, VIEW_PARAM

AS_IT_HAPPENED, SLOW_MOTION = 1, 0.25
"""The speeds with which a link lets a run play at once."""

PAGES = Path(__file__).parents[2] / "pages"

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#595ce9" stroke-width="3"'
    ' stroke-linecap="round"><path d="M3 7h18M3 12h12M3 17h7"/></svg>'
)
"""The browser tab's icon: a growing text."""


class PageInfo(NamedTuple):
    """A page: its file below `pages/`, title, icon and one sentence of help; its URL path has `-` instead of `_`."""

    name: str
    title: str
    icon: str
    help: str

    @property
    def url_path(self) -> str:
        """The path of the page's URL."""
        return self.name.replace("_", "-")


START = (
    PageInfo("home", "Home", "home", "What this is, and which page shows what you need."),
    PageInfo("lanes", "Lanes", "view_stream", "One run in all seven stream modes: which mode says what, and when."),
    PageInfo("combined", "Combined", "dashboard", "Tokens, node timeline, progress and latency of one run, live."),
    PageInfo("your_graph", "Your graph", "person_raised_hand", "Your own graph, unchanged, with a form for its input."),
)
MODE_PAGES = (
    PageInfo("values", "Values", "data_object", "The full state after each superstep, with changed fields marked."),
    PageInfo("updates", "Updates", "difference", "Only what each node changed, as a timeline."),
    PageInfo("messages", "Messages", "forum", "Live tokens of a chat, and what each way of drawing them costs."),
    PageInfo("custom", "Custom", "tune", "Progress and status that nodes and tools write themselves."),
    PageInfo("tasks", "Tasks", "view_timeline", "When each node ran: a Gantt chart of node spans."),
    PageInfo("checkpoints", "Checkpoints", "history", "The chain of saved states, and time travel along it."),
    PageInfo("debug", "Debug", "bug_report", "The full trace, to find out which lighter mode is enough."),
)
TECHNIQUE_PAGES = (
    PageInfo("async", "Async", "hourglass_top", "Why nodes should wait concurrently, and what blocks the event loop."),
    PageInfo("parallel", "Parallel", "call_split", "Several concurrent token streams, each with its own clock."),
    PageInfo("interrupts", "Interrupts", "front_hand", "A run that waits for a person, then continues streaming."),
    PageInfo("tools", "Tools", "build", "An agent: arguments as they are written, running tools, results."),
    PageInfo("subgraphs", "Subgraphs", "account_tree", "A graph inside a graph, and which part reaches the screen."),
    PageInfo("conditional", "Conditional", "filter_alt", "One run, three readers: a phone, a reader, a developer."),
)
LAB_PAGES = (
    PageInfo("race", "Race", "sports_score", "Two to four configurations side by side, and a blind test."),
    PageInfo("runs", "Runs", "monitoring", "The figures of every run: compare, filter, export."),
    PageInfo("replay", "Replay", "replay", "Any recorded run again: slower, step by step, in any view."),
    PageInfo("faults", "Faults", "electrical_services", "A provider that breaks on purpose, and the recovery policy."),
    PageInfo("pitfalls", "Pitfalls", "warning", "Why it does not stream: broken and fixed code, and five questions."),
    PageInfo("wires", "Wires", "cable", "One run as AG-UI, LangGraph's protocol, Vercel's UI messages, OpenAI chunks."),
    PageInfo("events", "Event APIs", "compare_arrows", "Event APIs v2 and v3 beside the stream modes, measured."),
)
SECTIONS = {"Start": START, "Modes": MODE_PAGES, "Techniques": TECHNIQUE_PAGES, "Lab": LAB_PAGES}


def title_of_page(name: str) -> str:
    """The page's title on screen."""
    return next((page.title for pages in SECTIONS.values() for page in pages if page.name == name), name)


def page_path(name: str) -> str:
    """The absolute path of the page's file; the script that Streamlit runs is in another folder."""
    return str(PAGES / f"{name}.py")


def replay_link(run_id: str, *, label: str, slow: bool = False, view: str = "") -> None:
    """A link to /replay, where this run plays at once, in the picture `view` if given, and slowly if `slow`."""
    params = {"recording": run_id, SPEED_PARAM: str(SLOW_MOTION if slow else AS_IT_HAPPENED)}
    params |= {VIEW_PARAM: view} if view else {}
    icon = ":material/slow_motion_video:" if slow else ":material/replay:"
    st.page_link(page_path("replay"), label=label, icon=icon, query_params=params)


def compare_link(run_id: str, other_id: str, *, label: str) -> None:
    """A link to /replay, where these two runs play on one clock."""
    params = {"recording": run_id, COMPARE_PARAM: other_id, SPEED_PARAM: str(AS_IT_HAPPENED)}
    st.page_link(page_path("replay"), label=label, icon=":material/compare_arrows:", query_params=params)


def navigate() -> st.Page:
    """Declare the pages and return the one that the URL asks for."""
    return st.navigation({name: [_page(info) for info in pages] for name, pages in SECTIONS.items()})


def name_in_session(page: st.Page) -> str:
    """The name of this page, under which the session keeps its runs; the home page has none."""
    return page.url_path.replace("-", "_")


def _page(info: PageInfo) -> st.Page:
    return st.Page(
        page_path(info.name),
        title=info.title,
        icon=f":material/{info.icon}:",
        help=info.help,
        url_path=info.url_path,
        default=info.name == "home",
    )
