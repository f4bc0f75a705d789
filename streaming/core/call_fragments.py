"""Which tool call each streamed fragment belongs to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class CallFragments:
    """Assigns the fragments of the tool calls in one message to calls.

    A fragment with an id belongs to the call of that id. One without continues the latest call that has its index, or,
    without an index, the latest call of all. The index alone does not tell calls apart: some servers send 0 for every
    call, or none.
    """

    _message_id: str
    _by_index: dict[str | None, str] = field(default_factory=dict)
    _ids: dict[str, None] = field(default_factory=dict)
    _latest: str | None = None

    def call_of(self, fragment: Mapping[str, Any]) -> str | None:
        """The id of the call, made up if the provider sent none; `None` for a fragment that belongs to no call."""
        index = None if fragment.get("index") is None else str(fragment["index"])
        call_id = str(fragment.get("id") or "") or self._continued(index, named=bool(fragment.get("name")))
        if call_id is not None:
            self._ids[call_id] = None
            self._by_index[index] = self._latest = call_id
        return call_id

    def _continued(self, index: str | None, *, named: bool) -> str | None:
        """The call that a fragment without an id belongs to; a name begins a new one where calls have no ids."""
        latest = self._latest if index is None else self._by_index.get(index)
        made_up = f"{self._message_id}/"
        if named and (latest is None or latest.startswith(made_up)):
            return f"{made_up}{len(self._ids)}"
        return latest


def argument_text(arguments: Any) -> str:
    """Arguments as text: a fragment of JSON as it came, an object as JSON."""
    if not arguments:
        return ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False, default=str)
