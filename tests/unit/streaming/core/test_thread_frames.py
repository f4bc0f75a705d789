"""The frames of threads: asking for them never holds the process up."""

import subprocess
import sys

import pytest

_ASKING = """
import gc, threading, time
from {module} import frame_of

gc.set_threshold(2000, 5)

class Client:
    def __init__(self):
        self.local, self.me = threading.local(), self

def work():
    def deep(n):
        return deep(n - 1) if n else time.sleep(0.002)
    while True:
        deep(20)

for _ in range(40):
    threading.Thread(target=work, daemon=True).start()
for _ in range(3000):
    for _ in range(20):
        Client()
    assert frame_of(threading.get_ident()) is not None
assert gc.isenabled()
print("asked")
"""


@pytest.mark.parametrize("module", ["streaming.core.thread_frames", "streaming.own_graphs.worker.thread_frames"])
def test_garbage_that_belongs_to_threads_is_not_freed_while_their_frames_are_made(module: str) -> None:
    """Python 3.11 waits for itself without end there."""
    command = [sys.executable, "-c", _ASKING.format(module=module)]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert asked.stdout == "asked\n", asked.stderr
