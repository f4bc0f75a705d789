"""Each cause is named by its events and facts, and none where they say nothing."""

from typing import Any
from uuid import UUID

from streaming.analysis.diagnosis.finding import Cause, Finding, Thresholds
from streaming.analysis.diagnosis.rules import diagnose
from streaming.core.events import (
    CheckpointSaved,
    Custom,
    Ended,
    Event,
    Fallback,
    Stall,
    Started,
    TaskEnded,
    TaskStarted,
    Updates,
    Values,
)
from tests.support.events import log, token

START: tuple[float, Event] = (0.0, Started(thread_id="t"))
END: tuple[float, Event] = (9.0, Ended(outcome="completed"))
RAN: tuple[float, Event] = (8.0, Updates(ns=(), deltas={"n": None}))
STREAMED = [(1.0, token("a")), (2.0, token("b"))]


def facts(
    *calls: dict[str, Any], model: dict[str, Any] | None = None, writes: bool = False, **fields: Any
) -> dict[str, Any]:
    node = {
        "file": "agent.py",
        "line": 1,
        "async": True,
        "writes": writes,
        "calls": [{"file": "agent.py", "line": 7, **c} for c in calls],
    }
    return {"python": "3.12.1", "nodes": {"n": node}, "models": [{"node": "n", **(model or {})}], **fields}


def causes(*timed: tuple[float, Event], **asked: Any) -> list[Cause]:
    asked = {"modes": ("messages", "updates"), "subgraphs": True, **asked}
    return [finding.cause for finding in diagnose(log(START, *timed, END), **asked)]


def call(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "text": "f()", **fields}


def test_healthy_runs_and_runs_that_never_started_get_nothing() -> None:
    assert causes(*STREAMED, RAN, facts=facts(call("model"))) == []
    assert causes(*STREAMED, RAN) == []
    assert diagnose([], modes=("updates",), subgraphs=True, facts=facts(call("model"))) == []


def test_no_messages_is_named_for_a_graph_with_a_model_that_does_not_write_itself() -> None:
    assert causes(RAN, modes=("updates",), facts=facts(call("model"))) == ["no-messages"]
    assert causes((1.0, RAN[1]), modes=("updates",), facts=facts() | {"models": []}) == []
    written: list[tuple[float, Event]] = [(1.0, Custom(ns=(), data="a")), (2.0, Custom(ns=(), data="b"))]
    assert causes(*written, RAN, modes=("custom",), facts=facts(call("model"))) == []
    state = (1.0, Values(ns=(), state={"messages": [{"type": "ai", "content": "a"}]}))
    assert causes(state, modes=("values",)) == ["no-messages"]


def test_what_a_node_writes_is_missed_where_custom_was_not_asked_for() -> None:
    soon = (1.0, RAN[1])
    writes = facts(writes=True) | {"models": []}
    assert causes(soon, facts=writes) == ["no-custom"]
    assert causes(soon, facts=writes, asked_on_purpose=True) == []
    assert causes(soon, facts=writes, modes=("messages", "updates", "custom")) == []
    assert causes((8.0, Updates(ns=(), deltas={"other": None})), facts=writes) == [], "it did not run"
    thread = facts(call("thread writer"), writes=True) | {"models": []}
    assert causes(soon, facts=thread) == ["thread-writer"]


def test_what_a_node_sends_to_callbacks_comes_by_no_mode() -> None:
    asked = ("messages", "updates", "custom")
    assert causes(RAN, facts=facts(call("dispatched event")), modes=asked) == ["dispatched-event"]
    assert causes(RAN, facts=facts(call("dispatched event"), writes=True), modes=asked) == [], "it has a writer too"
    assert causes((8.0, Updates(ns=(), deltas={"other": None})), facts=facts(call("dispatched event"))) == []


def test_nothing_is_said_of_what_was_asked_on_purpose() -> None:
    assert causes(RAN, modes=("updates",), facts=facts(call("model")), asked_on_purpose=True) == []
    both = facts(call("model"), call("blocking"))
    assert causes(RAN, modes=("updates",), facts=both, asked_on_purpose=True) == ["blocking"]


def test_a_call_that_cannot_have_blocked_for_long_is_not_blamed() -> None:
    assert causes(RAN, facts=facts(call("blocking")), thresholds=Thresholds(blocked_s=8.5)) == []
    assert causes(RAN, facts=facts(call("blocking")), thresholds=Thresholds(blocked_s=7.5)) == ["blocking"]


