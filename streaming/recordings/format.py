"""A recording: one run's request and its event log as versioned JSON Lines, to keep, to send and to play again.

The first line is the header, every other line one event. Nothing in a file is ever executed or trusted: it is checked
line by line, and a file that is not a recording, is cut off, or is too large gets a `BadRecording` that says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from platform import platform, python_version
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from streaming.core import events as kinds
from streaming.core.errors import BadRecording
from streaming.core.events import Ended, Event, LogEntry
from streaming.core.request import RunRequest
from streaming.providers.catalogue import model_label
from streaming.providers.url_policy import url_without_credentials

FORMAT = "streaming-lab-recording"
VERSION = 1
SUFFIX = ".jsonl"
MAX_BYTES = 50_000_000
MAX_EVENTS = 200_000
MAX_SECONDS = 7 * 24 * 3600.0
"""No run is longer; a file that says so would stretch every axis."""

_EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(
            kinds.Notice,
            kinds.Attempt,
            kinds.Fallback,
            kinds.Started,
            kinds.Values,
            kinds.Updates,
            kinds.Token,
            kinds.Custom,
        ),
        *(kinds.TaskStarted, kinds.TaskEnded, kinds.CheckpointSaved, kinds.Debug, kinds.ToolCalled, kinds.ApiEvent),
        kinds.Ended,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What was asked, of which model, where and when; no secret is among it."""

    run_id: str
    created_at: str
    graph: str
    provider: str
    model: str
    modes: tuple[str, ...]
    prompt: str = ""
    api: str = "stream modes"
    settings: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A header and the events in the order of their log; the last one is the end event."""

    header: Header
    events: list[LogEntry]

    @property
    def ended(self) -> Ended:
        last = self.events[-1].event
        assert isinstance(last, Ended)
        return last

    @property
    def length_s(self) -> float:
        """From the run's submission to its end event, in seconds."""
        return self.events[-1].t


def header_of(run_id: str, created_at: datetime, request: RunRequest) -> Header:
    """The header for this request, without anything secret."""
    spec = request.model
    settings: dict[str, Any] = {
        "temperature": spec.temperature,
        "max_tokens": spec.max_tokens,
        "subgraphs": request.subgraphs,
        **{name: value for name, value in request.labels.items() if name != "owner"},
    }
    if spec.base_url:
        settings["base_url"] = url_without_credentials(spec.base_url)
    if spec.provider == "scripted":
        settings["pace"] = {item.name: getattr(spec.pace, item.name) for item in fields(spec.pace)}
    return Header(
        run_id=run_id,
        created_at=created_at.astimezone(UTC).isoformat(),
        graph=request.graph.name,
        provider=spec.provider,
        model=model_label(spec),
        modes=tuple(request.modes),
        prompt=request.prompt,
        api=request.api,
        settings=settings,
        environment=environment(),
    )


@cache
def environment() -> dict[str, str]:
    """The versions that a figure depends on."""
    packages = ("streamlit", "langgraph", "langchain-core", "langchain-openai")
    return {"python": python_version(), "platform": platform(terse=True), **{name: version(name) for name in packages}}


def dump_event(entry: LogEntry) -> bytes:
    """One line, without its end."""
    event = entry.event
    said = {item.name: getattr(event, item.name) for item in fields(event) if item.name != "kind"}
    place = {"seq": entry.seq, "t": entry.t, "size": entry.size, "type": type(event).__name__}
    return orjson.dumps({**place, "event": said})


def load_event(line: bytes, *, number: int = 0) -> LogEntry:
    """One line back; raises `BadRecording` with the line's number."""
    try:
        said = orjson.loads(line)
        event: Event = _adapter(said["type"]).validate_python(said["event"])
        entry = LogEntry(seq=int(said["seq"]), t=float(said["t"]), size=int(said["size"]), event=event)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, ValidationError, RecursionError) as error:
        raise BadRecording(
            f"Line {number} of the file is no event of a recording ({type(error).__name__}).",
            advice="Use a file that this app has written, unchanged.",
        ) from error
    if not 0 <= entry.t <= MAX_SECONDS or not 0 <= entry.size <= MAX_BYTES:
        raise BadRecording(f"Line {number} has an impossible time or size.", advice="Use an unchanged file.")
    return entry


def dump_recording(recording: Recording) -> bytes:
    """The whole file."""
    return b"\n".join([*_lines(recording), b""])


def load_recording(content: bytes) -> Recording:
    """The recording in this file; raises `BadRecording` with a sentence for whatever is wrong with it."""
    if len(content) > MAX_BYTES:
        raise BadRecording(
            f"The file has {len(content) / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB.",
            advice="Record a shorter run, or fewer stream modes.",
        )
    first, _, rest = content.partition(b"\n")
    header = _header(first)
    lines = [line for line in rest.split(b"\n") if line.strip()]
    if len(lines) > MAX_EVENTS:
        raise BadRecording(f"The file has {len(lines):,} events, the limit is {MAX_EVENTS:,}.", advice="Shorten it.")
    return Recording(header=header, events=_checked([load_event(line, number=n) for n, line in enumerate(lines, 2)]))


def _lines(recording: Recording) -> Iterator[bytes]:
    head = {item.name: getattr(recording.header, item.name) for item in fields(Header)}
    yield orjson.dumps({"format": FORMAT, "version": VERSION, **head})
    for entry in recording.events:
        yield dump_event(entry)


def _header(line: bytes) -> Header:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _not_ours() from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _not_ours()
    if said.get("version") != VERSION:
        raise BadRecording(
            f"The recording has version {said.get('version')!r}, this app reads version {VERSION}.",
            advice="Open it with the version of the app that wrote it.",
        )
    known = {item.name for item in fields(Header)}
    try:
        header: Header = TypeAdapter(Header).validate_python({k: value for k, value in said.items() if k in known})
        return header
    except ValidationError as error:
        raise _not_ours() from error


def _not_ours() -> BadRecording:
    return BadRecording(
        "The file is no recording of this app.", advice=f"Choose a {SUFFIX} file that was downloaded from it."
    )


def _checked(events: Iterable[LogEntry]) -> list[LogEntry]:
    events = list(events)
    if not events or not isinstance(events[-1].event, Ended):
        raise BadRecording("The recording is cut off: its end is missing.", advice="Download the file again.")
    for before, after in pairwise(events):
        if after.seq <= before.seq or after.t < before.t or isinstance(before.event, Ended):
            raise BadRecording(
                f"The events around number {after.seq} are out of order.", advice="Use an unchanged file."
            )
    return events


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """The checker of this type of event; raises `KeyError` for a name that is none."""
    return TypeAdapter(_EVENTS[name])
