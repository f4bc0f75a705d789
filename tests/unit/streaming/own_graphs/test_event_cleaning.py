"""Keys in what a graph streams by an event API."""

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from streaming.core.request import APIS, Api, RunRequest
from streaming.own_graphs.event_cleaning import EventCleaner
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.recordings.format import dump_event
from streaming.runtime.engine import Engine
from streaming.wires.catalogue import WIRES
from tests.support.graphs import finish
from tests.support.own_graphs.graphs_in_process import in_process
from tests.support.wire_logs import streamed

KEY = "planted-secret-of-theirs"
THEIRS = """
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langgraph.graph import MessagesState, StateGraph

class Model(GenericFakeChatModel):
    def _stream(self, messages, stop=None, run_manager=None, **_):
        for piece in ["Use plan", "ted-sec", "ret-of-th", "eirs, a plan", "ted"]:
            yield ChatGenerationChunk(message=AIMessageChunk(piece, additional_kwargs={"reasoning_content": piece}))

async def only(state):
    return {"messages": [await Model(messages=iter([])).ainvoke("go")]}

graph = StateGraph(MessagesState).add_node(only).add_edge("__start__", "only").compile()
"""


def cleaned(*items: Any) -> list[Any]:
    cleaner = EventCleaner([KEY])
    return [*(passed for item in items for passed in cleaner.feed(item)), *cleaner.finish()]


@pytest.mark.parametrize("api", [api for api in APIS if api != "invoke"])
def test_a_key_in_pieces_is_in_no_event_and_in_no_protocol(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: Api
) -> None:
    monkeypatch.setenv("THEIR_API_KEY", KEY)
    file = tmp_path / "theirs.py"
    file.write_text(THEIRS)
    with in_process(file) as graphs:
        request = RunRequest(graph=graphs.open("graph"), model=OWN_MODEL, prompt="go", modes=("messages",), api=api)
        run = finish(engine.start(request))
    assert run.status == "Completed", run.ended
    assert "ret-of-th" not in b"".join(map(dump_event, run.events)).decode()
    for name in WIRES:
        sent = streamed(name, run.events)
        assert "ret-of-th" not in "".join(event.data for event in sent), name
        assert "".join(event.text for event in sent) == "Use [key], a planted", name


def version_2(kind: str, chunk: Any, run_id: str = "1") -> dict[str, Any]:
    return {"event": kind, "run_id": run_id, "data": {"chunk": chunk}}


def test_a_text_of_a_chain_is_a_text_of_its_own_and_ends_with_it() -> None:
    model, parser = ("on_chat_model_stream", "on_parser_stream")
    ended = {"event": "on_parser_end", "run_id": "2", "data": {"output": "a planted"}}
    shown = cleaned(
        version_2(model, AIMessageChunk("a planted", id="m")),
        version_2(parser, "a planted", "2"),
        ended,
        version_2(model, AIMessageChunk("-secret-of-theirs", id="m")),
    )
    assert [one["data"].get("chunk") for one in shown if one["event"] == parser] == ["a ", "planted"]
    assert shown.index(ended) == 3
    assert "".join(one["data"]["chunk"].text for one in shown if one["event"] == model) == "a [key]"


def version_3(message: Any) -> dict[str, Any]:
    return {"method": "messages", "params": {"namespace": [], "data": [message, {"run_id": "1"}]}}


def test_each_block_of_a_message_is_a_text_of_its_own_and_its_end_comes_before_it_is_finished() -> None:
    def delta(index: int, **fields: str) -> dict[str, Any]:
        return version_3({"event": "content-block-delta", "index": index, "delta": {"type": "x", **fields}})

    finished = version_3({"event": "content-block-finish", "index": 2, "content": {"type": "text", "text": "planted"}})
    pieces = [delta(0, reasoning="plan"), delta(1, args="planted"), delta(2, text="a planted")]
    ends = [delta(0, reasoning="ted-secret-of-theirs"), finished, delta(1, args="-secret-of-theirs")]
    shown = [one["params"]["data"][0] for one in cleaned(*pieces, *ends)]
    told = {
        name: "".join(one["delta"].get(name, "") for one in shown if "delta" in one)
        for name in ("reasoning", "args", "text")
    }
    assert told == {"reasoning": "[key]", "args": "[key]", "text": "a planted"}
    assert shown[-2]["event"] == "content-block-finish"


def test_a_whole_message_has_no_key() -> None:
    (shown,) = cleaned(version_3(AIMessage(f"It is {KEY}.", id="m")))
    assert shown["params"]["data"][0].text == "It is [key]."


def test_a_key_in_pieces_of_what_a_node_or_a_tool_writes_is_replaced() -> None:
    pieces = ("Use planted-", "secret-of", "-theirs now")
    written = cleaned(
        *({"event": "on_custom_event", "name": "step", "run_id": "1", "data": {"status": piece}} for piece in pieces)
    )
    assert "".join(one["data"]["status"] for one in written) == "Use [key] now"
    for method, wrap in (("custom", lambda text: text), ("tools", lambda text: {"tool_call_id": "1", "delta": text})):
        events = [{"method": method, "params": {"namespace": [], "data": wrap(piece)}} for piece in pieces]
        shown = [one["params"]["data"] for one in cleaned(*events)]
        assert "".join(one if isinstance(one, str) else one["delta"] for one in shown) == "Use [key] now"
    finished = {"method": "tools", "params": {"namespace": [], "data": {"event": "tool-finished", "output": "planted"}}}
    assert cleaned(finished) == [finished]
