"""Takes the keys of a graph out of the items of its event APIs, also where a key comes in pieces."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage

from streaming.providers.token_cleaning import TokenCleaner

Item = Mapping[str, Any]
_Remake = Callable[[Any], Item]
"""The item with another message or value in the place of its own."""


class EventCleaner:
    """For the items of one stream, as `worker.event_streams` sends them.

    Each piece of a text goes through the cleaner of tokens, as a message of its own.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._tokens = TokenCleaner(keys)

    def feed(self, item: Item) -> Iterator[Item]:
        """The item without keys, after what was held back if it ends a text."""
        if "event" in item:
            yield from self._version_2(item)
        elif item.get("method") == "messages":
            yield from self._version_3(item)
        elif item.get("method") in ("custom", "tools"):
            yield self._value_3(item)
        elif item.get("text"):
            # The same message has pieces until the stream ends.
            piece = _piece(item["text"])
            yield self._cleaned((item["message_id"],), piece, lambda new: {**item, "data": new.text, "text": new.text})
        else:
            yield item

    def finish(self) -> Iterator[Item]:
        """The ends that were held back, at the end of the stream."""
        return self._held_back(None)

    def _version_2(self, event: Item) -> Iterator[Item]:
        ns, data = (str(event["run_id"]),), event["data"]
        if event["event"].endswith("_end"):
            yield from self._held_back(ns)
        if event["event"] == "on_custom_event":
            yield self._value((*ns, str(event["name"])), data, lambda new: {**event, "data": new})
            return
        match data.get("chunk"):
            case BaseMessage() as message:
                yield self._cleaned(ns, message, lambda new: {**event, "data": {**data, "chunk": new}})
            case str() as piece:
                yield self._cleaned(ns, _piece(piece), lambda new: {**event, "data": {**data, "chunk": new.text}})
            case _:
                yield event

    def _version_3(self, event: Item) -> Iterator[Item]:
        params = event["params"]
        message, metadata = params["data"]

        def with_message(new: Any) -> Item:
            return {**event, "params": {**params, "data": [new, metadata]}}

        if isinstance(message, BaseMessage):
            yield self._cleaned((), message, with_message)
            return
        ns = (str(metadata.get("run_id") or metadata.get("langgraph_checkpoint_ns")), str(message.get("index")))
        if message["event"] == "content-block-finish":
            yield from self._held_back(ns)
        delta = message.get("delta") or {}
        field = next((name for name in ("text", "reasoning", "args") if isinstance(delta.get(name), str)), None)
        if field is None:
            yield event
            return
        yield self._cleaned(
            ns, _piece(delta[field]), lambda new: with_message({**message, "delta": {**delta, field: new.text}})
        )

    def _value_3(self, event: Item) -> Item:
        params = event["params"]
        data = params["data"]
        ns = (*map(str, params.get("namespace") or ()), event["method"])
        if event["method"] == "custom":
            return self._value(ns, data, lambda new: {**event, "params": {**params, "data": new}})
        if not isinstance(data, Mapping) or "delta" not in data:
            return event
        ns = (*ns, str(data.get("tool_call_id")))
        return self._value(
            ns, data["delta"], lambda new: {**event, "params": {**params, "data": {**data, "delta": new}}}
        )

    def _value(self, ns: Sequence[str], value: Any, remake: _Remake) -> Item:
        (part,) = self._tokens.feed({"type": "custom", "ns": ns, "data": value, "remake": remake})
        return _item(part)

    def _cleaned(self, ns: Sequence[str], message: BaseMessage, remake: _Remake) -> Item:
        (part,) = self._tokens.feed({"type": "messages", "ns": ns, "data": [message, remake]})
        return _item(part)

    def _held_back(self, ns: Sequence[str] | None) -> Iterator[Item]:
        return map(_item, self._tokens.finish(ns))


def _piece(text: str) -> AIMessageChunk:
    return AIMessageChunk(content=text)


def _item(part: Mapping[str, Any]) -> Item:
    made, remake = (part["data"], part["remake"]) if "remake" in part else part["data"]
    item: Item = remake(made)
    return item
