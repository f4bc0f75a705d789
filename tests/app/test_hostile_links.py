"""A link is written by anybody: whatever its values are, the page opens with values of its own."""

import ast
from functools import cache
from pathlib import Path

import pytest

from components.shell.navigation import SECTIONS
from tests.support.app_test import ROOT, opened

PAGES = [info.name for pages in SECTIONS.values() for info in pages]
HOSTILE: tuple[str | list[str], ...] = ("inf", "-1e999", ["nan", "9" * 400], "")


@cache
def bound_keys() -> dict[str, str]:
    """The key of each widget that is bound to the URL, and the name of its function."""
    constants = {
        target.id: str(node.value.value)
        for node in ast.parse((ROOT / "components/shell/keys.py").read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = {}
    for path in _sources():
        for call, arguments in _widgets(path):
            key = arguments["key"]
            if isinstance(key, ast.JoinedStr):
                start = str(key.values[0].value) if isinstance(key.values[0], ast.Constant) else ""
                found |= {f"{start}{end}": call for end in ("1", "2", "model", "papers", "docs", "web", "notes")}
            else:
                name = str(key.value) if isinstance(key, ast.Constant) else constants.get(ast.unparse(key), "")
                found[name] = call
    return {key: call for key, call in found.items() if key}


def _sources() -> list[Path]:
    return [path for folder in ("components", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]


def _widgets(path: Path) -> list[tuple[str, dict[str, ast.expr]]]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = [
        (call.func.attr, {item.arg or "": item.value for item in call.keywords})
        for call in calls
        if isinstance(call.func, ast.Attribute)
    ]
    return [(name, arguments) for name, arguments in named if "bind" in arguments and "key" in arguments]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("value", HOSTILE, ids=["infinite", "out of range", "repeated", "empty"])
def test_a_page_opens_with_any_value_of_each_bound_key(page: str, value: str | list[str]) -> None:
    numbers = {key: value for key in bound_keys() if key != "model"}
    app = opened(page, **numbers)
    assert not app.exception, app.exception


READ = (
    "run",
    "thread",
    "repeating",
    "tried",
    "view",
    "recording",
    "compare",
    "pitfall",
    "speed",
    "prompt",
    "race_prompt",
    "input",
    "context",
    "configurable",
    "stream_modes",
    "subgraphs",
    "pause_before",
    "recursion_limit",
)
"""Parameters that pages read themselves."""
ODD = (
    "[[[[",
    '{"a":',
    "\0\x1b[2J",
    "constructor",
    "__proto__",
    "../../etc/passwd",
    "a.b." * 50,
    "١٢",
    "1_000",
    "😀" * 99,
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_odd_values_of_all_that_it_reads(page: str) -> None:
    keys = sorted({*bound_keys(), *READ})
    app = opened(page, **{key: ODD[(number + PAGES.index(page)) % len(ODD)] for number, key in enumerate(keys)})
    assert not app.exception, app.exception


def test_every_number_in_the_url_is_checked_before_its_field_reads_it() -> None:
    for path in _sources():
        for name, arguments in _widgets(path):
            if name in ("number_input", "slider"):
                assert "number_binding" in ast.unparse(arguments["bind"]), path
