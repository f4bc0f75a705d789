"""Clients of the HTTP routes that a reader can copy: complete, and run by the tests."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from streaming.core.events import ENGINE_KINDS, MODES
from streaming.core.request import RunRequest
from streaming.providers.catalogue import BASE_URLS
from streaming.wires.catalogue import WIRES, WireName

Client = Literal["curl", "EventSource", "Python", "FastAPI"]
CLIENTS: tuple[Client, ...] = get_args(Client)
LANGUAGES: dict[Client, str] = {"curl": "bash", "EventSource": "javascript", "Python": "python", "FastAPI": "python"}

_TEMPLATES: dict[Client, str] = {
    "curl": "curl.sh.jinja",
    "EventSource": "event_source.js.jinja",
    "Python": "client.py.jinja",
    "FastAPI": "proxy.py.jinja",
}
_NAMES: dict[WireName, list[str]] = {
    "own": [*MODES, "tools", "events", *sorted(ENGINE_KINDS)],
    "langgraph": ["metadata", *MODES, "tools", "events", "error", "end"],
    "langgraph-messages": [
        *("metadata", "messages/metadata", "messages/partial", "messages/complete"),
        *(mode for mode in MODES if mode != "messages"),
        *("tools", "events", "error", "end"),
    ],
}
"""The names of events, which an `EventSource` has to know; the other protocols use none."""


def client_code(client: Client, wire: WireName, request: RunRequest, *, base: str) -> str:
    """The program that starts this request at the server with the URL `base`, and follows it in this protocol."""
    body = body_of(request)
    given = "input" if "input" in body else "prompt"
    rest = {name: value for name, value in body.items() if name != given}
    code = _ENVIRONMENT.get_template(_TEMPLATES[client]).render(
        base=base.rstrip("/"),
        wire=wire,
        body=body,
        given=given,
        body_fields=", ".join(f"{name!r}: {value!r}" for name, value in rest.items()),
        headed=f" as {WIRES[wire].label}",
        names=_NAMES.get(wire, ["message"]),
        response_headers={"Content-Type": "text/event-stream", **WIRES[wire].headers},
    )
    return code.strip() + "\n"


def body_of(request: RunRequest) -> Mapping[str, Any]:
    """What `POST /api/runs` takes for this request."""
    model = request.model
    body: dict[str, Any] = {"graph": request.graph.name, **_given_to(request), "modes": list(request.modes)}
    if model.provider == "scripted":
        pace = {"ttft_ms": model.pace.ttft_ms, "tokens_per_s": model.pace.tokens_per_s}
        tokens = {} if model.pace.tokens is None else {"tokens": model.pace.tokens}
        return {**body, "model": "scripted", **pace, **tokens}
    if model.provider == "own":
        return body
    named = model.provider in BASE_URLS and model.model
    limit = {} if model.max_tokens is None else {"max_tokens": model.max_tokens}
    return {**body, "model": f"{model.provider}:{model.model}" if named else model.provider, **limit}


def _given_to(request: RunRequest) -> dict[str, Any]:
    """What the graph gets."""
    start = {"prompt": request.prompt} if request.input is None else {"input": request.input}
    more = {"context": request.context, "configurable": request.configurable}
    return start | {name: dict(values) for name, values in more.items() if values}


def _environment() -> Environment:
    # The result is code, not HTML: escaping would break it, and each value enters through a filter that quotes it.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"json": json.dumps, "shell": shlex.quote, "python": repr}
    return environment


_ENVIRONMENT = _environment()
