"""What a run has to pass before it starts: so many requests a minute, and a place among the runs at work."""

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
    """The doors of one lab, used on its event loop only."""

    places: FairQueue = field(default_factory=FairQueue)
    rates: RateLimiter = field(default_factory=RateLimiter)

    @asynccontextmanager
    async def admit(self, run: Run) -> AsyncIterator[None]:
        """Wait until the run may start, and keep its place until it is over; the run says what it waits for."""
        owner, most = run.request.labels.get("owner", ""), run.request.limits.runs_per_minute
        # A run without an owner belongs to no session.
        if owner and most is not None:
            await self._rate(run, owner, most)

        def tell_place(before: int) -> None:
            runs = "no run is" if before == 0 else "1 run is" if before == 1 else f"{before} runs are"
            run.append(Notice(text=f"The server is busy: {runs} before this one in the queue."))

        async with self.places.slot(owner, tell=tell_place):
            yield

    async def _rate(self, run: Run, owner: str, most: int) -> None:
        provider = run.request.model.provider

        def tell_wait(left_s: float) -> None:
            limit = f"{most} requests a minute are the limit for {LABELS[provider]}"
            run.append(Notice(text=f"{limit}: this one starts", wait_s=left_s))

        await self.rates.wait(owner, provider, most=most, tell=tell_wait)
