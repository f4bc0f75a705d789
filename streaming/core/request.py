"""What a run is asked to do: plain data, with `[key]` for each secret that was typed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import StateSnapshot

from streaming.core.errors import EmptyPrompt, InputError, PromptTooLong, TooManyTokens, UnknownMode
from streaming.core.events import Mode
from streaming.core.graph_description import GraphDescription
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_answer import PartialAnswer
from streaming.core.retry_policy import RetryPolicy
from streaming.core.typed_secrets import TypedSecret, missing_secrets

CompiledGraph = CompiledStateGraph[Any, Any, Any, Any]


class RunnableGraph(Protocol):
    """What a run needs of a graph: a compiled graph has it, and so does one that runs in another process."""

    @property
    def nodes(self) -> Mapping[str, Any]:
        """The nodes by name; their values are for graphs of this process only."""

    def astream(self, *args: Any, **options: Any) -> AsyncIterator[Any]:
        """Stream parts of version 2, for the arguments of LangGraph's `astream`."""

    async def ainvoke(self, *args: Any, **options: Any) -> Any:
        """The state at the end."""

    def astream_events(self, *args: Any, **options: Any) -> Any:
        """The events of an event API; raises a `LabError` if the graph has none."""

    async def aget_state(self, config: RunnableConfig) -> StateSnapshot:
        """The newest checkpoint of a thread, or the one that the config names."""

    def aget_state_history(self, config: RunnableConfig, *, limit: int | None = None) -> AsyncIterator[StateSnapshot]:
        """The checkpoints of a thread, newest first."""

    async def aupdate_state(self, config: RunnableConfig, values: Any, as_node: str | None = None) -> RunnableConfig:
        """Change the state; returns the config of the new checkpoint."""

    def get_graph(self) -> Any:
        """Its `nodes` by name, and its `edges` with source, target and whether they are conditional."""


@runtime_checkable
class HidesSecrets(Protocol):
    """A graph that runs elsewhere, whose stream is cleaned of secrets before anything reads it."""

    def hide(self, secrets: Sequence[str]) -> None:
        """Take these texts out of all that it sends, too."""


@runtime_checkable
class HasDescription(Protocol):
    """A graph that runs elsewhere, so that only its description is known here."""

    @property
    def description(self) -> GraphDescription:
        """Its nodes, edges and schemas."""


NO_CONFIG = 'CONFIG = {"configurable": {}}'
"""The line of a program that defines the config which its graph is made with: the config of a run takes its place."""


@runtime_checkable
class HasProgram(Protocol):
    """A graph that a program of the reader's can use as it is."""

    @property
    def program(self) -> tuple[str, ...]:
        """The lines of Python that make `graph`; one is `NO_CONFIG` if it is made with the config of the run."""


@runtime_checkable
class HasOpening(Protocol):
    """A graph that a program can make only in an async function."""

    @property
    def opening(self) -> tuple[str, ...]:
        """The lines that make the graph and hand it over to `stream`; empty if `program` makes it."""


@runtime_checkable
class HasEnvironment(Protocol):
    """A graph of a project that sets variables for it."""

    @property
    def environment(self) -> tuple[str, ...]:
        """The lines of Python that set them, without their values."""


@runtime_checkable
class HasPlace(Protocol):
    """A graph of the developer's, by which it can be loaded again."""

    @property
    def place(self) -> str:
        """Its file or module and its name, such as `/project/agent.py:graph`."""


class GraphSource(Protocol):
    """Builds a graph and turns a prompt into its input."""

    @property
    def name(self) -> str:
        """The graph's name in URLs and recordings."""

    @property
    def module(self) -> str:
        """The importable module with the graph's code."""

    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> RunnableGraph:
        """The compiled graph with this model; a checkpointer gives it memory per thread."""

    def to_input(self, prompt: str, /) -> Any:
        """The graph's input for this prompt."""


def secrets_of(source: GraphSource) -> tuple[str, ...]:
    """The keys in the environment of this graph, which no event may show; the graphs of this repository have none."""
    return tuple(getattr(source, "secrets", ()))


MAX_TOKENS_LABEL = "Max tokens per answer"
TOKENS_LABEL = "Tokens per answer"
"""Labels of the controls that set the length of an answer; the second one belongs to the scripted model."""

Api = Literal["stream modes", "events v2", "events v3", "events v3, typed", "invoke"]
"""How the graph is called: `astream` with stream modes, one of LangGraph's event APIs, or `ainvoke`: no stream."""

APIS: tuple[Api, ...] = tuple(api for api in get_args(Api) if api != "invoke")
"""The APIs that stream."""

PART_OF = "part_of"
"""The label of a run that is one of several: what they are."""

PartOf = Literal["race", "blind test", "repeat", "warm-up"]

