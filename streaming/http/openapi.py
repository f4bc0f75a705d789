"""The OpenAPI document of the routes for runs, made of the models that check the requests."""

from typing import Any

from streaming.core.events import STATUS_OF
from streaming.http.start_run import BEGINNING, CONTINUING, MAX_TOKENS, StartRun
from streaming.services import Services
from streaming.wires.catalogue import WIRES

VERSION = "1.0.0"
_ID = r"^[A-Za-z0-9_-]{1,64}$"
_ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
_STATES = ["Running", "Paused", *STATUS_OF.values()]

Json = dict[str, Any]

_FORMS = [{"$ref": f"#/components/schemas/{name}"} for name in ("StartRun", "ContinueRun")]


def openapi_document(services: Services, *, token: bool) -> Json:
    """The document; with `token`, starting and stopping need one."""
    secured: Json = {"security": [{"token": []}]} if token else {}
    run_id = {"name": "run_id", "in": "path", "required": True, "schema": {"type": "string", "pattern": _ID}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Streaming Lab",
            "version": VERSION,
            "description": "Start runs of LangGraph graphs, follow them in the protocol of your front end, stop them. "
            "Errors are `{“error”: sentence}`. The id of a run is the right to follow it. A run that nobody follows is "
            "cancelled after a grace time.",
        },
        "paths": {
            "/api/runs": {"post": {**_start(), **secured}},
            "/api/runs/{run_id}": {
                "parameters": [run_id],
                "get": _look(),
                "delete": {**_stop(), **secured},
            },
            "/api/runs/{run_id}/events": {"parameters": [run_id], "get": _events()},
        },
        "components": {
            "schemas": {**_start_schemas(services), "Error": _ERROR, "Run": _run(), "RunState": _run_state()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _start() -> Json:
    return {
        "operationId": "startRun",
        "summary": "Start a run, or continue one: answer its questions, fork its thread, or say the next prompt.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": _FORMS}}}},
        "responses": {
            "201": {
                "description": "The run has started.",
                "content": _json("Run"),
                "headers": {"Location": {"schema": {"type": "string"}, "required": True}},
                "links": {
                    "look": {"operationId": "lookAtRun", "parameters": {"run_id": "$response.body#/id"}},
                    "stop": {"operationId": "stopRun", "parameters": {"run_id": "$response.body#/id"}},
                },
            },
            **_errors("401", "403", "404", "409", "413", "415", "422", "429"),
        },
    }


def _look() -> Json:
    return {
        "operationId": "lookAtRun",
        "summary": "The state, figures and answers of a run.",
        "responses": {
            "200": {"description": "The run.", "content": _json("RunState")},
            **_errors("404", "429", "503"),
        },
    }


def _stop() -> Json:
    return {
        "operationId": "stopRun",
        "summary": "Stop a run; it keeps what it has written.",
        "responses": {
            "202": {"description": "The run ends, or has ended.", "content": _json("Run")},
            **_errors("401", "403", "404", "429", "503"),
        },
    }


def _events() -> Json:
    protocol = {"type": "string", "enum": list(WIRES), "default": "own"}
    about = "; ".join(f"`{name}`: {kind.label}" for name, kind in WIRES.items())
    last = "Continue after the event with this id."
    return {
        "operationId": "followRun",
        "summary": "A run's events as server-sent events, live or late.",
        "parameters": [
            {"name": "as", "in": "query", "description": about, "schema": protocol},
            {"name": "Last-Event-ID", "in": "header", "description": last, "schema": {"type": "string"}},
        ],
        "responses": {
            "200": {
                "description": "The events until the end of the run.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            "204": {"description": "The client has everything."},
            **_errors("400", "404", "429", "503"),
        },
    }


def _json(schema: str) -> Json:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


_MEANINGS = {
    "400": "There is no such protocol.",
    "401": "The token is missing or wrong.",
    "403": "This client may not start or stop runs.",
    "404": "There is no such run or graph.",
    "409": "The run cannot be continued like this.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "The request cannot be run.",
    "429": "Too many requests.",
    "503": "The server cannot do this now.",
}


def _errors(*codes: str) -> Json:
    return {code: {"description": _MEANINGS[code], "content": _json("Error")} for code in codes}


def _start_schemas(services: Services) -> Json:
    """The two forms of the request, with the graphs and limits of this server."""
    settings, schema = services.settings, StartRun.model_json_schema()
    fields = schema["properties"]
    for name in ("graph", "prompt", "input", "previous_run", "checkpoint_id"):
        fields[name].pop("default")
    fields["graph"] = {**fields["graph"], "enum": services.graphs.names()}
    fields["prompt"] = {**fields["prompt"], "maxLength": settings.prompt_chars}
    fields["tokens"]["anyOf"][0]["maximum"] = min(MAX_TOKENS, settings.max_tokens)
    start = {name: field for name, field in fields.items() if name not in CONTINUING | {"previous_run"}}
    fields["input"]["anyOf"].remove({"type": "null"})
    next_run = {name: field for name, field in fields.items() if name not in BEGINNING}
    prompt_or_input = [{"required": ["prompt"]}, {"required": ["input"]}]
    return {
        "StartRun": {**schema, "properties": start, "required": ["graph"], "anyOf": prompt_or_input},
        "ContinueRun": {
            **schema,
            "title": "ContinueRun",
            "description": "A run that continues another one.",
            "properties": next_run,
            "required": ["previous_run"],
        },
    }


def _run() -> Json:
    text = {"type": "string"}
    names = ("id", "graph", "model", "thread_id", "created_at")
    return {
        "type": "object",
        "properties": {
            **{name: text for name in names},
            "status": {"type": "string", "enum": _STATES},
            "links": {"type": "object", "additionalProperties": text},
        },
        "required": [*names, "status"],
    }


def _question() -> Json:
    """A question of an interrupted run; `schema` is that of its answer, null if the graph gives none."""
    text = {"type": "string"}
    own: Json = {"id": text, "node": text, "value": {}, "schema": {"type": ["object", "null"]}}
    return {"type": "object", "properties": own, "required": list(own)}


def _run_state() -> Json:
    answer = {"type": "object", "properties": {"node": {"type": "string"}, "text": {"type": "string"}}}
    own = {
        "modes": {"type": "array", "items": {"type": "string"}},
        "reason": {"type": "string"},
        "pending": {"type": "array", "items": _question()},
        "answers": {"type": "array", "items": answer},
        "figures": {"type": "object", "description": "Times in seconds since submission; null is unknown."},
    }
    run = {"$ref": "#/components/schemas/Run"}
    return {"allOf": [run, {"type": "object", "properties": own, "required": list(own)}]}
