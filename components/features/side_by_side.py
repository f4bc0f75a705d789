"""Two recordings side by side: what tells each from the other, and what both are taken along as."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.features.race.lane_names import BLOCKING, MODES_OF
from components.features.race.report import offer_report
from components.features.report import share_report
from components.features.share_page import drawn_at_s, offer_page_that_plays
from components.player.page_that_plays import FirstText, drawn_by
from components.shell.download import offer_recording
from components.shell.format import format_bytes, format_rate, format_seconds, truncate
from streaming.core.request import PART_OF, UNDRAWN
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.recordings.format import Header, Recording
from streaming.rendering.flush import FlushStrategy

_NAME = 60
"""Characters of each part of a name."""
_SECONDS, _MILLISECONDS = 19, 23
"""The length of an ISO time to its seconds, and to its milliseconds."""

Named = Sequence[tuple[Recording, str]]


def named_apart(recordings: Sequence[Recording]) -> list[tuple[Recording, str]]:
    """Each recording with the settings in which they differ, or else with its time; one alone needs no name."""
    if len(recordings) == 1:
        return [(recordings[0], "")]
    settings = [_settings(recording.header) for recording in recordings]
    differing = [index for index, values in enumerate(zip(*settings, strict=True)) if len(set(values)) > 1]
    told = [[one[index] for index in differing if one[index]] or [one[0]] for one in settings]
    names = [", ".join(truncate(part, _NAME) for part in parts) for parts in told]
    return list(zip(recordings, names if len(set(names)) > 1 else _times(recordings), strict=True))


def _settings(header: Header) -> tuple[str, ...]:
    """How its text was asked for and drawn, its model and its graph; a whole answer has no flush strategy."""
    flush = FlushStrategy.from_labels(header.settings) or FlushStrategy(flush="direct")
    tokens = header.api != "invoke" and "messages" in header.modes
    return _method(header), flush.label if tokens else "", header.model, header.graph


def _method(header: Header) -> str:
    if header.api != "stream modes":
        return BLOCKING if header.api == "invoke" else header.api
    return next((name for name, modes in MODES_OF.items() if modes == header.modes), " + ".join(header.modes))


def _times(recordings: Sequence[Recording]) -> list[str]:
    """When each run was submitted, to the second where that tells them apart."""
    at = [recording.header.created_at.replace("T", " ") for recording in recordings]
    length = _SECONDS if len({time[:_SECONDS] for time in at}) > 1 else _MILLISECONDS
    return [f"{time[:length]} UTC" for time in at]


def share(shown: Named, *, view: str) -> None:
    """Buttons that download each recording, and a report and a page that plays, which hold all that are shown."""
    for number, (recording, name) in enumerate(shown):
        which = f": {name}" if name else ""
        key = f"download_recording_{number}" if number else "download_recording"
        offer_recording(f"Download the recording{which}", recording, key=key)
    if len(shown) == 1:
        share_report(shown[0][0])
        offer_page_that_plays(shown, key="download_page", view=view)
        return
    measured = [apply_all(MetricsCollector(), recording.events).metrics() for recording, _ in shown]
    firsts = [_first_text(recording, metrics) for (recording, _), metrics in zip(shown, measured, strict=True)]
    names = [name for _, name in shown]
    rows = [_row(*one) for one in zip(names, measured, firsts, strict=True)]
    told = {figure: " and ".join(str(row[figure]) for row in rows) for figure in ("first text", "end")}
    sentence = f"{' and '.join(names)}: first text after {told['first text']}, end after {told['end']}."
    offer_report("Side by side", sentence, shown, tables={"Figures": rows}, firsts=firsts, key="download_report")
    offer_page_that_plays(shown, key="download_page", view=view, firsts=firsts)


def _first_text(recording: Recording, metrics: Metrics) -> FirstText:
    """When it came, and when it was on screen: the browser draws it as it arrives, unless the app drew it."""
    arrived_s = metrics.first_text_s
    if recording.header.settings.get(PART_OF) in UNDRAWN:
        return FirstText(None, arrived_s)
    return FirstText(drawn_at_s(recording) if drawn_by(recording) else arrived_s, arrived_s)


def _row(name: str, metrics: Metrics, first: FirstText) -> Mapping[str, Any]:
    return {
        "configuration": name,
        "first text": format_seconds(first.shown_s),
        "arrived": format_seconds(first.arrived_s),
        "end": format_seconds(metrics.e2e_s),
        "outcome": metrics.outcome,
        "decode speed": format_rate(metrics.tokens_per_s, "tok"),
        "parts": format_bytes(metrics.bytes),
    }
