"""`GET /api/player/{version}/{file}`: the player's modules, which a browser keeps for good."""

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from components.player.files import FOLDER, version

PREFIX = "/api/player/"
_A_YEAR = "public, max-age=31536000, immutable"


class _Assets(StaticFiles):
    """Modules and styles only, with the headers of files that never change under their address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not path.endswith((".js", ".css")):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _A_YEAR
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def player_routes() -> list[BaseRoute]:
    """What the app has to serve for `mount_player`; another version than the present one is not found."""
    return [Mount(f"{PREFIX}{version()}", _Assets(directory=FOLDER), name="player")]
