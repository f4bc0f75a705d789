"""Progress reports in one format, for nodes and tools."""

from datetime import UTC, datetime

from langgraph.config import get_stream_writer


def report_progress(step: str, *, done: int, total: int, status: str, fraction: float) -> None:
    """Write one custom event: `done` of `total` in the step, `fraction` (0 to 1) of the whole job, the time in UTC."""
    get_stream_writer()(
        {
            "kind": "progress",
            "step": step,
            "done": done,
            "total": total,
            "status": status,
            "fraction": round(fraction, 3),
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
    )
