"""What lasts, ends or comes first is told by a clock that nobody sets; other uses have their reasons."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SYSTEMS_CLOCK = {
    "components/shell/session.py": "numbers that are higher after a restart of the server",
    "components/shell/session_commands.py": "the same, and they grow when the clock is set back",
    "streaming/core/run.py": "dates; times of a run are by the monotonic clock from there on",
    "streaming/http/websocket.py": "a heartbeat, which nobody reads",
    "streaming/providers/requested_pause.py": "a date in a header of a provider that has no date itself",
    "streaming/runtime/checkpoint_order.py": "whether an id is years ahead",
    "streaming/runtime/checkpointer.py": "threads without a checkpoint for a week, when the server starts",
    "streaming/runtime/thread_claims.py": "a lock that looks old is watched by the monotonic clock",
    "streaming/storage/login_store.py": "how long the cookie of a login counts; the newest stay in any case",
    "streaming/storage/run_store.py": "heartbeats of other servers; who follows a run watches whether they change",
}
PYTHON = re.compile(r"\btime\.time(_ns)?\b|\bdatetime\.(now|utcnow|today)\b|\bdate\.today\b")
JAVASCRIPT = re.compile(r"\bDate\.now\b|\bnew Date\(\)")


def test_the_systems_clock_is_read_where_a_date_is_meant() -> None:
    files = [file for folder in ("streaming", "components", "pages") for file in (ROOT / folder).rglob("*.py")]
    read = {file.relative_to(ROOT).as_posix() for file in files if PYTHON.search(file.read_text(encoding="utf-8"))}
    assert read == set(SYSTEMS_CLOCK)


def test_the_browser_measures_by_a_clock_that_nobody_sets() -> None:
    files = [file for file in (ROOT / "components").rglob("*.js") if "node_modules" not in file.parts]
    assert files
    assert [file.name for file in files if JAVASCRIPT.search(file.read_text(encoding="utf-8"))] == []
