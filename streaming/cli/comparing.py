"""Two configurations, one after the other, with their figures beside each other and the verdict of a race."""

from typing import TYPE_CHECKING

from streaming.analysis.contender import Contender
from streaming.analysis.race_verdict import race_sentence
from streaming.cli.configuration import parse_configuration, request_of
from streaming.cli.consoles import open_console, write
from streaming.cli.graph_inputs import with_values
from streaming.cli.graphs import known_as
from streaming.cli.panels import draw_table, figures_of, metrics_of
from streaming.cli.running import report_end, stopped_by_signals
from streaming.core.events import MODES
from streaming.core.run import Run
from streaming.providers.catalogue import resolve_key

if TYPE_CHECKING:
    from streaming.services import Services


def compare(services: "Services", configurations: tuple[str, str], *, graph: str, prompt: str) -> int:
    """Run both, each alone; print the figures and the verdict; returns the worse exit code."""
    names_of_graphs = [known_as(services.own_graphs, name) for name in graphs_of(configurations, graph=graph)]
    options = [
        {**parse_configuration(text), "graph": name} for text, name in zip(configurations, names_of_graphs, strict=True)
    ]
    requests = [with_values(request_of(services, option, prompt), context="", configurable="") for option in options]
    console = open_console()
    runs: list[Run] = []
    with stopped_by_signals(runs):
        for name, request in zip(configurations, requests, strict=True):
            write(console, f"Running {name}", "dim")
            # The providers may differ, and a key must go to its own provider only.
            run = services.engine.start(request, api_key=resolve_key(request.model))
            runs.append(run)
            for _ in run.follow():
                pass
            if run.status == "Cancelled":
                return report_end(run)
    figures = [figures_of(metrics_of(run.events)) for run in runs]
    names = _names(configurations)
    rows = [{"": figure, names[0]: value, names[1]: figures[1][figure]} for figure, value in figures[0].items()]
    draw_table(console, rows)
    write(console, race_sentence([_contender(name, run) for name, run in zip(names, runs, strict=True)]))
    return max(report_end(run) for run in runs)


def graphs_of(configurations: tuple[str, str], *, graph: str) -> list[str]:
    """The graph of each side as it was typed: that of its parameters, or else `graph`."""
    return [parse_configuration(text).get("graph") or graph for text in configurations]


def _names(configurations: tuple[str, str]) -> tuple[str, str]:
    first, second = configurations
    return configurations if first != second else (f"{first} (1)", f"{second} (2)")


def _contender(name: str, run: Run) -> Contender:
    metrics, completed = metrics_of(run.events), run.status == "Completed"
    return Contender(
        name=name,
        first_s=metrics.first_text_s if completed else None,
        end_s=metrics.e2e_s if completed else None,
        bytes=metrics.bytes,
        all_modes=len(run.request.modes) == len(MODES),
        waits=bool(run.ended and run.ended.pending),
    )
