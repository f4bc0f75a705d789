"""Read a model and its pace from options, which have the names of the URL's parameters."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from streaming.core.errors import InputError
from streaming.core.events import MODES
from streaming.core.model_spec import ModelSpec, Pace

if TYPE_CHECKING:
    from streaming.core.request import RunRequest
    from streaming.core.run import Run
    from streaming.services import Services

DEFAULT_GRAPH = "report"
DEFAULT_MODES = "messages,updates,custom,tasks"
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")
_PACE = {field.name for field in fields(Pace)}
_MODEL = ("temperature", "max_tokens", "base_url")
_KNOWN = {"graph", "model", "modes", *_MODEL, *_PACE}


def parse_configuration(text: str) -> dict[str, str]:
    """The parameters of `model=scripted&ttft_ms=100`, as in the app's URLs; raises `InputError`."""
    pairs = parse_qsl(text.removeprefix("?"), keep_blank_values=True)
    unknown = [name for name, _ in pairs if name not in _KNOWN]
    if unknown or not pairs:
        what = f"“{unknown[0]}” is no parameter" if unknown else f"“{text}” has no parameter"
        raise InputError(f"{what} of a configuration.", advice=f"Known are {', '.join(sorted(_KNOWN))}.")
    return dict(pairs)


def model_of(options: Mapping[str, Any]) -> ModelSpec:
    """The model of `provider` or `provider:model` with its settings and pace; raises `InputError`."""
    provider, _, name = str(options.get("model") or "local").partition(":")
    spec = {name: options[name] for name in _MODEL if options.get(name) is not None}
    pace = {name: options[name] for name in _PACE if options.get(name) is not None}
    try:
        return ModelSpec(
            provider=provider,  # type: ignore[arg-type]
            model=name or None,
            **{key: _read(key, value) for key, value in spec.items()},
            pace=Pace(**{key: _read(key, value) for key, value in pace.items()}),
        )
    except ValueError as error:
        raise InputError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


def request_of(services: "Services", options: Mapping[str, Any], prompt: str, *, graph_input: str = "") -> "RunRequest":
    """The request under the settings' policy; without prompt and input (JSON), the graph's first example is the prompt.

    Raises `LabError`s.
    """
    from streaming.cli.graph_inputs import check_given, input_of
    from streaming.cli.graphs import find_graph
    from streaming.core.request import HasDescription, RunRequest
    from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph

    graph = find_graph(services.graphs, str(options.get("graph") or DEFAULT_GRAPH))
    model = model_of(options)
    if isinstance(graph, OwnGraph) and (trouble := graph.process.load().trouble):
        raise InputError(trouble)
    examples: tuple[str, ...] = getattr(graph, "examples", ())
    prompt = prompt or ("" if graph_input else next(iter(examples), ""))
    if isinstance(graph, HasDescription):
        model = OWN_MODEL
        check_given(graph.description, prompt, graph_input)
    request = RunRequest(
        graph=graph,
        model=model,
        modes=_modes(str(options.get("modes") or DEFAULT_MODES)),
        prompt=prompt,
        input=input_of(graph, graph_input, prompt) if graph_input else None,
        labels={"owner": "", "flush": ""},
    )
    return _checked(request, services)


def resume_request(services: "Services", run: "Run", given: Sequence[str]) -> "RunRequest":
    """The request that continues this run with the answers of the options. Raises `NotContinuable`, `InputError`s."""
    from streaming.cli.asking import answers_of
    from streaming.core.errors import NotContinuable
    from streaming.runtime import thread_moves

    ended = run.ended
    if ended is None or ended.outcome != "interrupted":
        raise NotContinuable("This run does not wait for an answer.")
    controls = replace(run.request, labels={"owner": "", "flush": ""})
    request = thread_moves.resume(run, controls, answers=answers_of(given, ended.pending, run_id=run.id))
    return _checked(request, services)


def _checked(request: "RunRequest", services: "Services") -> "RunRequest":
    """The request under this server's policy; raises an `InputError` if it cannot be run."""
    from streaming.config.policy import with_server_policy
    from streaming.core.errors import KeyMissing
    from streaming.providers.catalogue import KEY_ENV, LABELS, resolve_key

    provider = request.model.provider
    if provider in KEY_ENV and provider != "compatible" and resolve_key(request.model) is None:
        raise KeyMissing(f"{LABELS[provider]} needs an API key.", advice=f"Set {KEY_ENV[provider]}.")
    request = with_server_policy(request, services.settings)
    # A terminal follows its run until the end: only its own process can lose it.
    request = replace(request, limits=replace(request.limits, grace_s=None))
    request.check()
    return request


def _modes(text: str) -> tuple[Any, ...]:
    """The names, of which `RunRequest.check` says whether LangGraph has them."""
    names = MODES if text == "all" else tuple(name.strip() for name in text.split(",") if name.strip())
    return tuple(dict.fromkeys(names))


def _read(name: str, value: Any) -> Any:
    """The value of this field; raises `InputError` if a text does not have the form of one."""
    if not isinstance(value, str) or name == "base_url":
        return value
    if name == "streams" and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    try:
        number = float(value) if name in ("temperature", "tokens_per_s", "jitter") else int(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"“{value}” is no value for {name}.")
    return number
