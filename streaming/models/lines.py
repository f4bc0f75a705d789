"""The HTTP clients that models of many addresses share.

LangChain keeps a client for each base URL, with a connection pool and a set of certificates of its own: a lab that asks
ever new addresses would gather a hundred of them.
"""

import asyncio
import os
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()


def shared_clients() -> dict[str, Any]:
    """The arguments for `ChatOpenAI`; none where `OPENAI_PROXY` wants a client of its own. Needs a running loop."""
    from openai import DefaultAsyncHttpxClient

    if os.environ.get("OPENAI_PROXY"):
        return {}
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        _by_loop[loop] = DefaultAsyncHttpxClient()
    return {"http_client": _sync_client(), "http_async_client": _by_loop[loop]}


@cache
def _sync_client() -> Any:
    from openai import DefaultHttpxClient

    return DefaultHttpxClient()
