"""Edges that name a node which the graph does not have: LangGraph notices them when it compiles, lines later."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from types import FrameType

from .raised_by import frames_of

_UNKNOWN = re.compile(r"unknown node [`'\"]([^`'\"]+)")


def cure_of_edge(error: ValueError, said: str) -> str:
    """The line with the edge, and the names of the nodes; empty for another error."""
    named, frames = _UNKNOWN.search(said), list(frames_of(error))
    nodes = getattr(frames[-1].f_locals.get("self"), "nodes", None) if frames else None
    if named is None or not isinstance(nodes, dict):
        return ""
    line = next((line for frame in frames for line in _lines_with_edge(named[1], frame)), None)
    where = f" in line {line}" if line else ""
    return f"Correct it{where}: the nodes are {', '.join(map(str, nodes))}."


def _lines_with_edge(node: str, frame: FrameType) -> Iterator[int]:
    file = frame.f_code.co_filename
    for number, line in enumerate([] if "site-packages" in file else linecache.getlines(file), 1):
        if "edge" in line and (f'"{node}"' in line or f"'{node}'" in line):
            yield number
