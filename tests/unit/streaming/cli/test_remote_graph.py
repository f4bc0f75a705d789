"""A graph of a LangGraph Server in the terminal."""

from importlib import import_module

import pytest
from typer.testing import CliRunner

from streaming.cli.app import app
from streaming.cli.entry import Entry
from streaming.cli.graphs import own_graph
from tests.support.langgraph_server import fake_server
from tests.support.services import Configure


def test_a_graph_of_a_server_is_listed_run_and_given_its_input(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_server() as fake:
        monkeypatch.setenv("LANGGRAPH_URL", f"{fake.url}, http://127.0.0.1:1")
        entry = Entry(load_graphs=lambda: import_module("graphs").ALL, services=configure())
        invoke = CliRunner().invoke
        name = f"research@{fake.url.removeprefix('http://')}"
        listed = invoke(app, ["graphs"], obj=entry)
        assert name in listed.output
        assert "127.0.0.1:1 does not answer" in listed.output
        ran = invoke(app, ["run", "--graph", name, "--input", '{"subject": "Cats"}'], obj=entry)
        assert ran.exit_code == 0, ran.output
        assert "completed" in ran.output
        [body] = fake.bodies
        assert body["input"] == {"subject": "Cats"}
        wrong = invoke(app, ["run", "--graph", name, "--input", '{"subject": 5}'], obj=entry)
        assert wrong.exit_code == 2
        assert "subject: 5 is not of type 'string'" in wrong.output


@pytest.mark.parametrize("name", ["agent@example.org", "agent@127.0.0.1:2024", "My agent@server:80"])
def test_the_name_of_a_graph_of_a_server_is_no_file(name: str) -> None:
    assert own_graph(name) == ""


@pytest.mark.parametrize("name", ["agent@home.py:graph", "agent@home.py", "a/b@c", "b@c/langgraph.json"])
def test_a_file_with_the_same_sign_is_one(name: str) -> None:
    assert own_graph(name) == name
