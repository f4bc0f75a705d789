"""Which tool call each streamed fragment belongs to."""

import json
from collections.abc import Mapping
from typing import Any


class CallFragments:
    """Assigns the fragments of the tool calls in one message to calls.

    A fragment with an id belongs to the call of that id. One without continues the latest call that has its index, or,
    without an index, the latest call of all. The index alone does not tell calls apart: some servers send 0 for every
    call, or none.
    """

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self._by_index: dict[Any, str] = {}
        self._ids: set[str] = set()
        self._latest: str | None = None

    def call_of(self, fragment: Mapping[str, Any]) -> str | None:
        """The id of the call, made up if the provider sent none; `None` for a fragment that belongs to no call."""
        index = fragment.get("index")
        call_id = fragment.get("id") or self._continued(index)
        if call_id is None or (not fragment.get("id") and self._begins_another(call_id, fragment)):
            if not fragment.get("name"):
                return call_id
            call_id = f"{self._message_id}/{len(self._ids)}"
        self._ids.add(call_id)
        self._by_index[index] = self._latest = call_id
        return str(call_id)

    def _continued(self, index: Any) -> str | None:
        return self._latest if index is None else self._by_index.get(index)

    def _begins_another(self, call_id: str, fragment: Mapping[str, Any]) -> bool:
        """Whether a fragment without an id is the start of a new call: it has a name, and calls have no ids here."""
        return bool(fragment.get("name")) and call_id.startswith(f"{self._message_id}/")


def argument_text(arguments: Any) -> str:
    """Arguments as text: a fragment of JSON as it came, an object as JSON."""
    if not arguments:
        return ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False, default=str)
