"""Graphs in a file are found without running it, and the error of a file without a name lists them."""

from pathlib import Path

import pytest

from streaming.core.errors import BadSettings
from streaming.own_graphs.names_in_file import graphs_in
from streaming.own_graphs.sources import find_sources

CODE = """
import a_package_that_is_not_there
limit = int("3")
builder = StateGraph(dict)
graph: object = builder.compile()
agent = create_agent(model, tools)

@entrypoint(checkpointer=saver)
def flow(text): ...

async def make(config):
    return builder.compile()

def node(state):
    return {"text": call()}
"""


def test_graphs_and_functions_that_make_them_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "support.py"
    file.write_text(CODE)
    assert graphs_in(file) == ["builder", "graph", "agent", "flow", "make"]
    file.write_text("def broken(")
    assert graphs_in(file) == []


def test_a_file_without_a_name_gets_the_names_to_choose_from(tmp_path: Path) -> None:
    file = tmp_path / "support.py"
    file.write_text("agent = create_agent(model, [])\n")
    with pytest.raises(BadSettings, match=f"Name the object too: {file}:agent"):
        find_sources(str(file))
    with pytest.raises(BadSettings, match="there is no file"):
        find_sources(str(tmp_path / "other.py"))
