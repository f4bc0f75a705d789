"""What a run without `subgraphs=True` does not show."""

from collections.abc import Mapping, Sequence

from streamlit.delta_generator import DeltaGenerator

from components.shell.format import code, format_bytes, format_seconds, truncate
from streaming.core.events import LogEntry, Status
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.namespaces import NamespaceNode, NamespaceTree
from streaming.projections.run_state import RunState

_MOST_NAMES = 50
"""Names of nodes in a sentence, and characters of one."""


def what_is_lost(parent: DeltaGenerator, logs: Mapping[str, Sequence[LogEntry]]) -> None:
    """Compare the log of an ended run with `subgraphs=True`, the first one, and one without."""
    if not logs:
        return
    nodes = {name: apply_all(NamespaceTree(), events).nodes for name, events in logs.items()}
    metrics = {name: apply_all(MetricsCollector(), events).metrics() for name, events in logs.items()}
    parent.subheader("What is lost", anchor=False)
    parent.dataframe(
        {
            "": ["graphs seen", "events", "bytes", "TTFT", "text chunks", "custom events", "E2E", "state"],
            **{name: _figures(nodes[name], metrics[name], apply_all(RunState(), logs[name]).status) for name in logs},
        },
        hide_index=True,
        alt="Figures of each setting",
    )
    deep, flat = list(nodes.values())[:2]
    inner = sum(node.chunks for node in deep if node.depth)
    unseen = sorted({name for node in deep if node.depth for name in node.nodes})
    if all(figures.outcome == "completed" for figures in metrics.values()):
        parent.markdown(
            f"Without `subgraphs=True` the run shows {len(flat)} graph instead of {len(deep)}: the {inner} text chunks "
            f"of the inner graphs and every word of the nodes {_names(unseen)} stay hidden until the "
            "outer node has ended. The work is the same; only the screen does not move for longer."
        )
    parent.caption("Compare what is visible, not TTFT: both runs ask the same model at the same time.")


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(code(truncate(name, _MOST_NAMES)) for name in names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown} and {len(names) - _MOST_NAMES:,} more"


def _figures(nodes: Sequence[NamespaceNode], metrics: Metrics, status: Status) -> list[str]:
    return [
        str(len(nodes)),
        f"{metrics.events:,}",
        format_bytes(metrics.bytes),
        format_seconds(metrics.ttft_s),
        str(sum(node.chunks for node in nodes)),
        str(metrics.events_by_mode.get("custom", 0)),
        format_seconds(metrics.e2e_s),
        status,
    ]
