"""One HTML file that plays recordings with the app's own renderer: it opens from disk and asks nothing of any host."""

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import zip_longest
from operator import itemgetter
from typing import Any, NamedTuple

from components.player.bundle import join
from components.player.files import read_asset
from components.player.mount import PANELS
from components.player.replay_mount import CHOICES, TOKENS, view_choices
from components.shell.format import escape_html
from components.shell.modes import MODE_HEX
from streaming.core.errors import BadRecording
from streaming.core.request import PART_OF, UNDRAWN
from streaming.core.serialization import to_json
from streaming.live.patches import figures
from streaming.recordings.drawn_patches import Entry
from streaming.recordings.export import without_full_ids, without_keys
from streaming.recordings.format import Recording
from streaming.recordings.playable import MAX_JSON_BYTES, patches_as_json
from streaming.rendering.flush import FlushStrategy

_START = (
    'new $replay.Replay(document.getElementById("player"), JSON.parse(document.getElementById("data").textContent));\n'
)
_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 75rem; margin: 0 auto; padding: 1rem; background: light-dark(#ffffff, #11131c);
  color: light-dark(#0b0d17, #e6e8f0); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 0.25rem; font-size: 1.3rem; }
.head { margin: 0 0 0.75rem; overflow-wrap: anywhere; }
.head p { margin: 0; }
footer, .about { color: light-dark(#565a6b, #a9adbd); font-size: 0.875rem; }
footer { margin-top: 1.5rem; }
.verdict { font-size: 1.15rem; font-weight: 600; margin: 0.25rem 0 0.75rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: 0.2rem 1.2rem 0.2rem 0; }
td, th { border-bottom: 1px solid light-dark(#d9dce8, #343849); overflow-wrap: break-word; }
th { font-weight: 600; }
td { min-width: 5.5rem; max-width: 24rem; }
@media (max-width: 640px) { .table :is(th, td) { min-width: 0; padding-right: 0.5rem; font-size: 0.8rem; }
  .sl-replay-bar { position: sticky; top: 0; z-index: 2; background: light-dark(#ffffff, #11131c); } }
summary { cursor: pointer; padding: 0.5rem 0; }
dt { font-weight: 600; }
dd { margin: 0 0 0.4rem; }
@media print { details::details-content { content-visibility: visible; block-size: auto; } }
"""
_CHOICES = view_choices()
_OFFERED = {"figures", "status", "timeline", *(panel["panel"] for choice in _CHOICES for panel in choice["panels"])}
_OTHER_FIGURES = ["wait_s", "tokens_per_s", "events", "bytes"]
_FIGURES_OF_DRAWN = ["e2e_s", "arrived_s", *_OTHER_FIGURES]
"""Where a text appears as it was drawn, its arrival is not what one sees."""
_WAITS = "Waiting for the first text"
"""Where runs are compared: the first token may have arrived, and a whole answer has none."""
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_NOT_OFFERED = re.compile(r"/\* (?:Graph|What each mode has delivered).*?(?=/\* )", re.DOTALL)
"""The sections of the style for pictures that a recording does not have."""
_CSS_COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
_CSS_SPACE = re.compile(r"\s*([{};])\s*")
_ENDS_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)


class FirstText(NamedTuple):
    """When a run's first text was on screen, and when it came from the graph, in seconds since submission."""

    shown_s: float | None
    arrived_s: float | None

    def entries(self, *, until_s: float) -> list[Entry]:
        """The figures as entries of a run that ends then, for the player."""
        known = [(name, s) for name, s in (("came_s", self.arrived_s), ("shown_s", self.shown_s)) if s is not None]
        return [(min(s, until_s), [figures({name: round(s, 4)})]) for name, s in sorted(known, key=itemgetter(1))]


def render_page_that_plays(
    recordings: Sequence[tuple[Recording, str]],
    *,
    title: str = "",
    above: str = "",
    below: str = "",
    view: str = TOKENS,
    firsts: Sequence[FirstText] = (),
) -> str:
    """The page of these recordings, each with its label, on one clock; the label of a single one may be empty.

    It opens in this view, a name in `CHOICES`. `above` and `below` are HTML around the player, in which every value is
    escaped; it may have no style and no script. `firsts`, one for each recording, are figures by which they are
    compared. Full ids of runs and threads are shortened, and keys are left out of
    the recordings. Raises `BadRecording` if they are too large.
    """
    recordings = [shareable(recording, label) for recording, label in recordings]
    script, style = _script(), _style()
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = _heads(recordings)
    title = title or " and ".join(dict.fromkeys(label or recording.header.graph for recording, label in recordings))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape_html(title)}</title><style>{style}</style></head>\n"
        f"<body><header><h1>{escape_html(title)}</h1>{above}{_about_drawing(recordings)}{''.join(parts)}</header>\n"
        f'<main id="player"></main>\n{below}'
        "<footer>Recorded and exported by Streaming Lab. This file plays without a server.</footer>\n"
        f'<script type="application/json" id="data">{_data(recordings, view, firsts)}</script>\n'
        f'<script type="module">{script}</script></body></html>\n'
    )


def _about_drawing(recordings: Sequence[tuple[Recording, str]]) -> str:
    """How the texts of these runs appear, where they do not appear as they arrived."""
    drawn = [(label, flush.label) for recording, label in recordings if (flush := drawn_by(recording))]
    if not drawn:
        return ""
    how = "; ".join(label if flush in label else f"{label}: {flush}" if label else flush for label, flush in drawn)
    return (
        f"<p>The text appears as the app drew it ({escape_html(how)}), some milliseconds of drawing left out. "
        "<em>Arrived</em> is when its beginning came from the graph, which was earlier.</p>"
    )


def drawn_by(recording: Recording) -> FlushStrategy | None:
    """The strategy that drew this run; `None` where the browser drew it as it arrived."""
    header = recording.header
    flush = FlushStrategy.from_labels(header.settings)
    unseen = header.api == "invoke" or "messages" not in header.modes or header.settings.get(PART_OF) in UNDRAWN
    return None if unseen or flush is None or flush.flush == "direct" else flush


def shareable(recording: Recording, label: str) -> tuple[Recording, str]:
    """The recording for other people: ids of runs and threads are shortened, and keys are left out."""
    return without_keys(without_full_ids(recording)), label


def _heads(recordings: Sequence[tuple[Recording, str]]) -> list[str]:
    """Graph, model, date, outcome and prompt of each recording; what all share comes once."""
    prompts = [f"<p>{escape_html(recording.header.prompt)}</p>" for recording, _ in recordings]
    shared = {_about(recording, "") for recording, _ in recordings}
    lines = [f'<p class="about">{escape_html(_about(*one))}</p>' for one in recordings]
    if len(set(prompts)) == 1:
        lines = [f'<p class="about">{escape_html(shared.pop())}</p>'] if len(shared) == 1 else lines
        return [f'<div class="head">{"".join(lines)}{prompts[0]}</div>']
    return [f'<div class="head">{line}{prompt}</div>' for line, prompt in zip(lines, prompts, strict=True)]


def _about(recording: Recording, label: str) -> str:
    """Graph, model, date and outcome of a recording; `label` may be empty."""
    header = recording.header
    at = header.created_at[:19].replace("T", " ")
    return f"{f'{label} · ' if label else ''}{header.graph} on {header.model} · {at} UTC · {recording.ended.outcome}"


def _settings(recordings: Sequence[tuple[Recording, str]], view: str, *, firsts: Sequence[FirstText]) -> dict[str, Any]:
    """What the player shows of these recordings, and how."""
    drawn = any(drawn_by(recording) for recording, _ in recordings)
    names = _FIGURES_OF_DRAWN if drawn else None
    if firsts:
        # Of repeats, which are not drawn, no first text was seen.
        unseen = all(one.shown_s is None for one in firsts) and any(one.arrived_s is not None for one in firsts)
        times = ["came_s"] if unseen else ["shown_s", *(["came_s"] if drawn else [])]
        names = [*times, "e2e_s", *_OTHER_FIGURES]
    waits = {"waits": _WAITS} if drawn or firsts else {}
    choices = [{**one, "panels": [{**panel, **waits} for panel in one["panels"]]} for one in _CHOICES]
    return {
        "choices": choices,
        "colours": MODE_HEX,
        "chosen": view if view in CHOICES else TOKENS,
        "figures": {"panel": "figures", "names": names} if names else "figures",
    }


def _data(recordings: Sequence[tuple[Recording, str]], view: str, firsts: Sequence[FirstText]) -> str:
    settings = to_json(_settings(recordings, view, firsts=firsts)).decode()
    runs: list[str] = []
    for (recording, label), first in zip_longest(recordings, firsts):
        more = first.entries(until_s=recording.length_s) if first else []
        entries = patches_as_json(recording, drawn_by=drawn_by(recording), more=more).decode()
        runs.append(f'{{{entries[1:-1]},"label":{to_json(label).decode()}}}')
        if sum(map(len, runs)) > MAX_JSON_BYTES:
            raise BadRecording(
                f"The runs are too large for one file: {MAX_JSON_BYTES / 1e6:.0f} MB are the limit for all together.",
                advice="Use shorter runs, or fewer stream modes.",
            )
    data = f'{settings[:-1]},"recordings":[{",".join(runs)}]}}'
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", data)


@cache
def _script() -> str:
    others = [f"panels/{panel}.js" for panel in PANELS if panel not in _OFFERED]
    script = join(["replay.js"], without=["socket.js", "panels/lane_pause.js", *others]) + _START
    # Inside a string or a regular expression, both forms mean the same to JavaScript.
    return _ENDS_SCRIPT.sub(lambda found: found[0].replace("<", "\\x3c"), script)


@cache
def _style() -> str:
    player = _NOT_OFFERED.sub("", read_asset("player.css"))
    style = _CSS_COMMENT.sub("", player + read_asset("transport.css")) + _PAGE_STYLE
    return _CSS_SPACE.sub(r"\1", style)


def _hash(content: str) -> str:
    """The source expression of a content security policy that allows exactly this."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
