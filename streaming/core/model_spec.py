"""Which model a run uses: plain data, never a secret."""

import math
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import urlsplit

Provider = Literal["local", "scripted", "openai", "groq", "compatible", "own"]
PROVIDERS: tuple[Provider, ...] = tuple(name for name in get_args(Provider) if name != "own")
"""The providers to choose from; `own` is the model that a graph of the developer's brings along."""

_AROUND = " \t\r\n\f\v\u00a0\u200b\u2060\ufeff"
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".lan", ".internal", ".home.arpa")

PAID: frozenset[Provider] = frozenset({"openai", "groq", "compatible", "own"})
"""Providers that may cost money: `autorun=1` never starts a run on them."""


def is_local_address(url: str) -> bool:
    """Whether a URL names this machine or one of a private network; a host without a dot is one of a network."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(_LOCAL_NAMES))
    return address.is_private or address.is_loopback or address.is_link_local


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The pace of the scripted model's answers.

    The first token comes after `ttft_ms`, the rest at `tokens_per_s`; `jitter` (0 to 1) spreads each gap around its
    mean; `chunk_tokens` tokens arrive together; `tokens` fixes the length of every answer, `None` leaves it to the
    script. `thinking_tokens` tokens of reasoning come before each answer, at the same rate. Without `streams` the model
    cannot stream: its whole answer comes when the last token would have come.
    Raises `ValueError` for impossible figures.
    """

    ttft_ms: int = 300
    tokens_per_s: float = 60.0
    jitter: float = 0.2
    chunk_tokens: int = 1
    tokens: int | None = None
    streams: bool = True
    thinking_tokens: int = 0

    def __post_init__(self) -> None:
        if (
            self.ttft_ms < 0
            or not 0 < self.tokens_per_s < math.inf
            or self.chunk_tokens < 1
            or not 0 <= self.jitter <= 1
        ):
            raise ValueError("a pace needs ttft_ms ≥ 0, tokens_per_s > 0, chunk_tokens ≥ 1 and jitter from 0 to 1")
        if self.tokens is not None and self.tokens < 1:
            raise ValueError("tokens must be at least 1, or None")
        if self.thinking_tokens < 0:
            raise ValueError("thinking_tokens must be at least 0")


PRESETS: dict[str, Pace] = {
    "typical hosted": Pace(),
    "fast GPU": Pace(ttft_ms=80, tokens_per_s=400.0, jitter=0.1, chunk_tokens=2),
    "slow reasoning": Pace(ttft_ms=4000, tokens_per_s=45.0, jitter=0.3),
    "edge CPU": Pace(ttft_ms=900, tokens_per_s=12.0, jitter=0.15),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A model with its settings; `model=None` means the provider's default, `max_tokens=None` the provider's limit."""

    provider: Provider = "local"
    model: str | None = None
    temperature: float = 0.2
    max_tokens: int | None = 256
    base_url: str | None = None
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        if self.provider not in get_args(Provider):
            raise ValueError(f"unknown provider {self.provider!r}: choose one of {', '.join(PROVIDERS)}")
        # Addresses and names are pasted, often with white space or a character without width.
        for name in ("model", "base_url"):
            typed = getattr(self, name)
            if typed is not None:
                object.__setattr__(self, name, typed.strip(_AROUND))

    @property
    def near(self) -> bool:
        """Whether the model runs on this machine or in its network, where it may have to be loaded first."""
        return self.provider == "local" or (self.provider == "compatible" and is_local_address(self.base_url or ""))

    @property
    def paid(self) -> bool:
        """Whether a call may cost money."""
        return self.provider in PAID
