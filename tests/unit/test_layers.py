"""The lists of modules in `pyproject.toml` are complete."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED = {"__init__", "base", "short_strings", "spans", "state_answer"}
"""What several projections use."""


def test_the_contract_about_projections_names_them_all() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["name"] == "Projections do not know each other"]
    modules = {path.stem for path in (ROOT / "streaming/projections").glob("*.py")} - SHARED
    assert set(contract["modules"]) == {f"streaming.projections.{name}" for name in modules}
