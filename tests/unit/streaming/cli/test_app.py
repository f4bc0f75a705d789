"""Every command, in this process, with the scripted model at thousands of tokens a second."""

import csv
import json
import logging
from pathlib import Path

import pytest
from rich.console import Console

from streaming.analysis.diagnosis.finding import Finding
from streaming.cli.asking import ask
from streaming.cli.entry import Entry
from streaming.core.errors import GraphFailed
from streaming.core.events import Pending
from streaming.recordings.format import load_recording
from streaming.services import Services

QUICK = ("--model", "scripted", "--ttft-ms", "0", "--tokens-per-s", "5000", "--tokens", "20")
ESCAPE = "\x1b"


def run(invoke, *more: str):
    return invoke("run", "Bees", "--graph", "joke", *QUICK, *more)


def test_a_run_prints_text_timeline_and_figures_without_terminal_codes(invoke) -> None:
    result = run(invoke)
    assert result.exit_code == 0, result.output
    assert "Timeline" in result.stdout
    assert "TTFT" in result.stdout
    assert "messages" in result.stdout
    assert ESCAPE not in result.stdout


def test_json_lines_are_the_events_of_a_recording(invoke, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    result = run(invoke, "--json", "--output", str(file))
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    assert lines[-1]["type"] == "Ended"
    recording = load_recording(file.read_bytes())
    assert len(recording.events) == len(lines)
    assert recording.header.prompt == "Bees"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "x", "--graph", "nothing"), "There is no graph named “nothing”. Choose from joke,"),
        (("run", "x", "--graph", "repoort"), "Did you mean “report”?"),
        (("run", "x", "--input", "{"), "--input: This is not JSON"),
        (("run", "x", "--model", "nothing"), "Unknown provider"),
        (("run", "x", "--modes", "tokens"), "no stream mode tokens"),
        (("run", "x", "--tokens", "0", "--model", "scripted"), "at least 1"),
        (("replay", "nothing"), "no run and no file"),
        (("compare", "model=scripted", "speed=1"), "no parameter"),
        (("compare", "model=scripted", "tokens_per_s=inf"), "no value for tokens_per_s"),
        (("run", "--nothing"), "No such option"),
    ],
)
def test_wrong_arguments_have_exit_code_2_and_a_sentence_on_stderr(invoke, arguments, sentence: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2, result.output
    assert sentence in result.stderr
    assert not result.stdout


def test_a_failed_run_has_exit_code_1_and_its_sentence_on_stderr(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> object:
        raise GraphFailed("The node \x1b[31mbroke.", advice="Mend it.")

    monkeypatch.setattr("streaming.runtime.executor.open_model", failing)
    result = run(invoke)
    assert result.exit_code == 1, result.output
    assert "Mend it." in result.stderr
    assert ESCAPE not in result.stderr


def test_the_history_lists_filters_replays_exports_and_explains_a_run(invoke, services, tmp_path: Path) -> None:
    run(invoke)
    services.run_writer.close()
    (row,) = [json.loads(line) for line in invoke("runs", "--json", "--graph", "joke").stdout.splitlines()]
    assert row["prompt"] == "Bees"
    listed = invoke("runs").stdout
    assert row["id"][:8] in listed
    assert row["id"] not in listed
    assert "No such run" in invoke("runs", "--status", "failed").stdout
    assert "Figures" in invoke("replay", row["id"][:8], "--speed", "0").stdout
    assert invoke("diagnose").exit_code == 0

    figures, recording = tmp_path / "run.csv", tmp_path / "run.jsonl"
    assert invoke("export", "last", str(figures)).exit_code == 0
    assert invoke("export", "last", str(recording)).exit_code == 0
    (line,) = csv.DictReader(figures.read_text(encoding="utf-8").splitlines())
    assert (line["prompt"], line["outcome"]) == ("Bees", "completed")
    assert row["id"] not in recording.read_text(encoding="utf-8")
    assert invoke("export", "last", str(tmp_path / "run.pdf")).exit_code == 2
    assert "Timeline" in invoke("replay", str(recording), "--speed", "0").stdout


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(invoke, services, tmp_path: Path) -> None:
    run(invoke)
    services.run_writer.close()
    for file, reason in (
        (tmp_path / "gone" / "run.jsonl", f"there is no folder {tmp_path / 'gone'}"),
        (tmp_path / ("long" * 100 + ".csv"), "File name too long"),
    ):
        said = invoke("export", "last", str(file))
        assert said.exit_code == 2
        assert f"{file} cannot be written: {reason}. Name another file." in "".join(said.stderr.splitlines())


def test_the_replay_of_a_file_that_was_cut_says_so(invoke, tmp_path: Path) -> None:
    recording = tmp_path / "run.jsonl"
    run(invoke, "--output", str(recording))
    recording.write_bytes(recording.read_bytes()[:-40])
    said = " ".join(invoke("replay", str(recording), "--speed", "0").stdout.split())
    assert "how the run went on is not in it. Download it again for the rest." in said


def test_diagnose_names_the_place_in_the_code(invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    run(invoke, "--output", str(file))
    found = Finding(cause="raw-client", sentence="It is silent.", cure="Mend it.", file="agent.py", line=7)
    monkeypatch.setattr("streaming.cli.advice.diagnose", lambda *_, **__: [found])
    assert "It is silent. Mend it. (agent.py, line 7)" in invoke("diagnose", str(file)).stdout


def test_diagnose_says_why_no_text_streamed(invoke, tmp_path: Path) -> None:
    whole, silent = tmp_path / "whole.jsonl", tmp_path / "silent.jsonl"
    run(invoke, "--output", str(whole))
    run(invoke, "--modes", "updates", "--output", str(silent))
    assert "No token could come" in invoke("diagnose", str(silent)).stdout
    [line, *_] = invoke("diagnose", str(silent), "--json").stdout.splitlines()
    assert "No token could come" in json.loads(line)["sentence"]
    listed = [json.loads(line) for line in invoke("graphs", "--json").stdout.splitlines()]
    assert "joke" in [graph["name"] for graph in listed]
    assert all(graph["summary"] for graph in listed)
    assert "No token could come" not in invoke("diagnose", str(whole)).stdout


def test_a_comparison_shows_both_figures_and_the_verdict(invoke) -> None:
    quick = "model=scripted&tokens=20&tokens_per_s=5000&ttft_ms="
    result = invoke("compare", f"{quick}0", f"{quick}400", "--graph", "joke", "--prompt", "Bees")
    assert result.exit_code == 0, result.output
    assert "E2E latency" in result.stdout
    assert "One race: repeat it before you rely on it." in result.stdout


def test_a_missing_key_is_told_before_the_run_and_as_a_terminal_can_cure_it(
    invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    told = invoke("run", "Bees", "--graph", "joke", "--model", "openai")
    assert told.exit_code == 1
    assert told.stderr.strip() == "OpenAI needs an API key. Set OPENAI_API_KEY."
    assert told.stdout == ""


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (
            ("--output", "/nowhere/run.jsonl"),
            "--output: there is no folder /nowhere. Name a file in a folder that exists.",
        ),
        (("--output", "/"), "--output: / is a folder."),
        (("--tokens-per-s", "nan"), "A pace needs"),
    ],
)
def test_what_cannot_work_is_told_before_the_run(invoke, option: tuple[str, str], sentence: str) -> None:
    told = run(invoke, *option)
    assert told.exit_code == 2
    assert told.stderr.startswith(sentence)
    assert told.stdout == ""


def test_lists_and_checks_never_show_a_key(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key-0123456789")
    shown = [invoke(command) for command in ("models", "doctor", "graphs")]
    assert "OPENAI_API_KEY is set" in shown[0].stdout
    assert "OPENAI_API_KEY: set" in shown[1].stdout
    assert "Database of threads: can be used" in shown[1].stdout
    assert "joke" in shown[2].stdout
    assert not any("planted" in result.output for result in shown)


def test_an_interrupted_run_asks_in_the_terminal_and_goes_on(invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = {"Choose (1 mail, ": "1", "Choose (1 approve, ": "approve"}
    monkeypatch.setattr("streaming.cli.running.can_ask", lambda: True)
    monkeypatch.setattr(
        "streaming.cli.asking._read",
        lambda label: next(text for start, text in typed.items() if label.startswith(start)),
    )
    told = invoke("run", "--graph", "approval", *QUICK)
    assert told.exit_code == 0, told.output
    assert "Is this draft good?" in told.output
    assert "Published" in told.output


def test_an_interrupted_run_says_in_a_pipe_what_it_asks(invoke) -> None:
    told = invoke("run", "--graph", "approval", *QUICK)
    assert told.exit_code == 0, told.output
    assert any(line.startswith("updates     asks: Is this draft good?") for line in told.stdout.splitlines())
    assert "review_text asks: Is this draft good?" in told.stderr
    assert "choose_channel asks: Where should it appear? [mail, chat, website] (id " in told.stderr
    assert told.stderr.splitlines()[-1].startswith("python -m streaming resume ")


def test_what_stands_still_is_no_part_of_an_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(tmp_path))
    entry = Entry(load_graphs=lambda: ())
    # The handlers of pytest would take the line.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("streaming"), "handlers", [])
    try:
        entry.open()
        logging.getLogger("streaming.core.loop_watchdog").warning("it stood still")
    finally:
        entry.close()
    assert "stood still" not in capfd.readouterr().err


def test_an_option_can_be_answered_with_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["neither", '["no object"]', '{"type": "edit", "text": "Dear Ada"}', "2"])
    monkeypatch.setattr("streaming.cli.asking._read", lambda _: next(typed))
    value = {"question": "Send it?", "options": ["approve", "edit"]}
    questions = [Pending(id=name, node="review", value=value) for name in ("one", "two")]
    assert ask(Console(quiet=True), questions) == {"one": {"type": "edit", "text": "Dear Ada"}, "two": "edit"}


def test_a_plain_question_is_answered_in_words_or_with_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["25", "true", '{"n": 25}'])
    monkeypatch.setattr("streaming.cli.asking._read", lambda _: next(typed))
    questions = [Pending(id=name, node="ask", value="How many?") for name in ("one", "two", "three")]
    assert ask(Console(quiet=True), questions) == {"one": "25", "two": "true", "three": {"n": 25}}


def test_an_interrupted_run_is_answered_by_a_command(invoke, services: Services) -> None:
    told = invoke("run", "--graph", "approval", "--json", *QUICK)
    ended = json.loads(told.stdout.splitlines()[-1])["event"]
    assert ended["outcome"] == "interrupted"
    services.run_writer.flush()
    command = told.stderr.split("python -m streaming ")[1].split()
    [channel] = [one["id"] for one in ended["pending"] if "options" in one["value"]]
    given = [f"--answer={channel}=mail", '--answer=review_text={"action": "approve"}']
    refused = invoke("resume", command[1], "--answer=unknown")
    assert refused.exit_code == 2
    assert "review_text asks: Is this draft good?" in refused.stderr
    assert f"resume {command[1]} --answer review_text=VALUE --answer choose_channel=VALUE" in refused.stderr
    answered = invoke("resume", command[1], *given, "--json")
    assert answered.exit_code == 0, answered.output
    assert json.loads(answered.stdout.splitlines()[-1])["event"]["outcome"] == "completed"
    assert "continued already" in invoke("resume", command[1], *given).output
