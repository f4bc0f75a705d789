"""Finds the run of a request without stopping the event loop: one of an earlier server is read from the database."""

import asyncio

from streaming.core.run import Run
from streaming.services import Services

NO_RUN = "There is no run with this id, neither on this server nor in its history."


async def find_run(services: Services, run_id: str) -> Run | None:
    """The run with this id; raises `StoreUnavailable`, or `BadRecording` if what is stored of it cannot be read."""
    run = services.engine.get(run_id)
    return run if run is not None else await asyncio.to_thread(services.run_finder.find, run_id)