def stall(text: str, line: int, seconds: float, *, longest_s: float = 2.1, node: str = "n") -> Stall:
    return Stall(node=node, text=text, file="/own/agent.py", line=line, seconds=seconds, longest_s=longest_s)


def found_of(*stalls: Stall) -> list[Finding]:
    events = log(START, RAN, (9.0, Ended(outcome="completed", stalls=stalls)))
    return diagnose(events, modes=("messages", "updates"), subgraphs=True, facts=facts(call("blocking")))


def test_what_held_the_loop_is_named_by_the_seconds_at_each_line_the_longest_first() -> None:
    (found,) = found_of(stall("sleep(self.delay)", 31, 0.6), stall("sleep(1.5)", 18, 1.5), stall("x = 1", 19, 0.02))
    assert (found.cause, found.node, found.file, found.line) == ("blocking", "n", "/own/agent.py", 18)
    assert (
        "held the event loop for 2.1 s: 1.5 s at `sleep(1.5)`, and 0.6 s at `sleep(self.delay)` (agent.py, line 31)"
        in (found.sentence)
    )
    assert "x = 1" not in found.sentence
    (often,) = found_of(stall("sleep(0.5)", 18, 4.0, longest_s=0.5))
    assert "for 4.0 s, up to 0.5 s at a time at `sleep(0.5)`." in often.sentence
    assert found_of(stall("sleep(9)", 18, 9.0, longest_s=12.0))[0].line == 7, "the log has no gap of this length"
    assert [one.node for one in found_of(stall("a()", 18, 1.5), stall("b()", 20, 1.5, node=""))] == ["n", ""]


def test_a_silent_node_gets_one_cause_and_a_node_that_streams_none() -> None:
    for kind, cause in (
        ("raw client", "raw-client"),
        ("no stream tag", "nostream"),
        ("lost context", "lost-context"),
        ("structured", "structured-output"),
        ("nested graph", "nested-graph"),
    ):
        assert causes(RAN, facts=facts(call(kind))) == [cause]
        assert causes(*STREAMED, RAN, facts=facts(call(kind))) == []
    whole = (3.0, token("all", whole=True))
    for told in (facts(call("no streaming")), facts(model={"streaming": False})):
        assert causes(whole, RAN, facts=told) == ["not-streaming"]
        assert causes(RAN, facts=told) == [], "the model was not asked"
    (held,) = diagnose(
        log(START, whole, RAN, END),
        modes=("messages", "updates"),
        subgraphs=True,
        facts=facts(call("model"), model={"disable_streaming": "tool_calling"}),
    )
    assert "as long as it has tools" in held.sentence
    assert held.cure.startswith("Here it is called: build it without"), "the place is that of the call"
    assert causes((0.5, Fallback(reason="it cannot stream")), whole, RAN) == ["not-streaming"]


def test_a_message_that_a_node_made_itself_is_of_no_cache_of_models() -> None:
    """With a cache for the whole process each fixed text was said to come from it."""
    cached, no_model = facts(llm_cache=True), facts(llm_cache=True) | {"models": []}
    greeting = (0.1, token("Sorry, I cannot help with that.", whole=True))
    assert causes(greeting, RAN, facts=no_model, thresholds=PATIENT) == []
    assert causes(greeting, RAN, facts=cached) == [], "its model was not asked this time"
    assert causes((3.0, greeting[1]), RAN, facts=no_model, thresholds=PATIENT) == ["raw-client"]
    assert causes((3.0, greeting[1]), RAN, facts=facts(call("raw client"), llm_cache=True)) == ["raw-client"]
    for answer in (
        token("all", id="lc_run--1", whole=True),
        token("all", id="run-1-0", whole=True),
        token("all", id="msg_1", whole=True, metadata={"ls_model_type": "chat"}),
    ):
        assert causes((3.0, answer), RAN, facts=cached) == ["cached"]


def test_what_is_kept_from_before_a_question_is_of_no_cache_where_the_graph_has_none() -> None:
    kept = (1.0, Updates(ns=(), deltas={"n": None}, cached=True))
    assert causes(kept, facts=facts(node_cache=False)) == []
    assert causes(kept, facts=facts(node_cache=True)) == causes(kept) == ["cached"]


