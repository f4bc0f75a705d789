"""The code that a reader can copy to get the same stream: complete, and run by the tests."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import Api, RunRequest
from streaming.providers.url_policy import url_without_credentials

_NEED_CHECKPOINTER = {"checkpoints", "debug"}

_TEMPLATES: dict[Api, str] = {
    "stream modes": "stream_modes.py.jinja",
    "events v2": "events_v2.py.jinja",
    "events v3": "events_v3.py.jinja",
    "events v3, typed": "events_v3_typed.py.jinja",
    "invoke": "invoke.py.jinja",
}


def python_script(request: RunRequest, *, before: Sequence[RunRequest] = (), answering: bool = False) -> str:
    """A script that requests the same stream from LangGraph as this request does.

    `before` are the requests that led to this one in its thread, oldest first: the script begins with them. With
    `answering` it continues after an interrupt, with an answer to every question.
    """
    *earlier, last = _merge_resumed([*before, request])
    remembers = answering or bool(earlier or last.interrupt_before or _NEED_CHECKPOINTER & set(last.modes))
    return _ENVIRONMENT.get_template(_TEMPLATES[last.api]).render(
        request=last,
        earlier=earlier,
        remembers=remembers,
        answering=answering,
        modes=list(last.modes),
        scripted=last.model.provider == "scripted",
        streamed_as=", ".join(last.modes) if last.api == "stream modes" else last.api,
        model_settings=_model_settings(last.model),
    )


def _merge_resumed(requests: Sequence[RunRequest]) -> list[RunRequest]:
    """The requests without interrupts: a request that resumed a run replaces the one of that run."""
    merged: list[RunRequest] = []
    for request in requests:
        if request.resume is not None and request.replaces_run_id is None and merged:
            merged[-1] = replace(request, fork=merged[-1].fork)
            continue
        if request.fork is not None and not merged:
            merged.append(replace(request, fork=None))
        merged.append(request)
    return merged


def _graph_input(request: RunRequest) -> str:
    return "None" if request.fork else f"GRAPH.to_input({request.prompt!r})"


def _config_name(request: RunRequest) -> str:
    return "fork" if request.fork else "config"


def _options(request: RunRequest) -> dict[str, Any]:
    """The keyword arguments for the request's context and breakpoints, where it has any."""
    context = {} if request.context is None else {"context": dict(request.context)}
    return context | ({"interrupt_before": list(request.interrupt_before)} if request.interrupt_before else {})


def _edits(edits: Mapping[str, Any]) -> str:
    """The changed fields as Python; a changed message replaces the last one, whose id differs in each thread."""
    items: list[str] = []
    for name, value in edits.items():
        match value:
            case [{"id": _, **message}]:
                literal = f"[{{**{message!r}, 'id': saved.values[{name!r}][-1].id}}]"
            case _:
                literal = repr(value)
        items.append(f"{name!r}: {literal}")
    return f"{{{', '.join(items)}}}"


def _model_settings(spec: ModelSpec) -> dict[str, Any]:
    """The arguments of `ModelSpec`, never with a key: the script reads that from the environment."""
    return {
        "provider": spec.provider,
        **({"model": spec.model} if spec.model else {}),
        **({"base_url": url_without_credentials(spec.base_url)} if spec.base_url else {}),
        "temperature": spec.temperature,
        "max_tokens": spec.max_tokens,
        **({"pace": spec.pace} if spec.provider == "scripted" else {}),
    }


def _python(value: Any) -> str:
    """The value as a Python literal; a pace has `streams` only where it is off."""
    if not isinstance(value, Pace):
        return repr(value)
    settings = {field.name: getattr(value, field.name) for field in fields(value)}
    if value.streams:
        del settings["streams"]
    return f"Pace({', '.join(f'{name}={setting!r}' for name, setting in settings.items())})"


def _environment() -> Environment:
    # The result is Python, not HTML: escaping would break it, and each value enters through `repr`.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "python": _python,
        "graph_input": _graph_input,
        "config_name": _config_name,
        "options": _options,
        "edits": _edits,
    }
    return environment


_ENVIRONMENT = _environment()
