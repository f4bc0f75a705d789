"""No string of a recording becomes an image, a link or HTML, whichever view draws it."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import orjson
import pytest
from google.protobuf.message import Message
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from streaming.core import events as kinds
from streaming.core.errors import BadRecording
from streaming.core.events import Event, LogEntry
from streaming.recordings.format import Header, Recording, dump_event, dump_recording, load_event, load_recording

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
PLAIN_TEXT = {"text", "code_block", "json", "code"}
"""Elements whose content no browser takes for Markdown or HTML."""

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]


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


def recording(name: str, spoken: str) -> Recording:
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


def draw_every_view() -> None:
    """What a replay says of a recording, and every live view, as a Streamlit script."""
    import streamlit as st

    from components.features.conditional import final_text
    from components.features.replay import describe_recording
    from components.features.subgraphs import what_is_lost
    from components.live.branches import ORDERS, BranchPanes, branch_table
    from components.live.metrics_row import MetricsRow
    from components.live.namespaces import NamespaceTreeView
    from components.live.states import StateView
    from components.live.timeline import Timeline, lanes_of
    from components.live.tokens import TokenPane, user_turn
    from components.live.tool_calls import CallCards, call_table
    from components.live.trace import Trace
    from streaming.analysis.event_filter import EventFilter
    from streaming.projections.custom_spans import CustomSpans
    from streaming.rendering.flush import NATIVE_FLUSH_KINDS, FlushStrategy

    shown = st.session_state["recording"]
    describe_recording(shown)
    user_turn(shown.header.prompt)
    orders = [BranchPanes(st.container(), order=order) for order in ORDERS]
    states, trace, cards = StateView(st.container()), Trace(st.container()), CallCards(st.container())
    trees = [NamespaceTreeView(st.container()) for _ in range(2)]
    views = [
        *(*orders, states, trace, cards, *trees),
        MetricsRow(st.container()),
        Timeline(st.container(), lanes=lanes_of(shown.events), spans=CustomSpans()),
    ]
    for entry in shown.events:
        for view in views:
            view.apply([entry])
            view.finish()
    call_table(st.container(), shown.events)
    branch_table(st.container(), shown.events)
    final_text(st.empty(), shown.events, EventFilter())
    what_is_lost(st.container(), dict.fromkeys("ab", shown.events))
    for flush in NATIVE_FLUSH_KINDS:
        TokenPane(st.container(), flush=FlushStrategy(flush=flush)).consume([entry] for entry in shown.events)


def drawn(shown: Recording) -> list[tuple[str, Message]]:
    """The kind and content of every element and block on the page."""
    app = AppTest.from_function(draw_every_view, default_timeout=60)
    app.session_state["recording"] = shown
    app.run()
    assert not app.exception, app.exception
    found: list[tuple[str, Message]] = []

    def walk(node: Any) -> None:
        if isinstance(getattr(node, "proto", None), Message):
            found.append((str(node.type), node.proto))
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree)
    return found


def strings(message: Message) -> Iterator[str]:
    """All strings in a protocol message, however deep."""
    for field, value in message.ListFields():
        for item in value if field.is_repeated else [value]:
            if isinstance(item, str):
                yield item
            elif isinstance(item, Message):
                yield from strings(item)


def token_types(text: str) -> set[str]:
    """The types of the tokens in this Markdown, and `mermaid` for a diagram's fence."""
    found: set[str] = set()
    for token in MARKDOWN.parse(text):
        found.add("mermaid" if token.type == "fence" and "mermaid" in token.info.lower() else token.type)
        found |= {child.type for child in token.children or ()}
    return found


class Tags(HTMLParser):
    """The tags of a piece of HTML, and the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def assert_harmless(elements: list[tuple[str, Message]], forbidden: set[str]) -> None:
    assert len(elements) > 100, "the views drew something"
    for kind, proto in elements:
        assert not getattr(proto, "allow_html", False), proto
        if kind == "html":
            tags = Tags()
            tags.feed(proto.body)  # type: ignore[attr-defined]
            own = {"div", "span", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "code", "br"}
            assert tags.names <= own, proto
            assert not {name for name in tags.attributes if name.startswith("on") or name in ("src", "href")}, proto
        elif kind not in PLAIN_TEXT:
            for text in strings(proto):
                assert not token_types(text) & forbidden, (kind, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_from_a_recording_is_no_markup_in_any_view(text: str) -> None:
    elements = drawn(recording(text, spoken="plain words"))
    assert_harmless(elements, {"image", "link_open", "html_inline", "html_block", "mermaid"})


@pytest.mark.parametrize("text", HOSTILE)
def test_the_words_of_a_model_load_nothing_in_any_view(text: str) -> None:
    assert_harmless(drawn(recording("node", spoken=text)), {"image", "mermaid"})


def test_a_trace_entry_of_an_unknown_type_is_not_read() -> None:
    debug = kinds.Debug(ns=(), step=1, timestamp="", type="task", payload={})
    line = orjson.loads(dump_event(LogEntry(seq=0, t=0.0, event=debug)))
    line["event"]["type"] = "![x](https://evil.example/p.png)"
    with pytest.raises(BadRecording):
        load_event(orjson.dumps(line))
