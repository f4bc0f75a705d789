"""The HTTP clients that models of many addresses share.

LangChain keeps a client for each base URL, with a connection pool and a set of certificates of its own: a lab that asks
ever new addresses would gather a hundred of them. And its clients follow a redirect, with prompt and key, to wherever
the provider says; these do not.
"""

import asyncio
import os
from functools import cache
from importlib import import_module
from typing import Any, Literal
from weakref import WeakKeyDictionary

Client = Literal["openai", "groq"]

_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Client, str | None], Any]] = WeakKeyDictionary()


def shared_clients(client: Client) -> dict[str, Any]:
    """The arguments for `ChatOpenAI` or `ChatGroq`; needs a running loop."""
    proxy = os.environ.get("OPENAI_PROXY") or None if client == "openai" else None
    of_this_loop = _by_loop.setdefault(asyncio.get_running_loop(), {})
    if (client, proxy) not in of_this_loop:
        # Each package brings a client of its own making, and takes no other.
        of_this_loop[client, proxy] = import_module(client).DefaultAsyncHttpxClient(proxy=proxy, follow_redirects=False)
    found = {"http_client": _sync_client(client, proxy), "http_async_client": of_this_loop[client, proxy]}
    # Beside clients LangChain takes no proxy.
    return found if proxy is None else {**found, "openai_proxy": ""}


@cache
def _sync_client(client: Client, proxy: str | None) -> Any:
    return import_module(client).DefaultHttpxClient(proxy=proxy, follow_redirects=False)
