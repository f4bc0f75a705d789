"""What a run has to pass before it starts: so many requests a minute, and a place among the runs at work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streaming.events import Notice
from streaming.models import LABELS
from streaming.places import Places
from streaming.rates import Rates
from streaming.run import Run


@dataclass(slots=True, kw_only=True)
class Doors:
    """The doors of one lab, used on its event loop only."""

    places: Places = field(default_factory=Places)
    rates: Rates = field(default_factory=Rates)

    @asynccontextmanager
    async def passed(self, run: Run) -> AsyncIterator[None]:
        """Wait until the run may start, and keep its place until it is over; the run says what it waits for."""
        owner, most = run.request.labels.get("owner", ""), run.request.limits.requests_per_minute
        # A run without an owner belongs to no session.
        if owner and most is not None:
            await self._rate(run, owner, most)

        def tell_place(before: int) -> None:
            runs = "no run is" if before == 0 else "1 run is" if before == 1 else f"{before} runs are"
            run.append(Notice(text=f"The server is busy: {runs} before this one in the queue."))

        async with self.places.place(owner, tell=tell_place):
            yield

    async def _rate(self, run: Run, owner: str, most: int) -> None:
        provider = run.request.model.provider

        def tell_wait(left_s: float) -> None:
            limit = f"{most} requests a minute are the limit for {LABELS[provider]}"
            run.append(Notice(text=f"{limit}: this one starts", wait_s=left_s))

        await self.rates.wait(owner, provider, most=most, tell=tell_wait)
