"""The player on a page: what a run does, drawn in the browser while it happens.

A page mounts the player before a run starts (a first mount takes a quarter of a second), and passes the run's id to the
same key afterwards; the script then ends, and the browser follows the run by itself::

    with st.container(key="token_pane"):
        ended = mount_player([run.id] if run else [], panels=["status", "figures", "tokens"], key="live")
    if ended:
        draw_charts(run)  # in the script run that follows the end of all runs

- The answer's text is in the page itself, not in a shadow root, so put the player into a container whose key names it.
- `panels` are names, or `{"panel": name, **settings}`; each panel's module in `assets/panels/` documents its settings.
- Several runs are drawn side by side on one time axis; `labels` names them, and reserves their columns before a run.
- Call it in a fragment, and only that fragment runs again when the runs have ended.
- The app serves `player_routes()` and the WebSocket `/api/live`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import streamlit as st

from components.player.files import read_asset, version
from components.shell.modes import MODE_HEX
from components.shell.session import recall, route_edition, unreachable
from components.shell.session_commands import remember_route

Panel = str | Mapping[str, Any]

PANELS = (
    "active",
    "answer",
    "branches",
    "calls",
    "checkpoints",
    "cost",
    "delivered",
    "diagram",
    "faults",
    "figures",
    "gaps",
    "kinds",
    "mode_lanes",
    "namespaces",
    "progress",
    "raw",
    "states",
    "status",
    "tables",
    "tasks",
    "timeline",
    "tokens",
    "trace",
    "updates",
)

ROUTES = "player.routes"
"""The session's value with the routes that were out of reach when the page was last drawn."""
FED = "player.fed"
"""The session's value with the runs of the page's mounts: whether any of them shows raw parts, by the run's id."""
_FEED_KEY = "player_feed"

DEFAULT_PANELS: tuple[Panel, ...] = ("status", "figures", "tokens", "timeline", "progress")


def mount_player(
    run_ids: Sequence[str],
    *,
    key: str,
    panels: Sequence[Panel] = DEFAULT_PANELS,
    labels: Sequence[str] = (),
    idle: str = "",
    min_height: int = 0,
    one_at_a_time: bool = False,
    expected: Sequence[Mapping[str, Any] | None] = (),
    reports: bool = True,
    on_ended: Callable[[], None] | None = None,
    next_run: str = "",
) -> dict[str, str] | None:
    """Draw these runs; each run's last state by its id in the one script run that follows the end of all, else `None`.

    `idle` is shown in the status row while there is no run; `min_height` pixels are kept free while the player loads;
    `expected` holds for each run the `seconds` until its first text and their `basis`, for a countdown;
    with `one_at_a_time` only the first run that has not ended is in sight, until all have ended; `on_ended` is called
    before that script run. A page with several mounts has one that `reports` the end, so that the script runs once.
    A single run gives way to `next_run`, an id, as soon as that has started, and before a script draws it.
    Raises `ValueError` for a panel that does not exist.
    """
    names = [panel if isinstance(panel, str) else panel["panel"] for panel in panels]
    if unknown := set(names) - set(PANELS):
        raise ValueError(f"There is no panel named {', '.join(sorted(unknown))}.")
    player = {
        "runs": list(run_ids),
        "panels": [panel if isinstance(panel, str) else dict(panel) for panel in panels],
        "labels": list(labels),
        "idle": idle,
        "one_at_a_time": one_at_a_time,
        "expected": list(expected),
        "colours": MODE_HEX,
        "reports": reports,
        "next_run": next_run,
    }
    fed = recall(FED)
    if fed is not None:
        fed.update({run_id: "raw" in names or fed.get(run_id, False) for run_id in run_ids})
    result = mount_module(
        "component.js", player, styles=["player.css"], key=key, min_height=min_height, callbacks={"ended": on_ended}
    )
    ended: dict[str, str] | None = result.ended
    return ended


