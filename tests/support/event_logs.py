"""Event logs for property tests: any events in any order, with an end event."""

from typing import Any

from hypothesis import strategies as st

from streaming.core.events import (
    ANSWER_BROKE_OFF,
    ApiEvent,
    Attempt,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Notice,
    ProviderStep,
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)

TEXTS = st.sampled_from(["", "a", "word ", "ü", "👩‍🚀", '{"rows": [{"a": 1', "}, {", "\n"])
IDS = st.sampled_from(["run-1", "run-2", "run-3"])
NODES = st.sampled_from(["plan", "write"])
SPACES = st.sampled_from([(), ("plan:1",), ("plan:1", "write:2")])
STATES = st.dictionaries(st.sampled_from(["x", "y", "z"]), st.integers(0, 3) | st.text("ab", max_size=3), max_size=3)


def _tool_calls() -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    piece = st.fixed_dictionaries(
        {
            "index": st.integers(0, 1),
            "id": st.none() | st.sampled_from(["call-1", "call-2"]),
            "name": st.none() | st.just("search"),
            "args": st.sampled_from(["", '{"q"', ': "x"}']),
        }
    )
    return st.lists(piece, max_size=2).map(tuple)


def _tokens() -> st.SearchStrategy[Token]:
    return st.builds(
        Token,
        ns=SPACES,
        message_id=IDS,
        node=NODES,
        role=st.sampled_from(["ai", "ai", "ai", "tool", "human"]),
        text=TEXTS,
        tags=st.sampled_from([(), ("data",), ("draft",)]),
        reasoning=st.sampled_from(["", "", "hm "]),
        tool_calls=_tool_calls(),
        tool_call_id=st.none() | st.sampled_from(["call-1", "call-2"]),
        usage=st.none() | st.just({"output_tokens": 7, "input_tokens": 3}),
        whole=st.sampled_from([False, False, False, True]),
        metadata=st.none() | st.sampled_from([{"langgraph_checkpoint_ns": f"plan:t{n}"} for n in (1, 2)]),
    )


def _progress() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"kind": st.just("progress"), "step": NODES, "done": st.integers(0, 2), "total": st.just(2)},
        optional={"fraction": st.floats(0, 1), "status": st.text("ab", max_size=3)},
    )


def _spans() -> st.SearchStrategy[dict[str, Any]]:
    states = st.sampled_from(["started", "done", "failed", "gave up"])
    return st.fixed_dictionaries({"kind": st.just("span"), "name": st.sampled_from(["s1", "s2"]), "state": states})


def events() -> st.SearchStrategy[Event]:
    tasks = st.sampled_from(["t1", "t2"])
    dropped = st.lists(IDS, max_size=2, unique=True).map(tuple)
    deltas = st.dictionaries(NODES, st.none() | STATES, max_size=2)
    errors = st.none() | st.just("boom")
    return st.one_of(
        _tokens(),
        _tokens(),
        st.builds(Notice, text=st.just("waiting"), wait_s=st.none() | st.just(2.0)),
        st.builds(
            Attempt,
            number=st.just(2),
            of=st.just(3),
            reason=st.just(ANSWER_BROKE_OFF),
            pause_s=st.just(0.1),
            dropped=dropped,
        ),
        st.builds(ProviderStep, text=st.just("closes the connection")),
        st.builds(Fallback, reason=st.just("refused"), to=st.sampled_from(["", "scripted"])),
        st.builds(Started, thread_id=st.just("thread"), checkpoint_id=st.none() | st.just("c")),
        st.builds(Values, ns=SPACES, state=STATES, interrupts=st.sampled_from([(), ({"value": 1},)])),
        st.builds(Updates, ns=SPACES, deltas=deltas, cached=st.booleans()),
        st.builds(Custom, ns=SPACES, data=_progress() | _spans() | st.text("ab", max_size=3)),
        st.builds(TaskStarted, ns=SPACES, task_id=tasks, node=NODES, input=STATES, triggers=st.just(("start",))),
        st.builds(TaskEnded, ns=SPACES, task_id=tasks, node=NODES, result=STATES, error=errors, interrupts=st.just(())),
        st.builds(
            CheckpointSaved,
            ns=SPACES,
            checkpoint_id=st.sampled_from(["c1", "c2"]),
            parent_id=st.none() | st.just("c1"),
            source=st.just("loop"),
            step=st.integers(-1, 3),
            values=STATES,
            next=st.lists(NODES, max_size=2).map(tuple),
        ),
        st.builds(
            Debug,
            ns=SPACES,
            step=st.integers(0, 2),
            timestamp=st.just("2026-01-01T00:00:00+00:00"),
            type=st.sampled_from(["task", "task_result"]),
            payload=st.fixed_dictionaries({"id": tasks, "name": NODES}),
        ),
        st.builds(
            ToolCalled,
            ns=SPACES,
            call_id=st.sampled_from(["call-1", "call-2"]),
            step=st.sampled_from(["started", "delta", "finished", "failed"]),
            tool=st.just("search"),
            data=st.text("ab", max_size=3),
        ),
        st.builds(ApiEvent, ns=SPACES, name=st.just("on_chat"), node=NODES, shape=st.just("{}"), data=st.none()),
    )


@st.composite
def random_logs(draw: st.DrawFn, max_size: int = 60) -> list[LogEntry]:
    """A log in order: times never go back, the last event is the end."""
    found = draw(st.lists(events(), max_size=max_size))
    outcome = draw(st.sampled_from(["completed", "failed", "cancelled", "interrupted"]))
    cut = draw(st.lists(IDS, max_size=1).map(tuple))
    gaps = draw(st.lists(st.sampled_from([0.0, 0.01, 0.04, 0.15]), min_size=len(found) + 1, max_size=len(found) + 1))
    t, log = 0.0, []
    for seq, (event, gap) in enumerate(zip([*found, Ended(outcome=outcome, reason="r", cut=cut)], gaps, strict=True)):
        t += gap
        log.append(LogEntry(seq=seq, t=t, event=event, size=10 * (seq % 3)))
    return log
