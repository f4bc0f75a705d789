"""Takes the keys of a graph out of what it streams, also where a key comes in pieces."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol

from langchain_core.messages import AIMessageChunk

from streaming.core.escaped_secrets import without_secrets
from streaming.providers.key_forms import MIN_KEY_CHARS, PieceCleaner, forms_of
from streaming.providers.value_cleaning import ValueCleaner

Part = Mapping[str, Any]
_Name = tuple[tuple[str, ...], str]
_Clean = Callable[[tuple[Any, ...], str], str]
"""The text without keys; the first argument says of which field it is a piece."""

_REASONING = frozenset({"reasoning", "thinking", "reasoning_content", "summary"})
_TEXTS = _REASONING | {"text", "content", "refusal", "value"}
"""The fields of content blocks that hold a text; the others, such as an id, come whole with each piece."""


class Cleaner(Protocol):
    """Takes keys out of what a stream sends, and may hold some of it back."""

    def feed(self, item: Part, /) -> Iterable[Part]:
        """What can be passed on."""

    def finish(self) -> Iterable[Part]:
        """What was held back, at the end of the stream."""


async def cleaned(items: AsyncGenerator[Part, None], cleaner: Cleaner) -> AsyncGenerator[Part, None]:
    """The items without keys; what was held back comes before the stream's end, and before its error."""
    try:
        async with aclosing(items) as stream:
            async for item in stream:
                for passed in cleaner.feed(item):
                    yield passed
    except Exception:
        for rest in cleaner.finish():
            yield rest
        raise
    for rest in cleaner.finish():
        yield rest


class TokenCleaner:
    """For the parts of one stream; an end of a text that may begin a key waits for what follows it.

    A message is told from another by its namespace and its id. What is written to `custom` in one namespace continues
    at the same place of the next value, and so does what one tool sends.

    Parts of other modes need no memory: `core.serialization.hide_keys` cleans them.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key for key in keys if len(key) >= MIN_KEY_CHARS]
        self._forms = [form.encode(errors="surrogatepass") for form in forms_of(self._keys)]
        self._of_keys = PieceCleaner(self._keys)
        self._open: dict[_Name, tuple[_Pieces, Part]] = {}
        self._values = ValueCleaner(self._of_keys)
        self._written: dict[tuple[Any, ...], tuple[Part, str]] = {}

    def feed(self, part: Part) -> tuple[Part]:
        """The part without keys."""
        return (self._cleaned(part),)

    def finish(self, ns: Sequence[str] | None = None) -> Iterator[Part]:
        """The ends that were held back: at the end of this namespace, or of the stream."""
        for name in [name for name in self._open if ns is None or name[0] == tuple(ns)]:
            pieces, part = self._open.pop(name)
            content, calls = pieces.finish()
            if content or calls:
                yield _with(part, content=_joined("", content), additional_kwargs={}, tool_call_chunks=calls)
        for series in [one for one in self._written if ns is None or one[0] == tuple(ns)]:
            part, field = self._written.pop(series)
            for rest in self._values.finish(series):
                yield _with_value(part, field, rest)

    def _cleaned(self, part: Part) -> Part:
        if self._keys and part["type"] in ("custom", "tools"):
            return self._value(part)
        if not self._keys or part["type"] != "messages":
            return part
        message = part["data"][0]
        if not isinstance(message, AIMessageChunk):
            return _with(part, **_cleaned(message, self._whole))
        name = tuple(part["ns"]), message.id or ""
        pieces, _ = self._open.get(name) or (_Pieces(self._of_keys), part)
        self._open[name] = pieces, part
        fields = _cleaned(message, pieces.feed)
        fields["tool_call_chunks"] = [
            {**call, "args": pieces.feed(("call", call.get("index")), call.get("args") or "")}
            for call in message.tool_call_chunks
        ]
        if message.chunk_position == "last":
            del self._open[name]
            content, calls = pieces.finish()
            fields["content"] = _joined(fields["content"], content)
            fields["tool_call_chunks"] += calls
        return _with(part, **fields)

    def _value(self, part: Part) -> Part:
        data, field = part["data"], ""
        series: tuple[Any, ...] = (tuple(part["ns"]), part["type"])
        if part["type"] == "tools":
            if data.get("event") != "tool-output-delta":
                return part
            field, series = "delta", (*series, data.get("tool_call_id"))
        value = self._values.feed(series, data[field] if field else data)
        self._written.pop(series, None)
        if self._values.holds(series):
            self._written[series] = part, field
        return _with_value(part, field, value)

    def _whole(self, _field: tuple[Any, ...], text: str) -> str:
        return without_secrets(text.encode(errors="surrogatepass"), self._forms).decode(errors="surrogatepass")


class _Pieces:
    """The texts of one message that comes in pieces."""

    def __init__(self, of_keys: PieceCleaner) -> None:
        self._of_keys = of_keys
        self._cleaners: dict[tuple[Any, ...], PieceCleaner] = {}

    def feed(self, field: tuple[Any, ...], piece: str) -> str:
        if field not in self._cleaners:
            self._cleaners[field] = self._of_keys.for_another_text()
        return self._cleaners[field].feed(piece)

    def finish(self) -> tuple[list[Any], list[dict[str, Any]]]:
        """What was held back, as content and as pieces of tool calls."""
        content: list[Any] = []
        calls: list[dict[str, Any]] = []
        for field, cleaner in self._cleaners.items():
            if not (rest := cleaner.finish()):
                continue
            if field[0] == "call":
                calls.append({"name": None, "args": rest, "id": None, "index": field[1], "type": "tool_call_chunk"})
            else:
                content.append({"type": "reasoning", "reasoning": rest} if _REASONING.intersection(field) else rest)
        return content, calls


def _cleaned(message: Any, clean: _Clean) -> dict[str, Any]:
    """The fields of a message that hold texts, cleaned."""
    beside = message.additional_kwargs
    thoughts = {name: _walk(beside[name], (name,), clean) for name in _REASONING & beside.keys()}
    more = {"additional_kwargs": {**beside, **thoughts}} if thoughts else {}
    return {"content": _walk(message.content, ("content",), clean), **more}


def _walk(value: Any, field: tuple[Any, ...], clean: _Clean) -> Any:
    if isinstance(value, str):
        return clean(field, value)
    if isinstance(value, list):
        return [_walk(item, (*field, _place(item, at)), clean) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kind = (*field, value.get("type"))
    return {name: _walk(item, (*kind, name), clean) if name in _TEXTS else item for name, item in value.items()}


def _place(item: Any, at: int) -> Any:
    """Which block of a message this is a piece of."""
    return item.get("index", at) if isinstance(item, dict) else "text"


def _joined(content: Any, rest: list[Any]) -> Any:
    """The content with what was held back: a text as long as both are texts."""
    if isinstance(content, str) and all(isinstance(item, str) for item in rest):
        return content + "".join(rest)
    return [*(filter(None, [content]) if isinstance(content, str) else content), *rest]


def _with_value(part: Part, field: str, value: Any) -> Part:
    return {**part, "data": {**part["data"], field: value} if field else value}


def _with(part: Part, **fields: Any) -> Part:
    message, *others = part["data"]
    changed = {name: value for name, value in fields.items() if value != getattr(message, name)}
    return {**part, "data": [message.model_copy(update=changed), *others]} if changed else part
