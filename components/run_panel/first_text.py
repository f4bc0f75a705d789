"""When the first text of a run is expected, and what that is based on."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from components.shell.format import count
from components.shell.session import PastRun, past_runs
from streaming.core.request import RunRequest
from streaming.providers.catalogue import model_label

_NEWEST = 10
"""Earlier runs that count."""


def expected_first_text(request: RunRequest, *, run_id: str = "", waits_s: float = 0.0) -> Mapping[str, Any] | None:
    """Seconds since submission and their basis, for the player's countdown; `None` if nothing is known.

    The basis are this session's earlier runs of the same graph and model, or else the pace of the scripted model, which
    the graph asks after `waits_s` seconds of other work. A run that is not yet in the history needs no `run_id`.
    """
    found = [past.ttft_s for past in _before(request, run_id) if past.ttft_s is not None][-_NEWEST:]
    if found:
        which = "an earlier run" if len(found) == 1 else f"the median of {count(len(found), 'earlier run')}"
        return {"seconds": median(found), "basis": f"{which} of this graph and model"}
    model = request.model
    # An agent calls its tools before it writes: how long they take is not known.
    if model.provider == "scripted" and "tools" not in request.modes:
        basis = "the pace of the scripted model" + (" and the work before it" if waits_s else "")
        return {"seconds": waits_s + model.pace.ttft_ms / 1000, "basis": basis}
    return None


def _before(request: RunRequest, run_id: str) -> list[PastRun]:
    """Without the run itself and what came after it: what a run is compared with does not change when it ends."""
    past = past_runs()
    own = next((one.number for one in past if one.run_id == run_id), len(past) + 1)
    asked = request.graph.name, model_label(request.model)
    return [one for one in past if one.number < own and (one.graph, one.model) == asked]
