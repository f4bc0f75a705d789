"""An import of the engine loads no database, telemetry, screen or provider client."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = ("sqlalchemy", "alembic", "opentelemetry", "streamlit", "openai", "langchain_openai", "groq", "langchain_groq")

SCRIPT = f"""
import asyncio, sys
import streaming, streaming.providers
first = set(sys.modules)
# An answer needs `langchain_core`, whose LangSmith loads OpenTelemetry where it is installed: count what is added.
import langsmith.client
before = set(sys.modules)
{{code}}
added = first | (set(sys.modules) - before)
print(sorted(name for name in added if name.partition(".")[0] in {HEAVY}))
"""
SCRIPTED_ANSWER = """
from streaming.providers import ModelSpec, Pace, open_model
async def answer():
    model = await open_model(ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=10_000, tokens=2)))
    assert [chunk async for chunk in model.astream("Hello")]
asyncio.run(answer())
"""


def test_importing_one_graph_loads_no_agent() -> None:
    """The shown code begins with such an import."""
    code = "import graphs.joke, sys; print('langchain' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )
    assert loaded.stdout.strip() == "False"


def test_importing_the_engine_and_a_scripted_answer_load_no_heavy_package() -> None:
    # In one process, as each import is part of the next one.
    command = [sys.executable, "-c", SCRIPT.format(code=SCRIPTED_ANSWER)]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True)
    assert loaded.stdout.strip() == "[]"
