"""Who raised an error: a node, or LangGraph at the input, or as it merged what nodes had returned."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

_TASK = re.compile(r"During task with name '(.+)' and id '")
"""How LangGraph notes on an error which task raised it."""
_BEFORE_TASK = re.compile(r"Before task with name '(.+)' and path '")
"""How it notes which task could not be given the state."""
_INPUT = "__start__"
_RUN_A_TASK = ("run_with_retry", "arun_with_retry")


def node_of(error: BaseException) -> str:
    """The innermost node in which it was raised; empty for none."""
    return next((name for name in _tasks(error) if name != _INPUT), "")


def refusing_node(error: BaseException) -> str:
    """The node before which the class of its state refused what it would have got; empty for none."""
    noted = (_BEFORE_TASK.match(note) for note in getattr(error, "__notes__", ()))
    return next((match[1] for match in noted if match), "")


def _tasks(error: BaseException) -> list[str]:
    """The tasks in which it was raised, the innermost first; that of an `exit()` has no note, but a frame."""
    noted = [match[1] for note in getattr(error, "__notes__", ()) if (match := _TASK.match(note))]
    frames = (frame for frame in frames_of(error) if frame.f_code.co_name in _RUN_A_TASK and _is_of_langgraph(frame))
    return noted or [str(getattr(frame.f_locals.get("task"), "name", "")) for frame in frames][::-1]


def who_raised(error: BaseException, place: str) -> dict[str, Any]:
    """The beginning of a sentence about the error as `lead`, and `nodes` whose code is worth a look.

    `place` is where the author's code raised it, empty if none did.
    """
    frames = list(frames_of(error))
    merging = next((frame for frame in reversed(frames) if _is_merging(frame)), None)
    if merging is not None and (nodes := _writers(merging)):
        told = ", ".join(f"“{node}”" + (f" ({times} times)" if times > 1 else "") for node, times in nodes.items())
        return {"lead": f"Merging what {told} returned for “{merging.f_locals['chan']}” raised", "nodes": list(nodes)}
    if refused := refusing_node(error):
        return {"lead": f"Before “{refused}”, the class of its state raised", "nodes": [] if place else [refused]}
    node, own = node_of(error), bool(place)
    by_langgraph = not own and bool(frames) and _is_of_langgraph(frames[-1])
    if node:
        lead = "LangGraph raised" if by_langgraph else "A node raised"
        return {"lead": lead, "nodes": [] if own else [node]}
    if by_langgraph:
        return {"lead": "At the input, LangGraph raised" if _tasks(error) else "LangGraph raised", "nodes": []}
    return {"lead": "The code around the nodes raised" if own else "The graph raised", "nodes": []}


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """The frames through which it was raised, the innermost last."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _is_of_langgraph(frame: FrameType) -> bool:
    return "langgraph" in Path(frame.f_code.co_filename).parts


def _is_merging(frame: FrameType) -> bool:
    return frame.f_code.co_name == "apply_writes" and _is_of_langgraph(frame) and "chan" in frame.f_locals


def _writers(merging: FrameType) -> Counter[str]:
    """The nodes of a step that wrote to the channel that LangGraph updates, each with how often."""
    channel, tasks = merging.f_locals["chan"], merging.f_locals.get("tasks", ())
    found: Counter[str] = Counter()
    for task in tasks:
        if any(name == channel for name, _ in task.writes):
            found["the input" if task.name in (_INPUT, "__input__") else str(task.name)] += 1
    return found
