"""The entry of the app, in an interpreter of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT_RUN = """
import sys
import app
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path

before = list(sys.path)
with modified_sys_path(str(app.SCRIPT)):
    assert sys.path == before, "an import in another thread could skip a folder"
app.services.close()
"""


def test_a_script_run_does_not_change_where_modules_are_looked_for(tmp_path: Path) -> None:
    environment = os.environ | {"STREAMING_LAB_DATA_DIR": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", SCRIPT_RUN], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
