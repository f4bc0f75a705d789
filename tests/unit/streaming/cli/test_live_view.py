"""Answers in a terminal while they stream, alone and several at the same time."""

from io import StringIO
from typing import Any

from rich.console import Console

from streaming.cli.live_view import LiveView
from streaming.core.events import Custom, Ended, Event, LogEntry, TaskStarted, Token
from tests.support.events import log, restart, result, task, token


class Screen:
    """A live view, and what it has written."""

    def __init__(self) -> None:
        self._file = StringIO()
        self.view = LiveView(Console(file=self._file, width=200))

    def take(self, entries: list[LogEntry]) -> str:
        for entry in entries:
            self.view.apply(entry)
        return self._file.getvalue()

    @property
    def text(self) -> str:
        return self._file.getvalue()


def drawn(*events: tuple[float, Event]) -> str:
    return Screen().take(log(*events))


def chunk(text: str, *, id: str, step: int = 1, node: str = "think", **fields: Any) -> Token:
    metadata = {"langgraph_checkpoint_ns": f"{node}:task-{id}", "langgraph_step": step}
    return token(text, id=id, node=node, metadata=metadata, **fields)


def end(outcome: Any = "completed") -> Ended:
    return Ended(outcome=outcome)


def angle(id: str, text: str) -> TaskStarted:
    return TaskStarted(ns=(), task_id=f"task-{id}", node="think", input={"angle": text, "goal": "bees"}, triggers=())


WOVEN: list[tuple[float, Event]] = [
    (0.1, chunk("one ", id="a")),
    (0.2, chunk("two ", id="b")),
    (0.3, chunk("bird", id="a")),
    (0.4, chunk("bees", id="b")),
]


def test_a_single_answer_is_written_with_each_token() -> None:
    screen = Screen()
    steps = log((0.1, chunk("one ", id="a")), (0.2, chunk("bird", id="a")))
    assert [screen.take([entry]) for entry in steps] == ["messages think\none ", "messages think\none bird"]


def test_a_second_answer_waits_until_the_first_has_ended_and_then_goes_on_at_once() -> None:
    screen = Screen()
    assert screen.take(log(*WOVEN)) == "messages think\none bird"
    first_ends = log((0.45, chunk("", id="a", finish_reason="stop")))
    assert screen.take(first_ends).endswith("bird\nmessages think 2\ntwo bees")
    assert screen.take(log((0.5, chunk("!", id="b")))).endswith("two bees!")


def test_branches_are_named_by_their_order_of_writing_and_what_they_work_on() -> None:
    started = [(0.0, angle("b", "quick")), (0.0, angle("a", "fun"))]
    text = drawn(*started, *WOVEN, (0.5, end()))
    assert text.endswith("messages think 1 · fun\none bird\nmessages think 2 · quick\ntwo bees\n")


def test_branches_inside_subgraphs_are_numbered_where_they_part() -> None:
    started = [(0.0, task("1", "plan")), (0.0, task("2", "plan"))]
    chunks = [(0.1, token("one", id="a", ns=("plan:1",))), (0.2, token("two", id="b", ns=("plan:2",)))]
    text = drawn(*started, *chunks, (0.3, end()))
    assert text.endswith("messages plan 1/n\none\nmessages plan 2/n\ntwo\n")


def test_a_node_that_runs_again_later_is_written_at_once_and_has_no_number() -> None:
    text = drawn((0.1, chunk("one", id="a")), (0.2, chunk("two", id="b", step=3)))
    assert text == "messages think\none\nmessages think\ntwo"


def test_the_end_of_its_node_ends_an_answer_without_a_finish_reason() -> None:
    text = drawn(*WOVEN, (0.45, result("task-a", "think")))
    assert text.endswith("messages think 2\ntwo bees")


def test_a_silent_answer_leaves_its_turn_to_one_that_waits_and_gets_it_back() -> None:
    silent = [*WOVEN, (0.95, chunk(" hum", id="b"))]
    assert drawn(*silent).endswith("bird\nmessages think 2\ntwo bees hum")
    text = drawn(*silent, (1.0, chunk(" sings", id="a")), (1.1, chunk("", id="b", finish_reason="stop")))
    assert text.endswith("two bees hum\nmessages think 1\n sings")


def test_any_event_shows_what_waits_for_a_silent_answer() -> None:
    assert drawn(*WOVEN, (2.0, Custom(ns=(), data="x"))).endswith("messages think 2\ntwo bees")


def test_a_complete_answer_is_written_before_a_line_that_breaks_the_first_in_any_case() -> None:
    text = drawn(*WOVEN, (0.45, chunk("", id="b", finish_reason="stop")), (0.5, Custom(ns=(), data="x")))
    assert text.index("two bees\n") < text.index("custom ")


def test_a_run_that_stops_or_fails_loses_no_text_that_waits() -> None:
    for outcome in ("cancelled", "failed", "timed out"):
        assert drawn(*WOVEN, (0.5, end(outcome))).endswith("messages think 2\ntwo bees\n")


def test_a_log_that_breaks_off_loses_no_text_that_waits() -> None:
    screen = Screen()
    screen.take(log(*WOVEN))
    screen.view.finish()
    assert screen.text.endswith("messages think 2\ntwo bees\n")


def test_a_dropped_answer_gives_its_turn_away_and_is_not_written_later() -> None:
    assert drawn(*WOVEN, (0.45, restart("a"))).endswith("two bees")
    assert "two" not in drawn(*WOVEN, (0.45, restart("b")), (0.5, end()))


def test_reasoning_that_waits_is_written_before_its_text() -> None:
    thought = (0.2, chunk("", id="b", reasoning="hm "))
    assert drawn(WOVEN[0], thought, WOVEN[3], (0.5, end())).endswith("messages think 2\nhm bees\n")