def test_a_tag_beside_a_model_that_streams_is_named_if_its_answer_is_read_all_the_same() -> None:
    said = (3.0, token("all of it", id="lc_run--2", node="quiet", whole=True))
    ran = (8.0, Updates(ns=(), deltas={"n": None, "quiet": None}))
    told = facts(call("model"))
    told["nodes"]["quiet"] = {"file": "a.py", "line": 3, "calls": [call("no stream tag"), call("model")]}
    assert causes(*STREAMED, said, ran, facts=told) == ["nostream"]
    assert causes(*STREAMED, ran, facts=told) == [], "only the program needs this answer"
    told["nodes"]["quiet"]["calls"] = [call("model")]
    assert causes(*STREAMED, said, ran, facts=told) == ["not-streaming"]


def test_a_message_that_a_node_made_itself_is_no_stream_unless_it_was_there_at_once() -> None:
    late, soon = (3.0, token("all", whole=True)), (0.1, token("all", whole=True))
    assert causes(late, RAN, facts=facts() | {"models": []}) == ["raw-client"]
    assert causes(late, RAN) == ["raw-client"], "also where the code is not known"
    assert causes(soon, RAN, facts=facts() | {"models": []}) == []
    assert causes(late, RAN, facts=facts(call("blocking")) | {"models": []}) == ["blocking"], "one cause for one wait"
    assert causes(late, RAN, facts=facts(call("model"))) == []
    written: list[tuple[float, Event]] = [(1.0, Custom(ns=(), data="a")), (2.0, Custom(ns=(), data="b"))]
    assert causes(*written, late, RAN, facts=facts() | {"models": []}) == []
    assert causes(written[0], late, RAN, facts=facts() | {"models": []}) == ["raw-client"], "another node wrote it"
    assert causes(written[0], late, RAN, facts=facts(writes=True) | {"models": []}) == [], "it told of itself"
    assert causes(written[0], late, RAN) == [], "where the code is not known, the node may have written it"


SAID = "Bees make honey in the hive."
SILENT = facts() | {"models": []}
PATIENT = Thresholds(silent_s=5.0)
CHINESE = "蜜蜂在蜂巢里酿造蜂蜜，用花蜜和酶，冬天以此为食。"


def returned(delta: Any, *, at: float = 3.0, node: str = "n") -> tuple[float, Event]:
    return at, Updates(ns=(), deltas={node: delta})


def test_a_text_without_a_chat_model_is_named_with_its_node_its_length_and_its_place() -> None:
    (found,) = diagnose(
        log(START, returned({"answer": SAID}), END), modes=("messages", "updates"), subgraphs=True, facts=SILENT
    )
    assert (found.cause, found.node, found.file, found.line) == ("no-model", "n", "agent.py", 1)
    assert "returned 28 characters of text, but no chat model that LangGraph can see" in found.sentence
    assert "get_stream_writer()` and ask for `custom`" in found.cure
    assert causes(returned(SAID), facts=SILENT) == ["no-model"], "an entrypoint returns its text as it is"
    ended = TaskEnded(ns=(), task_id="1", node="n", result={"answer": SAID}, error=None, interrupts=())
    assert causes((3.0, ended), modes=("messages", "tasks"), facts=SILENT) == ["no-model"]
    assert causes(returned({"answer": CHINESE}), facts=SILENT) == ["no-model"]
    assert causes(returned({"answer": SAID}), facts=None) == ["no-model"], "also where the code is not known"


def test_a_text_that_no_model_had_to_write_is_no_cause() -> None:
    for healthy in (
        [returned({"answer": SAID}, at=0.1)],
        [returned({"documents": [SAID, SAID]})],
        [returned({"found": {"text": SAID}})],
        [returned({"route": "answer"})],
        [returned({"rows": '{"a": "one two three", "b": "four"}'})],
        [returned(None)],
        [(0.1, Values(ns=(), state={"question": SAID})), returned({"answer": SAID})],
        [
            (0.1, TaskStarted(ns=(), task_id="1", node="n", input={"question": SAID}, triggers=())),
            returned({"a": SAID}),
        ],
        [returned({"answer": SAID}, at=0.1, node="other"), returned({"answer": SAID})],
        [*STREAMED, returned({"answer": SAID})],
        [(1.0, Custom(ns=(), data="Bees")), returned({"answer": SAID})],
        [(3.0, Updates(ns=(), deltas={"n": {"answer": SAID}}, cached=True))],
    ):
        found = causes(*healthy, facts=SILENT, thresholds=PATIENT)
        assert [cause for cause in found if cause != "cached"] == [], healthy
    held = facts(call("model"))
    assert causes(returned({"answer": SAID}), facts=held) == [], "a model that was not asked this time"
    assert causes(returned({"answer": SAID}), facts=None, subgraphs=False) == [], "a graph in it may have a model"
    assert "no-model" not in causes(returned({"answer": SAID}), facts=SILENT, modes=("updates",)), "nor asked for"
    assert causes(returned({"answer": SAID}), facts=SILENT, given={"topic": [SAID]}, thresholds=PATIENT) == []
    for kind in ("blocking", "nested graph", "structured", "raw client"):
        other = facts(call(kind)) | {"models": []}
        assert "no-model" not in causes(returned({"answer": SAID}), facts=other), "named by itself"


