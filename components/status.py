"""A run's state in one word, its clock, and what to do when it went wrong."""

from collections.abc import Iterable

from streamlit.delta_generator import DeltaGenerator

from components.text import plain
from components.view import View
from streaming import Run, Stamped, Status
from streaming.events import Ended, Notice, Started

_COLOUR: dict[Status, str] = {
    "Running": "blue",
    "Completed": "green",
    "Interrupted": "orange",
    "Cancelled": "gray",
    "Timed out": "orange",
    "Failed": "red",
}


class RunStatus(View):
    """The state beside the buttons. It ticks while the run goes, which also lets Streamlit notice a click in time."""

    pace_s = 0.2

    def __init__(self, run: Run | None, *, chip: DeltaGenerator, stop: DeltaGenerator, message: DeltaGenerator) -> None:
        super().__init__()
        self._run = run
        self._chip = chip
        self._stop = stop
        self._message = message
        self._notice = ""

    def take(self, stamped: Stamped) -> bool:
        match stamped.event:
            case Notice(text=text):
                self._notice = text
            case Started():
                self._notice = ""
        return True

    def apply(self, batch: Iterable[Stamped]) -> None:
        self._stale = True
        super().apply(batch)

    def paint(self) -> None:
        run = self._run
        if run is None:
            return
        ended = run.ended
        if ended is None:
            self._chip.markdown(f":blue-badge[Running] {run.age_s:.1f} s {plain(self._notice)}")
            return
        self._chip.markdown(f":{_COLOUR[run.status]}-badge[{run.status}]")
        self._stop.empty()
        self._explain(ended)

    def _explain(self, ended: Ended) -> None:
        said = f"{plain(ended.reason)} {plain(ended.advice)}"
        match ended.outcome:
            case "failed":
                self._message.error(said, icon=":material/error:")
            case "timed out":
                self._message.warning(said, icon=":material/timer_off:")
            case "cancelled":
                self._message.info(said, icon=":material/stop_circle:")
            case _:
                self._message.empty()
