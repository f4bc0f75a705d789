"""Sentences about an environment that lacks something."""

import ast
from pathlib import Path

import pytest

from streaming.own_graphs.worker import troubles

FOLDER = Path(troubles.__file__).parent
BEFORE_THE_CHECK = ("__init__", "main", "serving", "factories", "framing", "troubles")


def test_this_environment_lacks_nothing() -> None:
    assert troubles.missing_package() == ""


def test_a_python_that_is_too_old_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 18))
    said = troubles.missing_package()
    assert said.endswith("is Python 3.9: LangGraph 1.0 needs 3.10 or newer.")


@pytest.mark.parametrize("module", BEFORE_THE_CHECK)
def test_an_old_python_can_read_what_comes_before_that_sentence(module: str) -> None:
    text = (FOLDER / f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 8))
    has_unions = any(isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) for node in ast.walk(tree))
    assert not has_unions or "from __future__ import annotations" in text
