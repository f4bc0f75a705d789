"""The cure for an import that fails: a package is installed only if there is nothing of its name."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict, cast

import pytest
from langgraph.graph import START, StateGraph

from streaming.own_graphs.worker.loading import load_object
from streaming.own_graphs.worker.troubles import failure, loading_trouble

Trouble = Callable[[str], str]


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    """What is said of a file of a package `shop_of_bees` with this line in it."""
    package = tmp_path / "shop_of_bees"
    for folder in (package, tmp_path / "src" / "honey_tools", tmp_path / "installed" / "site-packages" / "shared_name"):
        folder.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "prices.py").touch()
    (tmp_path / "src" / "honey_tools" / "jars.py").touch()
    (tmp_path / "installed" / "site-packages" / "old_hive.py").touch()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "installed" / "site-packages")])
    before = set(sys.modules)

    def told(line: str) -> str:
        (package / "agent.py").write_text(line)
        importlib.invalidate_caches()
        with pytest.raises(ImportError) as raised:
            load_object(str(package / "agent.py"), "graph")
        said = loading_trouble(raised.value, [str(tmp_path)])
        assert said.endswith(failure(raised.value, [str(tmp_path)])["cure"])
        return said

    yield told
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    "line", ["from .sibling import x", "import shop_of_bees.sibling", "import shop_of_bees.prices.sibling"]
)
def test_a_wrong_import_in_a_package_of_the_project_installs_nothing(trouble: Trouble, line: str) -> None:
    said = trouble(line)
    assert "pip install" not in said
    assert said.endswith("Correct the import: “shop_of_bees” is in this project, and has no such module.")


def test_a_module_that_an_installed_package_lacks_is_a_matter_of_its_version(trouble: Trouble) -> None:
    assert trouble("import old_hive.no_such").endswith(
        "Correct the import: the installed “old_hive” has no such module; another version may have it."
    )


def test_a_name_that_several_packages_share_names_none_of_them(trouble: Trouble) -> None:
    for line in ("import shared_name.part", "import langgraph.no_such"):
        assert trouble(line).endswith("Install the package that has it in the graph's environment.")


def test_a_module_of_the_project_that_is_not_on_the_path_is_shown_where_it_is(trouble: Trouble) -> None:
    assert "agent.py, line 1" in (said := trouble("import honey_tools"))
    assert "src/honey_tools is not on the path of imports" in said.replace("\\", "/")
    assert "shop_of_bees/prices.py is not on the path" in trouble("import prices").replace("\\", "/")


def test_a_part_that_python_lacks_is_not_installed(trouble: Trouble) -> None:
    said = trouble("import asyncio.no_such")
    assert "pip install" not in said
    assert said.endswith(f"this Python, {sys.executable}, has no “asyncio.no_such”.")


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("import langchain_of_bees.x", "langchain-of-bees"),
        ("import faiss", "faiss-cpu"),
        ("import Bee_Keeping", "Bee-Keeping"),
        ("import hive_of_wood", "hive-of-wood"),
    ],
)
def test_a_package_that_is_not_there_is_installed_by_its_own_name(
    trouble: Trouble, tmp_path: Path, line: str, package: str
) -> None:
    for file, text in (
        ("pyproject.toml", '[project]\ndependencies = ["other", "bee.keeping>=1"]\n'),
        ("requirements-all.txt", "hive_of_wood[oak]==2\n"),
    ):
        (tmp_path / file).write_text(text)
    assert trouble(line).endswith(f"-m pip install {package}")


def test_a_package_that_nothing_names_is_not_installed_blindly(trouble: Trouble) -> None:
    """A module of the project that was removed was cured by installing a stranger's package of that name."""
    said = trouble("import no_such_package_of_bees.x")
    assert "If it is a module of this project, restore its file or correct the import." in said
    assert "“no-such-package-of-bees” may be by somebody else" in said
    assert said.endswith("-m pip install NAME")