UNDRAWN: frozenset[PartOf] = frozenset({"repeat", "warm-up"})
"""Whose text is shown to nobody while they run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Continue a thread from one of its checkpoints, the one after `step`, with `edits` to its state."""

    checkpoint_id: str
    step: int
    edits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Continue a thread that stopped; `answers` by interrupt id, empty if nothing was asked.

    `partial_answers` are the parts of answers that nodes have already received, by the node's name. A thread that is no
    longer at the checkpoint `expects` is not continued.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    partial_answers: Mapping[str, PartialAnswer] = field(default_factory=dict)
    expects: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run of one graph, with all `modes` requested from LangGraph at once.

    A `thread_id` continues a conversation: at its newest checkpoint, or at the checkpoint `checkpoint_id`, which makes
    a branch. `fork` and `resume` continue without a prompt. `previous_run_id` is the id of the run before this one in
    the conversation, `replaces_run_id` that of the first version of an edited, regenerated or retried turn. `context`
    is LangGraph's run-time context, `interrupt_before` are nodes to pause before. `input` replaces the input that the
    graph makes of the prompt; `configurable` is merged into the config of the run. `fallback_model` answers when the
    model fails. `labels` are stored with the run and change nothing, except that `owner` is the session that the run
    counts for. `secrets` are what the graph gets in the place of `[key]`.
    """

    graph: GraphSource
    model: ModelSpec
    modes: tuple[Mode, ...]
    prompt: str = ""
    limits: Limits = field(default_factory=Limits)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    fallback_model: ModelSpec | None = None
    thread_id: str | None = None
    checkpoint_id: str | None = None
    fork: Fork | None = None
    resume: Resume | None = None
    previous_run_id: str | None = None
    replaces_run_id: str | None = None
    subgraphs: bool = True
    context: Mapping[str, Any] | None = None
    input: Any = None
    configurable: Mapping[str, Any] | None = None
    interrupt_before: tuple[str, ...] = ()
    api: Api = "stream modes"
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[TypedSecret, ...] = field(default=(), repr=False)

    @property
    def may_cost(self) -> bool:
        """Whether a provider may charge for this run: for the model, or for the fallback model that may answer."""
        return self.model.paid or (self.fallback_model is not None and self.fallback_model.paid)

    @property
    def trouble(self) -> str:
        """Why this request cannot be run, and what to do; empty if it can."""
        try:
            self.check()
        except InputError as error:
            return str(error)
        return ""

    def check(self) -> None:
        """Raise an `InputError` if this request cannot be run."""
        unknown = [mode for mode in self.modes if mode not in get_args(Mode)]
        if unknown or not self.modes:
            what = f"LangGraph has no stream mode {', '.join(unknown)}." if unknown else "No stream mode is chosen."
            raise UnknownMode(what, advice=f"Choose from {', '.join(get_args(Mode))}.")
        self._check_tokens()
        self._check_secrets()
        if self.fork is None and self.resume is None:
            if self.input is None and not self.prompt.strip():
                raise EmptyPrompt("The prompt is empty.", advice="Type a prompt, and start again.")
            self._check_length("prompt", self.prompt)
            self._check_length("input", self.input or "")
        if self.resume is not None:
            self._check_length("answer", self.resume.answers)
        if self.fork is not None:
            self._check_length("change", self.fork.edits)

    def _check_secrets(self) -> None:
        if missing := missing_secrets(self):
            raise InputError(
                f"Secret values are not stored, so they have to be typed again: {', '.join(missing)}.",
                advice="Type them in the form, or start a new run.",
            )

    def _check_tokens(self) -> None:
        scripted_length = self.model.pace.tokens if self.model.provider == "scripted" else None
        tokens, limit = scripted_length or self.model.max_tokens or 0, self.limits.max_tokens
        if limit is not None and tokens > limit:
            control = TOKENS_LABEL if scripted_length else MAX_TOKENS_LABEL
            raise TooManyTokens(
                f"The answer may have {tokens:,} tokens and the limit is {limit:,}.",
                advice=f"Lower “{control}” under Model settings.",
            )

    def _check_length(self, name: str, value: Any) -> None:
        length, limit = _characters(value), self.limits.prompt_chars
        if limit is not None and length > limit:
            raise PromptTooLong(
                f"The {name} has {length:,} characters and the limit is {limit:,}.",
                advice="Shorten it, or start the server with a higher STREAMING_LAB_PROMPT_CHARS.",
            )


def _characters(value: Any) -> int:
    """The length of all typed text in a nested value; keys do not count, because they are not typed."""
    if isinstance(value, Mapping):
        return sum(map(_characters, value.values()))
    if isinstance(value, list | tuple | set):
        return sum(map(_characters, value))
    return len(str(value))
