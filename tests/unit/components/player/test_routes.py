"""The address of the player's modules."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from components.player.files import version
from components.player.routes import player_routes

client = TestClient(Starlette(routes=player_routes()))


def test_a_module_is_kept_by_the_browser_for_good() -> None:
    response = client.get(f"/api/player/{version()}/component.js")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]


def test_another_version_and_other_files_are_not_found() -> None:
    assert client.get("/api/player/000000000000/component.js").status_code == 404
    assert client.get(f"/api/player/{version()}/vendor/README.md").status_code == 404
    assert client.get(f"/api/player/{version()}/../mount.py").status_code == 404
