"""How a run treats its provider: its limits and patience, who answers instead, and what is already said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from streaming.events import Attempt, Fallback
from streaming.limits import Limits
from streaming.models.patience import Patience
from streaming.models.spec import ModelSpec

Tell = Callable[[Attempt | Fallback], None]
"""Hears that the provider is asked again, that it is asked for a whole answer, or that another one is asked."""

GO_ON = "Your answer broke off. Go on exactly where it stopped, and repeat nothing of it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The part of an answer that a node has got already; with `go_on` the model is asked for the rest."""

    text: str
    go_on: bool

    def messages(self, asked: list[BaseMessage]) -> list[BaseMessage]:
        """What to ask for the rest."""
        return [*asked, AIMessage(self.text), HumanMessage(GO_ON)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """`openings` holds what nodes have got already, by the node's name; each is used once."""

    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)
    second: ModelSpec | None = None
    openings: Mapping[str, Opening] = field(default_factory=dict)
    tell: Tell | None = None
