"""A chart of names from anywhere is drawn, and does not end the process."""

import altair as alt

from components.charts.picture_files import png_of, svg_of

NAMES = [*("".join(map(chr, range(start, start + 8))) for start in (0, 8, 16, 24)), "\ufffe\uffff", "<&]]>\u202e"]


def test_names_with_characters_that_xml_does_not_have_are_drawn() -> None:
    values = [{"a" + name: name, "b": number} for number, name in enumerate(NAMES)] + [
        {"a": name, "b": 1} for name in NAMES
    ]
    chart = alt.Chart(alt.Data(values=values), title=NAMES).mark_bar().encode(x="a:N", y="b:Q")
    assert "\ufffd" in svg_of(chart)
    assert png_of(chart).startswith(b"\x89PNG")
