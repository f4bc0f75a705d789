"""Build the request of a run from the controls of a page."""

from dataclasses import replace

from components.shell.session import owner
from streaming.config.policy import with_server_policy
from streaming.core.events import Mode
from streaming.core.model_spec import ModelSpec
from streaming.core.request import Api, GraphSource, RunRequest
from streaming.rendering.flush import FlushStrategy
from streaming.services import get_services


def build_request(
    *,
    graph: GraphSource,
    model: ModelSpec,
    modes: tuple[Mode, ...],
    prompt: str,
    restart: bool | None = None,
    flush: FlushStrategy | None = None,
    api: Api = "stream modes",
) -> RunRequest:
    """The request under this server's policy, labelled with its session and its flush strategy.

    `restart` overrides the operator's setting. The label `flush` is empty if the page offers no flush strategy.
    """
    settings = get_services().settings
    request = with_server_policy(
        RunRequest(
            graph=graph,
            model=_within(model, settings.max_tokens),
            modes=modes,
            prompt=prompt,
            api=api,
            labels={"owner": owner(), **(flush.labels if flush else {"flush": ""})},
        ),
        settings,
    )
    if restart is None:
        return request
    return replace(request, retry_policy=replace(request.retry_policy, restart=restart))


def _within(model: ModelSpec, max_tokens: int) -> ModelSpec:
    """The model with at most the server's `max_tokens`."""
    return model if model.max_tokens is None else replace(model, max_tokens=min(model.max_tokens, max_tokens))
