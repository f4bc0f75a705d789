"""Every graph through plain `astream` in all seven modes, on models that stream and on models that do not."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel, Field

from graphs import GRAPHS, WITH_PROGRESS
from graphs.collections import MAX_TERMS, Passage, first_sentences, search_collection
from graphs.rag import PASSAGES_IN_PROMPT, State, best_passages
from streaming.core.events import MODES
from streaming.core.model_spec import Pace
from streaming.providers.scripted.model import ScriptedChatModel

SCRIPTED = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=50_000))
SPOKEN = {"joke": "joke", "chat": "messages", "rag": "answer", "report": "report", "ideas": "ranked"}


class WholeModel(BaseChatModel):
    """Answers at once, cannot stream, and keeps what it was asked."""

    asked: list[list[BaseMessage]] = Field(default_factory=list)
    slowest: str = ""

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.asked.append(messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage("It is so [1]."))])

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        await asyncio.sleep(0.05 if self.slowest and self.slowest in str(messages[-1].text) else 0)
        return self._generate(messages)


async def parts_of(name: str, model: BaseChatModel, prompt: str | None = None) -> list[Any]:
    graph = GRAPHS[name].build(model, checkpointer=InMemorySaver())
    given = GRAPHS[name].to_input(prompt or GRAPHS[name].examples[0])
    config = {"configurable": {"thread_id": "one"}}
    return [part async for part in graph.astream(given, config, stream_mode=list(MODES), version="v2")]


def fields(state: Any) -> Mapping[str, Any]:
    return state if isinstance(state, dict) else dict(state) if isinstance(state, BaseModel) else vars(state)


def final(parts: list[Any]) -> Mapping[str, Any]:
    return fields([part["data"] for part in parts if part["type"] == "values"][-1])


@pytest.mark.parametrize("name", list(GRAPHS))
async def test_every_mode_yields_and_the_last_state_holds_the_streamed_text(name: str) -> None:
    parts = await parts_of(name, SCRIPTED)
    expected = set(MODES) - (set() if GRAPHS[name].writes_custom else {"custom"})
    assert {part["type"] for part in parts} == expected
    said: dict[str, str] = {}
    for chunk, _ in (part["data"] for part in parts if part["type"] == "messages"):
        said[chunk.id] = said.get(chunk.id, "") + chunk.text
    spoken = final(parts)[SPOKEN[name]]
    assert (spoken[-1].text if name == "chat" else spoken) in said.values()


@pytest.mark.parametrize("name", list(GRAPHS))
async def test_a_model_that_cannot_stream_serves_every_graph(name: str) -> None:
    spoken = final(await parts_of(name, WholeModel()))[SPOKEN[name]]
    assert (spoken[-1].text if name == "chat" else spoken) == "It is so [1]."


@pytest.mark.parametrize("slowest", ["cheap", "fun", "quick"])
async def test_progress_never_runs_backwards_whichever_branch_is_last(slowest: str) -> None:
    parts = await parts_of("ideas", WholeModel(slowest=slowest))
    fractions = [part["data"]["fraction"] for part in parts if part["type"] == "custom"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("name", list(WITH_PROGRESS))
async def test_every_progress_event_counts_within_its_step(name: str) -> None:
    said = [part["data"] for part in await parts_of(name, SCRIPTED) if part["type"] == "custom"]
    assert all(set(data) == {"kind", "step", "done", "total", "status", "fraction", "at"} for data in said)
    assert all(0 <= data["done"] <= data["total"] and 0 < data["fraction"] <= 1 for data in said)


@pytest.mark.parametrize("question", GRAPHS["rag"].examples)
async def test_every_citation_names_a_source_that_was_found(question: str) -> None:
    state = final(await parts_of("rag", WholeModel(), question))
    cited = [int(number) for number in re.findall(r"\[(\d+)]", state["answer"])]
    assert cited
    assert all(1 <= number <= len(state["sources"]) for number in cited)
    assert all(source in state["passages"] for source in state["sources"])


async def test_the_model_reads_the_sources_that_the_numbers_name() -> None:
    model = WholeModel()
    state = final(await parts_of("rag", model, "What is back-pressure?"))
    for place, source in enumerate(state["sources"][:PASSAGES_IN_PROMPT], 1):
        assert f"[{place}] {first_sentences(source['text'])}" in model.asked[-1][-1].text


async def test_a_question_that_nothing_answers_still_ends_with_a_state() -> None:
    state = final(await parts_of("rag", WholeModel(), "?!"))
    assert state["sources"] == [] == state["passages"]
    assert state["answer"]


def test_sources_are_the_best_passage_of_each_document_best_first() -> None:
    found = [
        Passage(collection="ux", title=text, text=text, source=source, score=score)
        for text, source, score in [("weak", "a.md", 1.0), ("strong", "a.md", 3.0), ("other", "b.md", 2.0)]
    ]
    assert [passage["text"] for passage in best_passages(found)] == ["strong", "other"]
    assert State().sources == []


def test_a_definition_comes_before_what_follows_from_it() -> None:
    assert search_collection("streaming", "What is time to first token?")[0]["text"].startswith(
        "Time to first token, or TTFT, is"
    )


def test_repeated_words_weigh_once_and_a_pasted_page_is_cut() -> None:
    assert search_collection("ux", "skeleton " * 50_000) == search_collection("ux", "skeleton")
    words = " ".join(f"w{n}" for n in range(MAX_TERMS))
    assert search_collection("ux", f"{words} skeleton") == []


def test_an_opening_ends_at_a_sentence() -> None:
    assert first_sentences("One is 1.5 long. Two! Three.") == "One is 1.5 long. Two!"
    assert first_sentences("") == ""
