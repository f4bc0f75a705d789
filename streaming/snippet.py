"""The code that a reader can copy to get the same stream: complete, and run by the tests."""

from collections.abc import Sequence

from streaming.models import ModelSpec, without_password
from streaming.request import Api, RunRequest

_NEED_MEMORY = {"checkpoints", "debug"}

_LOOPS: dict[Api, Sequence[str]] = {
    "stream modes": (
        "parts = graph.astream(",
        "    {input},",
        "{config}",
        "    stream_mode={modes!r},",
        "    subgraphs={subgraphs!r},",
        "{options}",
        '    version="v2",',
        ")",
        "async for part in parts:",
        '    print(part["type"], part["ns"], part["data"])',
    ),
    "events v2": (
        "events = graph.astream_events(",
        "    {input},",
        "{config}",
        "{options}",
        '    version="v2",',
        ")",
        "async for event in events:",
        '    print(event["event"], event["name"], event["data"])',
    ),
    "events v3": (
        "stream = await graph.astream_events(",
        "    {input},",
        "{config}",
        "{options}",
        '    version="v3",',
        ")",
        "async with stream:",
        "    async for event in stream:",
        '        print(event["method"], event["params"]["namespace"], event["params"]["data"])',
    ),
    "events v3, typed": (
        "stream = await graph.astream_events(",
        "    {input},",
        "{config}",
        "{options}",
        '    version="v3",',
        ")",
        "async with stream:",
        "    async for message in stream.messages:",
        "        async for piece in message.text:",
        "            print(message.node, piece)",
        '    print("the end:", await stream.output())',
    ),
    "invoke": (
        "state = await graph.ainvoke(",
        "    {input},",
        "{config}",
        "{options}",
        ")",
        "print(state)",
    ),
}

_ANSWERS = (
    "while (state := await graph.aget_state(config)).next:",
    "    # One answer for each pending question, by its id; a static breakpoint has none and goes on with None.",
    "    asked = [question for task in state.tasks for question in task.interrupts]",
    '    answers = {{question.id: {{"action": "approve", "choice": "mail"}} for question in asked}}',
    "    parts = graph.astream(",
    "        Command(resume=answers) if answers else None,",
    "        config,",
    "        stream_mode={modes!r},",
    "        subgraphs={subgraphs!r},",
    '        version="v2",',
    "    )",
    "    async for part in parts:",
    '        print(part["type"], part["ns"], part["data"])',
)


def snippet(request: RunRequest, *, answering: bool = False) -> str:
    """A script that asks LangGraph for the same stream as this request does.

    With `answering` it goes on after an interrupt, with an answer to every question.
    """
    remembers = answering or bool(request.breakpoints) or bool(_NEED_MEMORY & set(request.modes))
    scripted = request.model.provider == "scripted"
    loop = [*_LOOPS[request.api], *(_ANSWERS if answering else ())]
    lines = [
        f'"""The {request.graph.name} graph, streamed as {_streamed_as(request)}: run it from the root of this '
        'repository."""',
        "",
        "import asyncio",
        "",
        *_library_imports(remembers=remembers, answering=answering),
        f"from {request.graph.module} import GRAPH",
        f"from streaming.models import ModelSpec, {'Pace, ' if scripted else ''}open_model",
        "",
        "",
        "async def main() -> None:",
        f"    model = await open_model({_spec(request.model)})",
        f"    graph = GRAPH.build(model{', checkpointer=InMemorySaver()' if remembers else ''})",
        *(['    config = {"configurable": {"thread_id": "one"}}'] if remembers else []),
        *_filled(loop, request, remembers=remembers),
        "",
        "",
        "asyncio.run(main())",
        "",
    ]
    return "\n".join(lines)


def _streamed_as(request: RunRequest) -> str:
    return ", ".join(request.modes) if request.api == "stream modes" else request.api


def _library_imports(*, remembers: bool, answering: bool) -> list[str]:
    wanted = [
        *(["from langgraph.checkpoint.memory import InMemorySaver"] if remembers else []),
        *(["from langgraph.types import Command"] if answering else []),
    ]
    return [*wanted, ""] if wanted else []


def _filled(loop: Sequence[str], request: RunRequest, *, remembers: bool) -> list[str]:
    options = [
        *([f"    context={dict(request.context)!r},"] if request.context is not None else []),
        *([f"    interrupt_before={list(request.breakpoints)!r},"] if request.breakpoints else []),
    ]
    lines: list[str] = []
    for line in loop:
        if line == "{options}":
            lines += options
        elif line == "{config}":
            lines += ["    config,"] if remembers else []
        else:
            given = f"GRAPH.to_input({request.prompt!r})"
            lines.append(line.format(input=given, modes=list(request.modes), subgraphs=request.subgraphs))
    return [f"    {line}" for line in lines]


def _spec(spec: ModelSpec) -> str:
    """The model's settings as Python; a key is never among them, the environment has it."""
    settings = [f"provider={spec.provider!r}"]
    if spec.model:
        settings.append(f"model={spec.model!r}")
    if spec.base_url:
        settings.append(f"base_url={without_password(spec.base_url)!r}")
    settings.append(f"temperature={spec.temperature!r}")
    settings.append(f"max_tokens={spec.max_tokens!r}")
    if spec.provider == "scripted":
        pace = spec.pace
        streams = "" if pace.streams else ", streams=False"
        settings.append(
            f"pace=Pace(ttft_ms={pace.ttft_ms}, tokens_per_s={pace.tokens_per_s}, tokens={pace.tokens}{streams})"
        )
    inner = "".join(f"            {setting},\n" for setting in settings)
    return f"\n        ModelSpec(\n{inner}        )\n    "
