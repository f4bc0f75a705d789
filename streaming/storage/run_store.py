"""The run store: rows of runs, their compressed event logs, and votes, in SQLite or PostgreSQL."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from streaming.analysis.gap_histogram import GapHistogram
from streaming.core.errors import BadRecording
from streaming.core.events import Ended, LogEntry
from streaming.core.model_spec import ModelSpec
from streaming.core.request import PART_OF
from streaming.core.text_drawing import TextDrawing
from streaming.projections.metrics import Metrics
from streaming.providers.catalogue import model_label
from streaming.recordings.format import Header, Recording, dump_line, load_event
from streaming.rendering.flush import FlushStrategy
from streaming.storage.checked_rows import checked_row, checked_vote, seconds
from streaming.storage.database import Database, insert_once
from streaming.storage.prompt_line import one_line
from streaming.storage.schema import event_chunks, runs, votes
from streaming.storage.stored_run import LOST, StoredRun, decompressed, following

LOST_AFTER_S = 10.0
"""An unfinished run without a heartbeat for this long is lost: its server was killed.

So is one with a heartbeat that much in the future: it is from before the system's clock was set back, and a server that
goes on would have sent another one.
"""

MAX_LOGS = 2000
"""Default number of runs whose event logs are kept."""

MAX_LOG_BYTES = 500_000_000
"""Default size of all event logs together, compressed."""

_IDS_PER_STATEMENT = 500
_NO_ROOM = 2**31

_FIGURES = (
    *("wait_s", "ttft_s", "e2e_s", "itl_p50_s", "itl_p95_s", "itl_p99_s", "tpot_s", "tokens_per_s"),
    *("chunks", "output_tokens", "events", "bytes", "bytes_by_mode"),
)


Ask = Literal["cancel", "drain"]
"""What a server asks of the one that executes a run: to stop it now, or after the present superstep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What other servers ask of a run's server: to stop, empty if not, and when one of them last had a follower."""

    ask: str
    followed_at: float | None


