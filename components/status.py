"""A run's state in one word, its clock, and what to do when it went wrong."""

from collections.abc import Iterable

from streamlit.delta_generator import DeltaGenerator

from components.text import plain, seconds
from components.view import View
from streaming import Run, Stamped, Status
from streaming.events import Attempt, Ended, Fallback, Notice, Started, Token, Updates, Values
from streaming.projections import Latency, Metrics

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

    def __init__(
        self,
        run: Run,
        *,
        chip: DeltaGenerator,
        message: DeltaGenerator,
        stop: DeltaGenerator | None = None,
        part: str = "",
    ) -> None:
        super().__init__()
        self._run = run
        self._chip = chip
        self._stop = stop
        self._message = message
        self._notice = ""
        self._part = f":gray-badge[{part}]" if part else ""
        self._latency = Latency()

    def take(self, stamped: Stamped) -> bool:
        self._latency.apply(stamped)
        match stamped.event:
            case Notice(text=text):
                self._notice = text
            case Started() if self._latency.metrics().fallback is None:
                self._notice = ""
            case Attempt(number=number, of=of, reason=reason, pause_s=pause):
                self._notice = f"{reason}: asking again in {pause:.1f} s (attempt {number} of {of})."
            case Token() | Values() | Updates() if self._latency.metrics().fallback is None:
                self._notice = ""
            case Fallback(reason=reason):
                self._notice = f"This model does not stream ({reason}): its answer will come whole."
        return True

    def apply(self, batch: Iterable[Stamped]) -> None:
        self._stale = True
        super().apply(batch)

    def paint(self) -> None:
        run = self._run
        ended = run.ended
        if ended is None:
            self._chip.markdown(f":blue-badge[Running] {self._part} {run.age_s:.1f} s {plain(self._notice)}")
            return
        self._chip.markdown(f":{_COLOUR[run.status]}-badge[{run.status}] {self._part}")
        if self._stop is not None:
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
            case _ if (metrics := self._latency.metrics()).fallback is not None:
                self._message.info(_price(metrics, metrics.fallback), icon=":material/hourglass_bottom:")
            case _:
                self._message.empty()


def _price(metrics: Metrics, fallback: Fallback) -> str:
    """What it costs that the model did not stream, from this run's own figures."""
    share = f", {metrics.ttft_share:.0%} of the whole time" if metrics.ttft_share is not None else ""
    lost = f" The refused stream took {seconds(fallback.lost_s)} of it." if fallback.lost_s else ""
    return (
        f"The model did not stream ({plain(fallback.reason)}), so its answer was asked for whole, as `invoke` does. "
        f"The first text stood on the screen after {seconds(metrics.ttft_s)}{share}.{lost}"
    )
