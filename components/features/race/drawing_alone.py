"""Lanes that differ only in how their text is drawn: nothing is drawn in repeats, which so cannot compare them."""

from collections.abc import Sequence

import streamlit as st

from components.features.race.lane_requests import source_of, way_of_drawing
from components.shell.keys import EVERY_MS, EVERY_TOKENS, FLUSH, GRAPH, MODEL, PROMPT, TOKENS_PER_S, TTFT_MS
from components.shell.navigation import page_path
from components.shell.url_state import too_long
from streaming.analysis.contender import name_in_sentence
from streaming.core.enumeration import listed
from streaming.core.model_spec import PRESETS
from streaming.core.request import RunRequest

ELSEWHERE = "Compare ways of drawing on Messages (flush strategies tried so far) or on Runs by flush strategy."
_NOT_DRAWN = "Repeats measure when text arrives, and nothing is drawn in them"


def comparable_groups(requests: Sequence[RunRequest]) -> list[list[int]]:
    """The positions of the lanes; those that differ only in drawing, which repeats cannot tell apart, in one group."""
    by_source: dict[str, list[int]] = {}
    for n, request in enumerate(requests):
        by_source.setdefault(source_of(request), []).append(n)
    return sorted(
        group
        for lanes in by_source.values()
        for group in ([lanes] if len({way_of_drawing(requests[n]) for n in lanes}) > 1 else [[n] for n in lanes])
    )


def about_drawing(names: Sequence[str], requests: Sequence[RunRequest]) -> str:
    """That repeats cannot tell some of these lanes apart, in one sentence; empty if they can."""
    groups = [[names[n] for n in group] for group in comparable_groups(requests) if len(group) > 1]
    if not groups:
        return ""
    if len(groups) == 1 and len(groups[0]) == len(names):
        return f"{_NOT_DRAWN}: these lanes differ only in how text is drawn, so this cannot tell them apart."
    alike = "; ".join(listed([name_in_sentence(name) for name in group]) for group in groups)
    return f"{_NOT_DRAWN}, so this cannot tell lanes apart that differ only in how text is drawn: {alike}."


def link_comparisons(requests: Sequence[RunRequest]) -> None:
    """Links to the pages that compare ways of drawing; Messages gets the model, and the way that is not direct."""
    with st.container(horizontal=True, gap="small", key="drawing_alone"):
        drawn = next((request for request in requests if request.labels.get(FLUSH) != "direct"), requests[0])
        st.page_link(page_path("messages"), icon=":material/arrow_forward:", query_params=_query_of(drawn))
        st.page_link(
            page_path("runs"),
            label="Runs by flush strategy",
            icon=":material/arrow_forward:",
            query_params={"group": "flush"},
        )


def _query_of(request: RunRequest) -> dict[str, str]:
    """The query with which Messages asks for the same."""
    model, labels = request.model, request.labels
    query = {GRAPH: request.graph.name, MODEL: model.provider}
    if model.provider == "scripted":
        preset = next((name for name, pace in PRESETS.items() if pace == model.pace), "")
        query |= {"preset": preset} if preset else {}
        query |= {TTFT_MS: str(model.pace.ttft_ms), TOKENS_PER_S: str(int(model.pace.tokens_per_s))}
    query |= {name: labels[name] for name in (FLUSH, EVERY_TOKENS, EVERY_MS) if labels.get(name)}
    return query | ({} if too_long(request.prompt) else {PROMPT: request.prompt})
