"""Each mode of a run gets its figures and a sentence about its use in this run."""

from streaming.analysis.mode_summary import mode_summaries
from streaming.core.events import MODES, Ended, Event, LogEntry, Started, Token, Updates, Values


def log(*timed: tuple[float, Event, int]) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=t, event=event, size=size) for seq, (t, event, size) in enumerate(timed)]


RUN = log(
    (0.0, Started(thread_id="t"), 0),
    (0.25, Token(ns=(), message_id="m", node="n", role="ai", text="Hello"), 40),
    (0.5, Token(ns=(), message_id="m", node="n", role="ai", text=" there"), 40),
    (1.0, Updates(ns=(), deltas={"n": {"a": 1}}), 20),
    (1.0, Values(ns=(), state={"a": 1}), 100),
    (1.1, Ended(outcome="completed"), 0),
)


def test_figures_are_those_of_the_run() -> None:
    found = {summary.mode: summary for summary in mode_summaries(RUN)}
    assert list(found) == list(MODES)
    assert (found["messages"].events, found["messages"].bytes, found["messages"].first_s) == (2, 80, 0.25)
    assert (found["debug"].events, found["debug"].bytes, found["debug"].first_s) == (0, 0, None)


def test_text_is_compared_with_the_state_that_shows_it_later() -> None:
    (messages,) = mode_summaries(RUN, modes=["messages"])
    assert messages.use == (
        "2 pieces of text while the model wrote them, the first after 0.25 s; the state showed it at 1.00 s."
    )


def test_values_are_weighed_against_updates() -> None:
    (values,) = mode_summaries(RUN, modes=["values"])
    assert values.use.startswith("1 full state:")
    assert values.use.endswith("5.0× as many bytes as `updates`.")


def test_mode_without_events_says_why_it_is_empty() -> None:
    uses = {summary.mode: summary.use for summary in mode_summaries([])}
    assert uses["custom"] == "Nothing: no node of this graph reports progress."
    assert uses["checkpoints"] == "Nothing: the graph has no checkpointer."
    assert all("0 " not in use for use in uses.values())


def test_changes_of_subgraphs_are_not_said_to_come_once() -> None:
    outer = Updates(ns=(), deltas={"research": {"text": "x"}})
    inner = Updates(ns=("research:1",), deltas={"find": {"text": "x"}})

    def use(*events: Updates) -> str:
        return next(
            one.use
            for one in mode_summaries(log(*((float(n), one, 10) for n, one in enumerate(events))))
            if one.mode == "updates"
        )

    assert use(outer).endswith("what happened, once.")
    assert (
        use(inner, outer) == "2 changes from 2 nodes: what happened, in a subgraph once more for each node around it."
    )
