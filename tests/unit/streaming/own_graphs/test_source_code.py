"""The code of a graph: the lines that build it and the functions of its nodes, without keys."""

from pathlib import Path

import pytest

from streaming.own_graphs.source_code import code_of
from tests.support.own_graphs.graphs_in_process import in_process

FILE = """import functools
from langgraph.graph import START, MessagesState, StateGraph

KEY = "not of the graph"


def quietly(node):
    @functools.wraps(node)
    def inner(state):
        return node(state)
    return inner


@quietly
def answer(state):
    key = "sk-planted-secret-of-theirs"
    return {}


builder = StateGraph(MessagesState)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
graph = builder.compile()
print("not of the graph")
"""


def test_the_parts_of_the_code_have_their_lines_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_API_KEY", "sk-planted-secret-of-theirs")
    file = tmp_path / "theirs.py"
    file.write_text(FILE)
    with in_process(file) as shapes:
        built, node = code_of(shapes.open("graph"))
    assert (built.title, built.line) == ("The graph", FILE[: FILE.index("builder =")].count("\n") + 1)
    assert built.code.splitlines()[0] == "builder = StateGraph(MessagesState)"
    assert built.code.splitlines()[-1] == "graph = builder.compile()"
    assert (node.title, node.code.splitlines()[0]) == ("answer", "@quietly")
    assert "planted-secret" not in node.code
