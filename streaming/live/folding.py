"""The meaning of patches: the reference for every renderer. Tests compare its result with the projections."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from copy import deepcopy
from operator import itemgetter
from typing import Any

from streaming.live.patches import Patch
from streaming.live.raw_rows import SHORT, expanded

View = dict[str, Any]


def empty_view() -> View:
    """The view of a run before its first patch."""
    return {
        "run": {},
        "clock": None,
        "messages": {},
        "answer": "",
        "turns": [],
        "branches": {},
        "spans": {},
        "own": {},
        "lanes": {},
        "steps": [],
        "bar": {},
        "figures": {},
        "states": {},
        "updates": [],
        "tasks": [],
        "checkpoints": [],
        "trace": [],
        "calls": {},
        "namespaces": {},
        "active": [],
        "finished": [],
        "seen": {"nodes": [], "unsure": False},
        "kinds": {},
        "tables": {},
        "raw": [],
        "faults": [],
        "over": False,
    }


def fold(view: View, patches: Iterable[Patch]) -> View:
    """Apply patches to the view, in order and in place; unknown operations change nothing."""
    for op, *content in patches:
        if (apply := _APPLY.get(op)) is not None:
            apply(view, *content)
    return view


def _merge(name: str) -> Callable[[View, dict[str, Any]], None]:
    """Merge fields into one part of the view."""
    return lambda view, fields: view[name].update(fields)


def _merge_item(name: str, **blank: Any) -> Callable[[View, str, dict[str, Any]], None]:
    """Open an item of this part of the view, or merge fields into it."""

    def apply(view: View, key: str, fields: dict[str, Any]) -> None:
        if key not in view[name]:
            view[name][key] = deepcopy(blank)
        view[name][key].update(fields)

    return apply


def _replace(name: str) -> Callable[[View, Any], None]:
    return lambda view, value: view.__setitem__(name, value)


def _append(name: str) -> Callable[[View, Any], None]:
    return lambda view, row: view[name].append(row)


def _extend(name: str) -> Callable[[View, list[Any]], None]:
    return lambda view, rows: view[name].extend(rows)


def _text(view: View, message_id: str, piece: str, t: float) -> None:
    if (message := view["messages"].get(message_id)) is not None:
        message["text"] += piece
        message["last_at"] = t


def _reasoning(view: View, message_id: str, piece: str, _t: float) -> None:
    if (message := view["messages"].get(message_id)) is not None:
        message["reasoning"] += piece


def _whole(view: View, message_id: str, text: str, t: float) -> None:
    if (message := view["messages"].get(message_id)) is not None:
        message.update(text=text, last_at=t)


def _end(view: View, message_id: str, end: dict[str, Any]) -> None:
    if (message := view["messages"].get(message_id)) is not None:
        message.update(ended_at=end["t"], **{name: value for name, value in end.items() if name != "t"})


def _drop(view: View, message_id: str) -> None:
    view["messages"].pop(message_id, None)
    view["turns"] = [turn for turn in view["turns"] if turn[0] != message_id]
    view["calls"] = {name: call for name, call in view["calls"].items() if call.get("msg") != message_id}


def _argument(view: View, call_id: str, piece: str) -> None:
    if (call := view["calls"].get(call_id)) is not None:
        call["arguments"] += piece


def _output(view: View, call_id: str, value: Any) -> None:
    if (call := view["calls"].get(call_id)) is not None:
        call["output"].append(value)


def _lane(view: View, mode: str, bins: list[list[int]]) -> None:
    view["lanes"].setdefault(mode, {}).update({number: (count, size) for number, count, size in bins})


def _namespace(view: View, path: str, fields: dict[str, Any]) -> None:
    view["namespaces"][path] = fields


def _state(view: View, ns: str, step: int, change: dict[str, Any], t: float, size: int) -> None:
    view["states"].setdefault(ns, []).append({"step": step, "t": t, "size": size, **change})


def _rows(view: View, tag: str, keep: int, rows: list[Any], complete: bool) -> None:
    before = view["tables"].get(tag, {"rows": []})["rows"]
    view["tables"][tag] = {"rows": [*before[:keep], *rows], "complete": complete}


def _raw(view: View, rows: list[list[Any]]) -> None:
    raw = view["raw"]
    for row in rows:
        base = raw[bisect_left(raw, row[4], key=itemgetter(0))] if len(row) == SHORT else row
        raw.append(expanded(row, base) if len(row) == SHORT else row)


def _answer(view: View, text: str, _t: float) -> None:
    view["answer"] = text


def _over(view: View) -> None:
    view["over"] = True


_APPLY: dict[str, Callable[..., None]] = {
    "run": _merge("run"),
    "fig": _merge("figures"),
    "bar": _merge("bar"),
    "clock": _replace("clock"),
    "active": _replace("active"),
    "finished": _replace("finished"),
    "seen": _replace("seen"),
    "msg": _merge_item("messages", text="", reasoning="", last_at=None, ended_at=None, cut=False),
    "call": _merge_item("calls", arguments="", output=[]),
    "span": _merge_item("spans"),
    "own": _merge_item("own"),
    "branch": _merge_item("branches"),
    "kind": _merge_item("kinds"),
    "text": _text,
    "think": _reasoning,
    "whole": _whole,
    "end": _end,
    "drop": _drop,
    "answer": _answer,
    "arg": _argument,
    "out": _output,
    "lane": _lane,
    "ns": _namespace,
    "state": _state,
    "rows": _rows,
    "step": _append("steps"),
    "upd": _append("updates"),
    "task": _append("tasks"),
    "ckpt": _append("checkpoints"),
    "trace": _append("trace"),
    "fault": _append("faults"),
    "turn": _extend("turns"),
    "raw": _raw,
    "over": _over,
}
