"""Decodes LangGraph's v2 stream parts into `streaming.core.events`; no other module knows their shapes."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal

from langchain_core.messages import AIMessageChunk, BaseMessage

from streaming.core.any_message import message_of_any
from streaming.core.events import (
    CheckpointSaved,
    Custom,
    Debug,
    ModeEvent,
    Namespace,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.core.message_content import finish_reason, other_content, reasoning_in, refusal_in, text_in
from streaming.core.partial_answer import KEPT
from streaming.core.sent_message import told_fields
from streaming.core.serialization import (
    from_json,
    json_size,
    replace_lone_surrogates,
    to_json,
    to_json_in_turns,
    to_plain_in_turns,
)
from streaming.core.think_tags import ThinkTags
from streaming.providers.redaction import redact
from streaming.runtime.sent_parts import SentParts, fields_of_message

INTERRUPT = "__interrupt__"
METADATA = "__metadata__"


class StreamPartDecoder:
    """Turns the parts of one run into events with their size in bytes.

    The metadata of a token has about 750 bytes and is the same for every token of a message, so it is serialised with
    the first token only, and its size is added to each; so is what else each part of a message repeats. A character
    that a provider cut in two becomes part of the event with its second half. A message of another node call that
    repeats an id, as those of a model for tests may, gets one of its own.
    """

    def __init__(self) -> None:
        self._metadata_size: dict[str, int] = {}
        self._half_characters: dict[str, str] = {}
        self._think_tags: dict[str, ThinkTags] = {}
        self._ids: dict[str, dict[str, str]] = {}
        self._sent = SentParts()

    async def decode(self, part: Mapping[str, Any]) -> tuple[ModeEvent, int]:
        """The event of a part, and the size of the part as JSON in bytes; a large one is read in several turns.

        Raises `KeyError` for an unknown mode.
        """
        mode, ns = part["type"], tuple(part["ns"])
        if mode == "messages":
            message, metadata = part["data"]
            return await self._token(
                ns, message if isinstance(message, BaseMessage) else message_of_any(message), metadata
            )
        payload = await to_json_in_turns(part["data"])
        return _BY_MODE[mode](ns, from_json(payload), part), len(payload)

    async def _token(self, ns: Namespace, message: BaseMessage, metadata: Mapping[str, Any]) -> tuple[Token, int]:
        message_id = self._own_id(message.id or "", metadata.get("langgraph_checkpoint_ns", ""))
        first = message_id not in self._metadata_size
        if first:
            self._metadata_size[message_id] = json_size(metadata)
        logged = {**metadata, **_fallback_model(message)} if first else None
        fields = fields_of_message(message)
        size = json_size(fields) + self._metadata_size[message_id] + len("[,]")
        whole = not isinstance(message, AIMessageChunk)
        reason, role = finish_reason(message.response_metadata), message.type if whole else "ai"
        refusal = refusal_in(message.content, message.additional_kwargs)
        text, thought = self._joined(message_id, text_in(message.content) + refusal), ""
        if role == "ai":
            ends = reason is not None or getattr(message, "chunk_position", None) == "last"
            text, thought = self._without_think_tags(message_id, text, whole=whole, ends=ends)
        calls = await _plain(fields.get("tool_calls" if whole else "tool_call_chunks"))
        usage = from_json(to_json(usage)) if (usage := fields.get("usage_metadata")) else None
        told = told_fields(text=text, message_id=message_id, calls=calls, usage=usage, whole=whole)
        token = Token(
            ns=ns,
            message_id=message_id,
            node=metadata.get("langgraph_node", ""),
            role=role,
            text=text,
            tags=tuple(metadata.get("tags") or ()),
            reasoning=replace_lone_surrogates(reasoning_in(message.content, message.additional_kwargs)) + thought,
            tool_calls=calls,
            tool_call_id=fields.get("tool_call_id"),
            tool_error=_tool_error(message, text) if fields.get("status") == "error" else None,
            usage=usage,
            whole=whole,
            metadata=from_json(to_json(logged)) if logged else None,
            finish_reason=reason,
            refusal=bool(refusal),
            content=await _plain(other_content(message)),
            kept=message.response_metadata.get(KEPT) is True,
            sent=await self._sent.held(message_id, fields, metadata, told=told, logged=logged),
        )
        return token, size

    def _own_id(self, sent_id: str, call: str) -> str:
        """The id of a message in the log, of those that this node call has sent under an id."""
        ids = self._ids.setdefault(sent_id, {})
        return ids.setdefault(call, f"{sent_id}#{len(ids) + 1}" if ids else sent_id)

    def _without_think_tags(self, message_id: str, text: str, *, whole: bool, ends: bool) -> tuple[str, str]:
        """The text of a chunk or a whole message, and the reasoning that it has between `<think>` tags."""
        tags = ThinkTags() if whole else self._think_tags.setdefault(message_id, ThinkTags())
        return tags.split(text, ends=ends or whole)

    def _joined(self, message_id: str, text: str) -> str:
        """The text with the half character that came before it, and without one at its end."""
        text = self._half_characters.pop(message_id, "") + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._half_characters[message_id], text = text[-1], text[:-1]
        return replace_lone_surrogates(text)


def _fallback_model(message: BaseMessage) -> dict[str, str]:
    """Provider and model of a fallback model's answer, because the metadata of the call names the first model."""
    names = ("ls_provider", "ls_model_name")
    return {name: message.response_metadata[name] for name in names if name in message.response_metadata}


