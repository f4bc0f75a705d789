"""The code that pages show is complete: it runs as it stands, in a process of its own."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from graphs import GRAPHS, TECHNIQUES
from graphs.base import Graph
from streaming.analysis.code_snippet import lines_of_modes, project_script, python_script
from streaming.core.events import MODES, Mode
from streaming.core.model_spec import ModelSpec, Pace, Provider
from streaming.core.request import APIS, Api, Fork, Resume, RunRequest
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.process import description_of
from streaming.own_graphs.sources import find_sources
from streaming.own_graphs.worker.describing import describe
from tests.support.graphs import QUICK

ROOT = Path(__file__).parents[4]
PAGES: dict[str, tuple[Mode, ...]] = {mode: (mode,) for mode in MODES}
PAGES |= {"combined": ("updates", "messages", "custom", "tasks"), "checkpoints": ("checkpoints", "messages")}


INTERPRETER = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    printed, error = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            for code in json.loads(line):
                exec(compile(code, "shown", "exec"), {})
        except BaseException:
            error = traceback.format_exc()
    print(json.dumps([printed.getvalue(), error]), flush=True)
"""
Execute = Callable[[list[str]], str]


@pytest.fixture(scope="module")
def executed() -> Iterator[Execute]:
    """What scripts print, each in a namespace of its own, in one process: starting Python costs more than they do."""
    command = [sys.executable, "-c", INTERPRETER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        send, receive = process.stdin, process.stdout

        def execute(codes: list[str]) -> str:
            print(json.dumps(codes), file=send, flush=True)
            printed, error = json.loads(receive.readline())
            assert not error, error[-800:]
            return str(printed)

        yield execute


COLOUR = re.compile(r"\x1b\[\d+m")
"""What a terminal takes for a colour."""


def request(graph: str, modes: tuple[Mode, ...], model: ModelSpec) -> RunRequest:
    return RunRequest(graph=GRAPHS[graph], model=model, modes=modes, prompt=GRAPHS[graph].examples[0])


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_code_of_every_page_runs_on_every_graph(executed: Execute, graph: str) -> None:
    codes = [python_script(request(graph, modes, QUICK)) for modes in PAGES.values()]
    lines = executed(codes).splitlines()
    printed = {COLOUR.sub("", line.split(" ", 1)[0]) for line in lines}
    assert set(MODES) - {"custom"} <= printed
    assert ("custom" in printed) == GRAPHS[graph].writes_custom


def test_the_code_of_every_technique_page_runs(executed: Execute) -> None:
    def asked(graph: Graph, **fields: Any) -> RunRequest:
        modes = ("messages", "updates", "custom", "tools")
        return RunRequest(graph=graph, model=QUICK, modes=modes, prompt=graph.examples[0], **fields)

    waits = {"order": "gather", "extra_ms": {"ux": 5}, "broken": "ux", "fault": "fail"}
    codes = [
        *[python_script(asked(GRAPHS["chat"], api=api)) for api in APIS],
        python_script(asked(TECHNIQUES["retrieval"], context=waits)),
        python_script(asked(TECHNIQUES["agent"])),
        python_script(asked(TECHNIQUES["research"], subgraphs=False)),
        python_script(asked(TECHNIQUES["briefing"])),
        python_script(asked(TECHNIQUES["approval"]), answering=True),
        python_script(asked(TECHNIQUES["approval"], interrupt_before=("draft", "publish")), answering=True),
    ]
    printed = executed(codes)
    assert "the end:" in printed, "v3, typed"
    assert "tool-finished" in printed
    assert printed.count("'published'") == 2, "both went on to the end"


def test_the_code_of_a_fork_starts_at_its_checkpoint_with_the_edited_field(executed: Execute) -> None:
    first = request("joke", ("checkpoints",), QUICK)
    fork = replace(first, fork=Fork(checkpoint_id="of this thread", step=0, edits={"topic": "Penguins"}))
    again = replace(fork, fork=Fork(checkpoint_id="of the fork", step=2))
    lone = python_script(fork)
    assert lone == python_script(fork, before=[first]), "what it went back from is told by the fork"
    once = executed([lone])
    assert "'topic': 'Penguins'" in once
    assert "step': 0" not in once, "the first run is not streamed again"
    twice = executed([python_script(again, before=[first, fork])])
    assert "'topic': 'Penguins'" in twice
    assert twice.count("'step'") < once.count("'step'")


def test_the_code_of_a_fork_replaces_a_message(executed: Execute) -> None:
    message = {"type": "human", "content": "Penguins", "id": "of this thread"}
    fork = Fork(checkpoint_id="of this thread", step=0, edits={"messages": [message]})
    printed = executed([python_script(replace(request("chat", ("values",), QUICK), fork=fork))])
    assert "content='Penguins'" in printed
    assert GRAPHS["chat"].examples[0] not in printed


def test_the_code_of_a_later_turn_holds_the_turns_before_it(executed: Execute) -> None:
    turns = [replace(request("chat", ("values",), QUICK), prompt=prompt) for prompt in ("One", "Two", "Three")]
    printed = executed([python_script(turns[-1], before=turns[:-1])])
    assert [printed.count(f"HumanMessage(content='{prompt}'") for prompt in ("One", "Two", "Three")] == [2, 2, 2]


def test_a_run_that_went_on_is_one_with_its_beginning_in_the_code() -> None:
    first = request("chat", ("values",), QUICK)
    other = replace(first, prompt="Two")
    drained, mended = replace(other, resume=Resume()), replace(other, resume=Resume(), replaces_run_id="what broke off")
    assert python_script(drained, before=[first, other]) == python_script(mended, before=[first])
    assert python_script(drained, before=[first, other]) == python_script(other, before=[first])


def test_the_code_says_all_of_a_pace_and_every_breakpoint() -> None:
    pace = Pace(ttft_ms=80, tokens_per_s=400.0, jitter=0.1, chunk_tokens=2, tokens=30, streams=False)
    asked = replace(request("joke", ("values",), replace(QUICK, pace=pace)), interrupt_before=("generate_joke",))
    code = python_script(asked, answering=True)
    assert repr(pace) in code
    assert code.count("interrupt_before=['generate_joke']") == 2


def test_a_prompt_cannot_break_out_of_the_code() -> None:
    code = python_script(
        RunRequest(graph=GRAPHS["joke"], model=ModelSpec(), modes=("values",), prompt="'''\"; raise SystemExit #")
    )
    compile(code, "shown", "exec")
    assert "raise SystemExit" in code


def test_no_key_is_ever_in_the_code() -> None:
    assert "key" not in python_script(request("joke", ("values",), ModelSpec(provider="openai", model="gpt-4.1-mini")))


def test_template_syntax_in_a_prompt_or_an_edit_stays_text() -> None:
    edits = {"topic": "{{ request.model }}"}
    asked = replace(request("joke", ("values",), QUICK), fork=Fork(checkpoint_id="x", step=0, edits=edits))
    assert "{'topic': '{{ request.model }}'}" in python_script(asked)
    assert "'{% raw %} {# x #}'" in python_script(replace(asked, fork=None, prompt="{% raw %} {# x #}"))


class Speaks(GenericFakeChatModel):
    """A model that says the same three words each time, after a call of a tool if it is given one."""

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self


def run_project(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str) -> str:
    call = {"name": "weather", "args": {"city": "Bern"}, "id": "1"}
    first = AIMessage("", tool_calls=[call]) if "create_agent" in code else AIMessage("three small words")
    said = iter([first, *[AIMessage("three small words")] * 3])
    # The fake model cannot stream a tool call.
    model = Speaks(messages=said, disable_streaming="create_agent" in code)
    monkeypatch.setattr("langchain.chat_models.init_chat_model", lambda *_, **__: model)
    exec(compile(code, "shown", "exec"), {"__name__": "__main__"})
    return capsys.readouterr().out


SHOWS: dict[Mode, str] = {
    "values": "state:",
    "updates": "changed by answer",
    "messages": "small",
    "custom": "reported: {'status'",
    "tasks": "task: answer ended",
    "checkpoints": "saved, next: ['answer']",
    "debug": "task_result",
}


@pytest.mark.parametrize("modes", [*((mode,) for mode in SHOWS), tuple(SHOWS)])
def test_program_for_a_project_needs_nothing_of_this_repository_and_streams(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], modes: tuple[Mode, ...]
) -> None:
    code = project_script(request("joke", modes, ModelSpec(provider="openai", model="gpt-4.1-mini")))
    assert "streaming" not in code
    assert "graphs" not in code
    printed = run_project(monkeypatch, capsys, code)
    assert [mode for mode in modes if SHOWS[mode] not in printed] == []


