"""What the names of modules promise, checked over the whole production code."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("pages", "components", "graphs", "streaming", "bench", "tools", "tests/support")


def test_no_function_is_named_like_its_module() -> None:
    """An import of the one would hide the other."""
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert len(modules) > 200
    shadowed = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == path.stem
    ]
    assert shadowed == []
