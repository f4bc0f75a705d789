"""The request of a run in the history, and back again, so that a run can be shown and continued after a restart.

The header of a recording holds what everybody may see. What else a request has is stored beside it: ids of other runs
give access to them, so they are in no recording.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.names_of_secrets import SECRET_NAME
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, GraphSource, HasPlace, Resume, RunRequest
from streaming.core.serialization import to_plain
from streaming.core.typed_secrets import TypedSecret, paths_of
from streaming.recordings.format import Header

_IN_MODEL = ("temperature", "max_tokens", "base_url", "pace", "subgraphs")
_PLAIN = ("thread_id", "checkpoint_id", "previous_run_id", "replaces_run_id", "context", "input")


def dump_request(request: RunRequest) -> dict[str, Any]:
    """What the header of a recording does not hold, as plain JSON values."""
    fork, resume = request.fork, request.resume
    stored: dict[str, Any] = {
        **{name: getattr(request, name) for name in _PLAIN},
        "configurable": _without_keys(request),
        "model": request.model.model,
        "place": request.graph.place if isinstance(request.graph, HasPlace) else None,
        "interrupt_before": list(request.interrupt_before),
        "secrets": [list(path) for path in paths_of(request)],
        "fork": fork and {"checkpoint_id": fork.checkpoint_id, "step": fork.step, "edits": fork.edits},
        "resume": resume and {item.name: getattr(resume, item.name) for item in fields(resume)},
    }
    plain: dict[str, Any] = to_plain({name: value for name, value in stored.items() if value not in (None, [])})
    return plain


def load_request(header: Header, stored: Mapping[str, Any], *, graph: GraphSource, owner: str) -> RunRequest:
    """The request with this header; raises `ValueError`, `TypeError` or `KeyError` for damaged values."""
    settings = header.settings
    labels = {name: str(value) for name, value in settings.items() if name not in _IN_MODEL}
    return RunRequest(
        graph=graph,
        model=ModelSpec(
            provider=header.provider,  # type: ignore[arg-type]
            model=stored.get("model"),
            temperature=settings.get("temperature", 0.0),
            max_tokens=settings.get("max_tokens"),
            base_url=settings.get("base_url"),
            pace=Pace(**settings.get("pace", {})),
        ),
        modes=tuple(header.modes),  # type: ignore[arg-type]
        prompt=header.prompt,
        api=header.api,  # type: ignore[arg-type]
        subgraphs=bool(settings.get("subgraphs", True)),
        interrupt_before=tuple(stored.get("interrupt_before", ())),
        fork=Fork(**stored["fork"]) if stored.get("fork") else None,
        resume=_resume(stored["resume"]) if stored.get("resume") else None,
        labels={**labels, "owner": owner},
        configurable=stored.get("configurable"),
        secrets=tuple(TypedSecret(path=tuple(path)) for path in stored.get("secrets", ())),
        **{name: stored.get(name) for name in _PLAIN},  # type: ignore[arg-type]
    )


def _without_keys(request: RunRequest) -> dict[str, Any] | None:
    """What a graph is configured with, without the API keys that some graphs take there, unless they are apart."""
    if request.configurable is None:
        return None
    apart = {secret.path[1] for secret in request.secrets if secret.path[:1] == ("configurable",)}
    named = request.configurable.items()
    return {name: value for name, value in named if name in apart or not SECRET_NAME.search(name)}


def _resume(stored: Mapping[str, Any]) -> Resume:
    parts = {node: PartialAnswer(**part) for node, part in stored["partial_answers"].items()}
    return Resume(**{**stored, "partial_answers": parts})