@pytest.mark.parametrize("api", APIS)
def test_program_for_a_project_reads_every_api(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], api: Api
) -> None:
    code = project_script(replace(request("joke", ("messages",), QUICK), api=api))
    assert "small" in run_project(monkeypatch, capsys, code)


def test_program_for_a_project_answers_its_question_and_calls_its_tool(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = request("joke", tuple(SHOWS), QUICK)
    assert "Good, publish it." in run_project(monkeypatch, capsys, project_script(asked, answering=True))
    agent = project_script(request("joke", ("messages", "updates", "custom", "tools"), QUICK))
    printed = run_project(monkeypatch, capsys, agent)
    assert "tool-finished" in printed
    assert "{'asking': 'Bern'}" in printed


def test_prompt_cannot_break_out_of_the_program_for_a_project() -> None:
    prompt = '"]}; raise SystemExit\n\\ {{ request.model }} \u2028'
    code = project_script(replace(request("joke", ("values",), ModelSpec(provider="groq", model='x"y')), prompt=prompt))
    constants = {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}
    assert {prompt, 'groq:x"y'} <= constants


@pytest.mark.parametrize(("provider", "key"), [("scripted", "OPENAI_API_KEY"), ("groq", "GROQ_API_KEY")])
def test_program_for_a_project_names_its_key_in_the_first_line(provider: Provider, key: str) -> None:
    code = project_script(request("joke", ("messages",), ModelSpec(provider=provider)))
    assert code.splitlines()[0].endswith(f"and set {key}")


def test_each_message_of_a_graph_of_the_readers_own_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    own = SimpleNamespace(program=("from agent import graph",), to_input=lambda prompt: {"text": prompt}, name="own")
    line = lines_of_modes(replace(request("joke", ("messages",), QUICK), graph=own))["messages"]
    assert line in project_script(replace(request("joke", ("messages",), QUICK), graph=own))
    last = AIMessageChunk("is here.", chunk_position="last")
    for message in (ToolMessage("A17 has shipped.", tool_call_id="1"), AIMessageChunk("It "), last, AIMessage("Bye.")):
        exec(line, {"part": {"data": (message, {})}})
    assert capsys.readouterr().out == "A17 has shipped.\nIt is here.\nBye.\n"


NESTED = """
from dataclasses import dataclass
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel

@dataclass
class Reader:
    user: str = "anonymous"

class Inner(BaseModel):
    drafts: list[str] = []

class Outer(BaseModel):
    topic: str
    drafts: list[str] = []

def draft(state: Inner, runtime: Runtime[Reader], config) -> dict:
    return {"drafts": [f"For {runtime.context.user} in {config['configurable'].get('tone')}"]}

section = StateGraph(Inner, context_schema=Reader).add_node(draft).add_edge(START, "draft").compile()
builder = StateGraph(Outer, context_schema=Reader).add_node("section", section).add_edge(START, "section")
graph = builder.compile()
"""


@pytest.fixture
def nested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A graph in a project, whose state is of pydantic, with a subgraph and a context."""
    (tmp_path / "nested_of_theirs.py").write_text(NESTED)
    monkeypatch.syspath_prepend(tmp_path)
    about = description_of(describe(importlib.import_module("nested_of_theirs").graph, ""))
    program = ("from nested_of_theirs import graph",)
    yield SimpleNamespace(program=program, to_input=lambda prompt: {"topic": prompt}, name="own", description=about)
    del sys.modules["nested_of_theirs"]


@pytest.mark.parametrize("subgraphs", [True, False])
@pytest.mark.parametrize("modes", [("values",), ("messages", "tasks"), tuple(SHOWS)])
def test_program_with_a_graph_of_the_readers_own_runs_with_its_context_and_its_subgraphs(
    nested: Any, capsys: pytest.CaptureFixture[str], modes: tuple[Mode, ...], subgraphs: bool
) -> None:
    asked = replace(request("joke", modes, QUICK), graph=nested, subgraphs=subgraphs)
    asked = replace(asked, context={"user": "Marta"}, configurable={"tone": "blue"})
    code = project_script(asked)
    assert all(line in code for line in lines_of_modes(asked).values())
    exec(compile(code, "shown", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    assert "values" not in modes or "For Marta in blue" in printed
    assert "tasks" not in modes or ("task: draft ended" in printed) == subgraphs


def test_program_with_a_graph_of_the_readers_own_keeps_its_limit_its_pauses_and_the_defaults_of_its_context(
    nested: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = replace(request("joke", ("values",), QUICK), graph=nested)
    exec(compile(project_script(asked), "shown", "exec"), {"__name__": "__main__"})
    assert "For anonymous" in capsys.readouterr().out, "as in its process, where an empty context takes its defaults"
    limited = replace(asked, limits=replace(asked.limits, supersteps=7), interrupt_before=("section",))
    code = project_script(limited)
    assert "'recursion_limit': 7" in code
    exec(compile(code, "shown", "exec"), {"__name__": "__main__"})
    assert "For anonymous" not in capsys.readouterr().out


ASKS = """
import os
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

State = TypedDict("State", {"topic": str, "said": str})
TEAM = os.environ.get("TEAM_OF_THEIRS")

def ask(state):
    return {"said": interrupt("Which?")["choice"] + " for " + interrupt("For whom?") + " of " + str(TEAM)}

graph = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile()
"""


def test_program_with_a_graph_of_the_readers_own_gives_the_answers_of_the_thread_and_loads_its_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEAM_OF_THEIRS", "")
    (tmp_path / ".env").write_text("TEAM_OF_THEIRS=Kestrel\n")
    (tmp_path / "asks_of_theirs.py").write_text(ASKS)
    (source,) = find_sources(f"{tmp_path / 'asks_of_theirs.py'}:graph")
    about = replace(
        description_of(describe(importlib.import_module("asks_of_theirs").graph, "InMemorySaver")),
        folder=str(tmp_path),
        module="asks_of_theirs",
    )
    graph = OwnGraph(source=source, process=cast(Any, SimpleNamespace(loaded=SimpleNamespace(description=about))))
    first = replace(request("joke", ("updates",), QUICK), graph=graph, input={"topic": "bees"})
    answered = replace(first, resume=Resume(answers={"q": {"choice": "A"}}))
    last = replace(first, resume=Resume(answers={"r": "me"}))

    def printed(code: str) -> str:
        sys.modules.pop("asks_of_theirs", None)
        exec(compile(code, "shown", "exec"), {"__name__": "__main__"})
        return capsys.readouterr().out

    waits = "# Here it waits for an answer"
    asked = project_script(first, waits=True)
    assert (waits in asked, "InMemorySaver" in asked, "Command" in asked.partition(waits)[0]) == (True, True, False)
    assert "A for" not in printed(project_script(answered, before=[first], waits=True))
    whole = project_script(last, before=[first, answered])
    assert waits not in whole
    assert "A for me of Kestrel" in printed(whole)
    assert "Kestrel" not in whole, "no value of its environment"
    both = project_script(replace(first, resume=Resume(answers={"q": 1, "r": 2})), before=[first])
    assert (waits in both, "Command(resume=1)" in both) == (True, False)


@pytest.mark.parametrize("api", [*APIS, "invoke"])
def test_program_with_a_graph_of_the_readers_own_gives_its_context_by_every_api(
    nested: Any, capsys: pytest.CaptureFixture[str], api: Api
) -> None:
    asked = replace(request("joke", ("values",), QUICK), graph=nested, context={"user": "Marta"}, api=api)
    code = project_script(asked)
    assert ", thread, context={'user': 'Marta'}" in code
    if "v3" in api:
        return  # LangGraph itself cannot give this graph's subgraph in version 3
    exec(compile(code, "shown", "exec"), {"__name__": "__main__"})
    assert "For Marta" in capsys.readouterr().out


def test_program_for_a_project_of_one_mode_is_short() -> None:
    lines = [line for line in project_script(request("joke", ("messages",), QUICK)).splitlines() if line]
    assert len(lines) <= 14
