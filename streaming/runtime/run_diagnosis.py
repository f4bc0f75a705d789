"""The diagnosis of a run: its log, and the facts of its graph's code."""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Any

from streaming.analysis.diagnosis.finding import Finding, Thresholds
from streaming.analysis.diagnosis.rules import diagnose
from streaming.core.once_a_run import OnceARun
from streaming.core.request import GraphSource, HasDescription
from streaming.core.run import Run
from streaming.own_graphs.worker.code_facts import read_code_facts
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.known_graphs import resolved

_FACTS: dict[tuple[str, str], Mapping[str, Any]] = {}
_LOCK = threading.Lock()
_FINDINGS: OnceARun[list[Finding]] = OnceARun()


def diagnose_run(run: Run, *, thresholds: Thresholds | None = None, asked_on_purpose: bool = False) -> list[Finding]:
    """Why this run streamed as it did; empty for a healthy one, and for one by another API than the stream modes.

    With `asked_on_purpose` nothing is said about the modes that the run asked for. Computed once for a run that has
    ended.
    """
    if run.request.api != "stream modes":
        return []
    key = thresholds, asked_on_purpose
    compute = partial(_diagnosed, run, thresholds=thresholds, asked_on_purpose=asked_on_purpose)
    return _FINDINGS.get(run, compute, key=key)


def _diagnosed(run: Run, *, thresholds: Thresholds | None, asked_on_purpose: bool) -> list[Finding]:
    request = run.request
    return diagnose(
        run.events,
        modes=request.modes,
        subgraphs=request.subgraphs,
        facts=facts_of(request.graph),
        thresholds=thresholds,
        asked_on_purpose=asked_on_purpose,
        given=[request.prompt, request.input],
    )


def facts_of(source: GraphSource) -> Mapping[str, Any] | None:
    """The facts of a graph's code, `None` where they are not known.

    A graph that runs elsewhere has them in its description; a graph of this process is read once.
    """
    try:
        source = resolved(source)
        if isinstance(source, HasDescription):
            return source.description.code
        key = source.module, source.name
        with _LOCK:
            if key not in _FACTS:
                _FACTS[key] = read_code_facts(source.build(ScriptedChatModel()))
            return _FACTS[key]
    except Exception:  # noqa: BLE001 - a diagnosis is never worth an error on the page
        return None
