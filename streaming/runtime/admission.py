"""Admission control: rate limit first, then a concurrency slot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streaming.core.events import Notice
from streaming.core.run import Run
from streaming.providers.catalogue import LABELS
from streaming.runtime.rate_limit import RateLimiter
from streaming.runtime.run_queue import FairQueue


@dataclass(slots=True, kw_only=True)
class Admission:
    """The rate limiter and the run queue of one engine; used on its event loop only."""

    queue: FairQueue = field(default_factory=FairQueue)
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)

    @asynccontextmanager
    async def admit(self, run: Run) -> AsyncIterator[None]:
        """Wait until the run may start, and hold its slot until it ends; notices in its log report the wait."""
        # The rate limit counts by session; a run without an owner belongs to none.
        if run.owner is not None and run.request.limits.runs_per_minute is not None:
            await self._wait_for_rate(run, run.owner, run.request.limits.runs_per_minute)
        async with self.queue.slot(run.owner, on_position=lambda ahead: run.append(_position_notice(ahead))):
            yield

    async def _wait_for_rate(self, run: Run, owner: str, limit: int) -> None:
        provider = run.request.model.provider
        runs = "1 run a minute is" if limit == 1 else f"{limit} runs a minute are"

        def on_wait(wait_s: float) -> None:
            # A view appends the time: “This run starts in 12 s”.
            text = f"{runs} the limit for {LABELS[provider]}. This run starts"
            run.append(Notice(text=text, wait_s=wait_s))

        await self.rate_limiter.wait(owner, provider, limit=limit, on_wait=on_wait)


def _position_notice(ahead: int) -> Notice:
    match ahead:
        case 0:
            return Notice(text="Server busy. You are next.")
        case 1:
            return Notice(text="Server busy. 1 run is ahead of this one.")
        case _:
            return Notice(text=f"Server busy. {ahead} runs are ahead of this one.")
