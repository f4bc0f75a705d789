"""The code that a reader can copy to get the same stream: complete, and run by the tests."""

from streaming.models import ModelSpec
from streaming.request import RunRequest

_TEMPLATE = '''"""{title}: run it from the root of this repository."""

import asyncio

{saver_import}from {module} import GRAPH
from streaming.models import {imports}


async def main() -> None:
    model = await open_model(
        {spec}
    )
    graph = GRAPH.build(model{saver})
    parts = graph.astream(
        GRAPH.to_input({prompt!r}),
{thread}        stream_mode={modes!r},
        subgraphs={subgraphs!r},
        version="v2",
    )
    async for part in parts:
        print(part["type"], part["ns"], part["data"])


asyncio.run(main())
'''

_NEED_MEMORY = {"checkpoints", "debug"}
_SAVER_IMPORT = "from langgraph.checkpoint.memory import InMemorySaver\n\n"
_SAVER = ", checkpointer=InMemorySaver()"
_THREAD = '        {"configurable": {"thread_id": "one"}},\n'


def snippet(request: RunRequest) -> str:
    """A script that asks LangGraph for the same stream as this request does."""
    remembers = bool(_NEED_MEMORY & set(request.modes))
    scripted = request.model.provider == "scripted"
    return _TEMPLATE.format(
        title=f"The {request.graph.name} graph, streamed as {', '.join(request.modes)}",
        module=request.graph.module,
        saver_import=_SAVER_IMPORT if remembers else "",
        saver=_SAVER if remembers else "",
        thread=_THREAD if remembers else "",
        imports="ModelSpec, Pace, open_model" if scripted else "ModelSpec, open_model",
        spec=_spec(request.model),
        prompt=request.prompt,
        modes=list(request.modes),
        subgraphs=request.subgraphs,
    )


def _spec(spec: ModelSpec) -> str:
    """The model's settings as Python; a key is never among them, the environment has it."""
    settings = [f"provider={spec.provider!r}"]
    if spec.model:
        settings.append(f"model={spec.model!r}")
    if spec.base_url:
        settings.append(f"base_url={spec.base_url!r}")
    settings.append(f"temperature={spec.temperature!r}")
    settings.append(f"max_tokens={spec.max_tokens!r}")
    if spec.provider == "scripted":
        pace = spec.pace
        settings.append(f"pace=Pace(ttft_ms={pace.ttft_ms}, tokens_per_s={pace.tokens_per_s}, tokens={pace.tokens})")
    return "ModelSpec(\n" + "".join(f"            {setting},\n" for setting in settings) + "        )"
