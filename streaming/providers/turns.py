"""Bring the messages of a conversation into the order that chat templates want."""

from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage


def in_turns(messages: list[BaseMessage]) -> list[BaseMessage]:
    """The messages with questions that follow each other as one: the turn between them failed or was stopped.

    The chat templates of many models want user and assistant in turn.
    """
    turns: list[BaseMessage] = []
    for message in messages:
        if turns and isinstance(message, HumanMessage) and isinstance(turns[-1], HumanMessage):
            turns[-1] = HumanMessage(_joined(turns[-1].content, message.content), id=message.id)
        else:
            turns.append(message)
    return turns


def _joined(first: Any, second: Any) -> Any:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    as_blocks = ([{"type": "text", "text": part}] if isinstance(part, str) else part for part in (first, second))
    return [block for blocks in as_blocks for block in blocks]
