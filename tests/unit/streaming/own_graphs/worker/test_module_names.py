"""The name and the folder of a file are those by which Python can import it."""

import subprocess
import sys
from pathlib import Path

import pytest

from streaming.own_graphs.worker.module_names import name_of_module


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("agent.py",), (".", "agent")),
        (("__init__.py", "agent.py", "models.py"), ("..", "shop.agent")),
        (("agent.py", "models.py"), ("..", "shop.agent")),
    ],
)
def test_a_program_in_that_folder_imports_the_file(
    files: tuple[str, ...], expected: tuple[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in files:
        (folder / name).write_text("")
    if "models.py" in files:
        (folder / "agent.py").write_text("from .models import __name__ as graph\n")
    else:
        (folder / "agent.py").write_text("graph = 1\n")

    where, name = name_of_module(folder / "agent.py")

    assert (where, name) == ((folder / expected[0]).resolve(), expected[1])
    subprocess.run([sys.executable, "-c", f"from {name} import graph"], cwd=where, check=True, timeout=60)
