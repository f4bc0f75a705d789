"""What a run is asked to do: plain data, without secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph

from streaming.core.errors import EmptyPrompt, PromptTooLong, TooManyTokens, UnknownMode
from streaming.core.events import Mode
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_answer import PartialAnswer
from streaming.core.retry_policy import RetryPolicy

CompiledGraph = CompiledStateGraph[Any, Any, Any, Any]


class GraphSource(Protocol):
    """Builds a graph and turns a prompt into its input."""

    @property
    def name(self) -> str:
        """The graph's name in URLs and recordings."""

    @property
    def module(self) -> str:
        """The importable module with the graph's code."""

    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
        """The compiled graph with this model; a checkpointer gives it memory per thread."""

    def to_input(self, prompt: str, /) -> Mapping[str, Any]:
        """The graph's input for this prompt."""


MAX_TOKENS_LABEL = "Max tokens per answer"
TOKENS_LABEL = "Tokens per answer"
"""Labels of the controls that set the length of an answer; the second one belongs to the scripted model."""

Api = Literal["stream modes", "events v2", "events v3", "events v3, typed", "invoke"]
"""How the graph is called: `astream` with stream modes, one of LangGraph's event APIs, or `ainvoke`: no stream."""

APIS: tuple[Api, ...] = tuple(api for api in get_args(Api) if api != "invoke")
"""The APIs that stream."""


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
    is LangGraph's run-time context, `interrupt_before` are nodes to pause before. `fallback_model` answers when the
    model fails. `labels` are stored with the run and change nothing, except that `owner` is the session that the run
    counts for.
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
    interrupt_before: tuple[str, ...] = ()
    api: Api = "stream modes"
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_cost(self) -> bool:
        """Whether a provider may charge for this run: for the model, or for the fallback model that may answer."""
        return self.model.paid or (self.fallback_model is not None and self.fallback_model.paid)

    def check(self) -> None:
        """Raise an `InputError` if this request cannot be run."""
        unknown = [mode for mode in self.modes if mode not in get_args(Mode)]
        if unknown or not self.modes:
            what = f"LangGraph has no stream mode {', '.join(unknown)}." if unknown else "No stream mode is chosen."
            raise UnknownMode(what, advice=f"Choose from {', '.join(get_args(Mode))}.")
        self._check_tokens()
        if self.fork is None and self.resume is None:
            if not self.prompt.strip():
                raise EmptyPrompt("The prompt is empty.", advice="Type something, or pick an example, and press Run.")
            self._check_length("prompt", self.prompt)
        if self.resume is not None:
            self._check_length("answer", self.resume.answers)
        if self.fork is not None:
            self._check_length("change", self.fork.edits)

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
                f"The {name} has {length:,} characters and the limit is {limit:,}.", advice="Shorten it."
            )


def _characters(value: Any) -> int:
    """The length of all typed text in a nested value; keys do not count, because they are not typed."""
    if isinstance(value, Mapping):
        return sum(map(_characters, value.values()))
    if isinstance(value, list | tuple | set):
        return sum(map(_characters, value))
    return len(str(value))
