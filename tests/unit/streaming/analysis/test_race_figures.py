"""Every figure of a race's verdict holds for every lane of which it is said."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from streaming.analysis.contender import Contender
from streaming.analysis.race_verdict import base_of, race_sentence
from streaming.analysis.stats import median_interval

NAMED = re.compile(r"[Ll]ane (\d) “")
COMPARED = re.compile(
    r"(at least )?([\d.]+)(×| ms| s) (sooner|later) than lane (\d) “\w+” with [\d.]+ m?s(?: \([^()]*of it drawing\))?"
)
UNITS = {" ms": 0.001, " s": 1.0}

TIMES = st.floats(0.05, 5.0).map(lambda value: round(value, 4))
CLOSE = st.floats(0.3, 0.45).map(lambda value: round(value, 4))
LATE = st.sampled_from([0.0, 0.02, 0.045, 0.06, 0.15, 0.6])


@st.composite
def raced(draw: st.DrawFn) -> list[Contender]:
    """Up to five lanes of up to three sources, many of them nearly alike."""
    lanes = []
    for number in range(1, draw(st.integers(2, 5)) + 1):
        arrived_s = draw(CLOSE | TIMES)
        first_s = round(arrived_s + draw(LATE), 4)
        source = draw(st.sampled_from(["", "chat", "invoke"]))
        lanes.append(
            Contender(name=f"{number}. x", first_s=first_s, end_s=6.0, source=source, arrived_s=arrived_s or None)
        )
    return lanes


@st.composite
def repeated(draw: st.DrawFn) -> list[Contender]:
    """Up to five lanes that were repeated six times."""
    lanes = []
    for number in range(1, draw(st.integers(2, 5)) + 1):
        first = median_interval(draw(st.lists(CLOSE, min_size=6, max_size=6) | st.lists(TIMES, min_size=6, max_size=6)))
        assert first
        lanes.append(Contender(name=f"{number}. x", first_s=first.median, end_s=6.0, first=first))
    return lanes


def direct_twice() -> list[Contender]:
    """Two lanes that are alike, of which the first is the later one by its own arrival; and two behind them."""
    lanes = [(0.356, 0.356, "chat"), (0.5, 0.352, "chat"), (2.1739, 2.1739, "invoke"), (0.351, 0.351, "chat")]
    return [
        Contender(name=f"{n}. x", first_s=first_s, end_s=6.0, source=source, arrived_s=arrived_s)
        for n, (first_s, arrived_s, source) in enumerate(lanes, 1)
    ]


@given(raced())
@example(direct_twice())
def test_each_figure_of_a_race_holds_for_each_lane_it_names(lanes: list[Contender]) -> None:
    holds(lanes)


@given(repeated())
def test_each_figure_of_repeats_holds_for_each_lane_it_names(lanes: list[Contender]) -> None:
    holds(lanes)


def test_of_lanes_that_are_alike_the_slowest_is_the_measure_of_all() -> None:
    assert race_sentence(direct_twice()).startswith(
        "Between lane 1 “x” (356 ms) and lane 4 “x” (351 ms) no difference in drawing the first text is shown; they "
        "had their first text at least 144 ms sooner than lane 2 “x” with 500 ms (148 ms of it drawing) and at least "
        "6.1× sooner than lane 3 “x” with 2.17 s."
    )
    assert base_of(direct_twice()) == 0


def holds(lanes: list[Contender]) -> None:
    """Read the first sentence as a reader does, and check each of its figures with the lanes it is said of."""
    verdict = race_sentence(lanes)
    sentence = re.split(r"\. (?=All|Lane \d “x” (?:\(.*)?ended first|One race|When a text arrives|Medians)", verdict)[0]
    by_number = {str(n): lane for n, lane in enumerate(lanes, 1)}
    assert set(NAMED.findall(sentence)) == set(by_number), f"every lane is spoken of: {sentence}"
    subjects: list[str] = []
    for part in sentence.split("; "):
        subjects = said_of(part, subjects)
        for least, figure, unit, how, number in COMPARED.findall(part):
            drawn = "drew" in part or f"in drawing alone {least}{figure}{unit} {how}" in part
            exact = [compare(by_number[one], by_number[number], unit, drawn=drawn) for one in subjects]
            exact = [-value for value in exact] if how == "later" else exact
            shown, near = figure_of(figure, unit)
            assert all(value > shown - near for value in exact), (sentence, figure, exact)
            assert any(abs(value - shown) < near for value in exact), (sentence, figure, exact)
            assert bool(least) == (len(subjects) > 1), sentence
            if unit == "×":
                base = base_of(lanes)
                assert base is not None
                slowest = max(by_number[one].first_s or 0.0 for one in subjects)
                assert lanes[base].first_s == slowest, "as in the table"


def said_of(part: str, before: list[str]) -> list[str]:
    """The lanes of which this part of the sentence says something."""
    if part.startswith("they "):
        return before
    named = NAMED.findall(part)
    return named if part.startswith("Between ") else named[:1]


def compare(one: Contender, other: Contender, unit: str, *, drawn: bool) -> float:
    sooner, later = (one.late_s, other.late_s) if drawn else (one.first_s, other.first_s)
    assert sooner is not None
    assert later is not None
    return later / sooner if unit == "×" else later - sooner


def figure_of(figure: str, unit: str) -> tuple[float, float]:
    """The figure in seconds or as a ratio, and how far off rounding may put it."""
    if unit == "×":
        return float(figure), 0.0501
    return float(figure) * UNITS[unit], 0.0011 if unit == " ms" else 0.0061
