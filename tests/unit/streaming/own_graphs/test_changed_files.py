"""Which graphs of a project a changed file concerns: those whose processes have imported it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.own_graphs.project_files import told_changes
from streaming.runtime.engine import Engine
from streaming.runtime.thread_moves import check_thread, resume
from tests.support.graphs import end_of, finish

ASKING = """
from langgraph.func import entrypoint
from langgraph.types import interrupt
import shared

@entrypoint()
def graph(text: str) -> str:
    {body}
    return interrupt(text)
"""

LOADER = """
import sys
from importlib.util import spec_from_loader

class Loader:
    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__file__ = f"{module.__name__}.py"

class Finder:
    def find_spec(self, name, path=None, target=None):
        return spec_from_loader(name, Loader()) if name == "theirs" else None

sys.meta_path.insert(0, Finder())
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two graphs in two files, with a module that both import, one for a node of the first, and a script."""
    monkeypatch.setattr("streaming.own_graphs.process.CHECK_S", 0.0)
    (tmp_path / "first.py").write_text(ASKING.format(body="import lazy, package.deep"))
    (tmp_path / "second.py").write_text(ASKING.format(body="command = ['python', 'script.py']"))
    for name in ("shared.py", "lazy.py", "script.py", "unused.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "deep.py").write_text("")
    graphs = {name: f"./{name}.py:graph" for name in ("first", "second")}
    (tmp_path / "langgraph.json").write_text(json.dumps({"graphs": graphs}))
    return tmp_path


@pytest.fixture
def graphs(project: Path) -> Iterator[tuple[OwnGraph, ...]]:
    """Both graphs, loaded."""
    with opened(project) as found:
        yield found


@contextmanager
def opened(project: Path) -> Iterator[tuple[OwnGraph, ...]]:
    """The graphs of the project as it is now, loaded."""
    own = OwnGraphs(str(project / "langgraph.json"))
    try:
        found = own.graphs()
        assert [graph.trouble for graph in found] == ["", ""]
        yield found
    finally:
        own.close()


@pytest.fixture
def ask() -> Iterator[Callable[[OwnGraph], Run]]:
    """Run a graph until its question waits."""
    engine = Engine()
    yield lambda graph: finish(
        engine.start(RunRequest(graph=graph, model=OWN_MODEL, prompt="Well?", modes=("values",)))
    )
    engine.close()


def edit(file: Path) -> None:
    """Write a file anew, later than before: the clock of a file system may be coarse."""
    later = file.stat().st_mtime_ns + 1_000_000_000
    file.write_text(file.read_text() + "\n")
    os.utime(file, ns=(later, later))


def changed(graphs: tuple[OwnGraph, ...]) -> list[bool]:
    """Whether files of each graph changed."""
    return [graph.process.changed for graph in graphs]


def test_an_edit_of_one_graph_leaves_the_process_of_the_other_and_its_question_alone(
    project: Path, graphs: tuple[OwnGraph, ...], ask: Callable[[OwnGraph], Run]
) -> None:
    first, second = graphs
    asked, before, edited = ask(second), second.process.connection(), first.process.connection()
    edit(project / "first.py")
    assert changed(graphs) == [True, False]
    check_thread(asked)
    assert second.process.connection() is before
    assert first.process.connection() is not edited


def test_an_edit_of_what_both_import_concerns_both(project: Path, graphs: tuple[OwnGraph, ...]) -> None:
    edit(project / "shared.py")
    assert changed(graphs) == [True, True]


@pytest.mark.parametrize("name", ["lazy.py", "package/deep.py"])
def test_an_edit_of_what_a_node_has_imported_is_noticed(
    name: str, project: Path, graphs: tuple[OwnGraph, ...], ask: Callable[[OwnGraph], Run]
) -> None:
    ask(graphs[0])
    edit(project / name)
    assert changed(graphs) == [True, False]


def test_a_file_that_changed_before_a_node_imported_it_is_as_it_was_imported(
    project: Path, graphs: tuple[OwnGraph, ...], ask: Callable[[OwnGraph], Run]
) -> None:
    edit(project / "lazy.py")
    asked = ask(graphs[0])
    check_thread(asked)
    edit(project / "lazy.py")
    assert changed(graphs) == [True, False]


def test_what_a_loader_of_the_project_itself_imports_in_a_node_is_noticed(
    project: Path, ask: Callable[[OwnGraph], Run]
) -> None:
    theirs = project / "theirs.py"
    theirs.write_text("")
    (project / "shared.py").write_text(LOADER)
    (project / "first.py").write_text(ASKING.format(body="import theirs"))
    own = OwnGraphs(str(project / "langgraph.json"))
    try:
        graphs = own.graphs()
        ask(graphs[0])
        edit(theirs)
        assert changed(graphs) == [True, False]
    finally:
        own.close()


def test_what_no_graph_imports_concerns_only_one_whose_code_names_it(
    project: Path, graphs: tuple[OwnGraph, ...]
) -> None:
    edit(project / "unused.py")
    assert changed(graphs) == [False, False]
    edit(project / "script.py")
    assert changed(graphs) == [False, True]


def test_a_new_file_that_no_import_looks_for_leaves_the_processes_and_their_questions_alone(
    project: Path, graphs: tuple[OwnGraph, ...], ask: Callable[[OwnGraph], Run]
) -> None:
    asked = ask(graphs[0])
    for name in ("own-first.py", "package/more.py", "other/__init__.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("")
    assert changed(graphs) == [False, False]
    check_thread(asked)


def test_a_new_file_of_settings_concerns_all(project: Path, graphs: tuple[OwnGraph, ...]) -> None:
    (project / ".env").write_text("")
    assert changed(graphs) == [True, True]


@pytest.mark.parametrize("name", ["optional.py", "optional/__init__.py", "optional/inner.py", "package/optional.py"])
def test_a_new_file_that_an_import_has_looked_for_is_loaded(name: str, project: Path) -> None:
    tried = "try:\n    import optional.inner\nexcept ImportError:\n    pass\n"
    of_package = "try:\n    from package import optional\nexcept ImportError:\n    pass\n"
    (project / "first.py").write_text(tried + of_package + ASKING.format(body="pass"))
    with opened(project) as graphs:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("")
        assert changed(graphs) == [True, False]
        assert graphs[0].process.changes == {str(Path(name)): True}


def test_a_new_file_that_hides_an_imported_module_is_loaded(project: Path) -> None:
    (project / "first.py").write_text("import mailbox\n" + ASKING.format(body="pass"))
    with opened(project) as graphs:
        (project / "mailbox.py").write_text("")
        assert changed(graphs) == [True, False]


def test_a_new_file_is_loaded_where_code_lists_the_modules_of_a_folder(project: Path) -> None:
    listed = "import pkgutil\nplugins = list(pkgutil.iter_modules(['package']))\n"
    (project / "first.py").write_text(listed + ASKING.format(body="pass"))
    with opened(project) as graphs:
        (project / "package" / "more.py").write_text("")
        assert changed(graphs) == [True, False]


def test_changed_and_new_files_are_told_by_name() -> None:
    assert told_changes({"a.py": False, "src/b.py": True}) == "a.py changed, src/b.py is new"
    assert told_changes({f"{name}.py": False for name in "abcde"}).endswith("c.py changed, 2 more")


def test_a_graph_that_could_not_be_loaded_is_tried_again_with_any_change(project: Path) -> None:
    (project / "first.py").write_text("raise ValueError('not yet')")
    own = OwnGraphs(str(project / "langgraph.json"))
    try:
        graphs = own.graphs()
        assert "not yet" in graphs[0].trouble
        edit(project / "unused.py")
        assert changed(graphs) == [True, False]
    finally:
        own.close()


def test_a_question_can_be_answered_after_the_edit_of_another_graph(
    project: Path, graphs: tuple[OwnGraph, ...], ask: Callable[[OwnGraph], Run]
) -> None:
    asked = ask(graphs[1])
    edit(project / "first.py")
    engine = Engine()
    try:
        answers = {question.id: "yes" for question in end_of(asked).pending}
        assert end_of(finish(engine.start(resume(asked, asked.request, answers=answers)))).outcome == "completed"
    finally:
        engine.close()
