"""A partial answer is the beginning of its node's first call, and is continued or kept."""

from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables.config import var_child_runnable_config
from pydantic import Field

from streaming.core.partial_answer import CONTINUE_PROMPT, PartialAnswer, with_open_turn
from streaming.providers.continuation import ContinuesPartialAnswer


class Model(ContinuesPartialAnswer, GenericFakeChatModel):
    """Answers “the rest.”, and keeps what it was asked."""

    asked: list[list[BaseMessage]] = Field(default_factory=list)

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.asked.append(messages)
        return super()._generate(messages, *args, **kwargs)


def model(*, continues: bool, part: str = "It is ", rest: str = "the rest.", open_turn: bool = False) -> Model:
    partial = {"write": PartialAnswer(text=part, continues=continues)}
    return Model(messages=iter([AIMessage(rest) for _ in range(2)]), partial_answers=partial, open_turn=open_turn)


async def answer(model: Model, *, node: str = "write", streamed: bool) -> str:
    """The answer to a call of this node; LangGraph names the node in the config of the context."""
    var_child_runnable_config.set({"metadata": {"langgraph_node": node}})
    question = [HumanMessage("Why?")]
    if streamed:
        return "".join([str(chunk.text) async for chunk in model.astream(question)])
    return str((await model.ainvoke(question)).text)


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_continued_answer_begins_with_its_part_and_requests_the_rest(streamed: bool) -> None:
    asked = model(continues=True)
    assert await answer(asked, streamed=streamed) == "It is the rest."
    ((question, part, prompt),) = asked.asked
    assert [message.content for message in (question, part, prompt)] == ["Why?", "It is ", CONTINUE_PROMPT]


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_space_between_the_part_and_the_rest_is_not_doubled(streamed: bool) -> None:
    assert await answer(model(continues=True, rest=" the rest."), streamed=streamed) == "It is the rest."


async def test_a_whole_answer_that_repeats_the_open_turn_has_it_once() -> None:
    repeating = model(continues=True, rest="It is the rest.", open_turn=True)
    assert await answer(repeating, streamed=False) == "It is the rest."


def test_an_open_turn_is_the_last_message_and_ends_with_a_word() -> None:
    question, part = HumanMessage("Why?"), PartialAnswer(text="It is ", continues=True)
    conversation = with_open_turn(part.messages([question]))
    assert conversation == [question, AIMessage("It is")]
    assert with_open_turn([question]) == [question]


def test_the_words_of_the_request_alone_are_a_question() -> None:
    question: list[BaseMessage] = [HumanMessage(CONTINUE_PROMPT)]
    assert with_open_turn(question) == question


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_kept_answer_is_its_part_and_makes_no_call(streamed: bool) -> None:
    asked = model(continues=False)
    assert await answer(asked, streamed=streamed) == "It is "
    assert asked.asked == []


@pytest.mark.parametrize("streamed", [True, False])
async def test_the_next_call_of_the_node_is_an_ordinary_one(streamed: bool) -> None:
    asked = model(continues=False)
    await answer(asked, streamed=streamed)
    assert await answer(asked, streamed=streamed) == "the rest."


@pytest.mark.parametrize("streamed", [True, False])
async def test_another_node_does_not_get_the_part(streamed: bool) -> None:
    asked = model(continues=True)
    assert await answer(asked, node="other", streamed=streamed) == "the rest."


async def test_a_continued_answer_is_one_message() -> None:
    var_child_runnable_config.set({"metadata": {"langgraph_node": "write"}})
    chunks = [chunk async for chunk in model(continues=True).astream([HumanMessage("Why?")])]
    assert len({chunk.id for chunk in chunks}) == 1


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_model_that_says_the_part_again_has_it_once(streamed: bool) -> None:
    part = "The sea is wide, and its waves are"
    asked = model(continues=True, part=part, rest=f"{part} high.")
    assert await answer(asked, streamed=streamed) == f"{part} high."


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_rest_that_ends_like_a_repetition_is_whole(streamed: bool) -> None:
    part = "The sea is wide, and its waves are"
    asked = model(continues=True, part=part, rest="The sea")
    assert await answer(asked, streamed=streamed) == f"{part}The sea"