def test_nobody_is_told_to_ask_for_a_mode_that_was_asked_for() -> None:
    late = (3.0, token("all", whole=True))
    for modes, told in ((("messages", "updates"), True), (("messages", "updates", "custom"), False)):
        for events, known in (
            ([late], None),
            ([late], facts() | {"models": []}),
            ([], facts(call("raw client"))),
        ):
            (finding,) = diagnose(log(START, *events, RAN, END), modes=modes, subgraphs=True, facts=known)
            assert "`get_stream_writer()`" in finding.cure
            assert ("ask for `custom`" in finding.cure) == told


def test_config_is_missed_before_python_3_11_alone() -> None:
    bare = call("model", config=False)
    assert causes(RAN, facts=facts(bare) | {"python": "3.10.4"}) == ["lost-context"]
    assert causes(RAN, facts=facts(call("model", config=True)) | {"python": "3.10.4"}) == []
    assert causes(RAN, facts=facts(bare)) == []


def test_a_node_that_did_not_run_is_not_blamed() -> None:
    other = (8.0, Updates(ns=(), deltas={"other": None}))
    assert causes(other, facts=facts(call("blocking"))) == []
    assert causes(*STREAMED, RAN, facts=facts(call("blocking"))) == ["blocking"]


def test_a_silent_tool_is_named_with_its_file_unless_it_tells_of_itself() -> None:
    asks = (1.0, token("", tool_calls=({"id": "c", "name": "search", "args": "{}"},)))
    answers = (5.0, token("found", id="t", role="tool", tool_call_id="c", whole=True))
    asked: dict[str, Any] = {
        "modes": ("messages",),
        "subgraphs": True,
        "facts": {"tools": {"search": {"file": "t.py"}}},
    }
    (found,) = diagnose(log(START, asks, answers, END), **asked)
    assert (found.cause, found.file, found.silent_s) == ("silent-tool", "t.py", 4.0)
    assert diagnose(log(START, asks, (3.5, Custom(ns=(), data=1)), answers, END), **asked) == []
    assert diagnose(log(START, asks, answers, END), **asked, thresholds=Thresholds(silent_s=5)) == []


def test_a_node_without_a_model_that_is_silent_for_seconds_is_named_unless_it_tells_of_itself() -> None:
    """Its time was that to the first token, and only the model's setting was blamed for the wait."""
    alone = facts() | {"models": []}
    asked: dict[str, Any] = {"modes": ("messages", "updates"), "subgraphs": True}
    (found,) = diagnose(log(START, (3.0, RAN[1]), END), facts=alone, **asked)
    assert (found.cause, found.node, found.line) == ("silent-tool", "n", 1)
    assert "worked for 3.0 s" in found.sentence
    assert causes((2.0, Custom(ns=(), data=1)), (3.0, RAN[1]), facts=alone) == []
    assert causes((3.0, RAN[1]), facts=alone, thresholds=Thresholds(silent_s=5)) == []
    assert causes((3.0, token("a")), (3.1, token("b")), (4.0, RAN[1]), facts=facts(call("model"))) == []


CLOCK_S = 1_800_000_000.0
"""What the clock of the graph says when the log begins."""


def asked_at(t: float) -> str:
    """The id of an answer whose model was asked at this time of the log."""
    return f"lc_run--{UUID(int=int((CLOCK_S + t) * 1000) << 80 | 7 << 76 | 2 << 62)}"


def saved_at(t: float) -> str:
    """The id of a checkpoint of this time of the log."""
    ticks = int((CLOCK_S + t) * 10_000_000) + 0x01B21DD213814000
    return str(UUID(int=(ticks >> 12) << 80 | 6 << 76 | (ticks & 0xFFF) << 64 | 2 << 62))


