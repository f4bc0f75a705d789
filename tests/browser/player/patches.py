"""Patches of a made-up run that touches every panel."""

from typing import Any

ANSWER = (
    "# Streaming\n\nA **token** is a piece of text. See the [docs](http://e.org/docs).\n\n"
    "- one\n- two\n  - nested\n\n```python\nasync for part in graph.astream(state):\n    print(part)\n```\n\n"
    "| mode | bytes |\n|---|--:|\n| messages | 120 |\n| updates | 900 |\n\nThe formula $a_1*b$ stays.\n"
)
STARTED: list[Any] = [
    ["run", {"status": "Running", "graph": "research", "model": "scripted", "prompt": "What is streaming?"}],
    ["clock", 0.01],
]
BEFORE_TEXT: list[Any] = [
    *STARTED,
    ["span", "t1", {"node": "plan", "ns": "", "start": 0.02, "end": 0.4, "state": "done"}],
    ["span", "t2", {"node": "write", "ns": "", "start": 0.41, "end": None, "state": "running"}],
    ["active", ["write"]],
    ["lane", "updates", [[8, 1, 300]]],
    ["step", {"t": 0.1, "node": "plan", "step": "search", "status": "Searching", "done": 1, "total": 3}],
    ["step", {"t": 0.2, "node": "plan", "step": "read", "status": "Reading 4 pages", "done": 2, "total": 3}],
    ["bar", {"fraction": 0.66, "status": "Reading 4 pages"}],
]
TEXT: list[Any] = [
    ["msg", "m1", {"id": "lc-1", "node": "write", "ns": "", "role": "ai", "tags": [], "t": 0.45, "branch": "t2"}],
    ["think", "m1", "The user asks about streaming, so the answer should begin with what a token is.", 0.5],
    ["msg", "m1", {"first_at": 0.9, "thought_s": 0.4}],
    ["text", "m1", ANSWER, 0.9],
    [
        "branch",
        "t2",
        {"node": "write", "label": "write", "first_text_after_s": 0.04, "chunks": 40, "chunks_per_s": 81},
    ],
    ["turn", [["m1", 0]]],
    ["lane", "messages", [[n, 3, 120] for n in range(9, 30)]],
    ["fig", {"ttft_s": 0.43, "answer_after_s": 0.43, "tokens_per_s": 81.2, "events": 63, "bytes": 8400}],
]
DETAILS: list[Any] = [
    ["own", "download", {"start": 0.1, "end": 0.3, "state": "done"}],
    ["state", "", 1, {"changed": {"topic": "streaming", "notes": ["a", "b"]}, "removed": []}, 0.4, 220],
    ["state", "", 2, {"changed": {"answer": "A token is a piece of text."}, "removed": ["notes"]}, 1.4, 320],
    ["upd", {"t": 0.4, "node": "plan", "ns": "", "fields": {"notes": ["a", "b"]}, "size": 220, "cached": True}],
    ["upd", {"t": 1.4, "node": "write", "ns": "", "fields": {"answer": {"…": '{"text": "A tok…'}}, "size": 320}],
    ["task", {"t": 0.02, "id": "t1", "node": "plan", "ns": "", "type": "start", "input": {"topic": "x"}, "size": 90}],
    ["task", {"t": 0.4, "id": "t1", "node": "plan", "ns": "", "type": "result", "result": {"notes": []}, "size": 90}],
    ["ckpt", {"id": "c1", "parent": None, "ns": "", "source": "input", "step": -1, "next": ["plan"], "t": 0.02}],
    ["ckpt", {"id": "c2", "parent": "c1", "ns": "", "source": "loop", "step": 0, "next": ["write"], "t": 0.4}],
    ["ckpt", {"id": "c3", "parent": "c2", "ns": "", "source": "loop", "step": 1, "next": [], "t": 1.4}],
    ["ckpt", {"id": "c4", "parent": "c2", "ns": "", "source": "fork", "step": 1, "next": ["write"], "t": 2.0}],
    ["call", "k1", {"msg": "m1", "tool": "weather", "state": "being written", "asked_at": 0.5}],
    ["arg", "k1", '{"city": '],
    ["arg", "k1", '"Bern"}'],
    ["call", "k1", {"state": "finished", "started_at": 0.6, "ended_at": 0.9, "result": "12 °C"}],
    ["ns", "", {"events": {"updates": 2, "messages": 60}, "bytes": 8000, "chunks": 60, "nodes": ["plan", "write"]}],
    ["ns", "write:1", {"events": {"messages": 3}, "bytes": 400, "chunks": 3, "nodes": ["inner"]}],
    ["kind", "messages", {"shape": "(AIMessageChunk, {…})", "first_at": 0.5, "count": 60, "bytes": 7000}],
    ["rows", "table", 0, [{"city": "Bern", "degrees": 12}, {"city": "Rome", "degrees": 20}], False],
    ["raw", [[n, n / 100, "messages", "", "write", f"w{n}", 120, f'[["w{n}"], {{}}]'] for n in range(40)]],
    ["trace", {"t": 0.02, "ns": "", "step": 1, "type": "task", "name": "plan", "preview": {"id": "t1"}, "size": 90}],
    ["fault", {"t": 0.35, "text": "Rate limit: attempt 2 of 3"}],
]
ENDED: list[Any] = [
    ["span", "t2", {"end": 1.5, "state": "done"}],
    ["end", "m1", {"t": 1.45, "cut": False}],
    ["fig", {"e2e_s": 1.5}],
    ["bar", {"fraction": 1.0, "status": "Finished"}],
    ["active", []],
    ["run", {"status": "Completed", "outcome": "completed", "ended_at": 1.5}],
    ["over"],
]
WHOLE_RUN: list[Any] = [*BEFORE_TEXT, *TEXT, *DETAILS, *ENDED]
