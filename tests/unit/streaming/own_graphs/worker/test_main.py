"""The start of the worker in an environment that lacks something."""

import ast
import inspect

import pytest

from streaming.own_graphs.worker import main, troubles


def test_this_environment_lacks_nothing() -> None:
    main._check_interpreter()
    assert troubles.missing_package() == ""


def test_a_python_that_is_too_old_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 7, 16))
    with pytest.raises(SystemExit, match=r"LangGraph 1.0 needs Python 3.10 or newer, and .* is 3.7."):
        main._check_interpreter()


def test_an_old_python_can_read_the_file_with_that_sentence() -> None:
    tree = ast.parse(inspect.getsource(main), feature_version=(3, 5))
    assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree)), "Python 3.5 has no f-strings"
