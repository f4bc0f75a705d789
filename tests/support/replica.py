"""A server in a process of its own, with the database and the data folder of its environment: `python -m` this file."""

import sys

import uvicorn
from starlette.applications import Starlette

from graphs import ALL
from streaming.config.settings import load_settings
from streaming.http.routes import api_routes
from streaming.services import Services


class _Announced(uvicorn.Server):
    """Prints its port when it serves."""

    async def startup(self, sockets: object = None) -> None:
        await super().startup()
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def main() -> None:
    services = Services(load_settings())
    services.graphs.load_by(lambda: ALL)
    app = Starlette(routes=list(api_routes(services)))
    _Announced(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")).run()
    services.close()


if __name__ == "__main__":
    sys.exit(main())
