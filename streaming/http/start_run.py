"""What `POST /api/runs` takes, and the request that it makes of it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from streaming.analysis.questions import names_of
from streaming.config.policy import parse_model, with_server_policy
from streaming.core.errors import BadRequest, InputError, KeyMissing, NotContinuable
from streaming.core.events import CheckpointSaved, Ended, Mode
from streaming.core.graph_values import check_values
from streaming.core.json_input import errors_of_input
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import Fork, HasDescription, RunRequest
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph
from streaming.providers.catalogue import BASE_URLS, KEY_ENV, LABELS, resolve_key
from streaming.runtime import thread_moves
from streaming.runtime.graph_descriptions import values_of
from streaming.runtime.known_graphs import resolved
from streaming.services import Services

MODEL_PATTERN = rf"^(local|scripted|({'|'.join(BASE_URLS)})(:[!-~]{{1,120}})?)$"
PROMPT_PATTERN = r"[^\s\x1c-\x1f\x85]"
"""At least one character that is no white space."""

NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"
"""LangGraph's own values in `configurable` begin with two underscores."""
RUN_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"

MAX_TTFT_MS, MAX_TOKENS_PER_S, MAX_TOKENS = 60_000, 5_000, 20_000
MAX_PROBLEMS, SHOWN_PROBLEMS = 500, 5
"""Problems of a body that are looked at, and that are shown."""
DEFAULT_MODES: tuple[Mode, ...] = ("values", "updates", "messages", "custom", "tasks")

_MODEL_FIELDS = {"model", "max_tokens", "ttft_ms", "tokens_per_s", "tokens"}

OWNER = "http"
"""The owner of runs that a client without a browser's cookie has started: they share the limits of one session."""


CONTINUING = frozenset({"answers", "checkpoint_id", "edits"})
"""The fields that only a run that continues another one has."""

BEGINNING = frozenset({"graph", "input", "context", "configurable"})
"""The fields that only a run of its own has; one that continues another one takes them from that."""


def _whole(value: Any) -> Any:
    """In JSON, `1.0` is an integer too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Integer = Annotated[int, BeforeValidator(_whole)]
_Input = dict[str, Any] | list[Any] | str | int | float | bool
_Name = Annotated[str, Field(pattern=NAME_PATTERN)]
_Length = Annotated[int, Field(ge=1, le=MAX_TOKENS), BeforeValidator(_whole)]


class StartRun(BaseModel):
    """A run to start; the names are those of the pages' URLs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    graph: str = Field(default="", description="The name of a graph of this server.", max_length=100)
    prompt: str = Field(default="", description="What the graph gets.", pattern=PROMPT_PATTERN)
    previous_run: str = Field(
        default="",
        pattern=RUN_PATTERN,
        description="Continue the thread of this run, which has ended: with `answers`, from a `checkpoint_id`, with a "
        "next `prompt`, or with neither, past a breakpoint. Graph, input, context and, where nothing else is said, "
        "model and modes are those of the run.",
    )
    input: _Input | None = Field(
        default=None, description="The input of the graph, instead of the one that it makes of the prompt."
    )
    context: dict[str, Any] = Field(
        default={}, description="LangGraph's run-time context, as the graph's schema has it."
    )
    configurable: dict[_Name, Any] = Field(
        default={},
        description="Values for the `configurable` of the run's config.",
        json_schema_extra={"propertyNames": {"pattern": NAME_PATTERN}},
    )
    answers: dict[str, Any] = Field(
        default={}, description="Answers to the questions of the run, by their ids, or by the node that asks only one."
    )
    checkpoint_id: str = Field(
        default="", pattern=RUN_PATTERN, description="Fork the thread of the run at this checkpoint."
    )
    edits: dict[str, Any] = Field(default={}, description="Fields of the state that the fork changes first.")
    model: str = Field(
        default="scripted",
        pattern=MODEL_PATTERN,
        description=f"`scripted` (no AI), `local` (embedded), {' or '.join(f'`{name}`' for name in BASE_URLS)}; "
        "`:name` chooses one of its models.",
    )
    modes: list[Mode] = Field(
        default=list(DEFAULT_MODES),
        min_length=1,
        max_length=8,
        description="The stream modes to request from LangGraph.",
        json_schema_extra={"uniqueItems": True},
    )
    max_tokens: _Integer = Field(default=256, ge=1, description="The longest answer of a real model, in tokens.")
    ttft_ms: _Integer = Field(
        default=300, ge=0, le=MAX_TTFT_MS, description="The scripted model's time to its first token."
    )
    tokens_per_s: float = Field(default=60.0, ge=1, le=MAX_TOKENS_PER_S, description="The scripted model's speed.")
    tokens: _Length | None = Field(
        default=None, description="The length of the scripted model's answers; null: as scripted."
    )

    @field_validator("modes")
    @classmethod
    def _different(cls, modes: list[Mode]) -> list[Mode]:
        if len(set(modes)) < len(modes):
            raise ValueError("a mode is named twice")
        return modes

    @model_validator(mode="after")
    def _complete(self) -> "StartRun":
        given = self.model_fields_set
        if "previous_run" in given:
            if fixed := BEGINNING & given:
                raise ValueError(f"{', '.join(sorted(fixed))}: that of the previous_run is taken")
        elif "graph" not in given or (self.input is None and "prompt" not in given):
            raise ValueError("without a previous_run, a run needs a graph, and a prompt or an input")
        elif continuing := CONTINUING & given:
            raise ValueError(f"{', '.join(sorted(continuing))} needs a previous_run")
        return self


