"""A pool of the HTTP clients that models of many addresses share.

LangChain keeps a client for each base URL, each with a connection pool and a set of certificates: an app that calls
ever new addresses would collect a hundred of them. Its clients also follow a redirect, with prompt and key, to any
address that the provider names; these do not.
"""

import asyncio
import os
import threading
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from typing import Any, Literal
from weakref import WeakKeyDictionary

Client = Literal["openai", "groq"]
_Key = tuple[Client, str | None]


class HttpClientPool:
    """One client for each client package and proxy, and for each event loop where it is asynchronous.

    Only connections are shared: no client keeps a cookie, so nothing of one visitor reaches the requests of another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sync: dict[_Key, Any] = {}
        self._async: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, Any]] = WeakKeyDictionary()

    def arguments(self, client: Client) -> dict[str, Any]:
        """The arguments for `ChatOpenAI` or `ChatGroq`; needs a running loop."""
        proxy = os.environ.get("OPENAI_PROXY") or None if client == "openai" else None
        key = client, proxy
        with self._lock:
            of_this_loop = self._async.setdefault(asyncio.get_running_loop(), {})
            if key not in of_this_loop:
                of_this_loop[key] = _new_client(client, "DefaultAsyncHttpxClient", proxy)
            if key not in self._sync:
                self._sync[key] = _new_client(client, "DefaultHttpxClient", proxy)
            found = {"http_client": self._sync[key], "http_async_client": of_this_loop[key]}
        # Beside clients LangChain takes no proxy.
        return found if proxy is None else {**found, "openai_proxy": ""}

    async def aclose(self) -> None:
        """Close the synchronous clients and those of the running loop; a later call opens new ones."""
        with self._lock:
            of_this_loop = self._async.pop(asyncio.get_running_loop(), {})
            synchronous, self._sync = self._sync, {}
        for client in synchronous.values():
            client.close()
        for client in of_this_loop.values():
            await client.aclose()


def _new_client(client: Client, name: str, proxy: str | None) -> Any:
    # Each package brings an HTTP client class of its own, and takes no other.
    kind = getattr(import_module(client), name)
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return kind(proxy=proxy, follow_redirects=False, cookies=no_cookies)


SHARED = HttpClientPool()
"""The pool of models that are opened without one: its connections live as long as the process."""
