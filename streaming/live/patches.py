"""The patches of a run's view: the contract between the server and every renderer, version 1.

Each run has one view model. Its projections (`streaming.live.view`) are run once and turn each log entry into patches.
A patch is a JSON array `[op, ...]`. **`seq` counts log entries**: a frame with `seq` n brings the view to the state
after the run's first n log entries. One entry gives none, one or several patches, so take `seq` from the frame instead
of counting patches. Applying all patches in order (the fold) gives the view. A snapshot is a list of patches that folds
to the same view, with one `text` for a whole message.

Conventions
-----------
- ids of messages and tool calls in patches are short aliases (`m1`, `c1`; saves 40 bytes a word); LangGraph's own id is
  the field `id` of `msg`. Treat ids as opaque.
- `lane` **sets** the bins that it names and does not add. So every patch except text, think, arg, out and the appended
  rows can be applied twice without harm.
- a namespace is a string: its parts joined with `|`, the outer graph's is `""` (LangGraph's own form,
  `node:task|node:task`).
- a *preview* is any JSON value: a string is text (a long one is cut and ends with …); `{"…": "text"}` is JSON text that
  was cut; any other value is the value itself.
- `msg` opens or updates a message and names its `branch`. `fault` is a mark in the row of the provider.
- unknown ops and unknown fields are ignored.

Patches (all times `t` in seconds since the run was submitted; unknown = null)
------------------------------------------------------------------------------
- `["run", {status, outcome, reason, advice, error, graph, provider, model, modes, api, prompt, created_at, notice,
  notice_until, draining, attempt: {number, of, reason, pause_s}, fallback: {reason, to, lost_s}, started_at, ended_at,
  next: [node], pending: [{id, node, value}], trouble, answers, kept}]` (always): merge fields into run. `status`:
  Waiting, Running, Completed, Interrupted, Paused, Cancelled, Timed out, Failed; `notice_until` is a run time to count
  down to; `trouble`: a sentence about a view that failed; `bounded`: a sentence about what the views leave out;
  `answers`: a sentence about incomplete answers, at the end; `kept`: one of them broke off in an earlier run and was
  kept as it is
- `["clock", t]` (always): run time at which the server sent this (browser ticks from it); may come at any time
- `["msg", id, {id, node, ns, role, tags, t, branch, whole, first_at, kept, thought_s, parts: [{type, media, size}]}]`
  (text): open a message, or merge fields; role ai, human, tool, system …; `first_at` = time of its first text, of which
  the first `kept` UTF-16 units had come in an earlier run; `thought_s` = seconds of reasoning, known when its text
  begins; `parts` = its content that is neither text nor reasoning (image, audio, file, citation …), with the media type
  ("" = unknown) and the size in bytes
- `["text", id, s, t]` (text): append text
- `["answer", s, t]` (answer): the answer that the state holds, whole (replace), for a run without tokens
- `["think", id, s, t]` (text): append reasoning
- `["whole", id, s, t]` (text): replace the text by a whole message
- `["end", id, {t, cut, how, note}]` (text): message ended; `cut` = it broke off. An answer of a model has `how`
  (finished, cut by length, filtered, refused, only thought, broken off, kept incomplete, unknown) and a `note`, which
  says in one line what happened and what to do ("" = nothing to say)
- `["drop", id]` (always): remove the message, because it will be written again, with its text, its turns and the tool
  calls whose `msg` it is
- `["turn", [[id, offset], …]]` (arrival): order of arrival: from its offset (in UTF-16 units, JavaScript's `.length`)
  on, the text of this message was written, until the next turn. Cut each message's text at the offsets of its own turns
- `["branch", id, {node, label, started_at, first_text_after_s, chunks, chunks_per_s, ended_at}]` (branches): one
  execution of a node that writes; merged; `label` distinguishes it from its siblings
- `["span", id, {node, label, ns, start, end, state, error, input, output}]` (spans): open or update (merge) a node
  span; state running, done, cached, failed, interrupted, cut; input/output are previews; `label`, where there is one,
  distinguishes it from executions of the same node at the same time
- `["own", name, {start, end, state, error, node, ns}]` (spans): a span that a node reports through the stream writer
- `["lane", mode, [[bin, count, bytes], …]]` (lanes): events of a stream mode in bins of 0.05 s; sets these bins
- `["step", {t, node, ns, step, status, done, total, at, fraction, data, size}]` (steps): a custom/progress event,
  appended
- `["bar", {fraction, status}]` (steps): progress of the whole job
- `["fig", {name: value}]` (figures): figures (wait_s, ttft_s, e2e_s, first_event_s, first_node_s, first_reasoning_s,
  first_token_s, itl_p50_s, itl_p95_s, itl_p99_s, tpot_s, tokens_per_s, chunks, output_tokens, input_tokens, events,
  bytes, attempts, loop_cpu_s, ttft_share, first_text_s, answer_after_s) merged; answer_after_s is ttft_s, or when
  an answer that came whole was there, once its run has completed
- `["state", ns, step, {changed: {field: preview}, removed: [field], interrupts: [preview]}, t, size]` (states): state
  after a superstep
- `["upd", {t, node, ns, fields: {name: preview}, value: preview, size, cached}]` (updates): an update, appended
  (`value` only if the delta is not an object)
- `["task", {t, id, node, ns, type: start or result, triggers, input, result, error, interrupts, size}]` (tasks):
  appended
- `["ckpt", {id, parent, ns, source, step, next, values: {field: preview}, t, size}]` (checkpoints): appended
- `["trace", {t, ns, step, type, name, timestamp, preview, size}]` (trace): an entry of the debug mode, appended
- `["call", id, {id, msg, tool, state, asked_at, started_at, ended_at, result}], ["arg", id, s], ["out", id, value]`
  (calls): tool calls: merge, append to arguments, append one output value; state: being written, called, finished,
  failed, unknown tool, and at the end of the run: waiting for a person, not run, broken off
- `["ns", path, {events: {mode: n}, bytes, chunks, nodes: [..], first_at, last_at}]` (namespaces): namespace tree node
  (replace); parents come before children
- `["active", [node, …]]` (active): nodes of the outer graph that run now (replace)
- `["finished", [node, …]]` (active): nodes of the outer graph of which it is known that they have finished (replace)
- `["seen", {nodes, unsure}]` (active): at the end, the nodes that something came from and of which no end is known;
  `unsure` = no mode of the run tells which nodes ran, so each of the others may have run (replace)
- `["kind", name, {shape, first_at, count, bytes}]` (kinds): one kind of event of a mode or of an event API, merged
- `["rows", tag, keep, [row, …], complete]` (rows): the table in the JSON of messages with this tag: keep the first
  `keep` rows, then append these
- `["raw", [[seq, t, mode, ns, node, text, size, json], …]]` (raw): raw parts, appended: the `data` of the part as
  LangGraph sent it (json bounded, cut with …; a part with `interrupts` is whole; messages in a state are without their
  empty fields). A row `[seq, t, text, size, base]` is like the row whose seq is `base`, with another text: in
  its json the first `"content":` with the base's text has this one (`streaming.live.raw_rows.expanded`). A row whose
  json was cut has the length of the whole as one more field
- `["fault", {t, text, by}]` (faults): a mark of the provider's row, appended: a step of the fault server (`by` =
  server), or an attempt, a fallback, a failure (`by` = policy)
- `["over"]` (always): the run has ended, and no patch follows

Wire: WS /api/live (JSON text frames)
-------------------------------------
client → {"follow": run_id, "since": 0, "raw": 0?, "views": ["text","spans",…]?, "ahead": true?}
 · {"leave": run_id} · {"ping": n} · {"part": run_id, "seq": n}
server → {"run": id, "as": n, "from": a, "seq": b, "p": [...], "t": run time?} · {"run": id, "as": n, "snapshot": true,
"seq": b, "p": [...], "t": run time?} (view starts empty)
 · {"run": id, "gone": "sentence"} · {"run": id, "part": n, "json": "…" or null} · {"pong": n} · heartbeat {"beat": t}
 every few seconds · {"error": "sentence"} (an invalid message, or a limit; the socket stays open)
- `part` asks for the whole JSON of the raw part with this number, where its row was cut.
- `t`, where present, is the run's age at sending (once a second or so): tick from it.
- `as`, in the first frame after each `follow`, is the run's number: in later frames of the socket it is their `run`.
- `from` is absent where it is `seq` - 1.
- Apply all of `p`, then remember `seq`. Frames with `from` = `seq` are possible (figures and lanes that come after the
  text, raw rows).
- `views`: which patches to send; absent = all but raw, answer, arrival, branches,
  namespaces and kinds. A second `follow` of
  the same run on the same socket replaces the first and is answered by a snapshot if the views differ. Two mounts on
  one page that follow the same run should follow once, with the union of their views.
- `ahead` follows a run that may not have started: its frames come as soon as it does. The page's script knows the id of
  the next run before it draws the button that starts it, and reaches the browser later than the run's first frames.
- Resume: reconnect and follow with `since` = last seq (and `raw` = number of the last raw row + 1, with the view
  `raw`). The answer is the rest, or a snapshot if the rest has been coalesced.
- After ["over"] the server sends nothing more for the run, except the remaining raw rows to a late follower of the view
  `raw` (numbered up to `seq` - 1, without the engine's own events).
- A slow follower gets its backlog coalesced (texts joined, figures and lanes merged); nothing is lost.

File, replay, Streamlit's channel
---------------------------------
`streaming.live.view.patches_of(events, about=…, edges=…, views=…)` gives `(t, [patch, …])` for each log entry that
changes something, for replays and exported pages. The patches are the same as live.
Where a browser does not reach the socket, `streaming.live.pulled` gives the same frames, the newest few in each answer,
and the player takes them from Streamlit's own connection.
`streaming.live.folding` is the reference for the effect of a patch on the view, `streaming.live.coalescing` for the
patches that may be merged.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

VERSION = 1

Patch = list[Any]
Fields = Mapping[str, Any]

VIEWS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"msg", "text", "think", "whole", "end"}),
    "answer": frozenset({"answer"}),
    "branches": frozenset({"branch"}),
    "arrival": frozenset({"turn"}),
    "spans": frozenset({"span", "own"}),
    "lanes": frozenset({"lane"}),
    "steps": frozenset({"step", "bar"}),
    "figures": frozenset({"fig"}),
    "states": frozenset({"state"}),
    "updates": frozenset({"upd"}),
    "tasks": frozenset({"task"}),
    "checkpoints": frozenset({"ckpt"}),
    "trace": frozenset({"trace"}),
    "calls": frozenset({"call", "arg", "out"}),
    "namespaces": frozenset({"ns"}),
    "active": frozenset({"active", "finished", "seen"}),
    "rows": frozenset({"rows"}),
    "faults": frozenset({"fault"}),
    "kinds": frozenset({"kind"}),
    "raw": frozenset({"raw"}),
}
"""The operations of each view; `run`, `clock`, `drop` and `over` belong to no view and are always sent."""

DEFAULT_VIEWS = frozenset(VIEWS) - {"raw", "answer", "arrival", "branches", "namespaces", "kinds"}

_ALWAYS = frozenset({"run", "clock", "drop", "over"})


@lru_cache(maxsize=256)
def operations(views: frozenset[str]) -> frozenset[str]:
    """The operations that a follower of these views gets; unknown names add none."""
    return _ALWAYS.union(*(VIEWS.get(name, frozenset()) for name in views))


def run(fields: Fields) -> Patch:
    """Merge fields into the run."""
    return ["run", fields]


def message(message_id: str, fields: Fields) -> Patch:
    """Open a message, or merge fields into it."""
    return ["msg", message_id, fields]


def text(message_id: str, piece: str, t: float) -> Patch:
    """Append text to a message."""
    return ["text", message_id, piece, t]


def reasoning(message_id: str, piece: str, t: float) -> Patch:
    """Append reasoning to a message."""
    return ["think", message_id, piece, t]


def whole(message_id: str, content: str, t: float) -> Patch:
    """Replace the text of a message."""
    return ["whole", message_id, content, t]


def end(message_id: str, t: float, *, cut: bool, how: str | None = None, note: str = "") -> Patch:
    """End a message; `how` and `note` are those of an answer."""
    answer = {} if how is None else {"how": how, "note": note}
    return ["end", message_id, {"t": t, "cut": cut, **answer}]


def drop(message_id: str) -> Patch:
    """Remove a message that will be written again."""
    return ["drop", message_id]


def turn(message_id: str, offset: int) -> Patch:
    """Start a turn of this message at this offset of its text."""
    return ["turn", [[message_id, offset]]]


def answer(content: str, t: float) -> Patch:
    """Replace the answer that the state holds."""
    return ["answer", content, t]


def branch(branch_id: str, fields: Fields) -> Patch:
    """Open a branch, or merge fields into it."""
    return ["branch", branch_id, fields]


def span(task_id: str, fields: Fields) -> Patch:
    """Open a node span, or merge fields into it."""
    return ["span", task_id, fields]


def own_span(name: str, fields: Fields) -> Patch:
    """Open a span that a node reports, or merge fields into it."""
    return ["own", name, fields]


def lane(mode: str, bins: Iterable[Sequence[int]]) -> Patch:
    """Set bins, each as (number, count, bytes), of the lane of a stream mode."""
    return ["lane", mode, [list(values) for values in bins]]


def step(fields: Fields) -> Patch:
    """Append a custom event."""
    return ["step", fields]


def bar(fraction: float | None, status: str | None) -> Patch:
    """Set the progress of the whole job."""
    return ["bar", {"fraction": fraction, "status": status}]


def figures(fields: Fields) -> Patch:
    """Merge figures."""
    return ["fig", fields]


def state(ns: str, number: int, change: Fields, *, t: float, size: int) -> Patch:
    """Append the state after a superstep."""
    return ["state", ns, number, change, t, size]


def update(fields: Fields) -> Patch:
    """Append an update."""
    return ["upd", fields]


def task(fields: Fields) -> Patch:
    """Append the start or the result of a task."""
    return ["task", fields]


def checkpoint(fields: Fields) -> Patch:
    """Append a checkpoint."""
    return ["ckpt", fields]


def trace(fields: Fields) -> Patch:
    """Append an entry of the mode `debug`."""
    return ["trace", fields]


def call(call_id: str, fields: Fields) -> Patch:
    """Open a tool call, or merge fields into it."""
    return ["call", call_id, fields]


def argument(call_id: str, piece: str) -> Patch:
    """Append to the arguments of a tool call."""
    return ["arg", call_id, piece]


def output(call_id: str, value: Any) -> Patch:
    """Append an output of a tool call."""
    return ["out", call_id, value]


def namespace(path: str, fields: Fields) -> Patch:
    """Replace a node of the tree of namespaces."""
    return ["ns", path, fields]


def active(nodes: Iterable[str]) -> Patch:
    """Replace the nodes that run now."""
    return ["active", sorted(nodes)]


def finished(nodes: Iterable[str]) -> Patch:
    """Replace the nodes that are known to have finished."""
    return ["finished", sorted(nodes)]


def seen(nodes: Iterable[str], *, unsure: bool) -> Patch:
    """Replace what is not known at the end: nodes without a known end, and whether others may have run unseen."""
    return ["seen", {"nodes": sorted(nodes), "unsure": unsure}]


def kind(name: str, fields: Fields) -> Patch:
    """Merge fields into a kind of event."""
    return ["kind", name, fields]


def rows(tag: str, keep: int, new: Sequence[Fields], *, complete: bool) -> Patch:
    """Keep the first `keep` rows of a table, and append new ones."""
    return ["rows", tag, keep, list(new), complete]


def raw(parts: Sequence[Sequence[Any]]) -> Patch:
    """Append rows of raw parts."""
    return ["raw", [list(row) for row in parts]]


def fault(t: float, mark: str, *, by: str) -> Patch:
    """Append a mark to the row of the provider."""
    return ["fault", {"t": t, "text": mark, "by": by}]


def over() -> Patch:
    """End the run."""
    return ["over"]
