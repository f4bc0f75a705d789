"""The report of a race, of repeats or of a blind test: one HTML file with the verdict, all settings, and the player."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from components.player.page_that_plays import FirstText, render_page_that_plays, shareable
from components.shell.download import offer_download
from components.shell.format import escape_html
from components.shell.glossary import MEANINGS
from streaming.core.run import Run
from streaming.recordings.export import without_keys_in_text
from streaming.recordings.format import Recording, header_of
from streaming.services import get_services

Rows = Sequence[Mapping[str, Any]]

_MOST_LANES = 4
_MEANINGS: Mapping[str, str] = {
    "fastest": "In what no lane was faster. Lanes whose times are nearly equal share it; lanes that differ only in how "
    "they draw are compared by how soon they drew what had arrived.",
    "first text": "When a reader saw the first text, from submission, waits included; the way of drawing counts. A "
    "whole answer shows all of its text at once, just before the run ends.",
    "arrived": "When the first text came from the graph; it is drawn then, or later, as the way of drawing has it.",
    "end": MEANINGS["E2E"],
    "longest freeze": MEANINGS["Longest freeze"],
    "repaints": "How often the text was drawn.",
    "text sent": MEANINGS["Text sent"],
    "decode speed": MEANINGS["Decode speed"],
    "parts": MEANINGS["Bytes"],
    "TTFT and Wait": f"{MEANINGS['TTFT']} Wait: {MEANINGS['Wait'][:1].lower()}{MEANINGS['Wait'][1:]}",
    "×": "How many times as long as in the lane that is named.",
    "streaming and blocking (invoke)": "A streaming lane shows its text while the model writes it, a blocking one asks "
    "for the whole answer and shows nothing before.",
    "direct, last block only, every …": MEANINGS["Flush strategy"],
    "Medians, brackets and confidence": "Of repeats, the middle value. The brackets hold the two measured values that "
    "enclose the true median with the confidence that is named. Where the brackets of two lanes overlap, no "
    "difference is shown.",
}
"""What the figures of a report mean, for readers who have never seen the app."""
_ONLY_IN_TABLES = ("fastest", "first text", "longest freeze", "repaints", "text sent", "parts")
"""Explained where a table has them: nothing is drawn in repeats."""


def offer_report(
    title: str,
    sentence: str,
    runs: Sequence[tuple[Recording, str]],
    *,
    tables: Mapping[str, Rows],
    firsts: Sequence[FirstText],
    key: str,
) -> None:
    """A button that downloads the report; `runs` are played side by side, each with the name of its lane.

    `firsts` are the times of their first text, as the tables have them.
    """
    offer_download(
        "Download the report",
        partial(html_report, title, sentence, runs, tables=tables, firsts=firsts),
        f"{title.lower().replace(' ', '-')}.html",
        mime="text/html",
        key=key,
        icon=":material/description:",
    )


def recorded(run: Run) -> Recording:
    """The recording of an ended run with the versions that its figures depend on."""
    environment = get_services().run_writer.environment
    return Recording(header=header_of(run.id, run.created_at, run.request, environment=environment), events=run.events)


def html_report(
    title: str,
    sentence: str,
    runs: Sequence[tuple[Recording, str]],
    *,
    tables: Mapping[str, Rows],
    firsts: Sequence[FirstText] = (),
) -> str:
    """The verdict, the runs to play, these tables by their headings, and the whole configuration of each lane."""
    runs = [shareable(recording, label) for recording, label in runs]
    below = "".join(f"<h2>{escape_html(name)}</h2>{_table(_by_lane(rows))}" for name, rows in tables.items() if rows)
    below += f"<h2>What the figures mean</h2>{_meanings(tables)}{_configuration(_configurations(runs))}"
    verdict = _verdict(without_keys_in_text(sentence))
    return render_page_that_plays(runs, title=title, above=verdict, below=below, firsts=firsts)


def headline_html(sentence: str) -> str:
    """The first sentence of a verdict, large, as HTML."""
    return f'<p class="verdict">{_escaped(parted(sentence)[0])}</p>'


def _configurations(runs: Sequence[tuple[Recording, str]]) -> Rows:
    """One row for each setting, one column for each lane."""
    by_lane = {label: _settings(recording) for recording, label in runs}
    names = dict.fromkeys(name for settings in by_lane.values() for name in settings)
    return [
        {"setting": name, **{label: settings.get(name, "–") for label, settings in by_lane.items()}} for name in names
    ]


def _configuration(rows: Rows) -> str:
    """The settings in which the lanes differ, and those that they share in a part to be opened."""
    differ = [row for row in rows if len({str(value) for name, value in row.items() if name != "setting"}) > 1]
    same = [row for row in rows if row not in differ]
    title = "All settings" if not differ else "The other settings, the same in every lane"
    shown = f"{_table(differ)}" if differ else ""
    folded = f"<details><summary>{title}</summary>{_table(same)}</details>" if same else ""
    return f"<h2>Configuration</h2>{shown}{folded}"


def _verdict(sentence: str) -> str:
    """The first sentence large, the others below it."""
    rest = parted(sentence)[1]
    return f"{headline_html(sentence)}{f'<p>{_escaped(rest)}</p>' if rest else ''}"


def parted(sentence: str) -> tuple[str, str]:
    """The first sentence of a verdict, and the others."""
    first, dot, rest = sentence.partition(". ")
    # The number of a lane is no sentence.
    return (sentence, "") if first.isdigit() else (f"{first}{dot}".strip(), rest)


def _meanings(tables: Mapping[str, Rows]) -> str:
    columns = {name for rows in tables.values() for name in (rows[0] if rows else ())}
    told = {name: meaning for name, meaning in _MEANINGS.items() if name in columns or name not in _ONLY_IN_TABLES}
    listed = "".join(
        f"<dt>{_escaped(name)}</dt><dd>{_escaped(meaning.replace('*', ''))}</dd>" for name, meaning in told.items()
    )
    return f"<dl>{listed}</dl>"


def _by_lane(rows: Rows) -> Rows:
    """A column for each lane or configuration, so that a phone has room for the figures; other tables stay."""
    if "lane" not in rows[0] and next(iter(rows[0])) == "configuration" and len(rows) <= _MOST_LANES:
        names = [name for name in rows[0] if name != "configuration"]
        return [{"": name, **{str(row["configuration"]): row[name] for row in rows}} for name in names]
    if "lane" not in rows[0] or len(rows) > _MOST_LANES:
        return rows
    names = [name for name in rows[0] if name != "lane"]
    return [{"": name, **{f"lane {row['lane']}": row.get(name, "–") for row in rows}} for name in names]


def _settings(recording: Recording) -> dict[str, Any]:
    header = recording.header
    pace = header.settings.get("pace")
    return {
        "graph": header.graph,
        "provider": header.provider,
        "model": header.model,
        "API": header.api,
        "stream modes": ", ".join(header.modes),
        "prompt": header.prompt,
        **{name: value for name, value in header.settings.items() if name != "pace" and value not in (None, "")},
        **({f"pace: {name}": value for name, value in pace.items()} if isinstance(pace, dict) else {}),
        "submitted": f"{header.created_at[:19].replace('T', ' ')} UTC",
        **header.environment,
    }


def _table(rows: Rows) -> str:
    head = "".join(f"<th>{_escaped(name)}</th>" for name in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{_escaped(value)}</td>' for value in row.values())}</tr>" for row in rows)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _escaped(value: object) -> str:
    return escape_html(without_keys_in_text(str(value)))
