"""Five questions about streaming, each answered and explained on the page."""

from dataclasses import dataclass

import streamlit as st

from components.shell.navigation import page_path

_ANCHOR = "five-questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its answers, the index of the `right` one, why that is right, and the page that shows it."""

    text: str
    answers: tuple[str, ...]
    right: int
    why: str
    page: str


QUESTIONS = (
    Question(
        text="A board of ten fields shows what each step changed. Which mode sends least?",
        answers=("`values`", "`updates`", "`debug`"),
        right=1,
        why="`updates` sends only what each node returned; `values` sends the full state again after each superstep.",
        page="updates",
    ),
    Question(
        text="A node calls `model.invoke()`, not `stream()`. Can the page still show token after token?",
        answers=(
            "No: `invoke()` returns the whole answer",
            "Only if the node yields the tokens itself",
            "Yes: in mode `messages` LangGraph lets the model stream, and hears its callbacks",
        ),
        right=2,
        why="With `messages`, a callback is attached to each model call, and the model streams to it inside "
        "`invoke()`. The node itself still gets the whole answer.",
        page="messages",
    ),
    Question(
        text="How does a node report “Searching, 2 of 3” while it works?",
        answers=(
            "`get_stream_writer()(…)`, heard in mode `custom`",
            "It returns the text as a state update",
            "It prints, and the page reads the log",
        ),
        right=0,
        why="The stream writer sends at once, in the middle of a node. A state update is sent when the node has "
        "finished.",
        page="custom",
    ),
    Question(
        text="Three searches wait 0.9, 0.6 and 0.3 s for other machines. How long do they take with `asyncio.gather`?",
        answers=("1.8 s, the sum", "0.9 s, the longest", "0.6 s, the mean"),
        right=1,
        why="Waiting costs no processor: together they take as long as the slowest. Async code also leaves the event "
        "loop free for all other visitors.",
        page="async",
    ),
    Question(
        text="What does `stream_mode=['updates', 'messages', 'custom']` give?",
        answers=(
            "Three runs, one for each mode",
            "Only the last mode counts",
            "One run, one stream: each part names its mode, and the text is no slower",
        ),
        right=2,
        why="All modes of one run arrive in one stream, in order, each part with its mode. On /race, the preset *All "
        "seven modes against one* measures that it costs no speed.",
        page="lanes",
    ),
)


def point_to_quiz() -> None:
    """A line that leads to the questions, which are far below."""
    st.markdown(f":material/quiz: [Five questions to check yourself ↓](#{_ANCHOR})")


@st.fragment
def show_quiz() -> None:
    """The questions; each choice is checked at once and explained, and the score counts what is right."""
    st.subheader("Five questions", anchor=_ANCHOR)
    chosen = [_ask(question, number) for number, question in enumerate(QUESTIONS)]
    score = sum(answer == question.right for answer, question in zip(chosen, QUESTIONS, strict=True))
    answered = sum(answer is not None for answer in chosen)
    st.markdown(f"**{score} of {len(QUESTIONS)} right**, {answered} answered.")


def _ask(question: Question, number: int) -> int | None:
    """Draw the question and the comment on the chosen answer; returns the answer's index, `None` before a choice."""
    chosen = st.radio(
        f"**{number + 1}.** {question.text}",
        range(len(question.answers)),
        index=None,
        format_func=question.answers.__getitem__,
        key=f"quiz_{number}",
    )
    if chosen is None:
        return None
    if chosen == question.right:
        st.success(f"Right. {question.why}", icon=":material/check:")
    else:
        st.error("Not quite: try another one, or look at the page.", icon=":material/close:")
    st.page_link(page_path(question.page), label="See it", icon=":material/arrow_forward:")
    return chosen
