"""What is measured: pages of this app, and its peers, each with the command that serves it and the way to use it."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Page

from bench.tokens.processes import ROOT, Server, serving
from tests.support.app_server import free_port

PEERS = ROOT / "bench" / "peers"
ENVIRONMENTS = ROOT / ".venv-peers"
REFERENCE = "st.write_stream"
"""The target that the others are compared with."""

_APP = {
    "STREAMING_LAB_RUNS_PER_MINUTE": "100000",
    "STREAMING_LAB_HOSTED_RUN_S": "600",
    "STREAMING_LAB_MAX_CONCURRENT_RUNS_PER_SESSION": "24",
    "STREAMING_LAB_LOG_FORMAT": "off",
}


class Target(Protocol):
    """A page that shows an answer."""

    @property
    def name(self) -> str:
        """The name in the table."""
        ...

    @property
    def server(self) -> str:
        """The server that serves it: a key of `Servers`."""
        ...

    @property
    def pane(self) -> str:
        """The selector of the element that holds the answer."""
        ...

    def prepare(self, page: Page, url: str, provider: str, model: str) -> None:
        """Open the page, so that only the start is missing."""
        ...

    def start(self, page: Page) -> None:
        """Ask for the answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPage:
    """A page of this app, with a flush strategy; Run is pressed by the keyboard, as the peers send their prompt."""

    path: str
    flush: str = "direct"
    server: str = "app"
    pane: str = ".st-key-chat, .st-key-token_pane"

    @property
    def name(self) -> str:
        """The page, and the flush strategy if it is not the default."""
        return f"/{self.path}" if self.flush == "direct" else f"/{self.path} {self.flush}"

    def prepare(self, page: Page, url: str, provider: str, model: str) -> None:
        """Choose the provider and the model."""
        page.goto(f"{url}/{self.path}?model=compatible&graph=chat&flush={self.flush.replace(' ', '+')}")
        page.get_by_role("button", name="Model settings").click()
        for label, value in (("Base URL", f"{provider}/v1"), ("Model name", model)):
            field = page.get_by_label(label, exact=True)
            field.fill(value)
            field.press("Enter")
            page.wait_for_timeout(300)
        page.get_by_role("button", name="Model settings").click()
        page.get_by_label("Model name", exact=True).wait_for(state="hidden")
        page.wait_for_timeout(1000)

    def start(self, page: Page) -> None:
        """Press Run by the keyboard: a click waits for frames, of which a tab behind others gets one a second."""
        page.get_by_role("button", name="Run", exact=True).press("Enter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A page with an input: the model's name is typed as the prompt."""

    name: str
    server: str
    box: str
    pane: str = "body"

    def prepare(self, page: Page, url: str, provider: str, model: str) -> None:  # noqa: ARG002 - the interface
        """Type the prompt."""
        page.goto(url)
        page.locator(self.box).first.wait_for()
        page.wait_for_timeout(1500)
        page.locator(self.box).first.fill(model)

    def start(self, page: Page) -> None:
        """Send the prompt."""
        page.locator(self.box).first.press("Enter")


_STREAMLIT_BOX = "[data-testid=stChatInput] textarea"
APP_PAGES = (AppPage(path="messages"), AppPage(path="combined"))
PEER_PAGES = (
    Chat(name=REFERENCE, server="streamlit_write_stream", box=_STREAMLIT_BOX),
    Chat(name="st, whole text per token", server="streamlit_whole_text", box=_STREAMLIT_BOX),
    Chat(name="bare page", server="provider", box="input"),
    Chat(name="Chainlit", server="chainlit", box="#chat-input"),
    Chat(name="Gradio", server="gradio", box="textarea"),
    Chat(name="NiceGUI", server="nicegui", box="input"),
)


class Servers:
    """The servers of a benchmark, each started once, at its first use."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._folder = folder
        self._started: dict[str, Server] = {}

    def __getitem__(self, name: str) -> Server:
        if name not in self._started:
            self._started[name] = self._start(name)
        return self._started[name]

    @staticmethod
    def missing(name: str) -> str | None:
        """Why a server cannot be started."""
        if name in ("chainlit", "gradio", "nicegui") and not _python(name).is_file():
            return f"{name} is left out, because its environment is missing: run make bench-peers."
        return None

    def _start(self, name: str) -> Server:
        port = free_port()
        environment = {"PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_SERVER_PORT": str(port)}
        environment |= {"STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", "GRADIO_ANALYTICS_ENABLED": "False"}
        folder = self._folder / name
        folder.mkdir()
        health = "/"
        if name == "provider":
            command = [sys.executable, "-m", "bench.tokens.provider", str(port)]
        else:
            environment["PROVIDER_URL"] = f"{self['provider'].url}/v1"
            command = _command(name, port)
        if name == "app":
            environment |= {**_APP, "STREAMING_LAB_DATA_DIR": str(folder / "data")}
            health = "/healthz"
        server = serving(command, port=port, folder=folder, environment=environment, health=health)
        return self._stack.enter_context(server)


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Servers that stop at the end; their logs are in `folder`."""
    with ExitStack() as stack:
        yield Servers(stack, folder)


def _python(peer: str) -> Path:
    return ENVIRONMENTS / peer / "bin" / "python"


def _command(name: str, port: int) -> list[str]:
    if name == "app":
        return [sys.executable, "-m", "streamlit", "run", os.fspath(ROOT / "app.py")]
    if name.startswith("streamlit"):
        return [sys.executable, "-m", "streamlit", "run", os.fspath(PEERS / f"{name}.py")]
    script = os.fspath(PEERS / f"{name}_app.py")
    if name == "chainlit":
        return [
            os.fspath(_python(name)), "-m", "chainlit", "run", script, "--headless", "--port", str(port)
        ]  # fmt: skip
    return [os.fspath(_python(name)), script]
