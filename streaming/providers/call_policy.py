"""Call policy of a model: time limits, retries, the fallback model, and partial answers to continue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streaming.core.events import Attempt, Fallback, Notice
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_answer import PartialAnswer
from streaming.core.retry_policy import RetryPolicy
from streaming.core.stops_first import StopsFirst

OnEvent = Callable[[Attempt | Fallback | Notice], None]
"""Called before a retry, before a whole answer or the fallback model is requested instead, and while a model loads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """How a model is called; `partial_answers` maps a node's name to the part of its answer that it continues once.

    The model gives way to stops of other runs, if there is a `stops_first`.
    """

    limits: Limits = field(default_factory=Limits)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    fallback_model: ModelSpec | None = None
    partial_answers: Mapping[str, PartialAnswer] = field(default_factory=dict)
    on_event: OnEvent | None = None
    stops_first: StopsFirst | None = None
