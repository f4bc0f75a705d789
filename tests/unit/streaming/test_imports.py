"""An import of the engine loads no database, telemetry, screen or provider client."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = ("sqlalchemy", "alembic", "opentelemetry", "streamlit", "openai", "langchain_openai", "groq", "langchain_groq")

# `langchain_core` brings LangSmith, which loads OpenTelemetry where it is installed: what counts is what is added.
SCRIPT = f"""
import asyncio, sys
import langsmith.client
before = set(sys.modules)
{{code}}
print(sorted(name for name in set(sys.modules) - before if name.partition(".")[0] in {HEAVY}))
"""
SCRIPTED_ANSWER = """
from streaming.providers import ModelSpec, Pace, open_model
async def answer():
    model = await open_model(ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=10_000, tokens=2)))
    assert [chunk async for chunk in model.astream("Hello")]
asyncio.run(answer())
"""


def test_importing_the_engine_and_a_scripted_answer_load_no_heavy_package() -> None:
    # In one process, as each import is part of the next one.
    code = f"import streaming, streaming.providers\n{SCRIPTED_ANSWER}"
    command = [sys.executable, "-c", SCRIPT.format(code=code)]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True)
    assert loaded.stdout.strip() == "[]"
