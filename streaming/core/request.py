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
    """Anything that can build a graph and turn a prompt into its input; `module` is where its code stands."""

    @property
    def name(self) -> str: ...
    @property
    def module(self) -> str: ...
    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph: ...
    def to_input(self, prompt: str, /) -> Mapping[str, Any]: ...


Api = Literal["stream modes", "events v2", "events v3", "events v3, typed", "invoke"]
"""How the graph is asked: `astream` with stream modes, one of LangGraph's event APIs, or `ainvoke`, which is silent."""

APIS: tuple[Api, ...] = tuple(api for api in get_args(Api) if api != "invoke")
"""Those that stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Resume a thread from one of its checkpoints, the one after `step`, with fields of its state changed first."""

    checkpoint_id: str
    step: int
    edits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Go on with a thread that stopped: an answer for each interrupt id, none at all where none was asked for.

    `partial_answers` are the parts of answers that nodes have got already, by the node's name.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    partial_answers: Mapping[str, PartialAnswer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run of one graph; `modes` are asked of LangGraph together.

    A `thread_id` continues a conversation: at its newest checkpoint, or at the checkpoint `checkpoint_id`, which makes
    a branch. `fork` and `resume` go on without a prompt. `previous_run_id` is the id of the run before this one in the
    conversation, `replaces_run_id` that of the run whose place it takes (an edited or regenerated turn). `context` is
    LangGraph's run-time context, `interrupt_before` are nodes to pause before. `fallback_model` answers when the model
    fails. `labels` are kept with the run and change nothing, but that `owner` is the session whose limits count.
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

    def check(self) -> None:
        """Raise the `InputError` that this request deserves, if any."""
        unknown = [mode for mode in self.modes if mode not in get_args(Mode)]
        if unknown or not self.modes:
            known = ", ".join(get_args(Mode))
            raise UnknownMode(f"LangGraph has no stream mode {unknown}.", advice=f"Choose from {known}.")
        most = self.limits.max_tokens
        if most is not None and (self.model.max_tokens or 0) > most:
            raise TooManyTokens(
                f"The answer may have {self.model.max_tokens:,} tokens and the limit is {most:,}.",
                advice="Lower “Max tokens per answer” under Model settings.",
            )
        if self.fork is None and self.resume is None:
            if not self.prompt.strip():
                raise EmptyPrompt("The prompt is empty.", advice="Type something, or pick an example, and press Run.")
            self._check_length("prompt", self.prompt)
        if self.resume is not None:
            self._check_length("answer", self.resume.answers)
        if self.fork is not None:
            self._check_length("change", self.fork.edits)

    def _check_length(self, what: str, given: Any) -> None:
        length, longest = _characters(given), self.limits.prompt_chars
        if longest is not None and length > longest:
            raise PromptTooLong(
                f"The {what} has {length:,} characters and the limit is {longest:,}.", advice="Shorten it."
            )


def _characters(value: Any) -> int:
    """How much somebody has typed, wherever it stands in the value; ids and names of fields were not typed."""
    if isinstance(value, Mapping):
        return sum(map(_characters, value.values()))
    if isinstance(value, list | tuple | set):
        return sum(map(_characters, value))
    return len(str(value))
