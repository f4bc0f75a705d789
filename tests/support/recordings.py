"""Recordings of real runs, for tests."""

from contextlib import closing
from typing import Any

from graphs import GRAPHS, TECHNIQUES
from streaming.core.events import MODES
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, finish


def run_of(name: str, **fields: Any) -> Run:
    """A finished run of this graph with all stream modes on the scripted model."""
    graph = (GRAPHS | TECHNIQUES)[name]
    fields = {"modes": (*MODES, "tools"), "model": QUICK, **fields}
    with closing(Engine()) as engine:
        return finish(engine.start(RunRequest(graph=graph, prompt=graph.examples[0], **fields)))