def test_a_module_that_was_in_the_project_is_to_be_restored(trouble: Trouble, tmp_path: Path) -> None:
    compiled = tmp_path / "shop_of_bees" / "__pycache__"
    compiled.mkdir()
    (compiled / "prompts.cpython-311.pyc").touch()
    said = trouble("import prompts")
    assert said.endswith("“prompts” was a module of this project: restore its file, or correct the import.")


def test_a_file_that_hides_a_module_of_python_is_to_be_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wave.py").write_text("from wave import open\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with pytest.raises(ImportError) as raised:
        importlib.import_module("wave")
    said = loading_trouble(raised.value, [str(tmp_path)])
    assert said.endswith(f"Rename {tmp_path / 'wave.py'}: it hides the module of Python with that name.")


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("from typing import NoSuchForm", "has no such name: correct it, or name a newer Python as PYTHON_OF_GRAPH."),
        (
            "from .prices import price",
            "“shop_of_bees.prices” is in this project, and has no such name.",
        ),
        ("from old_hive import bee", "the installed “old_hive” has no such name; another version may have it."),
        ("from .agent import graph", "Two files import each other: move what both need into a third one."),
    ],
)
def test_a_name_that_a_module_lacks_is_cured_by_whose_module_it_is(trouble: Trouble, line: str, cure: str) -> None:
    assert trouble(line).endswith(cure)


def test_a_path_in_place_of_a_module_has_no_files_of_that_name(tmp_path: Path) -> None:
    """It was a pattern that `glob` refuses, and the process ended with its traceback."""
    said = loading_trouble(ModuleNotFoundError(name=f"{tmp_path}/langgraph.json"), [str(tmp_path)])
    assert "ModuleNotFoundError" in said


def test_a_field_whose_name_is_nearly_that_of_another_is_to_be_corrected(tmp_path: Path) -> None:
    """It was to be filled in in the input, whose form has no such field."""

    def node(state: dict[str, str]) -> str:
        return state["mesages"]

    with pytest.raises(KeyError) as raised:
        node({"messages": "Hi"})
    assert "Write 'messages' if that is meant" in failure(raised.value, [str(tmp_path)])["cure"]
    with pytest.raises(KeyError) as raised:
        node({"topic": "bees"})
    assert "Fill in 'mesages' in the input" in failure(raised.value, [str(tmp_path)])["cure"]


def test_a_field_is_to_be_filled_in_whatever_a_node_calls_its_state(tmp_path: Path) -> None:
    def add(given: dict[str, int]) -> dict[str, int]:
        return {"n": given["n"] + 1}

    def read(given: dict[str, dict[str, int]]) -> dict[str, int]:
        return {"n": helper(given)}

    def helper(row: dict[str, dict[str, int]]) -> int:
        return row["inner"]["n"]

    class State(TypedDict):
        n: int
        inner: dict[str, int]

    for node, cure in ((add, "Fill in 'n' in the input"), (lambda s: {"n": s["n"]}, "Fill in 'n'"), (read, "")):
        graph: Any = StateGraph(State).add_node("node", cast(Any, node)).add_edge(START, "node").compile()
        with pytest.raises(KeyError) as raised:
            graph.invoke({"inner": {"m": 1}})
        assert failure(raised.value, [str(tmp_path)])["cure"].startswith(cure)
        assert bool(failure(raised.value, [str(tmp_path)])["cure"]) == bool(cure)


def test_an_error_that_cannot_be_read_keeps_its_node_and_its_type(tmp_path: Path) -> None:
    """The failure of its `__str__` was told in its place, as one of the code around the nodes."""

    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("str fails")

    def work(state: dict[str, int]) -> dict[str, int]:
        raise Broken

    graph: Any = StateGraph(cast("Any", TypedDict("State", {"n": int})))
    built = graph.add_node("work", work).add_edge(START, "work").compile()
    with pytest.raises(Broken) as raised:
        built.invoke({"n": 1})
    told = failure(raised.value, [str(Path(__file__).parent)])
    assert (told["type"], told["where"].split(",")[0]) == ("Broken", "node “work”")
    assert told["text"] == "its text cannot be read, for Broken.__str__ raises RuntimeError"
    assert "Broken: its text cannot be read" in loading_trouble(raised.value, [])
