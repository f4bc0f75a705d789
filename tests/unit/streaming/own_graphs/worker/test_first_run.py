"""The first run in a graph's process is no slower than the next one for what it would have to import."""

import json
import queue
from pathlib import Path
from typing import Any

import pytest

from streaming.own_graphs.connection import Connection, Frame
from streaming.own_graphs.sources import find_sources

NOTES_IMPORTS = """
import json
import sys
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph

sought, loaded = [], []

class Notes:
    def find_spec(self, name, path=None, target=None):
        sought.append(name)

sys.meta_path.insert(0, Notes())

async def answer(state: MessagesState):
    model = GenericFakeChatModel(messages=iter([AIMessage("All bees live in hives.")]))
    return {"messages": [await model.ainvoke(state["messages"]), AIMessage(json.dumps(sought[loaded[1]:]))]}

def make():
    # Called when the graph is loaded, and then at the start of each run.
    loaded.append(len(sought))
    return StateGraph(MessagesState).add_node(answer).add_edge(START, "answer")
"""

MODES = ["messages", "updates", "values", "custom", "tasks", "checkpoints", "debug"]
CALLS: list[dict[str, Any]] = [
    {"name": "stream", "modes": MODES, "subgraphs": True, "drains": True},
    {"name": "events", "api": "events v2"},
    {"name": "events", "api": "events v3"},
    {"name": "events", "api": "events v3, typed"},
    {"name": "invoke"},
    {"name": "invoke"},
]
"""The last one tells what those before it have imported."""


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    """The process of the graph, loaded."""
    (tmp_path / "agent.py").write_text(NOTES_IMPORTS)
    connection = Connection(find_sources(f"{tmp_path}/agent.py:make")[0])
    assert connection.ready.wait(60)
    assert connection.trouble == ""
    yield connection
    connection.kill()


def test_nothing_is_imported_while_a_graph_runs_for_the_first_time(connection: Connection) -> None:
    frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    given = {"input": {"messages": [{"role": "user", "content": "bees?"}]}, "options": {}}
    for number, call in enumerate(CALLS):
        config = {"configurable": {"thread_id": str(number)}}
        connection.open_call(listener=frames.put, config=config, **given, **call)
        while (end := frames.get(timeout=30))["kind"] == "part":
            pass
        assert end["kind"] == "result", end
    assert json.loads(end["result"]["messages"][-1].content) == []
