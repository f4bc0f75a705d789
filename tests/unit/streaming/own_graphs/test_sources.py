"""What the setting names."""

import json
import sys
from pathlib import Path

import pytest

from streaming.core.errors import BadSettings
from streaming.core.graph_description import GraphDescription
from streaming.own_graphs import own_graphs
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.own_graphs.process import GraphProcess, LoadedGraph
from streaming.own_graphs.sources import find_sources


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "agent.py").write_text("graph = 1")
    return tmp_path


def _json(folder: Path, **content: object) -> str:
    (folder / "langgraph.json").write_text(json.dumps(content))
    return str(folder / "langgraph.json")


def test_a_file_and_a_name(project: Path) -> None:
    (source,) = find_sources(f"{project}/agent.py:graph")
    assert (source.target, source.attribute, source.folder) == (str(project / "agent.py"), "graph", project)
    assert source.name == "own-agent-graph"
    assert source.interpreter == sys.executable


def test_several_at_once_have_names_of_their_own(project: Path) -> None:
    names = [source.name for source in find_sources(f"{project}/agent.py:graph {project}/agent.py:graph a.b:make")]
    assert names == ["own-agent-graph", "own-agent-graph-2", "own-make"]


def test_paths_may_have_spaces_and_names_letters_of_any_language(tmp_path: Path) -> None:
    folder = tmp_path / "мой граф"
    folder.mkdir()
    (folder / "агент.py").write_text("")
    (folder / "langgraph.json").write_text(json.dumps({"graphs": {"🐝": "./агент.py:graph"}}))
    found = find_sources(f"a.b:make {folder}/агент.py:мой_граф {folder} {folder}/агент.py:graph")
    assert [source.name for source in found] == ["own-make", "own-мой-граф", "own-graph", "own-агент-graph"]
    assert found[1].target == str(folder / "агент.py")


def test_langgraph_json_has_several_graphs_an_environment_and_dependencies(project: Path) -> None:
    (project / "src").mkdir()
    (project / "keys.env").write_text("THEIR_API_KEY=sk-of-theirs\n")
    graphs = {"writer": "./agent.py:graph", "reader": {"path": "./agent.py:other"}}
    found = find_sources(_json(project, graphs=graphs, env="keys.env", dependencies=[".", "./src", "langchain"]))
    assert [source.name for source in found] == ["own-writer", "own-reader"]
    assert found[0].paths == (str(project), str(project / "src"))
    assert found[0].environment["THEIR_API_KEY"] == "sk-of-theirs"
    assert "sk-of-theirs" in found[0].secrets


def test_what_only_langgraphs_server_uses_is_told(project: Path) -> None:
    graphs = {"writer": {"path": "./agent.py:graph"}}
    (source,) = find_sources(_json(project, graphs=graphs, store={"index": {}}, auth={"path": "./a.py:auth"}, http={}))
    assert source.notice == "Not used here, but by LangGraph's server: store, auth."
    assert find_sources(_json(project, graphs=graphs))[0].notice == ""


