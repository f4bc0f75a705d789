"""Settings: their sources, their order, and the message about an invalid one."""

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
    for name in ("STREAMING_LAB_RUN_S", "STREAMING_LAB_GRACE_S", "STREAMING_LAB_RESTART", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path


def test_the_environment_wins_over_env_file_over_toml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.toml").write_text("run_s = 1\ngrace_s = 2\nmax_attempts = 4\n")
    (folder / ".env").write_text("STREAMING_LAB_RUN_S=5\nSTREAMING_LAB_GRACE_S=6\nOPENAI_API_KEY=secret-key\n")
    monkeypatch.setenv("STREAMING_LAB_RUN_S", "9")
    found = load_settings()
    assert (found.run_s, found.grace_s, found.max_attempts, found.max_concurrent_runs) == (9, 6, 4, 24)
    sources = origins()
    assert [sources[name] for name in ("run_s", "grace_s", "max_attempts", "max_concurrent_runs")] == [
        "environment",
        ".env",
        "config.toml",
        "default",
    ]


def test_the_printed_settings_name_each_setting_and_no_secret(
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
def test_an_invalid_setting_is_named_without_its_value(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"STREAMING_LAB_{name}", value)
    with pytest.raises(BadSettings, match=name.lower()):
        load_settings()
    assert main() == 1
    assert name.lower() in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "similar"),
    [("STREAMING_LAB_HOST", "STREAMING_LAB_HOSTS"), ("STREAMING_LAB_DATABASE_URL", "DATABASE_URL")],
)
def test_an_unknown_setting_is_reported_with_the_most_similar_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, similar: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMING_LAB_BROWSER", "/usr/bin/chromium")
    assert not unknown_names()
    monkeypatch.setenv(name, "planted-value")
    load_settings()
    assert capsys.readouterr().err == "", "a getter does not print"
    assert main() == 0
    printed = capsys.readouterr().err
    assert f"Unknown setting {name} ignored" in printed
    assert f"Did you mean {similar}?" in printed
    assert "planted-value" not in printed


@pytest.mark.parametrize("command", [["-m", "streaming.config"], ["-m", "streamlit", "run", "app.py"]])
def test_an_invalid_setting_ends_the_start_with_one_sentence(command: list[str]) -> None:
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


DAMAGED: dict[str, tuple[str, bytes]] = {
    "no UTF-8": (".env", b"STREAMING_LAB_RUN_S=\xff\n"),
    "UTF-16": (".env", "STREAMING_LAB_RUN_S=5".encode("utf-16")),
    "a zero byte": (".env", b"STREAMING_LAB_RUN_S=5\0\n"),
    "too large": (".env", b"#" * 2_000_000),
    "no UTF-8 either": ("config.toml", b"run_s = '\xff'"),
    "nested": ("config.toml", b"run_s = " + b"[" * 5000),
    "as large": ("config.toml", b"#" * 2_000_000),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_named_in_a_sentence(folder: Path, damage: str) -> None:
    name, content = DAMAGED[damage]
    (folder / name).write_bytes(content)
    with pytest.raises(BadSettings, match=name.replace(".", r"\.")):
        load_settings()


def test_a_byte_order_mark_hides_no_setting_and_a_folder_is_no_file(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xef\xbb\xbfSTREAMING_LAB_RUN_S=5\n")
    assert load_settings().run_s == 5
    (folder / ".env").unlink()
    (folder / ".env").mkdir()
    load_settings()


def test_hosted_models_have_their_own_times(folder: Path) -> None:
    assert load_settings().limits(hosted=True).run_s == 30.0
    assert load_settings().limits(hosted=False).run_s == 180.0
    assert load_settings().limits(hosted=True).runs_per_minute == 10
    assert load_settings().limits(hosted=False).runs_per_minute is None


def test_databases_are_files_in_the_data_folder_or_the_database_url(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(folder))
    files = load_settings()
    assert files.checkpointer_url == f"sqlite:///{folder / 'threads.sqlite'}"
    assert files.run_store_url == f"sqlite:///{folder / 'runs.sqlite'}"
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    server = load_settings()
    assert (server.checkpointer_url, server.run_store_url) == ("postgresql://x", "postgresql+psycopg://x")


def test_a_former_name_keeps_its_origin_and_loses_to_the_new_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config.toml").write_text("max_attempts = 7\nattempts = 2\n")
    (folder / ".env").write_text("STREAMING_LAB_RESTART=true\n")
    monkeypatch.setenv("STREAMING_LAB_DATA", str(folder / "other"))
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(folder / "own"))
    found = load_settings()
    assert (found.max_attempts, found.restart_broken_answers, found.data_dir) == (7, True, folder / "own")
    assert origins()["restart_broken_answers"] == ".env"


@pytest.mark.parametrize(
    ("value", "reason"), [("compatible:m", "needs a base URL"), ("skynet", "local, scripted, openai, groq")]
)
def test_a_provider_that_cannot_be_the_fallback_is_refused_with_a_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    monkeypatch.setenv("STREAMING_LAB_FALLBACK_MODEL", value)
    with pytest.raises(BadSettings, match=reason):
        load_settings()


def test_former_names_of_settings_still_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.toml").write_text('second_model = "groq"\n')
    monkeypatch.setenv("STREAMING_LAB_RUNS_AT_ONCE", "7")
    found = load_settings()
    assert (found.max_concurrent_runs, found.fallback_model) == (7, "groq")
    assert not unknown_names()


def test_one_long_value_does_not_fill_up_all_the_other_lines() -> None:
    lines = describe(Settings(graph=" ".join(f"/project/agent_{number}.py:graph" for number in range(20)))).splitlines()
    assert sum(len(line) > 300 for line in lines) == 1
