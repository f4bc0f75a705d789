"""Started as a script by the interpreter of the graph: reads where to connect from standard input, then serves."""

import importlib
import importlib.util
import json
import os
import sys


def _check_interpreter() -> None:
    """End with a sentence in a Python that cannot read the rest of the worker; this file is read by each Python 3."""
    if sys.version_info < (3, 10):  # noqa: UP036 - the interpreter is the one of a stranger's project
        found = ".".join(map(str, sys.version_info[:2]))
        need = "LangGraph 1.0 needs Python 3.10 or newer, and {} is {}: name a newer one as PYTHON_OF_GRAPH."
        sys.exit(need.format(sys.executable, found))


def _worker_package() -> None:
    """Import the folder of this file under a name that no project uses, so that nothing of theirs is hidden by it."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    spec = importlib.util.spec_from_file_location(
        "_streaming_lab_worker", os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _check_interpreter()
    order = json.loads(sys.stdin.readline())
    _worker_package()
    importlib.import_module("_streaming_lab_worker.serving").serve(order)
