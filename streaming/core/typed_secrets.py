"""The secrets that a person has typed for a run: the request has `[key]` in their place, and they are beside it.

Only the graph gets them. They are in memory, never stored, and only a run of the same visitor goes on with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from streaming.core.json_paths import Path, changed_at, part_at, path_of
from streaming.core.secret_fields import HIDDEN, secret_paths

if TYPE_CHECKING:
    from streaming.core.graph_description import GraphDescription
    from streaming.core.request import RunRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedSecret:
    """A secret of a request, at a path that begins with the part of the request, such as `("context", "password")`.

    One without a `value` has to be typed again. One with an empty path is of an earlier run of the thread: the graph
    does not get it, and may have it in its state.
    """

    path: Path
    value: Any = field(default=None, repr=False)


def with_secrets_apart(request: "RunRequest", about: "GraphDescription") -> "RunRequest":
    """The request with `[key]` for each secret in it, by the schemas of its graph."""
    schemas = {**about.schemas, "edits": about.input_schema}
    parts = _parts(request)
    paths = [(name, *path) for name, schema in schemas.items() for path in secret_paths(parts[name], schema)]
    return hide_at(request, paths)


def hide_at(request: "RunRequest", paths: list[Path]) -> "RunRequest":
    """The request with `[key]` at these places, where it has not got that already."""
    parts, known = _parts(request), {secret.path for secret in request.secrets}
    found = [
        TypedSecret(path=path, value=value)
        for path in paths
        if (value := part_at(parts, path)) != HIDDEN or path not in known
    ]
    if not found:
        return request
    for secret in found:
        parts = changed_at(parts, secret.path, HIDDEN)
    return replace(_with(request, parts), secrets=(*found, *request.secrets))


def revealed(request: "RunRequest") -> "RunRequest":
    """The request as the graph gets it."""
    parts = _parts(request)
    for secret in request.secrets:
        if secret.value is not None and _is_hidden(parts, secret.path):
            parts = changed_at(parts, secret.path, secret.value)
    return _with(request, parts) if request.secrets else request


def without_secrets(request: "RunRequest") -> "RunRequest":
    """The request without the fields that are secret, for a form that begins with it."""
    parts = _parts(request)
    for path in paths_of(request):
        holder = part_at(parts, path[:-1])
        if isinstance(holder, Mapping):
            rest = {name: part for name, part in holder.items() if name != path[-1]}
            parts = changed_at(parts, path[:-1], rest)
        elif isinstance(holder, list):
            parts = changed_at(parts, path, "")
    return _with(request, parts)


def missing_secrets(request: "RunRequest") -> list[str]:
    """The secret fields without which this request cannot be run; a checkpoint needs none of the input."""
    parts, continues = _parts(request), request.fork is not None or request.resume is not None
    there = {secret.path for secret in request.secrets if secret.value is not None}
    missing = (
        path
        for path in paths_of(request)
        if path not in there and _is_hidden(parts, path) and not (continues and path[0] == "input")
    )
    # The fields of a context may be configurable values too.
    return list(dict.fromkeys(path_of(path[1:]) for path in missing))


def texts_of(request: "RunRequest") -> tuple[str, ...]:
    """What no event of the run may show."""
    return tuple(dict.fromkeys(str(secret.value) for secret in request.secrets if secret.value is not None))


def carried(before: "RunRequest", controls: "RunRequest") -> tuple[TypedSecret, ...]:
    """The secrets of a run that goes on from this one: those of the same visitor, else what the controls have."""
    typed = {secret.path: secret for secret in controls.secrets if secret.path}
    mine = before.labels.get("owner") == controls.labels.get("owner")
    again = (
        secret if mine and secret.value is not None else typed.get(secret.path) or TypedSecret(path=secret.path)
        for secret in before.secrets
        if secret.path
    )
    return tuple(dict.fromkeys((*again, *of_the_thread(before))))


def of_the_thread(before: "RunRequest") -> tuple[TypedSecret, ...]:
    """The secrets of an earlier run of a thread, for the state of the thread may have them."""
    return tuple(replace(secret, path=()) for secret in before.secrets if secret.value is not None)


def paths_of(request: "RunRequest") -> list[Path]:
    """Where the request has `[key]` for a secret."""
    return list(dict.fromkeys(secret.path for secret in request.secrets if secret.path))


def _is_hidden(parts: Mapping[str, Any], path: Path) -> bool:
    return bool(path) and bool(part_at(parts, path) == HIDDEN)


def _parts(request: "RunRequest") -> dict[str, Any]:
    """What a person may have typed."""
    return {
        "input": request.input,
        "context": request.context,
        "configurable": request.configurable,
        "edits": request.fork and request.fork.edits,
        "answers": request.resume and request.resume.answers,
    }


def _with(request: "RunRequest", parts: Mapping[str, Any]) -> "RunRequest":
    return replace(
        request,
        input=parts["input"],
        context=parts["context"],
        configurable=parts["configurable"],
        fork=request.fork and replace(request.fork, edits=parts["edits"]),
        resume=request.resume and replace(request.resume, answers=parts["answers"]),
    )
