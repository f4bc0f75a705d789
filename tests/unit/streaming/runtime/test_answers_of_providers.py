"""What a run keeps of the answers of compatible servers: reasoning, refusals, other content, and how they ended."""

from collections.abc import Sequence
from typing import Any

import pytest

from streaming.analysis.final_answer import final_answers
from streaming.core.events import Token
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from tests.support.provider_runs import compatible, run_on
from tests.support.provider_servers import chunk, sending, words

ROLE = chunk({"role": "assistant", "content": ""})


def answered(parts: Sequence[Any], *, done: bool = True, **fields: Any) -> Run:
    """A run on a server that streams these chunks."""
    with sending(lambda _: parts, done=done) as url:
        return run_on(compatible(url), **fields)


def texts(run: Run) -> list[str]:
    return [message.text for message in apply_all(Messages(), run.events).answers()]


def endings(run: Run) -> list[str]:
    return [end.ending for end in apply_all(AnswerEnds(), run.events).ends]


def reasoning(run: Run) -> str:
    return "".join(message.reasoning for message in apply_all(Messages(), run.events).messages.values())


@pytest.mark.parametrize("reason", [None, ""])
def test_done_without_a_finish_reason_ends_an_answer(reason: str | None) -> None:
    run = answered([ROLE, chunk({"content": "The tide "}, reason), chunk({"content": "is out."}, reason)])
    assert (run.status, texts(run), endings(run)) == ("Completed", ["The tide is out."], ["finished"])


def test_a_graph_goes_on_after_an_answer_without_a_finish_reason() -> None:
    requests: list[dict[str, Any]] = []
    with sending(lambda _: words("The tide is out."), requests=requests) as url:
        run = run_on(compatible(url), graph="joke")
    assert (run.status, len(requests)) == ("Completed", 2)


def test_a_connection_that_ends_without_done_and_without_a_reason_broke_off() -> None:
    run = answered([ROLE, *words("The tide is")], done=False)
    assert run.ended is not None
    assert (run.status, run.ended.error, endings(run)) == ("Failed", "BrokenStream", ["broken off"])


def test_a_reason_that_is_the_word_null_is_none() -> None:
    run = answered([ROLE, chunk({"content": "The tide"}, "null")], done=False)
    assert (run.status, endings(run)) == ("Failed", ["broken off"])
    run = answered([ROLE, chunk({"content": "The tide"}, "null")])
    assert (run.status, endings(run)) == ("Completed", ["finished"])


@pytest.mark.parametrize("api", ["stream modes", "events v2"])
def test_the_last_reason_counts_where_a_server_sends_one_with_every_chunk(api: Any) -> None:
    parts = [chunk({"content": "The tide "}, "stop"), chunk({"content": "is"}, "stop"), chunk({}, "length")]
    run = answered([ROLE, *parts], api=api, modes=("messages", "values"))
    assert endings(run) == (["cut by length"] if api == "stream modes" else [])
    repeated = answered([ROLE, chunk({"content": "So."}, "stop"), chunk({}, "stop")], modes=("messages", "values"))
    assert "stopstop" not in repr([entry.event for entry in repeated.events])


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        ("FINISH_REASON_MAX_TOKENS", "cut by length"),
        ("toolUse", "finished"),
        ("maxTokens", "cut by length"),
        ("MALFORMED_FUNCTION_CALL", "broken off"),
        ({"type": "stop"}, "finished"),
        ("OTHER", "unknown"),
    ],
)
def test_the_reasons_of_every_vendor_are_read(reason: Any, ending: str) -> None:
    assert endings(answered([ROLE, chunk({"content": "So."}), chunk({}, reason)])) == [ending]


@pytest.mark.parametrize(
    "choice",
    [
        {"index": 0, "message": {"role": "assistant", "content": "So."}, "finish_reason": "length"},
        {"text": "So.", "finish_reason": "length"},
    ],
)
def test_an_answer_outside_of_a_delta_is_read(choice: dict[str, Any]) -> None:
    requests: list[dict[str, Any]] = []
    with sending(lambda _: [{"id": "c1", "choices": [choice]}], requests=requests) as url:
        run = run_on(compatible(url))
    assert (texts(run), endings(run), len(requests)) == (["So."], ["cut by length"], 1)


def test_a_reason_without_a_delta_is_kept() -> None:
    run = answered([ROLE, *words("So."), {"id": "c1", "choices": [{"index": 0, "finish_reason": "length"}]}])
    assert endings(run) == ["cut by length"]


@pytest.mark.parametrize("streams", [True, False])
def test_sources_beside_the_choices_are_kept_once(streams: bool) -> None:
    sources = {"citations": ["http://example.org/a"], "search_results": [{"title": "A"}]}
    parts = [{**part, **sources} for part in [*words("The tide is out."), chunk({}, "stop")]]
    with sending(lambda _: parts, whole={"content": "The tide is out."}, beside=sources) as url:
        run = run_on(compatible(url), modes=("messages",), api="stream modes" if streams else "invoke")
    if streams:
        message = apply_all(Messages(), run.events).answers()[0]
        assert {kind: size for (kind, _), size in message.parts.items()} == {"citation": 20, "search_result": 1}
    else:
        assert repr(run.events[-2].event).count("http://example.org/a") == 1