class RunStore:
    """Saves runs while they execute, and reads them; raises `StoreUnavailable` if the database cannot be used.

    `begin`, `append`, `heartbeat` and `end` can be repeated with the same arguments without any further effect: a
    caller that lost the connection cannot know whether its last call was committed.
    """

    def __init__(
        self, url: str, *, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._database = Database(url, monotonic=monotonic)

    @property
    def database(self) -> Database:
        """The database, which has other tables too."""
        return self._database

    def connect(self) -> sa.Engine:
        """Connect and bring the tables up to date, once."""
        return self._database.connect()

    @property
    def trouble(self) -> str:
        """Why the last attempt to connect failed; empty if it did not."""
        return self._database.trouble

    @property
    def edition(self) -> int:
        """Counts the files in which the runs have been stored: another one has nothing of what was stored before."""
        return self._database.edition

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def begin(
        self,
        run_id: str,
        header: Header,
        *,
        owner: str,
        created_at: float,
        request: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a run that has just been submitted; `created_at` is in seconds since the epoch.

        `request` is what the header does not hold of its request.
        """
        row = {
            "id": run_id,
            "owner": owner,
            "created_at": created_at,
            "heartbeat_at": self._clock(),
            "status": "Running",
            "reason": "",
            "error": "",
            "graph": header.graph,
            "provider": header.provider,
            "model": header.model,
            "modes": " + ".join(header.modes),
            "api": header.api,
            "flush": _flush_label(header),
            "temperature": header.settings.get("temperature"),
            "max_tokens": header.settings.get("max_tokens"),
            "header": asdict(header),
            "request": request,
            "prompt": one_line(header.prompt),
            "log_bytes": 0,
            "part_of": str(header.settings.get(PART_OF, "")),
            "continues": _continues(request or {}),
        }
        with self._database.writing() as connection:
            insert_once(connection, runs, {name: _storable(_fitted(name, value)) for name, value in row.items()})

    def append(self, run_id: str, part: int, events: Sequence[LogEntry], metrics: Metrics) -> None:
        """Add part number `part` (from 0) of the run's event log, and the run's figures so far."""
        payload = zlib.compress(b"\n".join(map(dump_line, events)))
        with self._database.writing() as connection:
            added = insert_once(connection, event_chunks, {"run_id": run_id, "part": part, "payload": payload})
            values = {
                "heartbeat_at": self._clock(),
                "log_bytes": runs.c.log_bytes + (len(payload) if added else 0),
                **{name: _storable(getattr(metrics, name)) for name in _FIGURES},
            }
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def note_first_text(self, run_id: str, first_text_s: float) -> None:
        """Store when the first text of this run was drawn, in seconds since submission; a stored time stays."""
        unknown = sa.update(runs).where((runs.c.id == run_id) & runs.c.first_text_s.is_(None))
        with self._database.writing() as connection:
            connection.execute(unknown.values(first_text_s=first_text_s))

    def first_text_s(self, run_id: str) -> float | None:
        """When the first text of this run was drawn, in seconds since submission; `None` if it was not measured."""
        with self._database.reading() as connection:
            at = connection.execute(sa.select(runs.c.first_text_s).where(runs.c.id == run_id)).scalar()
        # SQLite keeps whatever a damaged row holds.
        return at if isinstance(at, float) else None

    def note_drawing(self, run_id: str, drawing: TextDrawing) -> None:
        """Store what drawing the text of this run gave and cost; what is stored stays."""
        unknown = sa.update(runs).where((runs.c.id == run_id) & runs.c.drawing.is_(None))
        with self._database.writing() as connection:
            connection.execute(unknown.values(drawing=asdict(drawing)))

    def drawing(self, run_id: str) -> TextDrawing | None:
        """What drawing the text of this run gave and cost; `None` if it was not measured."""
        with self._database.reading() as connection:
            stored = connection.execute(sa.select(runs.c.drawing).where(runs.c.id == run_id)).scalar()
        try:
            return TypeAdapter(TextDrawing).validate_python(stored, strict=False)
        except ValidationError:
            return None

    def heartbeat(self, run_ids: Sequence[str]) -> None:
        """Note that the server of these runs is alive, with one statement for up to 500 runs."""
        if not run_ids:
            return
        with self._database.writing() as connection:
            for batch in _batches(run_ids):
                connection.execute(sa.update(runs).where(runs.c.id.in_(batch)).values(heartbeat_at=self._clock()))

    def ask(self, run_id: str, ask: Ask) -> None:
        """Ask the server that executes this run to stop it."""
        with self._database.writing() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(asked=ask))

    def note_followers(self, run_ids: Sequence[str]) -> None:
        """Tell the servers that execute these runs that this server has followers of them."""
        with self._database.writing() as connection:
            for batch in _batches(run_ids):
                connection.execute(sa.update(runs).where(runs.c.id.in_(batch)).values(followed_at=self._clock()))

    def asked(self, run_ids: Sequence[str]) -> dict[str, Asked]:
        """What other servers ask of these runs, by id; runs of which nothing was asked are left out."""
        found: dict[str, Asked] = {}
        with self._database.reading() as connection:
            for batch in _batches(run_ids):
                query = sa.select(runs.c.id, runs.c.asked, runs.c.followed_at).where(runs.c.id.in_(batch))
                query = query.where((runs.c.asked != "") | runs.c.followed_at.is_not(None))
                rows = connection.execute(query).all()
                found |= {run_id: Asked(ask=ask, followed_at=at) for run_id, ask, at in rows}
        return found

    def end(
        self,
        run_id: str,
        status: str,
        ended: Ended,
        *,
        ended_at: float,
        gap_histogram: GapHistogram,
        answers: str = "",
        model: ModelSpec | None = None,
    ) -> None:
        """Close a run; `ended_at` is in seconds since the epoch, `answers` are the ways in which its answers ended.

        `model` is the one that wrote the last answer: the figures are its own, though another one may be in the header.
        """
        values = {
            "status": status,
            "reason": _fitted("reason", ended.reason),
            "error": _fitted("error", ended.error),
            "heartbeat_at": self._clock(),
            "ended_at": ended_at,
            "gap_histogram": gap_histogram,
            "answers": _fitted("answers", answers),
        }
        if model is not None:
            values |= {"provider": model.provider, "model": _fitted("model", model_label(model))}
        with self._database.writing() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(values))

    def count(self, *, owner: str | None = None) -> int:
        """The number of stored runs, of one owner or of all."""
        query = sa.select(sa.func.count()).select_from(runs)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def newest(self, limit: int, *, owner: str | None = None) -> list[dict[str, Any]]:
        """Rows of the newest runs, newest first, as plain values.

        A run without a heartbeat has the status `Lost`, one whose row is damaged `Damaged`.
        """
        query = self._rows().order_by(runs.c.created_at.desc()).limit(limit)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._database.reading() as connection:
            return [checked_row(row) for row in connection.execute(query).mappings()]

    def rows_of(self, run_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The rows of up to 500 runs by their ids, as `newest` has them; a run that is not stored has none."""
        query = self._rows().where(runs.c.id.in_(run_ids[:_IDS_PER_STATEMENT]))
        with self._database.reading() as connection:
            return {row["id"]: checked_row(row) for row in connection.execute(query).mappings()}

    def _rows(self) -> sa.Select[Any]:
        """What a list says of a run: all but what it was asked, and what became of its drawing."""
        earliest, latest = self._heartbeats_of_a_server()
        lost = sa.not_(runs.c.heartbeat_at.between(earliest, latest))
        status = sa.case(((runs.c.status == "Running") & lost, "Lost"), else_=runs.c.status).label("status")
        columns = [column for column in runs.c if column.name not in ("status", "header", "request", "drawing")]
        return sa.select(status, *columns)

    def ids_that_begin_with(self, beginning: str, *, limit: int = 2) -> list[str]:
        """The ids of the newest runs that begin so."""
        same = sa.func.substr(runs.c.id, 1, len(beginning)) == beginning
        query = sa.select(runs.c.id).where(same).order_by(runs.c.created_at.desc()).limit(limit)
        with self._database.reading() as connection:
            return [str(found) for found in connection.execute(query).scalars()]

    def recording(self, run_id: str) -> Recording:
        """The run with its events; a lost run gets an end event.

        Raises `BadRecording` if there is no run with this id, or nothing of its event log.
        """
        stored = self.stored_run(run_id)
        if stored is None:
            raise BadRecording("There is no run with this id.", advice="Check the link, or choose a run of the list.")
        if not stored.events and not stored.over:
            raise BadRecording("No event of this run is stored yet.", advice="Wait for its end, or run it again.")
        if not stored.events:
            raise BadRecording("The events of this run were dropped to save space.", advice="Run it again.")
        events = stored.events
        if not isinstance(events[-1].event, Ended):
            events = [*events, following(events, LOST)]
        return Recording(header=stored.header, events=events)

    def stored_run(self, run_id: str, *, first_part: int = 0) -> StoredRun | None:
        """The run, with its events from a part of its log on; `None` if there is none with this id.

        Raises `BadRecording` if what is stored of it is damaged.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).mappings().first()
            chunks = sa.select(event_chunks.c.payload).where(event_chunks.c.run_id == run_id)
            chunks = chunks.where(event_chunks.c.part >= first_part).order_by(event_chunks.c.part)
            payloads = [payload for (payload,) in connection.execute(chunks)]
        if row is None:
            return None
        earliest, latest = self._heartbeats_of_a_server()
        try:
            lines = decompressed(payloads).split(b"\n")
            header = Header(**{**row["header"], "modes": tuple(row["header"]["modes"])})
            header = TypeAdapter(Header).validate_python(asdict(header))
            created_at, heartbeat_at = seconds(row["created_at"]), seconds(row["heartbeat_at"])
            request = row["request"] or {}
        except (zlib.error, TypeError, ValueError, KeyError, AttributeError) as error:
            raise BadRecording("What is stored of this run is damaged.", advice="Run it again.") from error
        return StoredRun(
            header=header,
            request=request if isinstance(request, Mapping) else {},
            owner=row["owner"],
            created_at=created_at,
            over=row["status"] != "Running" or not earliest <= heartbeat_at <= latest,
            ended=row["status"] != "Running",
            heartbeat_at=heartbeat_at,
            events=[load_event(line, number=number) for number, line in enumerate(lines) if line],
            parts=first_part + len(payloads),
        )

    def _heartbeats_of_a_server(self) -> tuple[float, float]:
        """The earliest and the latest heartbeat of a server that still executes its runs."""
        now = self._clock()
        return now - LOST_AFTER_S, now + LOST_AFTER_S

    def replacements(self, run_id: str, *, limit: int) -> list[str]:
        """The ids of the newest runs that replaced this one: later versions of its turn."""
        # Compared as text: SQLite reads no JSON from a table with a damaged row.
        named = sa.cast(runs.c.request, sa.Text).contains(f'"replaces_run_id": "{run_id}"', autoescape=True)
        query = sa.select(runs.c.id).where(named).order_by(runs.c.created_at.desc()).limit(limit)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def drop_old_logs(self, *, max_logs: int = MAX_LOGS, max_bytes: int = MAX_LOG_BYTES) -> int:
        """Drop the event logs of the oldest runs beyond these limits and return their number; the figures stay."""
        with self._database.reading() as connection:
            query = sa.select(runs.c.id, runs.c.log_bytes).where(runs.c.log_bytes > 0)
            rows = connection.execute(query.order_by(runs.c.created_at.desc())).all()
        total, dropped = 0, []
        for index, (run_id, size) in enumerate(rows):
            # SQLite compares a damaged value as larger than any number.
            total += size if isinstance(size, int) else 0
            if index >= max_logs or total > max_bytes:
                dropped.append(run_id)
        for batch in _batches(dropped):
            with self._database.writing() as connection:
                connection.execute(sa.delete(event_chunks).where(event_chunks.c.run_id.in_(batch)))
                connection.execute(sa.update(runs).where(runs.c.id.in_(batch)).values(log_bytes=0))
        return len(dropped)

    def vote(self, *, faster: Mapping[str, Any], slower: Mapping[str, Any], tie: bool = False, owner: str = "") -> None:
        """Save a vote of the blind test: each side has `run`, `name` and its measured `ttft_s` and `e2e_s`.

        With a `tie` neither side felt faster, and the two sides may be swapped.
        """
        with self._database.writing() as connection:
            connection.execute(
                sa.insert(votes).values(
                    created_at=self._clock(),
                    faster_run=faster["run"],
                    slower_run=slower["run"],
                    faster=_fitted("model", faster["name"]),
                    slower=_fitted("model", slower["name"]),
                    figures={"faster": dict(faster), "slower": dict(slower), "tie": tie},
                    owner=owner,
                )
            )

    def votes(self, limit: int = 1000, *, owner: str | None = None) -> list[dict[str, Any]]:
        """The newest votes, newest first, of one owner or of all, without those that are damaged."""
        query = sa.select(votes).order_by(votes.c.created_at.desc()).limit(limit)
        if owner is not None:
            query = query.where(votes.c.owner == owner)
        with self._database.reading() as connection:
            return _checked_votes(connection.execute(query).mappings())

    def vote_on(self, run_ids: Sequence[str]) -> dict[str, Any] | None:
        """The newest vote that compares two of these runs, of any owner: their ids give the right to see it."""
        both = sa.and_(votes.c.faster_run.in_(run_ids), votes.c.slower_run.in_(run_ids))
        query = sa.select(votes).where(both).order_by(votes.c.created_at.desc())
        with self._database.reading() as connection:
            return next(iter(_checked_votes(connection.execute(query).mappings())), None)


def _checked_votes(rows: Iterable[sa.RowMapping]) -> list[dict[str, Any]]:
    return [vote for row in rows if (vote := checked_vote(row)) is not None]


def _continues(request: Mapping[str, Any]) -> str:
    """The run, or else the thread, that a request resumes or forks; empty for one that starts at the beginning."""
    if not request.get("resume") and not request.get("fork"):
        return ""
    return str(_fitted("continues", request.get("previous_run_id") or request.get("thread_id") or ""))


def _flush_label(header: Header) -> str:
    """The flush strategy with its N; empty for a run that none drew."""
    flush = FlushStrategy.from_labels(header.settings)
    return flush.stored if flush else str(header.settings.get("flush", ""))


def _batches(run_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(run_ids), _IDS_PER_STATEMENT):
        yield run_ids[start : start + _IDS_PER_STATEMENT]


def _fitted(column: str, value: Any) -> Any:
    """The value, cut to the length of its column and without zero bytes, which PostgreSQL refuses, SQLite does not."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "")[: getattr(runs.c[column].type, "length", None)]


def _storable(value: Any) -> Any:
    """The value; `None` for a number that PostgreSQL has no room for, because it would refuse the whole run."""
    return None if isinstance(value, int) and abs(value) >= _NO_ROOM else value
