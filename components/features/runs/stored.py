"""The stored runs that the page is about: those that this visitor may see, filtered."""

import pandas as pd
import streamlit as st

from components.charts.runs import GROUPS
from components.shell.format import escape_markdown
from components.shell.navigation import page_path
from components.shell.session import visible_owner
from streaming.core.errors import LabError
from streaming.core.request import UNDRAWN, PartOf
from streaming.core.run import short_id
from streaming.rendering.flush import FLUSH_NAMES
from streaming.services import get_services
from streaming.storage.run_store import MAX_LOGS

MAX_RUNS = 5000
COMPLETED = "Completed"
FAILED = ("Failed", "Timed out", "Lost")
FILTERS = ("model", "graph", "modes", "flush", "status", "api", "part_of", "prompt")
_ALONE = "a run of its own"
_WHOLE = "none: whole answer"
_NOTHING = "(empty)"
_NO_FLUSH = "none chosen"
"""Of a page that offers no flush strategy."""
_APIS = {"stream modes": "streaming", "invoke": "blocking (invoke)"}
"""What a reader calls them where they are compared; the rest are beta APIs with names of their own."""
_DISCARDED: PartOf = "warm-up"
_DRAWN_AT_ONCE = ("", "direct")
"""Flush strategies with which the browser draws text within a frame of its arrival."""


def load_runs() -> pd.DataFrame | None:
    """The newest runs that this visitor may see, filtered; `None`, with a message, if there are none."""
    if trouble := get_services().run_writer.trouble:
        st.warning(escape_markdown(trouble), icon=":material/database_off:")
    try:
        owner = visible_owner()
        total = get_services().run_store.count(owner=owner)
        table = pd.DataFrame(get_services().run_store.newest(MAX_RUNS, owner=owner))
    except LabError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return None
    if table.empty:
        st.info("No run is stored yet. Start a run on any page, or a race: it appears here.", icon=":material/info:")
        st.page_link(page_path("combined"), label="Start a run on the combined page", icon=":material/arrow_forward:")
        return None
    table["at"] = pd.to_datetime(table["created_at"], unit="s", utc=True)
    table["modes"] = table["modes"].where(table["api"] == "stream modes", table["api"])
    table["tpot_ms"], table["itl_p95_ms"] = table["tpot_s"] * 1000, table["itl_p95_s"] * 1000
    table["part_of"] = table["part_of"].replace("", _ALONE)
    table["continues"] = table["continues"].map(short_id)
    at_once = table["flush"].isin(_DRAWN_AT_ONCE) & ~table["part_of"].isin(UNDRAWN)
    # Columns in which nothing is known have no numbers.
    known = ["ttft_s", "first_text_s", "e2e_s"]
    table[known] = table[known].astype(float)
    table["first_text_s"] = table["first_text_s"].fillna(table["ttft_s"].where(at_once))
    # Nobody saw how that text was drawn: it came whole, whatever strategy was chosen.
    named = table["flush"].replace(dict(FLUSH_NAMES)).replace("", _NO_FLUSH)
    table["flush"] = named.where(table["api"] != "invoke", _WHOLE)
    table = _with_whole_answers(table)
    st.caption(
        f"The newest {len(table):,} of {total:,} stored runs. Their figures are kept for good, the events of the "
        f"newest {MAX_LOGS:,} too, for *Replay*. All times are UTC."
    )
    filtered, chosen = _filtered(table)
    warm_up = (filtered["part_of"] == _DISCARDED) & (_DISCARDED not in chosen["part_of"])
    compared = (filtered["continues"] == "") & ~warm_up
    filtered = filtered.assign(compared=compared, counted=compared & (filtered["status"] == COMPLETED))
    if filtered.empty:
        st.info("No run matches these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", key="clear_filters", on_click=_clear_filters)
        return None
    return filtered


def grouped_by(table: pd.DataFrame, group: str) -> pd.DataFrame:
    """The runs with a name for each group in this column, also for that of the empty value."""
    names = {"": _NOTHING, **(_APIS if group == "api" else {})}
    return table.assign(**{group: table[group].replace(names)})


def completed_runs(table: pd.DataFrame) -> pd.DataFrame:
    """The runs whose latency counts: an incomplete run's clock stopped early."""
    return table[table["counted"]]


def compared_runs(table: pd.DataFrame) -> pd.DataFrame:
    """The runs that began at the beginning, without warm-ups unless their filter is set.

    The clock of a continuation started in the middle, and repeats discard their warm-ups.
    """
    return table[table["compared"]]


def _with_whole_answers(table: pd.DataFrame) -> pd.DataFrame:
    """The runs with a first text for those whose answer came whole: when it was there.

    That is stored with them; of those stored before it was, the end is taken. As of a streamed one, the first text of
    a repeat was not drawn.
    """
    completed = table["status"] == COMPLETED
    came_s = table["first_text_s"].fillna(table["e2e_s"].where((table["api"] == "invoke") & completed))
    return table.assign(
        ttft_s=table["ttft_s"].fillna(came_s.where(completed)),
        first_text_s=came_s.where(~table["part_of"].isin(UNDRAWN)),
    )


def _filtered(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """The runs that the filters let through, and what is chosen in each filter, also by a link."""
    filtered, chosen = table, {}
    # Two rows: what was chosen has to be readable.
    row = st.container(key="filters").grid(columns=4, min_column_width=150)
    for name in FILTERS:
        label = GROUPS.get(name, name)
        chosen[name] = selected = row.multiselect(
            f"{label[:1].upper()}{label[1:]}",
            # Options from all runs, so that one filter does not remove the options of another.
            sorted(table[name].unique()),
            format_func=lambda value: str(value) or _NOTHING,
            key=f"filter_{name}",
            placeholder="all",
            bind="query-params",
            # Who comes back by the browser's Back comes without the URL's parameters.
            persist_state="session",
        )
        if selected:
            filtered = filtered[filtered[name].isin(selected)]
    return filtered, chosen


def _clear_filters() -> None:
    for name in FILTERS:
        st.session_state[f"filter_{name}"] = []
