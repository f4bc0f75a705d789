"""The event APIs beside the stream modes: the events of each, and their cost."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.status import all_completed
from components.shell.format import escape_markdown, format_bytes, format_rate, format_seconds
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.analysis.final_answer import final_answers
from streaming.core.errors import LabError
from streaming.core.request import Api, GraphSource
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.event_kinds import EventKinds
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.services import get_services

ABOUT: dict[Api, str] = {
    "stream modes": "Typed parts, one shape for each mode. This app is built on them.",
    "events v2": "An event for every callback of every runnable, with `parent_ids`. Verbose; shows chains inside.",
    "events v3": "One envelope for all events: by default `values`, `messages` as content blocks, and the "
    "`lifecycle` of subgraphs. In beta.",
    "events v3, typed": "Projections to iterate over: `.messages`, `.values`, `.subgraphs`, `.lifecycle`, here of the "
    "outer graph; each of `.subgraphs` has its own. In beta.",
}

_DIFFERENT = (
    "The model gave different answers, so bytes, events and times cannot be compared: only the bytes per text chunk "
    "can. The first run may also have warmed up the model for the others. The scripted model always answers alike."
)
_BLOCKS = "v3 stores the model's message as a list of content blocks where v2 and the stream modes store a string"
_TITLE, _ANCHOR = "The same request, four times", "four-times"
_STORED_FORMS = "events.stored_forms"
_MAX_REMEMBERED = 40


def show_event_api_comparison(parent: DeltaGenerator, runs: Mapping[Api, Run]) -> None:
    """Compare all APIs for the same request, in figures and sentences; says why if not all have completed."""
    if not all_completed(parent, runs.items()):
        if _only_v3_failed(runs):
            parent.caption(
                f"{_BLOCKS}: a node that uses `.content` as a string fails under v3. Read messages by `.text`."
            )
        return
    metrics = {api: apply_all(MetricsCollector(), run.events).metrics() for api, run in runs.items()}
    parent.subheader(_TITLE, anchor=_ANCHOR)
    try:
        forms = [_remember_stored_form(run) for run in runs.values()]
    except LabError as error:
        parent.error(escape_markdown(str(error)), icon=":material/database_off:")
        forms = ["unknown"] * len(runs)
    parent.dataframe(
        {
            "api": list(metrics),
            "events": [figures.events for figures in metrics.values()],
            "bytes": [format_bytes(figures.bytes) for figures in metrics.values()],
            "bytes per text chunk": [_per_chunk(figures) for figures in metrics.values()],
            "TTFT": [format_seconds(figures.ttft_s) for figures in metrics.values()],
            "E2E": [format_seconds(figures.e2e_s) for figures in metrics.values()],
            "event loop CPU": [format_seconds(figures.loop_cpu_s) for figures in metrics.values()],
            "events per CPU second": [_per_cpu(figures) for figures in metrics.values()],
            "stores the message as": forms,
        },
        hide_index=True,
        alt="Figures of each API for the same request",
    )
    modes, v2, _, typed = (metrics[api].bytes for api in ABOUT)
    about_v3 = _about_v3(_channels(runs["events v3"]), _channels(runs["stream modes"]))
    if not _same_answers(runs.values()):
        parent.warning(_DIFFERENT, icon=":material/compare_arrows:")
        return
    parent.markdown(
        f"For the same answer, `astream_events` v2 sent **{v2 / modes:.1f}×** the bytes of all seven stream modes "
        f"together. {about_v3} Its typed projections deliver {format_bytes(typed)}, because they omit "
        "the envelopes. "
        "*Event loop CPU* is the CPU time of the thread that all runs share, so it includes other concurrent runs."
    )
    parent.caption(
        f"{_BLOCKS}: a thread that both wrote holds both forms. Use one API per thread, or read messages by `.text`."
    )


def link_to_comparison(ended: Sequence[Run]) -> None:
    """The way to the comparison, which comes below the fold; before the end a line of the same height."""
    compared = bool(ended) and all(run.status == "Completed" for run in ended)
    link = f"Compared below: [{_TITLE}](#{_ANCHOR})"
    # In the colour of text: a link is too pale in a caption.
    st.markdown(f":small[{link if compared else 'Compared below, when all four have completed.'}]")


def _only_v3_failed(runs: Mapping[Api, Run]) -> bool:
    failed = {api for api, run in runs.items() if run.status == "Failed"}
    others = [run for api, run in runs.items() if api not in failed]
    return bool(failed) and all("v3" in api for api in failed) and all(run.status == "Completed" for run in others)


def _same_answers(runs: Iterable[Run]) -> bool:
    texts = {tuple(sorted(text for _, text in final_answers(run.events, prompt=run.request.prompt))) for run in runs}
    return len(texts) == 1


def _about_v3(channels: Mapping[str, int], modes: Mapping[str, int]) -> str:
    """A sentence on v3 against the stream modes of the same names; `channels` and `modes` hold bytes."""
    common = [mode for mode in modes if mode in channels]
    left_out = ", ".join(f"`{mode}`" for mode in modes if mode not in channels)
    ratio = sum(channels[mode] for mode in common) / sum(modes[mode] for mode in common)
    return (
        f"v3 by default sends fewer: its {' and '.join(f'`{mode}`' for mode in common)} came to **{ratio:.1f}×** the "
        f"bytes of the stream modes of these names. Of {left_out} it sent nothing; `transformers=` adds more, such "
        "as `CustomTransformer`."
    )


def _channels(run: Run) -> Counter[str]:
    """Bytes by channel; v3 has several kinds of `messages`."""
    sizes: Counter[str] = Counter()
    for kind in apply_all(EventKinds(), run.events).kinds:
        sizes[kind.name.partition(":")[0]] += kind.bytes
    return sizes


def describe_api(api: Api) -> None:
    """A sentence about this API."""
    st.caption(f"**{api}**: {ABOUT[api]}")


def _remember_stored_form(run: Run) -> str:
    """Look up `stored_as` of a finished run once, and return what the session then holds."""
    known: dict[str, str] = recall(_STORED_FORMS) or {}
    if run.id not in known:
        known = dict([*known.items(), (run.id, stored_as(run))][-_MAX_REMEMBERED:])
        store_value(_STORED_FORMS, known)
    return known[run.id]


def stored_as(run: Run) -> str:
    """How the thread stores the model's last message: as a string, or as a list of blocks.

    Raises `CheckpointerUnavailable` where the database cannot be used.
    """
    messages = _messages(run.request.graph, run.thread_id)
    answers = [message for message in messages if isinstance(message, dict) and message.get("type") == "ai"]
    if not answers:
        return "no messages in its state"
    content = answers[-1]["content"]
    return "string" if isinstance(content, str) else f"list of {content[0].get('type', 'block')} blocks"


def _messages(graph: GraphSource, thread_id: str) -> list[object]:
    thread = get_services().engine.thread(graph, thread_id)
    found = thread.values.get("messages", []) if thread else []
    return list(found) if isinstance(found, list) else []


def _per_chunk(metrics: Metrics) -> str:
    return format_bytes(metrics.bytes / metrics.chunks) if metrics.chunks else "–"


def _per_cpu(metrics: Metrics) -> str:
    return format_rate(metrics.events / metrics.loop_cpu_s) if metrics.loop_cpu_s else "–"
