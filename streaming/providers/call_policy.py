"""How a run treats its provider: its limits and patience, who answers instead, and what is already said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streaming.core.events import Attempt, Fallback
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_answer import PartialAnswer
from streaming.core.retry_policy import RetryPolicy

OnEvent = Callable[[Attempt | Fallback], None]
"""Hears that the provider is asked again, that it is asked for a whole answer, or that another one is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """`partial_answers` holds what nodes have got already, by the node's name; each is used once."""

    limits: Limits = field(default_factory=Limits)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    fallback_model: ModelSpec | None = None
    partial_answers: Mapping[str, PartialAnswer] = field(default_factory=dict)
    tell: OnEvent | None = None
