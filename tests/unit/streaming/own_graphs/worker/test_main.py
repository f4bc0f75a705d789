"""The start of the worker in an environment that lacks something."""

import ast
import inspect
import sqlite3
import typing
from pathlib import Path

import pytest

from streaming.own_graphs.worker import main, troubles


def test_this_environment_lacks_nothing() -> None:
    main._check_interpreter()
    assert troubles.missing_package() == ""


def test_a_python_that_is_too_old_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 7, 16))
    with pytest.raises(SystemExit, match=r"LangGraph 1.0 needs Python 3.10 or newer, and .* is 3.7: name a newer one"):
        main._check_interpreter()


def test_an_old_python_can_read_the_file_with_that_sentence() -> None:
    tree = ast.parse(inspect.getsource(main), feature_version=(3, 5))
    assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree)), "Python 3.5 has no f-strings"


NEWER_THAN_3_10 = {"LiteralString", "Never", "NotRequired", "Required", "Self", "TypeVarTuple", "Unpack"}
NEWER_THAN_3_10 |= {"TypeAliasType", "assert_never", "assert_type", "dataclass_transform", "is_protocol", "override"}


@pytest.mark.parametrize("file", sorted(Path(main.__file__).parent.glob("*.py")), ids=lambda file: file.stem)
def test_python_3_10_can_import_each_file_of_the_worker(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 10))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == typing.__name__]
    assert not NEWER_THAN_3_10 & {name.name for node in imports for name in node.names}


def test_what_an_older_python_cannot_do_names_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 10, 13))
    lost = RuntimeError("Called get_config outside of a runnable context")
    for error in (lost, SyntaxError("invalid syntax")):
        said = troubles.loading_trouble(error, [])
        assert "this is 3.10" in said
        assert "name a newer Python as PYTHON_OF_GRAPH" in said


def test_a_checkpointer_on_a_connection_of_one_thread_names_the_option() -> None:
    refused = sqlite3.ProgrammingError("SQLite objects created in a thread can only be used in that same thread.")
    assert "check_same_thread=False" in troubles.failure(refused, [])["cure"]
