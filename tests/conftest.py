"""What all tests share: no key of the machine they run on ever reaches them."""

from collections.abc import Iterator

import pytest

from streaming.config.settings import Settings, settings
from streaming.providers.catalogue import KEY_ENV
from streaming.runtime.checkpointer import DATA_DIR


@pytest.fixture(autouse=True)
def _usual_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither the developer's files nor an earlier test say how the app is set."""
    nowhere = tmp_path_factory.getbasetemp()
    monkeypatch.setattr("streaming.config.settings.ROOT", nowhere)
    monkeypatch.setitem(Settings.model_config, "toml_file", nowhere / "config.toml")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_ENV.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _data_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Threads of the tests, also of the servers that they start, are kept away from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_DIR, str(tmp_path_factory.mktemp("data")))
        yield