def test_a_second_answer_is_kept_beside_the_first() -> None:
    second = {"index": 1, "delta": {"content": "No."}, "finish_reason": "length"}
    first = {"index": 0, "delta": {"content": "Yes."}, "finish_reason": None}
    run = answered([ROLE, {"choices": [second]}, {"choices": [first, second]}, chunk({}, "stop")])
    message = apply_all(Messages(), run.events).answers()[0]
    assert (message.text, endings(run)) == ("Yes.", ["finished"])
    assert [kind for kind, _ in message.parts] == ["choice"]


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(
    "sent", [{"type": "text", "text": "7"}, 7, [None, "7"], [{"type": "text", "text": {"value": "7"}}]]
)
def test_content_of_any_shape_is_read(sent: Any) -> None:
    assert texts(answered([ROLE, chunk({"content": sent}), chunk({}, "stop")])) == ["7"]
    with sending(lambda _: [], whole={"content": sent}) as url:
        run = run_on(compatible(url), api="invoke", modes=("values",))
    assert (run.status, final_answers(run.events, prompt="Hello")) == ("Completed", [("", "7")])


def test_done_in_the_text_of_an_answer_is_no_end() -> None:
    run = answered([ROLE, chunk({"content": "\ndata: [DONE]\n"})], done=False)
    assert run.status == "Failed"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_beside_the_content_is_kept_as_reasoning(field: str) -> None:
    run = answered(
        [ROLE, chunk({field: "Low "}), chunk({field: "moon."}), *words("The tide is out."), chunk({}, "stop")]
    )
    figures = apply_all(MetricsCollector(), run.events).metrics()
    assert (texts(run), reasoning(run)) == (["The tide is out."], "Low moon.")
    assert figures.first_reasoning_s is not None
    assert figures.ttft_s is not None
    assert figures.first_token_s == figures.first_reasoning_s <= figures.ttft_s


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(
    "block",
    [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Low moon."}]},
        {"type": "thinking", "thinking": "Low moon."},
        {"type": "reasoning", "reasoning": "Low moon."},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Low moon."}]},
    ],
)
def test_reasoning_in_content_blocks_is_kept_as_reasoning(block: dict[str, Any]) -> None:
    run = answered([ROLE, chunk({"content": [block]}), *words("The tide is out."), chunk({}, "stop")])
    assert (texts(run), reasoning(run)) == (["The tide is out."], "Low moon.")


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_reasoning_in_think_tags_is_kept_as_reasoning(size: int) -> None:
    text = "<think>\nLow moon, a < b.\n</think>\n\nThe tide is out, says <think>."
    pieces = [chunk({"content": text[start : start + size]}) for start in range(0, len(text), size)]
    run = answered([ROLE, *pieces, chunk({}, "stop")])
    assert (texts(run), reasoning(run)) == (["The tide is out, says <think>."], "Low moon, a < b.\n")


@pytest.mark.parametrize("field", ["reasoning_content", "content"])
def test_thinking_is_a_sign_of_life(field: str) -> None:
    thoughts = [chunk({field: f"{'<think>' if n == 0 and field == 'content' else ''}thought {n} "}) for n in range(8)]
    answer = words("</think>The tide is out." if field == "content" else "The tide is out.")
    requests: list[dict[str, Any]] = []
    with sending(lambda _: [ROLE, *thoughts, *answer, chunk({}, "stop")], pause_s=0.1, requests=requests) as url:
        run = run_on(compatible(url), limits=Limits(run_s=20, ttft_s=0.5, idle_s=0.5))
    assert (run.status, len(requests), texts(run)) == ("Completed", 1, ["The tide is out."])


def test_empty_chunks_are_no_sign_of_life() -> None:
    with sending(lambda _: [chunk({"content": "", "reasoning": ""})] * 30, pause_s=0.1) as url:
        limits, once = Limits(run_s=20, ttft_s=0.4, idle_s=1), RetryPolicy(max_attempts=1)
        run = run_on(compatible(url), limits=limits, retry_policy=once)
    assert run.ended is not None
    assert run.ended.error == "TooSlow"


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        ("stop", "finished"),
        ("eos", "finished"),
        ("end_turn", "finished"),
        ("length", "cut by length"),
        ("max_tokens", "cut by length"),
        ("MAX_TOKENS", "cut by length"),
        ("content_filter", "filtered"),
        ("SAFETY", "filtered"),
        ("refusal", "refused"),
        ("network_error", "broken off"),
        ("moonrise", "unknown"),
    ],
)
def test_the_finish_reason_of_any_vendor_says_how_an_answer_ended(reason: str, ending: str) -> None:
    run = answered([ROLE, *words("The tide is"), chunk({}, reason)])
    (end,) = apply_all(AnswerEnds(), run.events).ends
    assert (run.status, end.ending, end.reason) == ("Completed", ending, reason)
    assert bool(end.note) is (ending != "finished")
    assert ending != "unknown" or "“moonrise”" in end.note


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_an_answer_that_is_only_reasoning_is_explained(reason: str) -> None:
    run = answered([ROLE, chunk({"reasoning_content": "Low moon"}), chunk({}, reason)])
    (end,) = apply_all(AnswerEnds(), run.events).ends
    assert (end.ending, reasoning(run)) == ("only thought", "Low moon")
    assert ("token limit" in end.note) is (reason == "length")


