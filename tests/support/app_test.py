"""Opening a page of the app as a script."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
APP = str(ROOT / "components" / "main.py")
QUICK = {"model": "scripted", "ttft_ms": "0", "tokens_per_s": "5000"}


def opened(page: str, **query: str | list[str]) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    for name, value in {**QUICK, **query}.items():
        app.query_params[name] = value
    return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def texts(app: AppTest) -> str:
    shown = [*app.markdown, *app.error, *app.warning, *app.info, *app.caption, *app.text]
    return "\n".join(str(element.value) for element in shown)


def assert_completed(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert ":green-badge[Completed]" in texts(app), texts(app)[:2000]


def run_in(app: AppTest) -> str:
    """The ids of the page's runs, as they stand in its address."""
    ids = app.query_params["run"]
    return ids[0] if isinstance(ids, list) else ids
