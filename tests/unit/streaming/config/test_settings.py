"""Settings: where each comes from, what wins, and what is said about a wrong one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import streaming.config.settings as module
from streaming.config.__main__ import main
from streaming.config.settings import Settings, describe, load_settings, origins, unknown_names
from streaming.core.errors import BadSettings

ROOT = Path(__file__).parents[4]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "_from_env_file", set())
    monkeypatch.setitem(Settings.model_config, "toml_file", tmp_path / "config.toml")
    # What `.env` puts into the environment is taken out again after the test.
    for name in ("STREAMING_LAB_RUN_S", "STREAMING_LAB_GRACE_S", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path


def test_the_environment_wins_over_env_file_over_toml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.toml").write_text("run_s = 1\ngrace_s = 2\nmax_attempts = 4\n")
    (folder / ".env").write_text("STREAMING_LAB_RUN_S=5\nSTREAMING_LAB_GRACE_S=6\nOPENAI_API_KEY=secret-key\n")
    monkeypatch.setenv("STREAMING_LAB_RUN_S", "9")
    said = load_settings()
    assert (said.run_s, said.grace_s, said.max_attempts, said.max_concurrent_runs) == (9, 6, 4, 24)
    found = origins()
    assert [found[name] for name in ("run_s", "grace_s", "max_attempts", "max_concurrent_runs")] == [
        "environment",
        ".env",
        "config.toml",
        "default",
    ]


def test_what_is_printed_names_every_setting_and_no_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:planted-password@db/lab")
    assert main() == 0
    printed = capsys.readouterr().out
    assert set(Settings.model_fields) == {line.split()[0] for line in printed.splitlines()}
    assert "planted-password" not in printed + repr(load_settings())
    assert "database_url" in describe(load_settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RUN_S", "-1"),
        ("RUN_S", "inf"),
        ("IDLE_S", "nan"),
        ("MAX_ATTEMPTS", "none"),
        ("FALLBACK_MODEL", "skynet"),
        ("LOG_FORMAT", "xml"),
        ("MAX_CONCURRENT_RUNS", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"STREAMING_LAB_{name}", value)
    with pytest.raises(BadSettings, match=name.lower()):
        load_settings()
    assert main() == 1
    assert name.lower() in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "meant"),
    [("STREAMING_LAB_HOST", "STREAMING_LAB_HOSTS"), ("STREAMING_LAB_DATABASE_URL", " DATABASE_URL")],
)
def test_a_name_that_no_setting_has_is_told_with_the_nearest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMING_LAB_BROWSER", "/usr/bin/chromium")
    assert not unknown_names()
    monkeypatch.setenv(name, "planted-value")
    load_settings()
    assert capsys.readouterr().err == "", "a getter does not print"
    assert main() == 0
    said = capsys.readouterr().err
    assert f"Unknown setting {name} ignored" in said
    assert f"Did you mean {meant.strip()}?" in said
    assert "planted-value" not in said


@pytest.mark.parametrize("command", [["-m", "streaming.config"], ["-m", "streamlit", "run", "app.py"]])
def test_a_wrong_setting_ends_a_start_with_a_sentence_alone(command: list[str]) -> None:
    wrong = {"STREAMING_LAB_RUN_S": "0", "STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_SERVER_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**os.environ, **wrong}, capture_output=True, text=True, timeout=100
    )
    assert ended.returncode == 1
    assert "Invalid settings: run_s" in ended.stderr
    assert "Warning" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("text", ["run_s = ", "unheard_of = 1"])
def test_a_broken_file_is_named(folder: Path, text: str) -> None:
    (folder / "config.toml").write_text(text)
    with pytest.raises(BadSettings, match=r"config\.toml|unheard_of"):
        load_settings()


def test_hosted_models_have_their_own_times(folder: Path) -> None:
    assert load_settings().limits(hosted=True).run_s == 30.0
    assert load_settings().limits(hosted=False).run_s == 180.0
    assert load_settings().limits(hosted=True).runs_per_minute == 10
    assert load_settings().limits(hosted=False).runs_per_minute is None


def test_databases_are_files_in_the_data_folder_or_what_the_environment_names(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(folder))
    files = load_settings()
    assert files.checkpointer_url == f"sqlite:///{folder / 'threads.sqlite'}"
    assert files.run_store_url == f"sqlite:///{folder / 'runs.sqlite'}"
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    server = load_settings()
    assert (server.checkpointer_url, server.run_store_url) == ("postgresql://x", "postgresql+psycopg://x")


def test_former_names_of_settings_still_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.toml").write_text('second_model = "groq"\n')
    monkeypatch.setenv("STREAMING_LAB_RUNS_AT_ONCE", "7")
    found = load_settings()
    assert (found.max_concurrent_runs, found.fallback_model) == (7, "groq")
    assert not unknown_names()
