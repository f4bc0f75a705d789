"""Limits of a run: data that checks itself; `None` turns a limit off."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds, the prompt in characters, an answer in tokens, the log in events and bytes.

    `runs_per_minute` counts the runs of one session on one provider, however many calls each of them makes.
    `run_s` is the longest run, without its wait for a slot. `ttft_s` is the longest wait for the first piece of an
    answer, `idle_s` for each piece after it; both apply to a provider's client, not to the scripted model. A run that
    has no follower for `grace_s` is cancelled. `supersteps` is LangGraph's recursion limit. Raises `ValueError` for a
    limit of 0 or less.
    """

    runs_per_minute: int | None = 10
    run_s: float | None = 180.0
    ttft_s: float | None = 60.0
    idle_s: float | None = 30.0
    grace_s: float | None = 30.0
    max_tokens: int | None = 8192
    prompt_chars: int | None = 20_000
    events: int | None = 200_000
    bytes: int | None = 20_000_000
    supersteps: int | None = 1_000

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            if value is not None and value <= 0:
                raise ValueError(f"limit {limit.name} must be above 0, or None for no limit")
