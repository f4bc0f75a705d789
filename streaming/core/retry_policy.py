"""How often a provider is asked, and how long to wait between attempts."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often to ask in all before an answer begins; with `restart` also after it broke off.

    The pause before attempt n is drawn from 0 to `initial_backoff_s`·2ⁿ⁻² (full jitter: AWS Architecture Blog 2015),
    unless the provider asks for another (`Retry-After`). If it asks for more than `max_backoff_s`, there is no further
    attempt. Raises `ValueError` for figures that make no policy.
    """

    max_attempts: int = 3
    initial_backoff_s: float = 0.5
    max_backoff_s: float = 20.0
    restart: bool = False

    def __post_init__(self) -> None:
        if self.max_attempts < 1 or self.initial_backoff_s < 0 or self.max_backoff_s < 0:
            raise ValueError("a retry policy needs max_attempts ≥ 1 and pauses ≥ 0")

    def backoff_s(self, attempt: int) -> float:
        """The pause before this attempt, in seconds; the first retry is attempt 2."""
        return random.uniform(0, min(self.max_backoff_s, self.initial_backoff_s * 2 ** (attempt - 2)))
