"""The container's files, read as text: there is no container engine in the tests."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from streamlit.web.cli import main_run

from streaming.config.settings import DATA_DIR, PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
APP = COMPOSE["services"]["app"]


def lines(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction} +(.*)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    return [name for line in lines("COPY") for name in line.split()[:-1]]


def test_what_is_copied_exists_and_reaches_the_build() -> None:
    for name in copied():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in IGNORED, name
    assert IGNORED[1] == "*", "everything else stays outside"


@pytest.mark.parametrize("package", ["components", "graphs", "pages", "streaming"])
def test_the_packages_of_the_app_are_copied(package: str) -> None:
    assert {package, "app.py"} <= set(copied())


def test_every_requirements_file_that_is_installed_is_copied_with_those_that_it_names() -> None:
    for name in re.findall(r"-r (\S+)", DOCKERFILE):
        assert name in copied()
        for other in re.findall(r"^-[rc] (\S+)", (ROOT / name).read_text(), re.MULTILINE):
            assert other in copied()


def test_it_runs_as_a_user_without_rights_and_tells_the_app_that_others_reach_it() -> None:
    assert DOCKERFILE.index("USER lab") < DOCKERFILE.index('CMD ["streamlit"')
    environment = dict(part.split("=", 1) for part in " ".join(lines("ENV")).split())
    assert environment["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"
    assert environment["STREAMING_LAB_EXPOSED"] == "true"
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert {name for name in environment if name.startswith(PREFIX)} <= settings
    assert lines("EXPOSE") == [environment["STREAMLIT_SERVER_PORT"]]


def test_compose_waits_for_the_database_and_opens_the_app_on_this_machine_only() -> None:
    assert APP["build"] == "."
    assert APP["depends_on"]["db"]["condition"] == "service_healthy"
    assert all(port.startswith("127.0.0.1:") for port in APP["ports"])
    assert "ports" not in COMPOSE["services"]["db"]
    assert APP["environment"]["DATABASE_URL"].endswith("@db:5432/lab")
    named = {volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]}
    assert named == set(COMPOSE["volumes"])


def test_it_can_write_to_its_data_and_to_folders_in_memory_only() -> None:
    environment = dict(part.split("=", 1) for part in " ".join(lines("ENV")).split())
    data = environment[DATA_DIR]
    assert APP["read_only"] is True
    assert APP["volumes"] == [f"data:{data}"]
    assert lines("VOLUME") == [data]
    assert f"chown lab:lab {data}" in DOCKERFILE
    assert set(APP["tmpfs"]) == {"/tmp", "/home/lab"}


def test_graphs_run_and_are_exported_where_nothing_but_the_data_can_be_written(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    # Each may be on a file system of its own; the data is mounted last, so that it stays as it was.
    folders = [f"mount --bind {folder} {folder}" for folder in (ROOT, tmp_path, data)]
    sealed = " && ".join([*folders, *(f"mount -o remount,bind,ro {folder}" for folder in ("/", ROOT, tmp_path))])
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "sh", "-c", sealed], capture_output=True).returncode:
        pytest.skip("a read-only file system needs namespaces of Linux")
    run = f"{sys.executable} -m streaming run Bees --model scripted --tokens-per-s 1000"
    commands = [
        sealed,
        f"! touch {tmp_path}/other {ROOT}/other",
        f"{run} --graph joke --output {data}/run.jsonl",
        f"{run} --graph {ROOT}/tests/support/own_graphs/shapes.py:compiled",
        f"{sys.executable} -m streaming export last {data}/last.jsonl",
    ]
    environment = {**os.environ, DATA_DIR: str(data), "HOME": "/nonexistent", "TMPDIR": str(data)}
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", " && ".join(commands)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {"run.jsonl", "last.jsonl", "runs.sqlite"} <= {file.name for file in data.iterdir()}


def test_no_password_is_written_into_the_files() -> None:
    for name in ("POSTGRES_PASSWORD", "STREAMING_LAB_COOKIE_SECRET"):
        found = re.findall(rf"\$\{{{name}:\?", (ROOT / "compose.yaml").read_text(encoding="utf-8"))
        assert found, name


@pytest.mark.parametrize("chosen", ["", "lab.example.org www.example.org"])
def test_the_host_names_are_those_that_streamlit_reads_and_the_health_check_uses_one(
    monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    written = APP["environment"]["STREAMLIT_SERVER_ALLOWED_HOSTS"]
    value = re.sub(r"\$\{\w+:-([^}]*)\}", lambda default: chosen or default[1], written)
    monkeypatch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", value)
    option = next(one for one in main_run.params if "STREAMLIT_SERVER_ALLOWED_HOSTS" in (one.envvar or ()))
    names = option.value_from_envvar(click.Context(main_run))
    assert list(names) == [*(chosen.split() or ["localhost"]), "127.0.0.1"]
    assert "http://127.0.0.1:8501/healthz" in DOCKERFILE
