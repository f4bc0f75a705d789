"""The name and the folder of a file are those by which Python can import it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from streaming.own_graphs.worker.module_names import name_of_module

ROOT = Path(__file__).parents[5]
LOADS = """
import json, sys
from streaming.own_graphs.worker.loading import load_object
from streaming.own_graphs.worker.module_names import imported
assert load_object(sys.argv[1], "graph") == 1
print(json.dumps(imported(sys.argv[1])))
"""
A = {"a.py": "graph = 1\n"}
RELATIVE = "from .a import graph\n"


@pytest.mark.parametrize(
    ("file", "text", "beside", "expected"),
    [
        ("agent.py", "graph = 1\n", {}, (".", "agent")),
        ("shop/agent.py", "graph = 1\n", A, ("shop", "agent")),
        ("shop/agent.py", RELATIVE, {**A, "__init__.py": ""}, (".", "shop.agent")),
        ("shop/agent.py", RELATIVE, A, (".", "shop.agent")),
        ("shop/graphs/agent.py", "from ..a import graph\n", {"../a.py": A["a.py"]}, (".", "shop.graphs.agent")),
        ("shop/agent.py", "from shop.a import graph\n", A, (".", "shop.agent")),
        ("shop/agent.py", "import shop.a\ngraph = shop.a.graph\n", A, (".", "shop.agent")),
        ("shop/graphs/agent.py", "from shop.a import graph\n", {"../a.py": A["a.py"]}, (".", "shop.graphs.agent")),
        ("json/agent.py", "from json import loads\ngraph = loads('1')\n", {"loads.py": ""}, ("json", "agent")),
        ("shop/__init__.py", "graph = 1\n", {}, (".", "shop")),
        ("shop/__init__.py", RELATIVE, A, (".", "shop")),
        ("shop/graphs/__init__.py", "from ..a import graph\n", {"../a.py": A["a.py"]}, (".", "shop.graphs")),
    ],
)
def test_a_program_in_that_folder_imports_the_file(
    file: str, text: str, beside: Mapping[str, str], expected: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    for name, content in beside.items():
        (path.parent / name).write_text(content)

    where, name = name_of_module(path)

    assert (where, name) == ((tmp_path / expected[0]).resolve(), expected[1])
    subprocess.run([sys.executable, "-c", f"from {name} import graph"], cwd=where, check=True, timeout=60)


@pytest.mark.parametrize(
    ("files", "module"),
    [
        ({"agent.py": "from .nodes import graph\n", "nodes.py": "from ..a import graph\n"}, "shop.flows.agent"),
        ({"agent.py": "from shop.a import graph\n"}, "shop.flows.agent"),
        ({"__init__.py": "from .nodes import graph\n", "nodes.py": "graph = 1\n"}, "flows"),
    ],
    ids=["what its neighbours import", "by the folder above", "a package"],
)
def test_a_process_that_has_loaded_the_file_knows_its_name(
    files: Mapping[str, str], module: str, tmp_path: Path
) -> None:
    folder = tmp_path / "shop" / "flows"
    folder.mkdir(parents=True)
    (tmp_path / "shop" / "a.py").write_text(A["a.py"])
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-c", LOADS, str(folder / next(iter(files)))]
    done = subprocess.run(command, cwd=ROOT, check=True, timeout=60, stdout=subprocess.PIPE)
    where = tmp_path if module.startswith("shop") else tmp_path / "shop"
    assert json.loads(done.stdout) == {"folder": str(where), "module": module}