def answered(asked: float, *, began: float = 0.1, first: float = 3.4, end: Event | None = None) -> list[Any]:
    """A node of one task whose model was asked at this time, and whose first token came at `first`."""
    id = asked_at(asked)
    of_task = {"langgraph_checkpoint_ns": "n:1", "ls_model_type": "chat"}
    return log(
        START,
        (began, TaskStarted(ns=(), task_id="1", node="n", input=None, triggers=())),
        (first, token("a", id=id, metadata=of_task)),
        (first + 0.1, token("b", id=id)),
        (3.6, Updates(ns=(), deltas={"n": None})),
        (3.7, end or Ended(outcome="completed", checkpoint_id=saved_at(3.6))),
    )


def found_in(events: list[Any], known: dict[str, Any], **asked: Any) -> list[Finding]:
    asked = {"modes": ("messages", "updates", "tasks", "custom"), "subgraphs": True, **asked}
    return diagnose(events, facts=known, **asked)


SYNC = facts(call("waiting", text="time.sleep(3)", line=5), call("model"))


def test_a_node_that_works_for_seconds_before_it_asks_its_model_is_named_with_the_call_that_waits() -> None:
    (found,) = found_in(answered(3.1), SYNC)
    assert (found.cause, found.node, found.file, found.line) == ("silent-tool", "n", "agent.py", 5)
    assert "“n” worked for 3.0 s before it asked its model" in found.sentence
    after = facts(call("model", line=4), call("waiting", line=5))
    assert found_in(answered(3.1), after)[0].line == 1, "a call after that of the model is not the cause"
    stopped = Ended(outcome="cancelled", checkpoint_id=saved_at(0.0))
    assert found_in(answered(3.1, end=stopped), SYNC) == [], "the last checkpoint dates nothing"
    saved = CheckpointSaved(
        ns=(), checkpoint_id=saved_at(0.05), parent_id=None, source="loop", step=0, values={}, next=("n",)
    )
    first, *rest = answered(3.1, end=stopped)
    dated = [first, *log((0.05, saved)), *rest]
    assert [one.cause for one in found_in(dated, SYNC)] == ["silent-tool"], "but one in the log does"


def test_a_slow_model_is_not_taken_for_a_node_that_waits() -> None:
    assert found_in(answered(0.1), SYNC) == [], "its first token took 3.3 s"
    assert found_in(answered(1.2, began=0.1), SYNC) == []
    assert found_in(answered(3.1, began=2.9), SYNC) == [], "the node began late"
    slower = Thresholds(silent_s=1.0)
    assert found_in(answered(1.5), SYNC, thresholds=slower) == [], "the model took more of the wait"
    assert found_in(answered(2.5), SYNC, thresholds=slower) != []
    assert found_in(answered(3.1, end=Ended(outcome="completed")), SYNC) == [], "nothing tells when it was asked"


def test_a_wait_before_a_model_that_may_be_for_another_is_not_blamed_on_the_node() -> None:
    for kind in ("no stream tag", "structured", "nested graph"):
        assert found_in(answered(3.1), facts(call(kind), call("model"))) == []
    two = SYNC | {"models": [{"node": "n", "class": "A"}, {"node": "n", "class": "B"}]}
    assert found_in(answered(3.1), two) == [], "the first may have failed"
    retried = SYNC | {"nodes": {"n": SYNC["nodes"]["n"] | {"retries": True}}}
    assert "silent-tool" not in [one.cause for one in found_in(answered(3.1), retried)]
    blocked = facts(call("blocking"), call("model"))
    assert [one.cause for one in found_in(answered(3.1), blocked)] == ["blocking"], "one cause for one wait"


def held(
    *, pieces: int = 18, every_s: float = 0.001, asked: float = 0.4, ended: float = 2.5, **first: Any
) -> list[Any]:
    """An answer whose model was asked at `asked`, and whose pieces came from 2.4 s on."""
    id = asked_at(asked)
    texts = [(2.4 + number * every_s, token("a ", id=id, **(first if not number else {}))) for number in range(pieces)]
    saved = Ended(outcome="completed", checkpoint_id=saved_at(ended))
    return log(START, *texts, (2.5 + pieces * every_s, Updates(ns=(), deltas={"n": None})), (ended, saved))


