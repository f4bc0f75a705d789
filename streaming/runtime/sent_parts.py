"""What the tokens of a run have to hold of the messages that LangGraph sent, so that each can be shown as it was."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage

from streaming.core.sent_message import TOLD, Fields, all_fields, changed_fields
from streaming.core.serialization import to_plain_in_turns


class SentParts:
    """Remembers the first part of each message of a run, with its fields and its metadata."""

    def __init__(self) -> None:
        self._firsts: dict[str, tuple[Fields, Fields]] = {}

    async def held(
        self, message_id: str, fields: Fields, metadata: Fields, *, told: Fields, logged: Fields | None
    ) -> dict[str, Any] | None:
        """`Token.sent` of a part with these fields and this metadata; `None` if everything is told elsewhere.

        `told` are the fields that the token tells, `logged` is the metadata that it has.
        """
        if (first := self._firsts.get(message_id)) is None:
            plain = await to_plain_in_turns(fields)
            self._firsts[message_id] = plain, dict(metadata)
            message = {name: TOLD if value == TOLD else plain[name] for name, value in all_fields(fields, told).items()}
            more = {} if logged == metadata else {"metadata": await to_plain_in_turns(metadata)}
            return {"message": message, **more}
        message = changed_fields(fields, told, first[0])
        held = ({"message": message} if message else {}) | ({} if metadata == first[1] else {"metadata": metadata})
        return await to_plain_in_turns(held) if held else None


def fields_of_message(message: BaseMessage) -> Mapping[str, Any]:
    """All fields of a message, also those without a value."""
    extra = message.__pydantic_extra__
    return {**message.__dict__, **extra} if extra else message.__dict__
