"""The chat graph: what it remembers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from graphs.chat import REMEMBERED_TOKENS, estimate_tokens, recent
from streaming.runtime.engine import Engine
from tests.support.graph_runs import last_state, run_graph


def test_chat_remembers_only_within_its_thread(engine: Engine) -> None:
    first = run_graph(engine, "chat", "My name is Ada")
    second = run_graph(engine, "chat", "And now?", thread_id=first.thread_id, previous_run_id=first.id)
    stranger = run_graph(engine, "chat", "And now?")
    assert [len(last_state(run)["messages"]) for run in (first, second, stranger)] == [2, 4, 2]
    assert [run.id for run in engine.registry.turns(second)] == [first.id, second.id]


@given(st.lists(st.text(max_size=REMEMBERED_TOKENS), min_size=1, max_size=8))
def test_what_chat_remembers_fits_and_ends_with_the_newest(texts: list[str]) -> None:
    messages = [HumanMessage(text) if place % 2 else AIMessage(text) for place, text in enumerate(texts)]
    kept = recent(messages)
    assert kept == messages[-len(kept) :]
    assert len(kept) == 1 or sum(map(estimate_tokens, kept)) <= REMEMBERED_TOKENS
    assert len(kept) == 1 or kept[0].type == "human"


@pytest.mark.parametrize("text", ["大海今天非常宽阔蔚蓝。", "🦑🌈", "9071"])
def test_texts_that_cost_a_token_a_character_are_forgotten_sooner(text: str) -> None:
    turns = [HumanMessage((text * 100)[:300]) if place % 2 == 0 else AIMessage("ok") for place in range(41)]
    assert sum(len(str(message.text).encode()) for message in recent(turns)) <= REMEMBERED_TOKENS