def parse_start(body: bytes) -> StartRun:
    """The body as a run to start; raises `BadRequest`, which names each field that is wrong."""
    try:
        return StartRun.model_validate_json(body)
    except ValidationError as error:
        raise BadRequest(
            f"This is no request for a run: {_problems(error)}.", advice="See /api/openapi.json."
        ) from None


def _problems(error: ValidationError) -> str:
    # Pydantic makes all of them or none, in one go: half a second for a body full of wrong names.
    if (count := error.error_count()) > MAX_PROBLEMS:
        return f"it has {count:,} problems"
    found = [(".".join(map(str, part["loc"])) or "the body", part["msg"]) for part in error.errors(include_url=False)]
    return "; ".join(f"{place}: {problem[0].lower()}{problem[1:]}" for place, problem in found[:SHOWN_PROBLEMS])


def request_of(start: StartRun, services: Services, *, owner: str = OWNER) -> RunRequest:
    """The request under this server's policy.

    Raises `UnknownGraph` or `UnknownRun`, `NotContinuable` if the run to continue does not wait for this, an
    `InputError`, or `KeyMissing`.
    """
    run = _previous(start, services)
    given = start.model_fields_set
    graph = services.graphs.find(start.graph) if run is None else resolved(run.request.graph)
    if isinstance(graph, HasDescription):
        model = OWN_MODEL
    elif run is not None and not given & _MODEL_FIELDS:
        model = run.request.model
    else:
        model = _model(start, services)
    if isinstance(graph, OwnGraph):
        # Its schemas and its checkpointer are known, as its present files have them, once it has been loaded.
        graph.process.load()
    if run is not None:
        thread_moves.check_thread(run)
    if isinstance(graph, HasDescription) and start.input is not None:
        _check_input(start.input, graph.name, graph.description.input_schema)
    if run is None:
        check_values(values_of(graph), context=start.context, configurable=start.configurable)
    request = RunRequest(
        graph=graph,
        model=model,
        modes=tuple(start.modes) if run is None or "modes" in given else run.request.modes,
        prompt=start.prompt,
        input=start.input,
        context=start.context or None,
        configurable=start.configurable or None,
        labels={"owner": owner},
    )
    provider = request.model.provider
    if provider in KEY_ENV and resolve_key(request.model) is None:
        raise KeyMissing(f"This server has no key for {LABELS[provider]}.", advice=f"Set {KEY_ENV[provider]} there.")
    request = with_server_policy(request, services.settings)
    if run is not None:
        request = _continuing(run, request, start, services)
    request.check()
    return request


def _check_input(value: Any, name: str, schema: Mapping[str, Any]) -> None:
    """Raise an `InputError` if the schema of the graph refuses its input, before a run fails with it."""
    if wrong := errors_of_input(value, schema):
        raise InputError(f"The input does not fit {name}: {' '.join(wrong)}")


def _model(start: StartRun, services: Services) -> ModelSpec:
    spec = parse_model(start.model) or ModelSpec()
    return ModelSpec(
        provider=spec.provider,
        model=spec.model,
        pace=Pace(ttft_ms=start.ttft_ms, tokens_per_s=start.tokens_per_s, tokens=start.tokens),
        max_tokens=min(start.max_tokens, services.settings.max_tokens),
    )


def _previous(start: StartRun, services: Services) -> Run | None:
    """The run to continue; `None` for a run of its own."""
    return services.run_finder.find_to_continue(start.previous_run) if start.previous_run else None


def _continuing(run: Run, controls: RunRequest, start: StartRun, services: Services) -> RunRequest:
    if start.checkpoint_id:
        step = _step_of(run, start.checkpoint_id, services)
        checkpoint = Fork(checkpoint_id=start.checkpoint_id, step=step, edits=start.edits)
        return thread_moves.fork(run, controls, checkpoint=checkpoint)
    assert run.ended is not None
    names = names_of(run.ended.pending)
    if unknown := start.answers.keys() - names.keys():
        asked = ", ".join(f"“{name}”" for name in sorted(unknown))[:200]
        raise NotContinuable(f"The run asks no question with the id {asked}.", advice=_asks(run.ended))
    if start.prompt and not start.answers:
        return thread_moves.next_turn(run, controls, prompt=start.prompt)
    if run.ended.outcome != "interrupted":
        raise NotContinuable("The run does not wait for an answer.", advice="Give a prompt for the next turn.")
    if names and not start.answers:
        raise NotContinuable("The run waits for answers.", advice=_asks(run.ended))
    answers = {names[name]: answer for name, answer in start.answers.items()}
    return thread_moves.resume(run, controls, answers=answers)


def _asks(ended: Ended) -> str:
    """The questions that wait, by the ids with which they are answered."""
    asked = ", ".join(f"{question.id} of {question.node}" for question in ended.pending)
    return f"Answer by id: {asked}." if asked else "It asks nothing."


def _step_of(run: Run, checkpoint_id: str, services: Services) -> int:
    """The step of a checkpoint, which one of the runs of the conversation has seen."""
    for turn in services.engine.registry.turns(run):
        for entry in turn.events:
            if isinstance(entry.event, CheckpointSaved) and entry.event.checkpoint_id == checkpoint_id:
                return entry.event.step
    raise NotContinuable(
        "No run of this thread has sent that checkpoint.", advice="Ask for the mode checkpoints, and use an id of it."
    )
