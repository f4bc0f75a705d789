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
