"""Limits of a run: data that checks itself; `None` switches one off."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, the prompt in characters, the log in events."""

    run_s: float | None = 180.0
    grace_s: float | None = 30.0
    prompt_chars: int | None = 20_000
    events: int | None = 200_000

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if value is not None and value <= 0:
                raise ValueError(f"limit {limit.name} must be above 0, or None for no limit")
