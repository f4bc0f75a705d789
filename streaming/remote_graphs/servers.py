"""The LangGraph Servers that the operator has named, by URL and key."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from langgraph_sdk.client import LangGraphClient

from streaming.core.errors import BadSettings
from streaming.providers.key_forms import MIN_KEY_CHARS
from streaming.providers.url_policy import url_without_credentials
from streaming.remote_graphs.bounded_client import BoundedClient

URL_VARIABLE = "LANGGRAPH_URL"
KEY_VARIABLE = "LANGGRAPH_API_KEY"

CONNECT_S = 5.0
SILENCE_S = 60.0
"""A stream without a byte for this long is taken for cut, and joined again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteServer:
    """A LangGraph Server; neither the key nor what a person has `typed` for a run there is in a text of it."""

    url: str
    key: str | None = field(default=None, repr=False)
    typed: tuple[str, ...] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """Its host and port, as it is named on screen."""
        return urlsplit(url_without_credentials(self.url)).netloc

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log, page or error may show."""
        return tuple(text for text in (self.key, *self.typed) if text and len(text) >= MIN_KEY_CHARS)

    def client(self) -> LangGraphClient:
        """A client for the running event loop; close it."""
        # Not `get_client`, which tries five times to connect: a page would wait for eight seconds.
        headers = {"x-api-key": self.key} if self.key else {}
        timeout = httpx.Timeout(CONNECT_S, read=SILENCE_S)
        return LangGraphClient(BoundedClient(base_url=self.url, headers=headers, timeout=timeout))


def named_servers(urls: str, keys: str = "") -> list[RemoteServer]:
    """The servers of the two settings; several are separated by commas or white space.

    One key is for one server, or for all of them; of several keys, each is for the server at its position. Raises
    `BadSettings`.
    """
    addresses, secrets = _parts(urls), _parts(keys)
    if len(secrets) > 1 and len(secrets) != len(addresses):
        raise BadSettings(
            f"{KEY_VARIABLE} has {len(secrets)} keys for {len(addresses)} servers.",
            advice=f"Give one key for all of them, or one for each in the order of {URL_VARIABLE}.",
        )
    if not all(secret.isascii() and secret.isprintable() for secret in secrets):
        raise BadSettings(f"{KEY_VARIABLE} contains invalid characters.", advice="Copy the key again.")
    by_server = secrets if len(secrets) > 1 else [next(iter(secrets), None)] * len(addresses)
    return [RemoteServer(url=_checked(url), key=key) for url, key in zip(addresses, by_server, strict=True)]


def _parts(value: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", value) if part]


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise BadSettings(f"{URL_VARIABLE} is not a URL.", advice="Give one like http://127.0.0.1:2024.")
    return url.rstrip("/")
