"""No string of a recording becomes an image, a link or HTML, whichever view draws it."""

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
from streaming.core.events import LogEntry
from streaming.recordings.format import Recording, dump_event, load_event
from tests.support.hostile import HOSTILE, hostile_recording

PLAIN_TEXT = {"text", "code_block", "json", "code"}
"""Elements whose content no browser takes for Markdown or HTML."""

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKDOWN.validateLink = lambda url: True  # type: ignore[method-assign]


def draw_every_view() -> None:
    """Every view of a recording that Python draws, as a Streamlit script."""
    import streamlit as st

    from components.charts.timeline_html import timeline_picture
    from components.features.conditional import final_text
    from components.features.parallel import branch_table
    from components.features.replay import describe
    from components.features.subgraphs import what_is_lost
    from components.features.tools import call_table
    from components.live.tokens import TokenPane, user_turn
    from streaming.analysis.event_filter import EventFilter
    from streaming.rendering.flush import NATIVE_FLUSH_KINDS, FlushStrategy

    shown = st.session_state["recording"]
    describe([(shown, "")])
    describe([(shown, shown.header.model)] * 2)
    user_turn(shown.header.prompt)
    st.html(timeline_picture(shown.events))
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
    assert len(elements) > 30, "the views drew something"
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
    elements = drawn(hostile_recording(text, spoken="plain words"))
    assert_harmless(elements, {"image", "link_open", "html_inline", "html_block", "mermaid"})


@pytest.mark.parametrize("text", HOSTILE)
def test_the_words_of_a_model_load_nothing_in_any_view(text: str) -> None:
    assert_harmless(drawn(hostile_recording("node", spoken=text)), {"image", "mermaid"})


def test_a_trace_entry_of_an_unknown_type_is_not_read() -> None:
    debug = kinds.Debug(ns=(), step=1, timestamp="", type="task", payload={})
    line = orjson.loads(dump_event(LogEntry(seq=0, t=0.0, event=debug)))
    line["event"]["type"] = "![x](https://evil.example/p.png)"
    with pytest.raises(BadRecording):
        load_event(orjson.dumps(line))
