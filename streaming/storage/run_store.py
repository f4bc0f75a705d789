"""The store: rows of runs, their compressed logs, and votes, in SQLite or PostgreSQL."""

import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from streaming.config.settings import DATABASE_URL
from streaming.core.errors import BadRecording, StoreUnavailable
from streaming.core.events import Ended, LogEntry
from streaming.projections.metrics import Metrics
from streaming.recordings.format import Header, Recording, dump_event, load_event
from streaming.storage.schema import configure_sqlite, event_chunks, runs, upgrade_patiently, votes

MAX_LOGS = 2000
MAX_LOG_BYTES = 500_000_000
LOST_AFTER_S = 10.0
"""A run whose server has not touched it for so long is lost: the server was killed."""

RETRY_AFTER_S = 30.0
"""A database that could not be used is left alone for this long: a page should not wait for it again and again."""

_CONNECT_S = 5

_FIGURES = (
    *("ttft_s", "e2e_s", "itl_p50_s", "itl_p95_s", "itl_p99_s", "tpot_s", "tokens_per_s"),
    *("chunks", "output_tokens", "events", "bytes", "bytes_by_mode"),
)


class RunStore:
    """Saves runs as they go and finds them again. Raises `StoreUnavailable` where the database cannot be used."""

    def __init__(
        self, url: str, *, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._clock = clock
        self._monotonic = monotonic
        self._connecting = threading.Lock()
        self._engine: sa.Engine | None = None
        self._failed: tuple[float, StoreUnavailable] | None = None

    def connect(self) -> sa.Engine:
        """Connect and bring the tables up to date, once; after a failure it tries again `RETRY_AFTER_S` later."""
        with self._connecting:
            if self._engine is not None:
                return self._engine
            if self._failed is not None and self._monotonic() - self._failed[0] < RETRY_AFTER_S:
                raise self._failed[1]
            try:
                self._engine = self._open()
            except Exception as error:
                self._failed = self._monotonic(), _unavailable(error)
                raise self._failed[1] from error
            return self._engine

    def _open(self) -> sa.Engine:
        if self._url.startswith("sqlite:///"):
            Path(self._url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        wait = {"connect_timeout": _CONNECT_S} if self._url.startswith("postgresql") else {}
        engine = sa.create_engine(self._url, pool_pre_ping=True, connect_args=wait)
        configure_sqlite(engine)
        upgrade_patiently(engine)
        return engine

    def begin(self, run_id: str, header: Header, *, owner: str, created_at: float) -> None:
        """Add a run that has just started."""
        row = {
            "id": run_id,
            "owner": owner,
            "created_at": created_at,
            "beat_at": self._clock(),
            "status": "Running",
            "reason": "",
            "error": "",
            "graph": header.graph,
            "provider": header.provider,
            "model": header.model,
            "modes": " + ".join(header.modes),
            "api": header.api,
            "flush": str(header.settings.get("flush", "")),
            "temperature": header.settings.get("temperature"),
            "max_tokens": header.settings.get("max_tokens"),
            "header": asdict(header),
            "log_bytes": 0,
        }
        self._write(sa.insert(runs).values({name: _fitted(name, value) for name, value in row.items()}))

    def append(self, run_id: str, part: int, events: Sequence[LogEntry], metrics: Metrics) -> None:
        """Add events to a run's log, and say that its server is alive."""
        steps: list[sa.Executable] = []
        lines = zlib.compress(b"\n".join(map(dump_event, events))) if events else b""
        if lines:
            steps.append(sa.insert(event_chunks).values(run_id=run_id, part=part, lines=lines))
        beat = {"beat_at": self._clock(), "log_bytes": runs.c.log_bytes + len(lines), **_figures(metrics)}
        steps.append(sa.update(runs).where(runs.c.id == run_id).values(beat))
        self._write(*steps)

    def end(self, run_id: str, status: str, ended: Ended) -> None:
        """Close a run."""
        said = {"status": status, "reason": ended.reason, "error": ended.error, "beat_at": self._clock()}
        self._write(sa.update(runs).where(runs.c.id == run_id).values(said))

    def count(self, *, owner: str | None = None) -> int:
        """How many runs are stored, of one owner or of all."""
        query = sa.select(sa.func.count()).select_from(runs)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def newest(self, most: int, *, owner: str | None = None) -> list[dict[str, Any]]:
        """Rows of the newest runs, newest first, as plain values."""
        status = sa.case(
            ((runs.c.status == "Running") & (runs.c.beat_at < self._clock() - LOST_AFTER_S), "Lost"),
            else_=runs.c.status,
        ).label("status")
        columns = [column for column in runs.c if column.name not in ("status", "header")]
        query = sa.select(status, *columns).order_by(runs.c.created_at.desc()).limit(most)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def recording(self, run_id: str) -> Recording:
        """The run with its events; a lost one ends with what it had. Raises `BadRecording` where there is no log."""
        with self._reading() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).mappings().first()
            found = connection.execute(
                sa.select(event_chunks.c.lines).where(event_chunks.c.run_id == run_id).order_by(event_chunks.c.part)
            )
            parts = [zlib.decompress(lines) for (lines,) in found]
        events = [load_event(line, number=n) for n, line in enumerate(b"\n".join(parts).split(b"\n")) if line]
        if row is None or not events:
            raise BadRecording("The events of this run are not kept any more.", advice="Run it again.")
        if not isinstance(events[-1].event, Ended):
            lost = Ended(outcome="failed", reason="Lost: the server was gone before the run had ended.", error="Lost")
            events.append(LogEntry(seq=events[-1].seq + 1, t=events[-1].t, event=lost))
        header = {**row["header"], "modes": tuple(row["header"]["modes"])}
        return Recording(header=Header(**header), events=events)

    def drop_old_logs(self, *, kept: int = MAX_LOGS, kept_bytes: int = MAX_LOG_BYTES) -> int:
        """Drop the logs of the oldest runs beyond these limits; their figures stay. How many were dropped."""
        with self._reading() as connection:
            query = sa.select(runs.c.id, runs.c.log_bytes).where(runs.c.log_bytes > 0)
            rows = connection.execute(query.order_by(runs.c.created_at.desc())).all()
        total, dropped = 0, []
        for place, (run_id, size) in enumerate(rows):
            total += size
            if place >= kept or total > kept_bytes:
                dropped.append(run_id)
        for start in range(0, len(dropped), 500):
            some = dropped[start : start + 500]
            self._write(
                sa.delete(event_chunks).where(event_chunks.c.run_id.in_(some)),
                sa.update(runs).where(runs.c.id.in_(some)).values(log_bytes=0),
            )
        return len(dropped)

    def vote(self, *, faster: Mapping[str, Any], slower: Mapping[str, Any], tie: bool = False) -> None:
        """Keep a vote of the blind test: each side has `run`, `name` and its true `ttft_s` and `e2e_s`.

        A `tie` says that neither felt faster; which side stands where means nothing then.
        """
        self._write(
            sa.insert(votes).values(
                created_at=self._clock(),
                faster_run=faster["run"],
                slower_run=slower["run"],
                faster=_fitted("model", faster["name"]),
                slower=_fitted("model", slower["name"]),
                figures={"faster": dict(faster), "slower": dict(slower), "tie": tie},
            )
        )

    def votes(self, most: int = 1000) -> list[dict[str, Any]]:
        """The newest votes."""
        with self._reading() as connection:
            query = sa.select(votes).order_by(votes.c.created_at.desc()).limit(most)
            return [dict(row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Close all connections."""
        with self._connecting:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self.connect().connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise _unavailable(error) from error

    def _write(self, *steps: Any) -> None:
        try:
            with self.connect().begin() as connection:
                for step in steps:
                    connection.execute(step)
        except (sa.exc.DataError, sa.exc.IntegrityError):
            # The fault of this row, not of the database: the rows after it can be written.
            raise
        except sa.exc.SQLAlchemyError as error:
            raise _unavailable(error) from error


def _fitted(column: str, value: Any) -> Any:
    """The value, cut to what its column holds: PostgreSQL refuses a longer text, SQLite does not care."""
    length = getattr(runs.c[column].type, "length", None)
    return value[:length] if length and isinstance(value, str) else value


def _figures(metrics: Metrics) -> dict[str, Any]:
    return {name: getattr(metrics, name) for name in _FIGURES}


def _unavailable(error: Exception) -> StoreUnavailable:
    # Only the error's name: SQLAlchemy's messages can hold the URL with its password, and the row with its prompt.
    return StoreUnavailable(
        f"The history of runs cannot be used ({type(error).__name__}).",
        advice=f"Check {DATABASE_URL}, the space on the disk and the rights to the folder; runs go on without it.",
    )