def test_the_words_of_a_refusal_are_kept() -> None:
    refusals = [chunk({"refusal": piece}) for piece in ("", "I will ", "not help.")]
    run = answered([chunk({"role": "assistant", "content": None}), *refusals, chunk({}, "stop")])
    assert (texts(run), endings(run)) == (["I will not help."], ["refused"])


@pytest.mark.parametrize("modes", [("values",), ("updates",)])
def test_how_an_answer_ended_is_read_from_the_state_where_nothing_streams(modes: tuple[Any, ...]) -> None:
    run = run_on(ModelSpec(provider="scripted", max_tokens=8, pace=Pace(ttft_ms=0, tokens_per_s=5000)), modes=modes)
    assert endings(run) == ["cut by length"]


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_content_of_every_type_is_kept_as_it_came() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}},
        {"type": "input_audio", "input_audio": {"data": "aGVsbG8=", "format": "wav"}},
        {"type": "hologram", "depth": 3},
        {"type": "text", "text": "See it.", "annotations": [{"type": "url_citation", "url": "http://e.org"}]},
    ]
    run = answered([ROLE, *[chunk({"content": [block]}) for block in blocks], chunk({}, "stop")])
    kept = [block for entry in run.events if isinstance(entry.event, Token) for block in entry.event.content]
    (message,) = [message for message in apply_all(Messages(), run.events).messages.values() if message.role == "ai"]
    assert [{name: block[name] for name in sent} for sent, block in zip(blocks, kept, strict=True)] == blocks
    assert message.text == "See it."
    assert {kind: media for kind, media in message.parts} == {
        "image": "image/png",
        "input_audio": "wav",
        "hologram": "",
        "citation": "",
    }


def test_images_beside_the_content_are_kept() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}}
    run = answered([ROLE, chunk({"content": "Look.", "images": [image]}), chunk({}, "stop")])
    kept = [block for entry in run.events if isinstance(entry.event, Token) for block in entry.event.content]
    assert kept == [image]


def test_the_scripted_model_thinks_before_its_answer_if_it_is_told_to() -> None:
    pace = Pace(ttft_ms=0, tokens_per_s=5000, tokens=5, thinking_tokens=12)
    run = run_on(ModelSpec(provider="scripted", pace=pace))
    figures = apply_all(MetricsCollector(), run.events).metrics()
    (text,) = texts(run)
    assert reasoning(run).startswith("The question is about")
    assert reasoning(run) not in text
    assert figures.output_tokens == 17
    assert figures.first_reasoning_s is not None
    assert figures.ttft_s is not None
    assert figures.first_reasoning_s < figures.ttft_s


def test_the_scripted_model_does_not_think_by_default() -> None:
    assert reasoning(run_on(ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000)))) == ""


CALL = {"name": "calculator", "arguments": '{"expression": "1+2"}'}


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(
    "sent",
    [
        {"tool_calls": [{"index": 0, "type": "function", "function": CALL}]},
        {"tool_calls": {"id": 7, "function": {**CALL, "arguments": {"expression": "1+2"}}}},
        {"tool_calls": [None, {"id": "a", "function": CALL}]},
        {"function_call": CALL},
    ],
)
@pytest.mark.parametrize("streams", [True, False])
def test_a_tool_runs_whatever_the_shape_of_its_call(sent: dict[str, Any], streams: bool) -> None:
    def answer(asked: dict[str, Any]) -> list[dict[str, Any]]:
        ran = any(message["role"] == "tool" for message in asked["messages"])
        return [*words("Done."), chunk({}, "stop")] if ran else [chunk(sent), chunk({}, "tool_calls")]

    requests: list[dict[str, Any]] = []
    modes = ("messages", "tools") if streams else ("updates",)
    with sending(answer, whole=sent, requests=requests) as url:
        run = run_on(compatible(url), graph="agent", modes=modes, limits=Limits(supersteps=4))
    results = [message["content"] for message in requests[1]["messages"] if message["role"] == "tool"]
    assert results == ["3"]
    assert run.status == ("Completed" if streams else "Failed")  # the whole answer is always the call: a loop
