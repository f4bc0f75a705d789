"""A recording whose every string is hostile, as a file from a stranger or the words of a model may be."""

import json
from typing import Any

from streaming.core import events as kinds
from streaming.core.events import Event, LogEntry
from streaming.recordings.format import Header, Recording, dump_recording, load_recording

HOSTILE = (
    "![x](https://evil.example/p.png)",
    "`![x](https://evil.example/p.png)`",
    "``` ![x](https://evil.example/p.png)",
    "</code><img src=https://evil.example/p.png onerror=alert(1)><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "$x$ :red[y] :material/home: [press](javascript:alert(1)) [go](https://evil.example)",
    "a\n\n![x][r]\n\n[r]: https://evil.example/p.png",
    "```mermaid\ngraph TD; A@{ img: 'https://evil.example/p.png' }\n```",
    "<https://evil.example/p.png>",
)


def hostile_events(name: str, spoken: str) -> list[Event]:
    """An event of every kind: each string is `name`, and a model's words, which are Markdown, are `spoken`."""
    ns = (name,)
    state: dict[str, Any] = {name: name, "messages": [{"type": "ai", "content": name, "id": name}]}
    delta: dict[str, Any] = {name: spoken, "messages": state["messages"]}
    message: dict[str, Any] = {"ns": ns, "node": name, "role": "ai"}
    call = {"id": name, "name": name, "args": name, "index": 0}
    progress = {"kind": "progress", "step": name, "status": name, "done": name, "total": name, "at": name * 9}
    span = {"kind": "span", "name": name}
    return [
        kinds.Notice(text=name),
        kinds.Started(thread_id=name, checkpoint_id=name),
        kinds.Attempt(number=1, of=2, reason=name, pause_s=0.1),
        kinds.Fallback(reason=name, to=name),
        kinds.Values(ns=(), state=state, interrupts=(name,)),
        kinds.Values(ns=(), state={**state, "second": name, f"{name}2": name}),
        kinds.Updates(ns=ns, deltas={name: delta}, interrupts=(name,)),
        kinds.Updates(ns=(), deltas={name: delta}),
        kinds.TaskStarted(ns=ns, task_id=name, node=name, input=state, triggers=(name,)),
        kinds.Token(**message, message_id=name, text=spoken, reasoning=name, tags=(name, "answer"), metadata=state),
        kinds.Token(**message, message_id=f"{name} 2", text="", tool_calls=(call,)),
        kinds.Token(**message, message_id=f"{name} 3", text=json.dumps([{spoken: spoken}]), tags=("data",)),
        kinds.Token(**{**message, "role": "tool"}, message_id=f"{name} 4", text=name, tool_call_id=name),
        # Of a node of which no other event tells.
        kinds.Token(**{**message, "ns": (), "node": f"{name} 2"}, message_id=f"{name} 5", text=spoken),
        kinds.Custom(ns=ns, data=progress),
        kinds.Custom(ns=ns, data=name),
        kinds.Custom(ns=ns, data={**progress, "fraction": 0.5}),
        kinds.Custom(ns=ns, data={**span, "state": "started"}),
        kinds.Custom(ns=ns, data={**span, "state": "failed", "error": name}),
        kinds.TaskEnded(ns=ns, task_id=name, node=name, result=state, error=name, interrupts=(name,)),
        kinds.CheckpointSaved(
            ns=(), checkpoint_id=name, parent_id=name, source=name, step=1, values=state, next=(name, name)
        ),
        kinds.Debug(ns=ns, step=1, timestamp=name, type="task", payload={"name": name, "id": name, **state}),
        kinds.Debug(ns=ns, step=2, timestamp=name, type="checkpoint", payload={"next": [name], "values": state}),
        kinds.Debug(ns=ns, step=2, timestamp=name, type="checkpoint", payload={"name": [name], "next": 5}),
        kinds.ToolCalled(ns=ns, call_id=name, step="started", tool=name, data=name),
        kinds.ToolCalled(ns=ns, call_id=name, step="delta", tool=name, data=name),
        kinds.ToolCalled(ns=ns, call_id=name, step="finished", tool=name, data=name),
        kinds.ApiEvent(ns=ns, name=name, node=name, shape=name, text=name, message_id=name, data=state),
        kinds.Ended(
            outcome="failed",
            reason=name,
            advice=name,
            error=name,
            checkpoint_id=name,
            pending=(kinds.Pending(id=name, node=name, value=name),),
            next=(name,),
            cut=(name,),
        ),
    ]


def hostile_recording(name: str, spoken: str) -> Recording:
    """A recording of these events, as it is read from a file."""
    header = Header(
        run_id=name,
        created_at=name,
        graph=name,
        provider=name,
        model=name,
        modes=(name,),
        prompt=name,
        api=name,
        settings={name: name},
        environment={name: name},
    )
    entries = [LogEntry(seq=n, t=n / 10, event=event, size=9) for n, event in enumerate(hostile_events(name, spoken))]
    return load_recording(dump_recording(Recording(header=header, events=entries)))
