"""The log line of a run."""

import json

from streaming.runtime.engine import Engine
from tests.support.graphs import finish, one_node, speak, start
from tests.support.telemetry import exported


def test_run_is_one_log_line_with_ids_figures_and_outcome(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}, prompt="a private question"))
    _, file = exported(run)
    (line,) = file.getvalue().splitlines()
    fields = json.loads(line)
    assert fields["run"] == run.id[:8]
    assert run.id not in line, "the whole id is the right to follow the run"
    assert (fields["outcome"], fields["provider"], fields["graph"]) == ("completed", "scripted", "test")
    assert fields["ttft_ms"] > 0
    assert fields["tokens_per_s"] > 0
    assert fields["output_tokens"] > 0
    assert "private" not in line
