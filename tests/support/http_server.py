"""An app on a real socket."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn


@contextmanager
def running(app: Any, **options: Any) -> Iterator[str]:
    """The app on a real socket, as uvicorn runs it with these options."""
    serving = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, **{"log_level": "error", **options}))
    thread = Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.01)
    yield f"127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    serving.should_exit = True
    thread.join()
