"""AG-UI's own client, which checks the order of events, reads every shipped recording, cut after every event.

The client is a package of Node's, which `make test-ag-ui` installs: for Python AG-UI has its types only.
"""

import json
import shutil
import subprocess

import pytest

from streaming.services import Services
from tests.support.app_test import ROOT
from tests.support.cut_server import serving_cuts
from tests.support.wire_logs import SHIPPED

PACKAGE = ROOT / ".ag-ui"
CLIENT = ROOT / "tests" / "support" / "ag_ui_client" / "read.mjs"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None or not (PACKAGE / "node_modules" / "@ag-ui" / "client").exists(),
    reason="AG-UI's client is not installed: make test-ag-ui",
)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_agent_holds_the_same_messages_and_state_though_every_event_was_followed_by_a_cut(
    services: Services, name: str
) -> None:
    with serving_cuts(services, (name,)) as (base, runs, cuts):
        path = f"/api/runs/{runs[name].id}/events?as=ag-ui"
        command = [str(NODE), str(CLIENT), str(PACKAGE), f"{base}{path}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        read = json.loads(done.stdout)
        assert read["cut"] == read["whole"]
        assert read["whole"]["messages"]
        assert read["whole"]["events"][-1]["type"] == "RUN_FINISHED"
        assert cuts[path] >= len(read["whole"]["events"]) - 1
