"""What all tests share: services of their own, and no key of the machine they run on."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest

from streaming.config.settings import DATA_DIR, PREFIX, Settings, load_settings
from streaming.providers.catalogue import KEY_ENV
from streaming.providers.embedded.server import EmbeddedServer
from streaming.services import Services, installed
from tests.support.services import Configure

# How long an example takes depends on what else the machine does, and a check of a commit has one result. With
# HYPOTHESIS_PROFILE=search the examples are more, and new ones each time.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile("search", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


# What is imported and collected stays until the end: to search it for garbage again and again takes a third of a start.
SEARCHES = gc.get_threshold()
gc.set_threshold(100_000, *SEARCHES[1:])


def pytest_collection_finish() -> None:
    """From here on Python looks for garbage as ever, though only in what the tests make."""
    gc.freeze()
    gc.set_threshold(*SEARCHES)


class SharedEmbeddedServer(EmbeddedServer):
    """One process of the embedded model for all tests: a start takes half a second. It ends with the session."""

    def close(self) -> None:
        """Stay: the next test uses it too."""


_shared = SharedEmbeddedServer()


@pytest.fixture(scope="session", autouse=True)
def _end_shared_model() -> Iterator[None]:
    yield
    EmbeddedServer.close(_shared)


@pytest.fixture(scope="session", autouse=True)
def _scan_packages_once() -> Iterator[None]:
    """Each AppTest of Streamlit's searches all installed packages for components, at the cost of half a page."""
    with pytest.MonkeyPatch.context() as patched:
        if "streamlit.testing.v1" in sys.modules:
            scanner = import_module("streamlit.components.v2.manifest_scanner")
            patched.setattr(scanner, "scan_component_manifests", cache(scanner.scan_component_manifests))
        yield


@cache
def settings_of(environment: frozenset[tuple[str, str]]) -> Settings:
    """The settings by an environment and no file: to read them takes half of a short test."""
    return load_settings()


def present_settings(data: Path) -> Settings:
    """The settings by the present environment, with the data in this folder."""
    varying = (DATA_DIR, "PYTEST_CURRENT_TEST")
    environment = frozenset((name, value) for name, value in os.environ.items() if name not in varying)
    return settings_of(environment).model_copy(update={"data_dir": data})


def own_services(settings: Settings) -> Services:
    """Services with these settings."""
    services = Services(settings) if settings.model_file else Services(settings, embedded_model=_shared)
    services.graphs.load_by(lambda: import_module("graphs").ALL)
    return services


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's files nor an earlier test decide how the app is set, or what it has stored."""
    monkeypatch.setattr("streaming.config.settings.ROOT", tmp_path)
    monkeypatch.setitem(Settings.model_config, "toml_file", tmp_path / "config.toml")
    monkeypatch.setenv(DATA_DIR, str(tmp_path / "data"))
    for name in KEY_ENV.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(autouse=True)
def services(_own_settings: None, tmp_path: Path) -> Iterator[Services]:
    """The services of this test alone."""
    with installed(own_services(present_settings(tmp_path / "data"))) as built:
        yield built


@pytest.fixture
def configure(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """`configure(login="true")` gives the test services with these settings."""
    with ExitStack() as stack:

        def install(**settings: str) -> Services:
            for name, value in settings.items():
                monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)
            return stack.enter_context(installed(own_services(load_settings())))

        yield install
