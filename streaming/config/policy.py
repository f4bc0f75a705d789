"""Put the operator's limits, retries and fallback model into a request."""

from dataclasses import replace

from streaming.config.settings import Settings
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy


def with_server_policy(request: RunRequest, settings: Settings) -> RunRequest:
    """Apply the operator's limits, retries and fallback model.

    A hosted model has shorter time limits than one on this machine or in its network, or than a graph with a model of
    its own, of which nothing is known. A run that may cost money, also
    through its fallback model, is counted per minute.
    """
    request = replace(
        request,
        limits=settings.limits(
            hosted=request.model.paid and not request.model.near and request.model.provider != "own"
        ),
        retry_policy=RetryPolicy(max_attempts=settings.max_attempts, restart=settings.restart_broken_answers),
        fallback_model=parse_model(settings.fallback_model),
    )
    if not request.may_cost:
        return request
    return replace(request, limits=replace(request.limits, runs_per_minute=settings.runs_per_minute))


def parse_model(name: str) -> ModelSpec | None:
    """The model of `provider` or `provider:model`; `None` for an empty name."""
    provider, _, model = name.partition(":")
    return ModelSpec(provider=provider, model=model or None) if provider else None  # type: ignore[arg-type]