def test_pieces_that_come_at_once_after_a_long_silence_are_held_back_on_the_way() -> None:
    (found,) = found_in(held(), facts(call("model")))
    assert (found.cause, found.node, found.file, found.line) == ("held-back", "n", "agent.py", 7)
    assert "All 18 pieces of “n” came within 17 ms, after at least 2.0 s of silence." in found.sentence
    (unknown,) = found_in(held(), {})
    assert (unknown.cause, unknown.file) == ("held-back", None), "its code is not needed"
    assert [one.cause for one in found_in(held(pieces=400, ended=3.5), {})] == ["held-back"]


def test_a_model_that_wrote_its_pieces_in_its_own_time_is_not_said_to_be_held_back() -> None:
    assert found_in(held(pieces=7), {}) == [], "a short answer"
    assert found_in(held(every_s=0.003), {}) == [], "a fast model"
    assert found_in(held(pieces=600, ended=3.5), {}) == [], "as long as a third of the wait"
    assert found_in(held(asked=1.5), {}) == [], "a wait like that for any model"
    assert found_in(held(whole=True), {}) == [], "whole, as from a cache"
    assert found_in(held(kept=True), {}) == [], "what an earlier run had received"
    thought = {"output_tokens": 90, "output_token_details": {"reasoning": 80}}
    assert found_in(held(usage=thought), {}) == [], "it thought, and nobody saw it"
    id = asked_at(0.4)
    reasons = (2.3, token("", id=id, reasoning="Bees?"))
    first, *rest = held()
    assert found_in([first, *log(reasons), *rest], {}) == [], "its reasoning was heard"
    *undated, _ = held()
    assert found_in([*undated, *log(END)], {}) == [], "nothing tells when it was asked"


def test_pieces_behind_code_that_blocks_have_that_cause_alone() -> None:
    assert [one.cause for one in found_in(held(), facts(call("blocking"), call("model")))] == ["blocking"]
    *before, end = held()
    stalled = [
        *before,
        *log(
            (
                end.t,
                Ended(outcome="completed", checkpoint_id=saved_at(2.5), stalls=(stall("f()", 3, 1.9, longest_s=1.9),)),
            )
        ),
    ]
    assert [one.cause for one in found_in(stalled, {})] == ["blocking"]


def test_an_answer_that_comes_twice_is_said_twice() -> None:
    copied = (3.0, token("ab", id="m2", whole=True))
    assert causes(*STREAMED, copied, RAN) == ["said-twice"]
    assert causes(*STREAMED, (3.0, token("other", id="m2", whole=True)), RAN) == []


def test_values_are_compared_with_what_changed() -> None:
    texts = [f"{number} " + "x" * 100 for number in range(30)]
    states = [{"documents": texts[:count]} for count in range(1, 31)]
    events = log(START, *((1.0, Values(ns=(), state=state)) for state in states), END)
    events = [type(e)(seq=e.seq, t=e.t, event=e.event, size=len(str(e.event))) for e in events]
    (found,) = diagnose(events, modes=("values", "messages"), subgraphs=True)
    assert found.cause == "values"
    assert found.saved_bytes is not None
    assert found.saved_bytes > 40_000
    assert diagnose(events, modes=("values", "updates"), subgraphs=True) == []


def test_facts_of_any_shape_raise_nothing() -> None:
    for raw in ({"nodes": [1]}, {"nodes": {"n": 3}, "models": "x", "python": 3}, {"tools": {"a": None}, "streams": {}}):
        assert causes(RAN, facts=raw) == []


def test_a_writer_that_is_handed_on_is_blamed_only_if_nothing_arrived_that_was_asked_for() -> None:
    handed = facts({**call("thread writer"), "handed_on": True})
    assert causes(RAN, facts=handed, modes=("custom", "messages")) == ["thread-writer"]
    assert causes(RAN, facts=handed, modes=("messages", "updates")) == []
    assert causes((1.0, Custom(ns=(), data="a")), RAN, facts=handed, modes=("custom", "messages")) == []


def test_a_class_that_cannot_stream_is_named_where_it_is_written_and_one_of_a_library_where_it_is_called() -> None:
    events = log(START, (1.0, token("whole")), RAN, END)

    def found(**place: Any) -> Any:
        known = facts(call("model"), model={"class": "Company", "can_stream": False, **place})
        return diagnose(events, modes=("messages", "updates"), subgraphs=True, facts=known)[0]

    own, library = found(file="model.py", line=6), found()
    assert "neither `_astream` nor `_stream`" in own.sentence
    assert (own.file, own.line) == ("model.py", 6)
    assert "Write `_astream` in `Company`" in own.cure
    assert (library.file, library.line) == ("agent.py", 7)
    assert "Choose a model that streams" in library.cure
