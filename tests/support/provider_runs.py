"""Runs of the chat graph on a provider at a given address."""

from contextlib import closing
from typing import Any

from graphs import GRAPHS, TECHNIQUES
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.runtime.engine import Engine
from tests.support.graphs import finish

KEY = "sk-planted-key-0123456789"


def compatible(base_url: str) -> ModelSpec:
    """An OpenAI-compatible model at this address."""
    return ModelSpec(provider="compatible", base_url=base_url, model="some-model")


def run_on(
    spec: ModelSpec, key: str | None = KEY, fallback: ModelSpec | None = None, *, graph: str = "chat", **fields: Any
) -> Run:
    """A run on this model, to its end; `fields` are further ones of the request."""
    source = {**GRAPHS, **TECHNIQUES}[graph]
    fields = {"modes": ("messages", "updates"), "prompt": "Hello", **fields}
    request = RunRequest(graph=source, model=spec, fallback_model=fallback, **fields)
    with closing(Engine()) as engine:
        return finish(engine.start(request, api_key=key))
