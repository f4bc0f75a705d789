"""Gives each tool call of an answer an id and a place of its own, which LangChain and LangGraph need to run it.

Compatible servers send no ids, the same id for several calls or in every answer, an index that is always 0, missing or
different for each fragment, and the name with every fragment. LangChain joins fragments by their index and LangGraph
answers calls by their id, so such calls are run together, or not at all.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, BaseMessage

_MAX_READ_CHARS = 20_000
"""Longer arguments are not read to find their end."""


@dataclass(slots=True)
class _Call:
    """A call so far: the id that it has here, its place, its name and the pieces of its arguments."""

    id: str
    place: int
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    size: int = 0


class CallIdentity:
    """The calls of one answer, as their fragments come; `messages` is the conversation, whose ids are taken."""

    def __init__(self, messages: Iterable[BaseMessage]) -> None:
        before = (message.tool_calls for message in messages if isinstance(message, AIMessage))
        self._taken = {str(call.get("id")) for calls in before for call in calls}
        self._latest: dict[tuple[str, Any], _Call] = {}
        """The latest call of an id and an index, of an id (index `None`), of an index (id empty), and of all."""
        self._count = 0

    def fragments(self, sent: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The fragments with the index of their call; its first one has the id and the name."""
        return [self._fragment(fragment) for fragment in sent]

    def whole(self, sent: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The calls of an answer that did not stream, with ids that are not taken."""
        return [{**call, "id": self._begin(str(call.get("id") or ""), None).id} for call in sent]

    def _fragment(self, fragment: Mapping[str, Any]) -> dict[str, Any]:
        sent_id, index, name = str(fragment.get("id") or ""), fragment.get("index"), str(fragment.get("name") or "")
        arguments = fragment.get("args") or ""
        call = self._continued(sent_id, index, name)
        begins = call is None
        if call is None:
            call = self._begin(sent_id, index)
        call.arguments.append(arguments)
        call.size += len(arguments)
        names_it = bool(name) and not call.name
        call.name = call.name or name
        return {
            **fragment,
            "index": call.place,
            "id": call.id if begins else None,
            "name": name if names_it else None,
            "args": arguments,
        }

    def _continued(self, sent_id: str, index: Any, name: str) -> _Call | None:
        """The call that this fragment goes on with; `None` if it begins one."""
        call = self._latest.get((sent_id, index))
        begins_anew = call is not None and name and call.name and (name != call.name or _is_complete(call))
        return None if begins_anew else call

    def _begin(self, sent_id: str, index: Any) -> _Call:
        call_id = sent_id if sent_id and sent_id not in self._taken else f"call_{uuid4().hex[:24]}"
        self._taken.add(call_id)
        call = _Call(id=call_id, place=self._count)
        self._count += 1
        self._latest |= {(sent_id, index): call, (sent_id, None): call, ("", index): call, ("", None): call}
        return call


def _is_complete(call: _Call) -> bool:
    """Whether these are the arguments of a whole call: another name then begins the next one."""
    if call.size > _MAX_READ_CHARS:
        return False
    try:
        json.loads("".join(call.arguments))
    except (ValueError, RecursionError):
        return False
    return True
