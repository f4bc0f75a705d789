"""When panels paint: at their own pace, one at a time while tokens flow, and all that is left at the end."""

from collections.abc import Iterable, Iterator

from components.live.live_view import LiveView, draw_batches
from streaming.core.events import Custom, LogEntry, Token

TOKEN = Token(ns=(), message_id="m", node="n", role="ai", text="x")
OTHER = Custom(ns=(), data={})


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Panel(LiveView):
    """Counts what it was given and what it painted; `changes` is what `take` returns."""

    def __init__(self, clock: Clock, *, pace_s: float = 0.1, changes: bool = True) -> None:
        super().__init__()
        self.clock = clock
        self.pace_s = pace_s
        self.changes = changes
        self.taken = 0
        self.painted: list[int] = []

    def take(self, entry: LogEntry) -> bool:
        self.taken += 1
        return self.changes

    def paint(self) -> None:
        self.painted.append(self.taken)


def entry(event: Token | Custom) -> LogEntry:
    return LogEntry(seq=0, t=0.0, event=event)


def paced(clock: Clock, batches: Iterable[list[LogEntry]], *, step_s: float) -> Iterator[list[LogEntry]]:
    """These batches, with time passing before each."""
    for batch in batches:
        clock.now += step_s
        yield batch


def test_a_panel_is_overdue_from_its_pace_on_and_only_after_a_change() -> None:
    clock = Clock()
    panel = Panel(clock, pace_s=0.5)
    assert panel.overdue_s < 0
    panel.apply([entry(OTHER)])
    panel.paint_if_due()
    assert panel.painted == [1], "the first picture is due at once"
    panel.apply([entry(OTHER)])
    clock.now += 0.25
    assert panel.overdue_s == -0.25
    clock.now += 0.5
    assert panel.overdue_s == 0.25


def test_a_panel_that_is_painted_too_soon_waits_for_its_pace() -> None:
    clock = Clock()
    panel = Panel(clock, pace_s=0.5)
    for _ in range(6):
        panel.apply([entry(OTHER)])
        panel.paint_if_due()
        clock.now += 0.25
    assert panel.painted == [1, 3, 5]


def test_an_event_that_changes_nothing_paints_nothing() -> None:
    panel = Panel(Clock(), changes=False)
    assert list(draw_batches([panel], [[entry(OTHER)]])) == [[entry(OTHER)]]
    assert (panel.taken, panel.painted) == (1, [])


def test_all_due_panels_paint_while_no_tokens_flow() -> None:
    clock = Clock()
    panels = [Panel(clock), Panel(clock)]
    batches = draw_batches(panels, paced(clock, [[entry(OTHER)], [entry(OTHER)]], step_s=1))
    next(batches)
    next(batches)
    assert [panel.painted for panel in panels] == [[1], [1]]


def test_one_panel_at_a_time_paints_while_tokens_flow_and_none_is_left_out() -> None:
    clock = Clock()
    panels = [Panel(clock), Panel(clock), Panel(clock)]
    batches = draw_batches(panels, paced(clock, [[entry(TOKEN)]] * 7, step_s=1))
    for drawn, _ in enumerate(batches):
        assert sum(len(panel.painted) for panel in panels) == drawn
        if drawn == 6:
            break
    assert [len(panel.painted) for panel in panels] == [2, 2, 2]


def test_while_tokens_flow_the_most_overdue_panel_paints_first() -> None:
    clock = Clock()
    slow, quick = Panel(clock, pace_s=5.0), Panel(clock, pace_s=0.1)
    for panel in (slow, quick):
        panel.apply([entry(OTHER)])
        panel.paint_if_due()
    batches = draw_batches([slow, quick], paced(clock, [[entry(TOKEN)]] * 2, step_s=2))
    next(batches)
    next(batches)
    assert (slow.painted, quick.painted) == ([1], [1, 2])


def test_the_caller_draws_a_batch_before_the_panels() -> None:
    panel = Panel(Clock())
    batches = draw_batches([panel], [[entry(OTHER)]])
    next(batches)
    assert panel.taken == 0


def test_what_was_held_back_is_painted_at_the_end() -> None:
    clock = Clock()
    panel, unchanged = Panel(clock, pace_s=60), Panel(clock, changes=False)
    list(draw_batches([panel, unchanged], [[entry(OTHER)], [entry(TOKEN)], [entry(OTHER)]]))
    assert panel.painted == [1, 3]
    assert unchanged.painted == []


def test_batches_without_panels_pass_through() -> None:
    assert list(draw_batches([], [[entry(TOKEN)], []])) == [[entry(TOKEN)], []]
