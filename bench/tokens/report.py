"""The table of the measurements, and the file with their figures."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.tokens.engine import Cost
from bench.tokens.latencies import Result, quantile
from bench.tokens.measure import Case
from bench.tokens.targets import REFERENCE

RESULTS = Path(__file__).parents[1] / "results.json"
HEAD = (
    f"{'':<28}{'first':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'last':>8}{'B/word':>8}{'frame':>8}{'shift':>8}"
    f"{'CPU µs':>8}{'p95 ratio':>11}{'CPU ratio':>11}"
)


@dataclass(slots=True, kw_only=True)
class Report:
    """What was measured: results by case and target, and the costs beside them."""

    cases: dict[str, dict[str, Result | None]] = field(default_factory=dict)
    engine: dict[str, dict[str, Cost]] = field(default_factory=dict)
    followers: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    stop_ms: Sequence[float] = ()

    def as_json(self) -> dict[str, Any]:
        """Everything, with the machine and the time."""
        return {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"processors": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
            "cases": {
                case: {target: result and result.as_json() for target, result in results.items()}
                for case, results in self.cases.items()
            },
            "engine": {
                pace: {name: [round(cost.words_per_s, 1), round(cost.cpu_us_a_word, 1)] for name, cost in costs.items()}
                for pace, costs in self.engine.items()
            },
            "followers": {str(number): [round(value, 1) for value in cost] for number, cost in self.followers.items()},
            "stop_ms": [round(ms, 1) for ms in self.stop_ms],
        }

    def save(self) -> None:
        """Write `bench/results.json`; cases that were measured alone replace those of the file."""
        found = self.as_json()
        if not self.engine:
            before = json.loads(RESULTS.read_text())
            found = before | {"measured_at": found["measured_at"], "cases": before["cases"] | found["cases"]}
        RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def case_head(case: Case) -> str:
    """The line above the rows of a case."""
    return f"\n{case.title} (ms; ratios: {REFERENCE} = 1)\n{HEAD}"


def row(name: str, result: Result | None, reference: Result | None) -> str:
    """One row of the table."""
    if result is None:
        return f"{name:<28}  not all words within the time limit"
    ratio = f"{result.p95_ms / reference.p95_ms:.2f}" if reference else "–"
    cpu = "–"
    if reference and reference.cpu_us_a_word and result.cpu_us_a_word is not None:
        cpu = f"{result.cpu_us_a_word / reference.cpu_us_a_word:.2f}"
    return (
        f"{name:<28}{result.first_ms:>8.1f}{result.p50_ms:>8.1f}{result.p95_ms:>8.1f}{result.p99_ms:>8.1f}"
        f"{result.last_ms:>8.1f}{_whole(result.bytes_a_word):>8}{_gap(result.frame_gap_ms):>8}"
        f"{result.layout_shift:>8.3f}{_whole(result.cpu_us_a_word):>8}{ratio:>11}{cpu:>11}"
    )


def engine_lines(pace: str, costs: Mapping[str, Cost]) -> Iterator[str]:
    """The engine beside the bare consumer."""
    bare = costs["bare"]
    for name, cost in costs.items():
        yield (
            f"{name:<28}{pace:>10}{cost.words_per_s:>10,.0f} words/s{cost.cpu_us_a_word:>8.0f} µs of CPU a word"
            f"{cost.cpu_us_a_word / bare.cpu_us_a_word:>8.2f} of bare astream"
        )


def follower_lines(followers: Mapping[int, tuple[float, float]]) -> Iterator[str]:
    """The cost of followers."""
    for number, (cpu, size) in followers.items():
        yield f"{number:>4} followers: {cpu:6.0f} µs of server CPU a token, {size:4.0f} bytes a token each"


def stop_line(found: Sequence[float]) -> str:
    """Median and maximum of Stop."""
    return (
        f"Stop to closed connection: median {quantile(found, 50):.0f} ms, max {max(found):.0f} ms ({len(found)} tries)"
    )


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _gap(value: float) -> str:
    return f"{value:.0f}" if value else "≤20"
