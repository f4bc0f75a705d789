"""A server may open as many files and sockets as its limits of tabs and WebSockets need, where the system lets it."""

import subprocess
import sys

import pytest

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
