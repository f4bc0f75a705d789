"""`GET /api/player/{version}/{file}`: the player's script and styles, which a browser keeps for good.

`player.js` is the script of all modules; the modules themselves are there too, for tests and to read them.
"""

import gzip
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from components.player.bundle import player_script
from components.player.files import FOLDER, version

PREFIX = "/api/player/"
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


class _Assets(StaticFiles):
    """Modules and styles only, with the headers of files that never change under their address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not path.endswith((".js", ".css")):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response


@cache
def _script() -> tuple[bytes, bytes]:
    """The script, as it is and compressed."""
    plain = player_script().encode()
    return plain, gzip.compress(plain, mtime=0)


async def _player(request: Request) -> Response:
    plain, compressed = _script()
    headers = {**_HEADERS, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(compressed, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
    return Response(plain, media_type="text/javascript", headers=headers)


def player_routes() -> list[BaseRoute]:
    """What the app has to serve for `mount_player`; another version than the present one is not found."""
    return [
        Route(f"{PREFIX}{version()}/player.js", _player, name="player"),
        Mount(f"{PREFIX}{version()}", _Assets(directory=FOLDER), name="player_assets"),
    ]
