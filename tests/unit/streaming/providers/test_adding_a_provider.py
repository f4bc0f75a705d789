"""A provider that speaks OpenAI's API is added in two files, as the README says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
STEPS = {
    "core/model_spec.py": [
        ('Provider = Literal["local",', 'Provider = Literal["nimbus", "local",'),
        (
            'PAID: frozenset[Provider] = frozenset({"openai",',
            'PAID: frozenset[Provider] = frozenset({"nimbus", "openai",',
        ),
    ],
    "providers/catalogue.py": [
        ("DEFAULT_MODELS: dict[Provider, str] = {\n", 'DEFAULT_MODELS: dict[Provider, str] = {"nimbus": "cirrus-1",\n'),
        ("KEY_ENV: dict[Provider, str] = {\n", 'KEY_ENV: dict[Provider, str] = {"nimbus": "NIMBUS_API_KEY",\n'),
        (
            "BASE_URLS: dict[Provider, str] = {\n",
            'BASE_URLS: dict[Provider, str] = {"nimbus": "https://nimbus.test/v1",\n',
        ),
        ("LABELS: dict[Provider, str] = {\n", 'LABELS: dict[Provider, str] = {"nimbus": "Nimbus",\n'),
    ],
}
USED = """
import asyncio, re
from streaming.core.model_spec import PROVIDERS, ModelSpec
from streaming.http.start_run import MODEL_PATTERN
from streaming.providers.catalogue import model_label
from streaming.providers.factory import open_model

assert "nimbus" in PROVIDERS
spec = ModelSpec(provider="nimbus")
model = asyncio.run(open_model(spec, api_key="k"))
print(model.openai_api_base, model.model_name, model_label(spec), spec.paid, bool(re.match(MODEL_PATTERN, "nimbus:x")))
"""


def test_a_hosted_provider_is_its_name_and_its_entries_in_the_catalogue(tmp_path: Path) -> None:
    copy = tmp_path / "streaming"
    shutil.copytree(ROOT / "streaming", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, edits in STEPS.items():
        text = (copy / name).read_text(encoding="utf-8")
        for before, after in edits:
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        (copy / name).write_text(text, encoding="utf-8")
    where = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    run = subprocess.run([sys.executable, "-c", USED], cwd=tmp_path, env=where, capture_output=True, text=True)
    assert run.stdout.split() == ["https://nimbus.test/v1", "cirrus-1", "Nimbus", "cirrus-1", "True", "True"], (
        run.stderr
    )
