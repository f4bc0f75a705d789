"""Read what a provider sends as its error, in the shapes that providers and their gateways use.

OpenAI's `{"error": {…}}`, the same without the envelope (vLLM), FastAPI's `detail`, RFC 9457's `title`, a list of
errors (Google), a sentence as JSON or as plain text, and the title of a web page.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ENVELOPES = ("error", "errors", "fault", "message", "detail", "details", "base_resp")
_SENTENCES = (
    "message",
    "Message",
    "msg",
    "errmsg",
    "err_msg",
    "error_msg",
    "status_msg",
    "detail",
    "error_description",
    "error_message",
    "errorMessage",
    "faultstring",
    "reason",
    "title",
)
_MAX_DEPTH = 6
_MAX_ITEMS = 5
MAX_BODY_CHARS = 65_536
"""No more of a body is read."""
_PAGE = re.compile(r"(?i)^\s*<(?:!doctype|html|\?xml|head|body)\b")
_PAGE_TITLE = re.compile(r"(?is)<(title|h1)\b[^<>]{0,200}>([^<]{1,500})<")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorObject:
    """The error of a response or a stream; missing fields are empty, `code` and `type` lower case.

    `status` is an HTTP status that the body names, `message` the provider's own sentence, not redacted and not cut.
    """

    code: str = ""
    type: str = ""
    param: str = ""
    message: str = ""
    status: int | None = None


def read_error(body: object) -> ErrorObject:
    """What this body says; `body` is parsed JSON, or a text that may be JSON."""
    body = parsed_body(body)
    if isinstance(body, str):
        return ErrorObject(message=_plain(body))
    fields: dict[str, str] = {}
    sentences: list[str] = []
    statuses: list[int] = []
    for part in _parts(body):
        if isinstance(part, str):
            sentences.append(part)
            continue
        _read_fields(part, fields)
        statuses.extend(status for name in ("status", "status_code", "code") if (status := _status(part.get(name))))
        sentences.extend(text for name in _SENTENCES if isinstance(text := part.get(name), str) and text)
        sentences.extend(_raw(part))
    return ErrorObject(
        code=fields.get("code", "").lower(),
        type=fields.get("type", "").lower(),
        param=fields.get("param", ""),
        message=". ".join(dict.fromkeys(text.strip(" .") for text in sentences if text.strip(" ."))),
        status=statuses[0] if statuses else None,
    )


def parsed_body(body: object) -> object:
    """The JSON value of a text that is JSON; anything else unchanged."""
    if not isinstance(body, str):
        return body
    text = body[:MAX_BODY_CHARS]
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _plain(text: str) -> str:
    if _PAGE.match(text):
        title = _PAGE_TITLE.search(text)
        return f"a web page, “{' '.join(title[2].split())}”" if title else "a web page"
    return text.strip()


def _parts(body: object, depth: int = 0) -> Iterator[Mapping[str, Any] | str]:
    """The body and what it wraps, outermost first; sentences without an object as texts."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(body, str):
        if depth:
            yield body
    elif isinstance(body, list):
        for item in body[:_MAX_ITEMS]:
            yield from _parts(item, depth + 1)
    elif isinstance(body, Mapping):
        yield body
        if isinstance(fields := body.get("errors"), Mapping):
            # A list of sentences for each field of the request (RFC 9457 as ASP.NET has it, Django).
            yield from _parts([value for value in fields.values() if isinstance(value, list)], depth + 1)
        for name in _ENVELOPES:
            inner = body.get(name)
            # A sentence in a field of its own is read with the fields.
            if isinstance(inner, Mapping | list) or (isinstance(inner, str) and name not in _SENTENCES):
                yield from _parts(inner, depth + 1)


def _read_fields(part: Mapping[str, Any], fields: dict[str, str]) -> None:
    for field, names in (
        ("code", ("code", "error_code", "errorCode")),
        ("type", ("type", "error_type", "__type", "status")),
        ("param", ("param", "parameter")),
    ):
        for name in names:
            value = part.get(name)
            # An inner object knows better than its envelope, unless it says nothing.
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                fields[field] = str(value)
                break
    location = part.get("loc")
    if isinstance(location, list) and location:
        fields["param"] = next((str(step) for step in location if step != "body"), "")


def _status(value: object) -> int | None:
    """An HTTP status of an error, as a number or as its digits."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdecimal():
        return None
    return int(value) if len(str(value)) == 3 and 400 <= int(value) <= 599 else None


def _raw(part: Mapping[str, Any]) -> Iterator[str]:
    """The words of the provider behind a router (OpenRouter's `metadata.raw`)."""
    metadata = part.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    if isinstance(raw, str) and raw:
        yield read_error(raw).message
