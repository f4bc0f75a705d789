"""A pool of the HTTP clients that models of many addresses share.

LangChain caches a client for each base URL, each with a connection pool and a set of certificates, up to about a
hundred of them. Its clients also follow a redirect, with prompt and key, to any address that the provider names; these
do not.
"""

import asyncio
import os
import threading
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from typing import Any, Literal
from weakref import WeakKeyDictionary

from streaming.providers.bounded_client import bounded
from streaming.providers.refused_options import RefusedOptions
from streaming.providers.stream_end import observe_response

Client = Literal["openai", "groq"]
_Key = tuple[Client, str | None]


class HttpClientPool:
    """One client for each client package and proxy, and for each event loop where it is asynchronous.

    Only connections are shared, and the options that servers have refused. No client stores cookies, so no data of one
    visitor gets into the requests of another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sync: dict[_Key, Any] = {}
        self.refused_options = RefusedOptions()
        self._async: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, Any]] = WeakKeyDictionary()

    def arguments(self, client: Client) -> dict[str, Any]:
        """The arguments for `ChatOpenAI` or `ChatGroq`; needs a running loop."""
        proxy = os.environ.get("OPENAI_PROXY") or None if client == "openai" else None
        key = client, proxy
        with self._lock:
            loop_clients = self._async.setdefault(asyncio.get_running_loop(), {})
            if key not in loop_clients:
                loop_clients[key] = _new_client(client, "DefaultAsyncHttpxClient", proxy)
            if key not in self._sync:
                self._sync[key] = _new_client(client, "DefaultHttpxClient", proxy)
            arguments = {"http_client": self._sync[key], "http_async_client": loop_clients[key]}
        # LangChain accepts either clients or a proxy.
        return arguments if proxy is None else {**arguments, "openai_proxy": ""}

    async def aclose(self) -> None:
        """Close the synchronous clients and those of the running loop; a later call opens new ones."""
        with self._lock:
            loop_clients = self._async.pop(asyncio.get_running_loop(), {})
            synchronous, self._sync = self._sync, {}
        for client in synchronous.values():
            client.close()
        for client in loop_clients.values():
            await client.aclose()


def _new_client(client: Client, name: str, proxy: str | None) -> Any:
    # Each package has its own HTTP client class and accepts no other.
    package = "httpx2" if client == "openai" else "httpx"
    kind = bounded(package, getattr(import_module(client), name))
    trusted = _trusted(package, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    # Only the asynchronous client streams.
    hooks = {"response": [observe_response]} if "Async" in name else {}
    client_of: Any = kind
    return client_of(verify=trusted, proxy=proxy, follow_redirects=False, cookies=no_cookies, event_hooks=hooks)


@cache
def _trusted(package: str, _file: str | None, _folder: str | None) -> Any:
    """The certificates that an HTTP package trusts; the environment may name a file or a folder of others.

    They are read once: it takes 25 ms, in which the event loop gives no run a turn.
    """
    return import_module(package).create_ssl_context()


SHARED = HttpClientPool()
"""The pool of models that are opened without one; its connections last as long as the process."""
