"""The pitfalls, broken and fixed, and the questions."""

import re
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from components.features.quiz import QUESTIONS
from components.run_panel import launcher
from graphs.pitfalls import PITFALLS
from tests.support.app_test import opened, texts


def found_both_ways(app: AppTest, pattern: str) -> list[re.Match[str]]:
    """What was found, broken first."""
    found = list(re.finditer(pattern, texts(app)))
    assert len(found) == 2, texts(app)
    return found


def test_each_pitfall_is_run_broken_and_fixed() -> None:
    app = opened("pitfalls")
    assert texts(app).count("Run it to see what happens") == 2 * len(PITFALLS)
    app.button(key="run").click().run()
    assert not app.exception
    broken, fixed = found_both_ways(app, r"the first word after (\d+) ms; the answer took (\d+) ms")
    assert int(broken[1]) >= int(broken[2]) - 20, "unflushed output arrives at the end"
    assert int(fixed[1]) < int(fixed[2])
    broken, fixed = found_both_ways(app, r"reported after (\d+) ms, while (.*) on the screen")
    assert (broken[2], fixed[2]) == ("nothing is", "“Vanilla” is"), "an empty chunk is no first token"
    assert int(broken[1]) < int(fixed[1])
    broken, fixed = found_both_ways(app, r"stood still for up to (\d+) ms")
    assert int(broken[1]) >= 290, "sync code stops the loop"
    broken, fixed = found_both_ways(app, r"(\d) of 4 tokens reach the stream")
    assert (broken[1], fixed[1]) == ("0", "4"), "without its context a task streams no tokens"
    broken, fixed = found_both_ways(app, r"sends ([\d,]+) bytes")
    assert int(broken[1].replace(",", "")) > 3 * int(fixed[1].replace(",", ""))
    broken, fixed = found_both_ways(app, r"“(Vanilla is[^”]*)” (?:is|counts as) the whole answer")
    assert (broken[1], fixed[1]) == ("Vanilla is", "Vanilla is an orchid."), "a pause is not the end"


def checked(app: AppTest) -> list[str]:
    return [str(element.value) for element in app.success]


def test_each_of_the_five_questions_is_answered_and_checked_on_the_page() -> None:
    app = opened("pitfalls")
    assert "**0 of 5 right**, 0 answered." in texts(app)
    for number, question in enumerate(QUESTIONS):
        wrong = next(index for index in range(len(question.answers)) if index != question.right)
        app.radio(key=f"quiz_{number}").set_value(wrong).run()
        assert f"Right. {question.why}" not in checked(app), "a wrong answer does not give the right one away"
        assert "Not quite" in texts(app)
        app.radio(key=f"quiz_{number}").set_value(question.right).run()
        assert f"Right. {question.why}" in checked(app)
        assert "Not quite" not in texts(app)
    assert "**5 of 5 right**, 5 answered." in texts(app)


def test_the_list_shows_titles_without_marks_of_code_and_the_questions_have_a_link_above_the_pitfalls() -> None:
    app = opened("pitfalls")
    assert "values where updates would do" in app.selectbox(key="pitfall").options
    assert not any("`" in option for option in app.selectbox(key="pitfall").options)
    said = texts(app)
    assert said.index("(#five-questions)") < said.index(PITFALLS[0].symptom)
    assert "five-questions" in [header.proto.anchor for header in app.subheader]


def test_a_link_shows_one_pitfall_alone() -> None:
    app = opened("pitfalls", pitfall="said-twice")
    number = [pitfall.name for pitfall in PITFALLS].index("said-twice") + 1
    assert [header.value for header in app.subheader if header.value[0].isdigit()] == [
        f"{number}. A message that is built again"
    ]
    app.selectbox(key="pitfall").set_value("").run()
    assert len([header for header in app.subheader if header.value[0].isdigit()]) == len(PITFALLS)


@pytest.mark.parametrize("chosen", [True, False])
def test_a_run_without_messages_is_explained_where_the_visitor_chose_the_modes(
    chosen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "open_run_panel", partial(launcher.open_run_panel, modes_chosen=chosen))
    app = opened("updates", autorun="1")
    assert ("Why it streamed like this" in [header.value for header in app.subheader]) is chosen
    assert ("not for `messages`" in texts(app)) is chosen