def bring_into_sight(target: str, *, once: str, to_begin: bool = False, then: str = "") -> None:
    """Scroll to the part of the page with this key, if it is not in sight: once in a browser tab for each `once`.

    A part that is `to_begin` is scrolled to in any case, so that there is room for what comes in it. When the part has
    lost its content, the page is at the part `then` at once.
    """
    mount_module(
        "reveal.js",
        {"target": target, "once": once, "to_begin": to_begin, "then": then},
        styles=[],
        key=f"reveal.{target}",
        min_height=0,
    )


def bring_to_beginning(target: str, *, once: str) -> None:
    """Scroll the text in the part of the page with this key to its beginning: once in a tab for each `once`."""
    data = {"target": target, "once": once, "rewinds": True}
    mount_module("reveal.js", data, styles=[], key=f"rewind.{target}", min_height=0)


def follow_end(target: str, *, above: str, once: str, streams: bool) -> None:
    """Keep the end of the part with this key in sight, over the bar `above`, while the reader is there.

    The reader who scrolls up stays there, and gets a button for the way back; `once` names what the part shows, which
    is followed only if it `streams` when it is drawn for the first time in a browser tab.
    """
    data = {"target": target, "above": above, "once": once, "streams": streams}
    mount_module("follow_page.js", data, styles=["player.css"], key=f"follow.{target}", min_height=0)


def mount_module(
    module: str,
    data: Mapping[str, Any],
    *,
    styles: Sequence[str],
    key: str,
    min_height: int,
    callbacks: Mapping[str, Callable[[], None] | None] = MappingProxyType({}),
) -> Any:
    """Load a module of `assets/` and these style sheets in the browser, and call its `draw` with the data.

    `callbacks` are called before the script run that a trigger of this name causes. If the browser reports that it does
    not reach a route, or does so again, the script starts again, and sends what comes by that route another way.
    """
    base_path = str(st.get_option("server.baseUrlPath")).strip("/")
    routes = unreachable()
    known = _component_key(key)
    if (drawn := recall(ROUTES)) is not None and drawn != routes:
        st.rerun()  # a fragment runs: the whole page has to be drawn for the other way
    return _component()(
        data={
            "version": version(),
            "base_path": base_path,
            "min_height": min_height,
            "module": module,
            "styles": list(styles),
            "inline": "script" in routes,
            "fed": "socket" in routes,
            "routes_edition": route_edition(),
            "player": data,
        },
        key=known,
        on_unreachable_change=partial(_note_route, known, "unreachable"),
        on_reachable_change=partial(_note_route, known, "reachable"),
        **{f"on_{name}_change": callback or _nothing for name, callback in callbacks.items()},
    )


def mount_feed(runs: Sequence[Mapping[str, Any]], *, on_missing: Callable[[], None]) -> None:
    """Hand the newest frames of these runs to the player; `feed_component` has what the browser misses."""
    feed, callbacks = {"runs": list(runs)}, {"missing": on_missing}
    mount_module("feed_component.js", feed, styles=[], key=_FEED_KEY, min_height=0, callbacks=callbacks)


def feed_component() -> Mapping[str, Any]:
    """The state of the component that `mount_feed` mounts: `missing` are the ids of runs that lack a frame."""
    state: Mapping[str, Any] = st.session_state.get(_FEED_KEY) or {}
    return state


def _note_route(key: str, trigger: str) -> None:
    """Called before the script run, whichever mounts that has."""
    if route := (st.session_state.get(key) or {}).get(trigger):
        remember_route(str(route), reached=trigger == "reachable")


def _component_key(key: str) -> str:
    """The key without two underscores in a row, which Streamlit keeps for itself; a run's id may have them."""
    return re.sub("_(?=_)", "_.", key)


def _component() -> Any:
    """Declared again in each script run, as in a Streamlit script: it costs 30 µs, and a new server gets it as well."""
    return st.components.v2.component(
        "streaming_lab_player",
        html='<div class="sl-mount"></div>',
        js=read_asset("loader.js"),
        isolate_styles=False,
    )


def _nothing() -> None:
    """Streamlit reports a trigger only to a component that has a callback for it."""
