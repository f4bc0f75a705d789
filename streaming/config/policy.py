"""The settings' limits, patience and second model, put into a request."""

from dataclasses import replace

from streaming.config.settings import settings
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy


def with_server_policy(request: RunRequest) -> RunRequest:
    """The request as whoever runs this server wants it: a hosted model has shorter times than one that runs here."""
    said = settings()
    return replace(
        request,
        limits=said.limits(hosted=request.model.paid),
        retry_policy=RetryPolicy(max_attempts=said.attempts, restart=said.restart),
        fallback_model=parse_model(said.fallback_model),
    )


def parse_model(name: str) -> ModelSpec | None:
    """`provider` or `provider:model`; nobody for an empty name."""
    provider, _, model = name.partition(":")
    return ModelSpec(provider=provider, model=model or None) if provider else None  # type: ignore[arg-type]