async def _plain(values: Any) -> tuple[Any, ...]:
    """The values of a list as plain values; nearly every token has none."""
    return tuple(await to_plain_in_turns(values)) if values else ()


def _tool_error(message: BaseMessage, text: str) -> Literal["failed", "unknown tool"]:
    # LangGraph's `ToolNode` has no other sign of a tool that does not exist.
    return "unknown tool" if text.startswith(f"Error: {message.name} is not a valid tool") else "failed"


def _values(ns: Namespace, data: Any, part: Mapping[str, Any]) -> Values:
    return Values(ns=ns, state=data, interrupts=tuple(from_json(to_json(part.get("interrupts") or ()))))


def _updates(ns: Namespace, data: Any, _part: Mapping[str, Any]) -> Updates:
    interrupts = data.pop(INTERRUPT, None)
    metadata = data.pop(METADATA, None) or {}
    return Updates(
        ns=ns,
        deltas=data,
        cached=bool(metadata.get("cached")),
        # A static breakpoint sends an empty tuple, so the presence of the key decides.
        interrupts=None if interrupts is None else tuple(interrupts),
    )


def _custom(ns: Namespace, data: Any, _part: Mapping[str, Any]) -> Custom:
    return Custom(ns=ns, data=data)


def _task(ns: Namespace, data: Any, _part: Mapping[str, Any]) -> TaskStarted | TaskEnded:
    if "triggers" in data:
        return TaskStarted(
            ns=ns, task_id=data["id"], node=data["name"], input=data["input"], triggers=tuple(data["triggers"])
        )
    return TaskEnded(
        ns=ns,
        task_id=data["id"],
        node=data["name"],
        result=data["result"],
        error=_error(data["error"]),
        interrupts=tuple(data["interrupts"]),
    )


def _error(error: Any) -> str | None:
    """The error of a node as it is told at the end of the run: it may quote a key that nobody here knows."""
    return None if error is None else redact(str(error), max_chars=sys.maxsize)


def _with_errors_told(data: Any) -> Any:
    """The same for the parts that hold an error of a node, or a list of nodes of which some have failed."""
    if not isinstance(data, Mapping):
        return data
    told = {"error": _error(data["error"])} if data.get("error") is not None else {}
    tasks = data.get("tasks")
    listed = {"tasks": [_with_errors_told(task) for task in tasks]} if tasks else {}
    return {**data, **told, **listed}


def _checkpoint(ns: Namespace, data: Any, _part: Mapping[str, Any]) -> CheckpointSaved:
    parent = data.get("parent_config")
    return CheckpointSaved(
        ns=ns,
        checkpoint_id=_checkpoint_id(data["config"]),
        parent_id=_checkpoint_id(parent) if parent else None,
        source=data["metadata"]["source"],
        step=data["metadata"]["step"],
        values=data["values"],
        next=tuple(data["next"]),
        sent={**_with_errors_told(data), "values": None},
    )


def _checkpoint_id(config: Mapping[str, Any]) -> str:
    return str(config["configurable"]["checkpoint_id"])


def _debug(ns: Namespace, data: Any, _part: Mapping[str, Any]) -> Debug:
    payload = _with_errors_told(data["payload"])
    return Debug(ns=ns, step=data["step"], timestamp=data["timestamp"], type=data["type"], payload=payload)


_TOOL_STEPS: dict[str, Literal["started", "delta", "finished", "failed"]] = {
    "tool-started": "started",
    "tool-output-delta": "delta",
    "tool-finished": "finished",
    "tool-error": "failed",
}


def _tool(ns: Namespace, data: Any, _part: Mapping[str, Any]) -> ToolCalled:
    fields = {"started": "input", "delta": "delta", "finished": "output", "failed": "message"}
    step = _TOOL_STEPS[data["event"]]
    told = data.get(fields[step])
    if step == "failed":
        told = _error(told)
    return ToolCalled(ns=ns, call_id=data["tool_call_id"], step=step, tool=data.get("tool_name", ""), data=told)


_BY_MODE: dict[str, Callable[[Namespace, Any, Mapping[str, Any]], ModeEvent]] = {
    "values": _values,
    "updates": _updates,
    "custom": _custom,
    "tasks": _task,
    "checkpoints": _checkpoint,
    "debug": _debug,
    "tools": _tool,
}
