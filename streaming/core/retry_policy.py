"""How often a provider is called, and how long to wait between two attempts."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The number of calls until an answer begins, the first one included; `restart` also repeats one that broke off.

    The pause before attempt n is drawn from 0 to `initial_backoff_s`·2ⁿ⁻² (full jitter: AWS Architecture Blog 2015),
    unless the provider requests another one (`Retry-After`). If that is longer than `max_backoff_s`, there is no
    further attempt. Raises `ValueError` for impossible figures.
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
