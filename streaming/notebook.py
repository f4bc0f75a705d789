"""A run in a notebook: `display(run)` shows its answers, figures and timeline as static HTML without scripts."""

from collections.abc import Sequence
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from streaming.cli.panels import figures_of, metrics_of, seconds
from streaming.cli.safe_text import printable
from streaming.core.events import Ended, LogEntry
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.bounds import bounded_log
from streaming.projections.messages import Messages
from streaming.projections.node_spans import NodeSpans
from streaming.recordings.format import Recording, load_recording

MOST_ANSWERS, MOST_SPANS = 200, 200
MOST_CHARACTERS = 100_000
"""Characters of one answer."""


class RunDisplay:
    """What a notebook shows of a run or a recording; a running run is shown as far as it has come."""

    def __init__(self, shown: Run | Recording) -> None:
        self._events: Sequence[LogEntry]
        self._events, self._left_out = bounded_log(shown.events)
        self._metrics = metrics_of(shown.events)

    def __repr__(self) -> str:
        """Answers and figures as text, with control characters as escapes."""
        figures = "\n".join(f"{name}: {value}" for name, value in figures_of(self._metrics).items())
        answers = (printable(f"{node}: {text}") for node, text in self._answers())
        return "\n\n".join([*answers, figures, *filter(None, [self._left_out])])

    def _repr_html_(self) -> str:
        left_out = f"<p>{_safe(self._left_out)}</p>" if self._left_out else ""
        answers = "".join(
            f'<p><b>{_safe(node)}</b></p><pre style="white-space:pre-wrap">{_safe(text)}</pre>'
            for node, text in self._answers()
        )
        figures = "".join(
            f"<tr><td>{_safe(name)}</td><td>{_safe(value)}</td></tr>"
            for name, value in figures_of(self._metrics).items()
        )
        return f"<div>{answers}{self._timeline()}<table>{figures}</table>{self._end()}{left_out}</div>"

    def _answers(self) -> list[tuple[str, str]]:
        answers = apply_all(Messages(), self._events).answers()
        return [(message.node, _beginning(message.text)) for message in answers[:MOST_ANSWERS]]

    def _timeline(self) -> str:
        total = self._events[-1].t if self._events else 0.0
        if not total:
            return ""
        bars = []
        spans = list(apply_all(NodeSpans(), self._events).spans.values())
        for span in spans[:MOST_SPANS]:
            width = ((span.end or total) - span.start) / total
            style = f"margin-left:{span.start / total:.2%};width:{width:.2%};height:.5em;background:#8b5cf6"
            bars.append(f'<div>{_safe(span.node)} {seconds(span.seconds)}</div><div style="{style}"></div>')
        if len(spans) > MOST_SPANS:
            bars.append(f"<p>The first {MOST_SPANS:,} of {len(spans):,} executions of nodes.</p>")
        return f'<div style="max-width:40em">{"".join(bars)}</div>'

    def _end(self) -> str:
        last = self._events[-1].event if self._events else None
        return f"<p>{_safe(f'{last.reason} {last.advice}')}</p>" if isinstance(last, Ended) and last.reason else ""


def display(shown: Run | Recording | str | Path) -> None:
    """Show a run, or a recording or its file, in a notebook; outside of one, print it.

    Raises `BadRecording` or an `OSError` for a file that cannot be read.
    """
    drawn = RunDisplay(load_recording(Path(shown).read_bytes()) if isinstance(shown, str | Path) else shown)
    if find_spec("IPython") is None:
        print(drawn)
    else:
        import_module("IPython.display").display(drawn)


def _beginning(text: str) -> str:
    rest = len(text) - MOST_CHARACTERS
    return text if rest <= 0 else f"{text[:MOST_CHARACTERS]}… ({rest:,} more characters are not shown)"


def _safe(text: str) -> str:
    return escape(printable(text))
