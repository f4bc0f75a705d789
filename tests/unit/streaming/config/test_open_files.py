"""A server may open as many files and sockets as its limits of tabs and WebSockets need, where the system lets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streaming.config.settings import DATA_DIR
from tests.support.app_server import ROOT

resource = pytest.importorskip("resource")

CODE = """
import resource
from streaming.config.open_files import allow_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
allow_open_files({wanted})
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "limits"),
    [(128, 400, 300, "300 400"), (128, 400, 8192, "400 400"), (350, 400, 300, "350 400"), (400, 400, 8192, "400 400")],
)
def test_the_limit_is_raised_as_far_as_it_may_be(soft: int, hard: int, wanted: int, limits: str) -> None:
    code = CODE.format(soft=soft, hard=hard, wanted=wanted)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == limits


def test_the_app_raises_it(tmp_path: Path) -> None:
    soft, hard = 200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard})); import app; "
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    environment = {**os.environ, DATA_DIR: str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout.split()[-1]) > soft
