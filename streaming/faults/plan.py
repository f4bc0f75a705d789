"""The plan of a fault server's endpoint: data that checks itself."""

import random
from dataclasses import dataclass

from streaming.faults.catalogue import FAULTS, WHENS, Fault, When

ALWAYS = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """A fault, when and how often it strikes (`times`, 0 for always), and the pace of the answers around it.

    `calls` is the number of answers that a run asks for, so it defines which one is the middle and the last. `seed`
    decides where in the answer the fault strikes, and which chunks it affects. Times in seconds.
    """

    fault: str = "none"
    when: When = "middle"
    times: int = 1
    seed: int = 1
    calls: int = 1
    tokens_per_s: float = 60.0
    ttft_s: float = 0.2
    retry_after_s: float = 1.0
    hold_s: float = 30.0
    byte_s: float = 0.002
    giant_bytes: int = 4_000_000

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"unknown fault {self.fault!r}: choose one of {', '.join(FAULTS)}")
        if self.when not in WHENS:
            raise ValueError(f"a fault strikes {', '.join(WHENS)}, not {self.when!r}")
        if self.times < 0 or self.calls < 1 or self.tokens_per_s <= 0 or self.ttft_s < 0:
            raise ValueError("a plan needs times ≥ 0, calls ≥ 1, tokens_per_s > 0 and ttft_s ≥ 0")

    @property
    def kind(self) -> Fault:
        """The fault with its results."""
        return FAULTS[self.fault]

    @property
    def call(self) -> int:
        """The call that is struck, counted from 1."""
        if self.kind.of_request:
            return {"before": 1, "middle": self.calls // 2 + 1, "end": self.calls}[self.when]
        return self.calls

    def applies_to(self, *, call: int, struck: int) -> bool:
        """Whether the fault strikes this call; `struck` is how often it has struck already."""
        return self.fault != "none" and call == self.call and (self.times == ALWAYS or struck < self.times)

    def fault_index(self, tokens: int) -> int:
        """The number of tokens before the fault, in an answer of `tokens` tokens."""
        if self.when == "before":
            return 0
        if self.when == "end":
            return tokens
        return min(tokens - 1, max(1, int(tokens * self.rng().uniform(0.35, 0.65))))

    def rng(self) -> random.Random:
        """A random generator that gives the same numbers every time."""
        return random.Random(self.seed)
