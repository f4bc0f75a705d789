"""The settings' limits, patience and second model, put into a request."""

from dataclasses import replace

from streaming.models import ModelSpec, Patience
from streaming.request import RunRequest
from streaming.settings import settings


def by_settings(request: RunRequest) -> RunRequest:
    """The request as whoever runs this server wants it: a hosted model has shorter times than one that runs here."""
    said = settings()
    return replace(
        request,
        limits=said.limits(hosted=request.model.paid),
        patience=Patience(attempts=said.attempts, restart=said.restart),
        second=second_model(said.second_model),
    )


def second_model(name: str) -> ModelSpec | None:
    """`provider` or `provider:model`; nobody for an empty name."""
    provider, _, model = name.partition(":")
    return ModelSpec(provider=provider, model=model or None) if provider else None  # type: ignore[arg-type]