def test_the_environment_beside_the_project_is_used(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert find_sources(f"{project}/agent.py:graph")[0].interpreter == str(python)
    assert find_sources(f"{project}/agent.py:graph", interpreter=sys.executable)[0].interpreter == sys.executable


def test_an_interpreter_that_nobody_named_says_where_it_is_from(project: Path) -> None:
    python = project / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (found,) = find_sources(f"{project}/agent.py:graph")
    assert found.interpreter == str(python)
    assert (
        found.why_interpreter == "Its interpreter is that of the folder venv beside it; PYTHON_OF_GRAPH names another."
    )
    (named,) = find_sources(f"{project}/agent.py:graph", interpreter=sys.executable)
    assert named.why_interpreter == ""


def test_packages_in_a_folder_src_are_found_as_if_they_were_installed(project: Path) -> None:
    (project / "src").mkdir()
    paths = (str(project), str(project / "src"))
    assert find_sources(f"{project}/agent.py:graph")[0].paths == paths
    assert find_sources(_json(project, graphs={"a": "./agent.py:graph"}, dependencies=["."]))[0].paths == paths


def test_a_graph_that_an_object_holds_is_named_by_its_attribute(project: Path) -> None:
    (source,) = find_sources(f"{project}/agent.py:assistant.graph")
    assert (source.attribute, source.name) == ("assistant.graph", "own-assistant-graph")


def test_the_javascript_graphs_of_a_langgraph_json_are_left_out(project: Path) -> None:
    graphs = {"web": "./web/agent.ts:graph", "writer": "./agent.py:graph"}
    assert [source.name for source in find_sources(_json(project, graphs=graphs))] == ["own-writer"]
    with pytest.raises(BadSettings, match="JavaScript"):
        find_sources(_json(project, graphs={"web": "./web/agent.ts:graph"}))


def test_settings_of_this_app_do_not_reach_the_graph(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMING_LAB_COOKIE_SECRET", "a secret of ours")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-shell")
    environment = find_sources(f"{project}/agent.py:graph")[0].environment
    assert "STREAMING_LAB_COOKIE_SECRET" not in environment
    assert environment["OPENAI_API_KEY"] == "sk-of-the-shell"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("nowhere.py:graph", "there is no file"),
        ("agent.py", "there is no file"),
        ("agent", "does not name a graph"),
        ("nowhere/langgraph.json", "cannot be read"),
        ("agent.ipynb:graph", "is a notebook"),
    ],
)
def test_a_wrong_setting_is_told(setting: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        find_sources(setting)


def test_a_wrong_part_of_the_setting_takes_no_other_graph_away(project: Path) -> None:
    (project / "agent.py").touch()
    own = OwnGraphs(f"./missing.py:graph {project}/agent.py:graph nowhere {project}/agent.py:graph")
    assert [graph.source.attribute for graph in own.known()] == ["graph", "graph"]
    assert len({graph.name for graph in own.known()}) == 2
    assert ["missing.py" in str(own.troubles[0]), "nowhere" in str(own.troubles[1])] == [True, True]
    with pytest.raises(BadSettings, match=r"there is no file .*missing\.py"):
        own.check()


def test_a_wrong_graph_of_a_langgraph_json_takes_no_other_away_and_is_there_when_its_file_is(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_graphs, "CHECK_S", 0.0)
    (project / "agent.py").touch()
    graphs = {"broken": "./nope.py:graph", "pathless": "graph", "writer": "./agent.py:graph"}
    own = OwnGraphs(_json(project, graphs=graphs))
    assert [graph.name for graph in own.known()] == ["own-writer"]
    assert ["nope.py" in str(own.troubles[0]), "pathless" in str(own.troubles[1])] == [True, True]
    own.check(all_of_them=False)
    with pytest.raises(BadSettings, match=r"there is no file .*nope\.py"):
        own.check()
    with pytest.raises(BadSettings, match="there is no file"):
        OwnGraphs(_json(project, graphs={"broken": "./nope.py:graph"})).check(all_of_them=False)
    lone = OwnGraphs(f"{project}/nope.py:graph {project}/agent.py:graph")
    (project / "nope.py").touch()
    assert [graph.name for graph in lone.known()] == ["own-nope-graph", "own-agent-graph"]


def test_an_error_in_the_json_has_its_line(project: Path) -> None:
    (project / "langgraph.json").write_text('{\n"graphs": {,}\n}')
    with pytest.raises(BadSettings, match=r"langgraph\.json, line 2, column"):
        find_sources(str(project / "langgraph.json"))


def test_an_env_file_that_is_missing_is_told(project: Path) -> None:
    with pytest.raises(BadSettings, match="env file"):
        find_sources(_json(project, graphs={"a": "./agent.py:graph"}, env="missing.env"))


def test_one_graph_of_a_langgraph_json_can_be_named(project: Path) -> None:
    (project / "langgraph.json").write_text(
        json.dumps({"graphs": {"first": "./agent.py:graph", "second": "./agent.py:graph"}})
    )
    (project / "agent.py").write_text("graph = None\n")
    file = project / "langgraph.json"
    assert [source.name for source in find_sources(f"{file}:second")] == ["own-second"]
    with pytest.raises(BadSettings, match="no graph “third”") as raised:
        find_sources(f"{file}:third")
    assert raised.value.advice == "It has first, second."


@pytest.mark.parametrize(
    ("runs_on", "said"),
    [("3.12.4", ""), ("", ""), ("3.11.7", "Its langgraph.json asks for Python 3.12; it runs on 3.11.7.")],
)
def test_another_python_than_a_langgraph_json_asks_for_is_told(project: Path, runs_on: str, said: str) -> None:
    (source,) = find_sources(_json(project, graphs={"a": "./agent.py:graph"}, python_version="3.12"))
    process = GraphProcess(source)
    process.loaded = LoadedGraph(description=GraphDescription(python=runs_on))
    assert OwnGraph(source=source, process=process).notice == said


def test_a_name_in_a_langgraph_json_may_have_spaces(project: Path) -> None:
    file = _json(project, graphs={"the bot": "./agent.py:graph", "the": "./agent.py:graph"})
    found = find_sources(f"{file}:the bot {project}/agent.py:graph")
    assert [source.name for source in found] == ["own-the-bot", "own-agent-graph"]
    assert [source.name for source in find_sources(f"{file}:the a.b:make")] == ["own-the", "own-make"]
    with pytest.raises(BadSettings, match="no graph “its”"):
        find_sources(f"{file}:its bot")


def test_a_langgraph_json_in_another_encoding_is_told_and_a_mark_at_its_start_is_none(project: Path) -> None:
    file = Path(_json(project, graphs={"a": "./agent.py:graph"}))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert [source.name for source in find_sources(str(file))] == ["own-a"]
    file.write_bytes('{"graphs": {"größe": "./agent.py:graph"}}'.encode("latin-1"))
    with pytest.raises(BadSettings, match=r"langgraph\.json is not UTF-8"):
        find_sources(str(file))
