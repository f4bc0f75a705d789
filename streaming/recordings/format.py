"""The file format of a recording: one run's request and its event log as versioned JSON Lines.

The first line is the header, every other line is one event. Nothing in a file is executed, and every line is checked:
a file that is not a recording, is cut off or is too large raises a `BadRecording` with the reason.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from platform import platform, python_version
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from streaming.core.errors import BadRecording
from streaming.core.events import Ended, Event, LogEntry
from streaming.core.json_limits import TOO_MANY, has_too_many_values
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import model_label
from streaming.providers.url_policy import url_without_credentials
from streaming.recordings.event_checkers import checker_of

FORMAT = "streaming-lab-recording"
VERSION = 1
SUFFIX = ".jsonl"
MAX_BYTES = 50_000_000
MAX_HEADER_BYTES = 1_000_000
MAX_NAME_CHARS = 4_000
"""Characters of each name in the header, which pages show whole, and modes."""
MAX_EVENTS = 200_000
MAX_SECONDS = 7 * 24 * 3600.0
"""No run takes this long; a later event would stretch the time axis of every chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The request of a run and the versions it ran on, without any secret; `created_at` is an ISO 8601 time in UTC."""

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
    """A header and the event log; the last event is the end event. `file_bytes` is the size of the file it is from."""

    header: Header
    events: list[LogEntry]
    file_bytes: int = field(default=0, compare=False)

    @property
    def ended(self) -> Ended:
        """The end event."""
        last = self.events[-1].event
        assert isinstance(last, Ended)
        return last

    @property
    def length_s(self) -> float:
        """From the run's submission to its end event, in seconds."""
        return self.events[-1].t


def header_of(
    run_id: str, created_at: datetime, request: RunRequest, *, environment: Mapping[str, str] | None = None
) -> Header:
    """The header of this request; `environment` holds the versions that its figures depend on."""
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
        environment=dict(environment or {}),
    )


def recording_of(run: Run) -> Recording:
    """The recording of a run that has ended."""
    return Recording(header=header_of(run.id, run.created_at, run.request), events=run.events)


