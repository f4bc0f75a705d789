"""The entry of the app, in an interpreter of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT_RUN = """
import gc
import sys
import app
import uvicorn
from streaming.http.connection_limits import LimitedHttp, LimitedSocket
from streamlit import config
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path

before = list(sys.path)
with modified_sys_path(str(app.SCRIPT)):
    assert sys.path == before, "an import in another thread could skip a folder"

started = uvicorn.Config(app.app, http="h11", ws="auto")
started.load()
assert started.http_protocol_class is LimitedHttp and started.ws_protocol_class is LimitedSocket
assert started.ws_protocol_class.message_bytes == {"/_stcore/stream": 2_000_000}

assert not config.get_option("runner.postScriptGC"), "all runs would wait for it after each script run"
app.SLOW_IMPORTS = ()
app.warm_up()
assert gc.get_freeze_count() > 100_000, "all runs would wait while what is loaded is looked through for garbage"
app.services.close()
"""


def test_a_script_run_changes_no_import_path_and_stops_no_run_to_look_for_garbage(tmp_path: Path) -> None:
    # A graph that is not there ends no server with another one.
    graphs = "./missing.py:graph tests/support/own_graphs/shapes.py:compiled"
    environment = os.environ | {"STREAMING_LAB_DATA_DIR": str(tmp_path), "STREAMING_LAB_GRAPH": graphs}
    run = subprocess.run([sys.executable, "-c", SCRIPT_RUN], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
