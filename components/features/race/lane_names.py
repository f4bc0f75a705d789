"""What a lane is called: by its settings, which its controls offer or which its run had."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

from components.features.race.lane import Lane
from components.run_panel.model_picker import embedded_choice
from streaming.core.events import MODES, Mode
from streaming.core.model_spec import PRESETS, ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import model_label
from streaming.rendering.flush import FlushStrategy

Method = Literal["streaming", "blocking (invoke)", "values only", "updates only", "all seven modes"]
METHODS: tuple[Method, ...] = get_args(Method)
BLOCKING: Method = "blocking (invoke)"
_FLUSH = 3
"""The place of the flush strategy among the settings that make a name."""
MODES_OF: Mapping[str, tuple[Mode, ...]] = {
    "streaming": ("messages",),
    "values only": ("values",),
    "updates only": ("updates",),
    "all seven modes": MODES,
}
"""The stream modes of a lane by the name of its method."""


def offered_models() -> dict[str, ModelSpec]:
    """The models of a lane by their labels."""
    scripted = {f"Scripted: {name}": ModelSpec(provider="scripted", pace=pace) for name, pace in PRESETS.items()}
    return {**scripted, **embedded_choice()}


def method_of(request: RunRequest) -> str | None:
    """The method of a lane that asks for this; `None` if none does."""
    if request.api == "invoke":
        return BLOCKING
    return next((name for name, modes in MODES_OF.items() if modes == request.modes), None)


def offered_model_of(request: RunRequest) -> str | None:
    """The label of the offered model that this run asked; `None` if a lane does not offer it."""
    # The server's policy may have lowered the limit of tokens.
    asked = replace(request.model, max_tokens=None)
    models = offered_models().items()
    return next((name for name, spec in models if replace(spec, max_tokens=None) == asked), None)


def names_of(settings: Sequence[tuple[str, ...]]) -> list[str]:
    """A name for each lane: its number and the settings in which the lanes differ, or the method if they are equal."""
    differing = [index for index, values in enumerate(zip(*settings, strict=True)) if len(set(values)) > 1] or [0]
    return [f"{number}. {', '.join(_telling(one, differing))}" for number, one in enumerate(settings, 1)]


def _telling(setting: Sequence[str], differing: Sequence[int]) -> list[str]:
    """The settings that tell a lane from others; how an answer that comes whole is flushed tells nothing."""
    told = [setting[index] for index in differing if index != _FLUSH or setting[0] != BLOCKING]
    return told or [setting[0]]


def lanes_of(runs: Sequence[Run]) -> list[Lane]:
    """The lanes whose runs these are."""
    settings = [_settings_of(run.request) for run in runs]
    return [
        Lane(name=name, configuration=", ".join(one), request=run.request, flush=_flush_of(run.request))
        for name, one, run in zip(names_of(settings), settings, runs, strict=True)
    ]


def _settings_of(request: RunRequest) -> tuple[str, ...]:
    """The settings that make the name of the lane whose run had this request."""
    method = method_of(request) or " + ".join(request.modes)
    model = offered_model_of(request) or model_label(request.model)
    return method, model, request.graph.name, _flush_of(request).label


def _flush_of(request: RunRequest) -> FlushStrategy:
    return FlushStrategy.from_labels(request.labels) or FlushStrategy(flush="direct")
