"""What `POST /api/runs` takes, and the request that it makes of it."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from streaming.config.policy import parse_model, with_server_policy
from streaming.core.errors import BadRequest, KeyMissing
from streaming.core.events import Mode
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import HasDescription, RunRequest
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.providers.catalogue import KEY_ENV, LABELS, resolve_key
from streaming.services import Services

MODEL_PATTERN = r"^(local|scripted|(openai|groq)(:[!-~]{1,120})?)$"
PROMPT_PATTERN = r"[^\s\x1c-\x1f\x85]"
"""At least one character that is no white space."""

MAX_TTFT_MS, MAX_TOKENS_PER_S, MAX_TOKENS = 60_000, 5_000, 20_000
DEFAULT_MODES: tuple[Mode, ...] = ("values", "updates", "messages", "custom", "tasks")

OWNER = "http"
"""The owner of runs that a client without a browser's cookie has started: they share the limits of one session."""


def _whole(value: Any) -> Any:
    """In JSON, `1.0` is an integer too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Integer = Annotated[int, BeforeValidator(_whole)]


class StartRun(BaseModel):
    """A run to start; the names are those of the pages' URLs."""

    model_config = ConfigDict(extra="forbid", strict=True)

    graph: str = Field(description="The name of a graph of this server.", max_length=100)
    prompt: str = Field(description="What the graph gets.", pattern=PROMPT_PATTERN)
    model: str = Field(
        default="scripted",
        pattern=MODEL_PATTERN,
        description="`scripted` (no AI), `local` (embedded), `openai` or `groq`; `:name` chooses one of its models. "
        "A graph of the developer's own has its own model.",
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
    tokens: _Integer | None = Field(
        default=None, ge=1, le=MAX_TOKENS, description="The length of the scripted model's answers; null: as scripted."
    )

    @field_validator("modes")
    @classmethod
    def _different(cls, modes: list[Mode]) -> list[Mode]:
        if len(set(modes)) < len(modes):
            raise ValueError("a mode is named twice")
        return modes


def parse_start(body: bytes) -> StartRun:
    """The body as a run to start; raises `BadRequest`, which names each field that is wrong."""
    try:
        return StartRun.model_validate_json(body)
    except ValidationError as error:
        found = [(".".join(map(str, part["loc"])) or "the body", part["msg"]) for part in error.errors()]
        text = "; ".join(f"{place}: {problem[0].lower()}{problem[1:]}" for place, problem in found[:5])
        raise BadRequest(f"This is no request for a run: {text}.", advice="See /api/openapi.json.") from None


def request_of(start: StartRun, services: Services, *, owner: str = OWNER) -> RunRequest:
    """The request under this server's policy; raises `UnknownGraph`, an `InputError`, or `KeyMissing`."""
    graph = services.graphs.find(start.graph)
    model = OWN_MODEL if isinstance(graph, HasDescription) else _model(start, services)
    if model.provider in KEY_ENV and resolve_key(model) is None:
        raise KeyMissing(
            f"This server has no key for {LABELS[model.provider]}.", advice=f"Set {KEY_ENV[model.provider]} there."
        )
    request = RunRequest(
        graph=graph,
        model=model,
        modes=tuple(start.modes),
        prompt=start.prompt,
        labels={"owner": owner},
    )
    request = with_server_policy(request, services.settings)
    request.check()
    return request


def _model(start: StartRun, services: Services) -> ModelSpec:
    spec = parse_model(start.model) or ModelSpec()
    return ModelSpec(
        provider=spec.provider,
        model=spec.model,
        pace=Pace(ttft_ms=start.ttft_ms, tokens_per_s=start.tokens_per_s, tokens=start.tokens),
        max_tokens=min(start.max_tokens, services.settings.max_tokens),
    )
