"""A chart of the results for the README, light and dark: `python -m bench.tokens.chart`."""

import json
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from bench.tokens.report import RESULTS

FOLDER = Path(__file__).parents[2] / "docs"
OURS = "/"
_INK = {"light": "#1f2328", "dark": "#f0f6fc"}
_BARS = {"light": ("#0969da", "#8c959f"), "dark": ("#58a6ff", "#6e7681")}


def draw_theme(results: dict[str, Any], theme: str) -> Any:
    """One panel for each case: the p95 of each target as a bar, on a logarithmic scale.

    Two rows of panels, because a README shows a picture some 900 pixels wide at most.
    """
    panels = [_panel(title, found, theme) for title, found in results["cases"].items() if "st.write_stream" in found]
    ink = _INK[theme]
    return (
        alt.concat(*panels, columns=3)
        .configure(background="transparent", font="sans-serif")
        .configure_axis(labelColor=ink, titleColor=ink, domainColor=ink, tickColor=ink, gridOpacity=0.15)
        .configure_title(color=ink, fontSize=12)
        .configure_view(stroke=None)
    )


def _panel(title: str, found: dict[str, Any], theme: str) -> Any:
    rows = [
        (name, result["p95_ms"], f"{result['p95_ms']:,.0f}", name.startswith(OURS))
        if result
        else (name, 1, "not all words in time", False)
        for name, result in found.items()
    ]
    data = pd.DataFrame(rows, columns=["target", "p95", "label", "ours"])
    ours, other = _BARS[theme]
    base = alt.Chart(data, title=title, width=170).encode(
        y=alt.Y("target:N", sort=None, title=None),
        x=alt.X("p95:Q", scale=alt.Scale(type="log", domainMin=1), title="p95 (ms)", axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(height=12).encode(
        x2=alt.datum(1), color=alt.condition("datum.ours", alt.value(ours), alt.value(other))
    )
    numbers = base.mark_text(align="left", dx=3, color=_INK[theme]).encode(text="label:N")
    return alt.layer(bars, numbers)


def draw() -> None:
    """Write `docs/bench-light.svg` and `docs/bench-dark.svg` from `bench/results.json`."""
    results = json.loads(RESULTS.read_text())
    for theme in _INK:
        draw_theme(results, theme).save(FOLDER / f"bench-{theme}.svg")


if __name__ == "__main__":
    draw()