def installed_versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of Python, of the platform and of these packages; a package that is not installed is left out."""
    versions = {"python": python_version(), "platform": platform(terse=True)}
    for package in packages:
        with suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions


def dump_event(entry: LogEntry) -> bytes:
    """The entry as one line of JSON, with all its fields and without a line feed."""
    event = entry.event
    return _line(entry, {item.name: getattr(event, item.name) for item in fields(event) if item.name != "kind"})


def dump_line(entry: LogEntry) -> bytes:
    """The entry as `dump_event` gives it, without the fields that have their default value: a line of a file.

    Of a token, that is three of four bytes. The file of a run at the limits of a run stays within those of a file.
    """
    event: Any = entry.event
    content = {
        name: value for name, default in _defaults(event.__class__) if (value := getattr(event, name)) is not default
    }
    return _line(entry, content)


@cache
def _defaults(kind: type[Event]) -> tuple[tuple[str, Any], ...]:
    """The names of the fields with their defaults, which are immutable; `MISSING` where there is none."""
    return tuple((item.name, item.default) for item in fields(kind) if item.name != "kind")


def _line(entry: LogEntry, content: dict[str, Any]) -> bytes:
    stamp = {"seq": entry.seq, "t": entry.t, "size": entry.size, "type": type(entry.event).__name__}
    return orjson.dumps({**stamp, "event": content})


def load_event(line: bytes, *, number: int = 0) -> LogEntry:
    """The entry of one line; raises `BadRecording`, which names the line by this number."""
    try:
        row = orjson.loads(line)
        event: Event = checker_of(row["type"]).validate_python(row["event"])
        entry = LogEntry(seq=int(row["seq"]), t=float(row["t"]), size=int(row["size"]), event=event)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, ValidationError, RecursionError) as error:
        raise BadRecording(
            f"Line {number} of the file is not an event of a recording ({type(error).__name__}).",
            advice="Use a file that this app has written, unchanged.",
        ) from error
    if not 0 <= entry.t <= MAX_SECONDS or not 0 <= entry.size <= MAX_BYTES or not 0 <= entry.seq < 2**53:
        raise BadRecording(f"Line {number} has an impossible time, size or number.", advice="Use an unchanged file.")
    return entry


def dump_recording(recording: Recording) -> bytes:
    """The recording as a file, with its full ids; files for other people come from `export_recording`."""
    return b"\n".join([*_lines(recording), b""])


def load_recording(content: bytes) -> Recording:
    """The recording in this file; raises `BadRecording` with the reason if it holds none."""
    if len(content) > MAX_BYTES:
        raise BadRecording(
            f"The file has {len(content) / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB.",
            advice="Record a shorter run, or fewer stream modes.",
        )
    first, _, rest = content.partition(b"\n")
    if len(first) > MAX_HEADER_BYTES:
        raise _not_a_recording()
    header = _header(first)
    lines = rest.count(b"\n") + bool(rest and not rest.endswith(b"\n"))
    if lines > MAX_EVENTS:
        raise BadRecording(
            f"The file has {lines:,} events, the limit is {MAX_EVENTS:,}.", advice="Record a shorter run."
        )
    rows = [row for row in rest.split(b"\n") if row.strip()]
    if rows and not rest.endswith(b"\n") and _is_cut(rows[-1]):
        rows.pop()
    events = [_uploaded(row, number=n) for n, row in enumerate(rows, 2)]
    if events and not isinstance(events[-1].event, Ended):
        events.append(_cut_after(events[-1]))
    events = _checked(events)
    return Recording(header=header, events=events, file_bytes=len(content))


def _is_cut(line: bytes) -> bool:
    """Whether a file ends within this line, as a copy does that broke off."""
    if has_too_many_values(line):
        return False
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    return False


def _cut_after(last: LogEntry) -> LogEntry:
    """The end of a file that was cut: what had been recorded by then is whole, and plays."""
    event = Ended(
        outcome="failed",
        reason=f"The file was cut after event {last.seq}: how the run went on is not in it.",
        advice="Download it again for the rest.",
    )
    return LogEntry(seq=last.seq + 1, t=last.t, size=0, event=event)


def _uploaded(line: bytes, *, number: int) -> LogEntry:
    if has_too_many_values(line):
        raise BadRecording(f"Line {number} has {TOO_MANY}.", advice="Record a run with smaller states.")
    return load_event(line, number=number)


def _lines(recording: Recording) -> Iterator[bytes]:
    head = {item.name: getattr(recording.header, item.name) for item in fields(Header)}
    yield orjson.dumps({"format": FORMAT, "version": VERSION, **head})
    for entry in recording.events:
        yield dump_line(entry)


def _header(line: bytes) -> Header:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _not_a_recording() from error
    if not isinstance(row, dict) or row.get("format") != FORMAT:
        raise _not_a_recording()
    if row.get("version") != VERSION:
        raise BadRecording(
            f"The recording has version {str(row.get('version'))[:20]}, this app reads version {VERSION}.",
            advice="Open it with the version of the app that wrote it.",
        )
    names = {item.name for item in fields(Header)}
    try:
        header: Header = TypeAdapter(Header).validate_python({k: value for k, value in row.items() if k in names})
    except ValidationError as error:
        raise _not_a_recording() from error
    names_shown = (header.run_id, header.created_at, header.graph, header.provider, header.model, header.api)
    if max(map(len, (*names_shown, *header.modes, header.modes))) > MAX_NAME_CHARS:
        raise _not_a_recording()
    return header


def _not_a_recording() -> BadRecording:
    return BadRecording(
        "The file is not a recording of this app.", advice=f"Choose a {SUFFIX} file that was downloaded from it."
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
