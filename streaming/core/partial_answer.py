"""The part of an answer that a node has already received, to be continued or used as it is."""

from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

CONTINUE_PROMPT = "Your answer broke off. Go on exactly where it stopped, and repeat nothing of it."

KEPT = "kept_text"
"""The field of `response_metadata` that is true in the chunk that repeats the part: its text is not new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialAnswer:
    """The part of an answer that was received: `continues` requests the rest, otherwise the part is the answer."""

    text: str
    continues: bool

    def messages(self, messages: list[BaseMessage]) -> list[BaseMessage]:
        """The conversation that requests the rest of the answer."""
        return [*messages, AIMessage(self.text), HumanMessage(CONTINUE_PROMPT)]


def split_partial_answer(messages: list[BaseMessage]) -> tuple[list[BaseMessage], str]:
    """The conversation, and the part of its answer that was received before; empty if there is none."""
    if len(messages) > 1 and messages[-1].text == CONTINUE_PROMPT and isinstance(messages[-2], AIMessage):
        return messages[:-2], str(messages[-2].text)
    return messages, ""


def with_open_turn(messages: list[BaseMessage]) -> list[BaseMessage]:
    """The conversation for a server that goes on with the last message, if that is an answer: without the request."""
    conversation, part = split_partial_answer(messages)
    return [*conversation, AIMessage(open_text(part))] if part else messages


def open_text(part: str) -> str:
    """The part without spaces at its end: in most vocabularies a word's token includes the space before it."""
    return part.rstrip(" ")
