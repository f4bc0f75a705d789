"""The command line under a real pseudo-terminal: colours, and Ctrl-C in the middle of an answer."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[4]
PATIENCE_S = 60.0


def read_until(descriptor: int, wanted: bytes, so_far: bytes = b"") -> bytes:
    """What the terminal shows up to these bytes, or up to its end."""
    limit = time.monotonic() + PATIENCE_S
    while wanted not in so_far or not wanted:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, limit - time.monotonic()))
        assert ready, so_far[-2000:]
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux reports the end of a terminal like this
            break
        if not piece:
            break
        so_far += piece
    return so_far


def test_colours_and_ctrl_c_keeps_the_partial_answer(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "streaming", "run", "Bees", "--graph", "joke", "--model", "scripted"]
    command += ["--ttft-ms", "0", "--tokens-per-s", "50", "--tokens", "4000", "--modes", "messages,tasks"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = read_until(ours, b"messages ")
        # A few words of the answer have to be there.
        size = len(shown)
        while len(shown) < size + 200:
            shown += os.read(ours, 65536)
        process.send_signal(signal.SIGINT)
        shown = read_until(ours, b"", shown)
        code = process.wait(PATIENCE_S)
    os.close(ours)
    assert code == 130, shown[-2000:]
    assert b"\x1b[" in shown
    assert b"Figures" in shown
    assert b"Stopped: the partial answer is kept." in shown
