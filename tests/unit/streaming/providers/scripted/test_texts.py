"""The scripted texts fit the conversation, the node, and its limit of tokens."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from graphs import GRAPHS, approval, briefing, ideas, joke, rag, report
from streaming.core.model_spec import Pace
from streaming.providers.scripted.texts import answer_for, tempo_for, token_pieces

COMMON = (
    "Hello",
    "What is LangGraph?",
    "Tell me a joke about cats",
    "Explain streaming",
    "Write a haiku",
    "Make a small table",
    "Show me some code",
    "What is time to first token?",
    "What can you do?",
    "Which stream modes are there?",
    "What is a superstep?",
    "Tell me a story",
    "A recipe for pancakes",
    "Thank you!",
)
OTHER = "A prompt that nobody has foreseen"


def texts_of(*said: str) -> list[str]:
    """The answers of a chat in which these messages are sent one after the other."""
    messages: list[BaseMessage] = [SystemMessage("Chat")]
    for text in said:
        messages.append(HumanMessage(text))
        messages.append(AIMessage(answer_for(messages)))
    return [str(message.text) for message in messages[2::2]]


def node_text(examples: list[BaseMessage], prompt: str) -> str:
    return answer_for([*examples, HumanMessage(prompt)])


def graph_examples(module: object) -> tuple[str, ...]:
    examples: tuple[str, ...] = module.GRAPH.examples  # type: ignore[attr-defined]
    return examples


@given(st.text())
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(token_pieces(text)) == text


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_any_conversation_gets_a_text(said: list[str]) -> None:
    assert all(texts_of(*said))


def test_the_system_message_chooses_the_script() -> None:
    answers = {
        phrase: answer_for([SystemMessage(phrase), HumanMessage("Cats")])
        for phrase in ("Refine the topic", "Tell a joke", "Write the report", "Merge the ideas", "Chat")
    }
    assert len(set(answers.values())) == len(answers)
    assert "Cats" in answers["Tell a joke"]


def test_known_prompts_have_texts_of_their_own() -> None:
    prompts = [*COMMON, *GRAPHS["chat"].examples]
    answers = {prompt: texts_of(prompt)[0] for prompt in prompts}
    own = {text for prompt, text in answers.items() if "time to first token" not in prompt.lower()}
    assert len(own) >= len(prompts) - 1
    assert not any("I have no text" in text for text in answers.values())
    assert "| planet |" in answers["Make a small table"]
    assert "```python" in answers["Show me some code"]
    assert "cats" in answers["Tell me a joke about cats"]


def test_any_other_prompt_is_told_what_this_model_is() -> None:
    (answer,) = texts_of(OTHER)
    assert answer.startswith(f"*{OTHER}*")
    assert "without AI" in answer
    assert "TTFT" in answer


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("My name is Ada.", "What is my name?", "**Ada**"),
        ("Hi, my name is Ada and my lucky number is 7", "What is my lucky number?", "**7**"),
        ("My dog is called Rex", "What is my dog called?", "**Rex**"),
        ("The number is 42.", "What was the number?", "**42**"),
        ("Why is rain wet?", "What did I ask?", "Why is rain wet?"),
    ],
)
def test_a_later_turn_knows_what_was_said(told: str, asked: str, answer: str) -> None:
    assert answer in texts_of(told, "Write a haiku" if "ask" not in asked else told, asked)[-1]


def test_what_was_not_said_is_not_invented() -> None:
    assert "not told me your name" in texts_of("What is my name?")[0]


def test_a_later_fact_replaces_an_earlier_one() -> None:
    assert "**Bo**" in texts_of("My name is Ada", "My name is Bo", "Who am I?")[-1]


def test_an_answer_can_be_shortened() -> None:
    long, short = texts_of("What is a rainbow?", "Shorter, please")
    assert len(short) < len(long) / 3
    assert "rainbow" in short


def test_the_subject_is_taken_from_a_named_line() -> None:
    prompt = "Subject: otters\n[1] Otters hold hands."
    assert "otters" in answer_for([SystemMessage("Write the report"), HumanMessage(prompt)])


def test_an_answer_from_passages_quotes_and_cites_them() -> None:
    answer = answer_for([*rag.ANSWER, rag.question_message("What is a lamp?", ["A lamp gives light. It is hot."])])
    assert answer.startswith("**A lamp gives light** [1].")
    assert "It is hot [1]." in answer
    assert "nothing" in answer_for([*rag.ANSWER, rag.question_message("What is a lamp?", [])])


@pytest.mark.parametrize("topic", [*graph_examples(joke), OTHER])
def test_a_joke_has_a_scene_and_a_punch_line(topic: str) -> None:
    scene = node_text(joke.REFINE, f"Topic: {topic}")
    told = node_text(joke.TELL, f"Topic: {scene}")
    assert len(token_pieces(scene)) <= 32
    assert scene in told
    assert "\n\n" in told


@pytest.mark.parametrize("goal", [*graph_examples(ideas), OTHER])
def test_parallel_branches_have_texts_and_clocks_of_their_own(goal: str) -> None:
    asked = [[*ideas.THINK, HumanMessage(f"{angle}: {goal}")] for angle in ideas.ANGLES]
    found = [answer_for(messages) for messages in asked]
    assert len(set(found)) == len({tempo_for(messages) for messages in asked}) == len(ideas.ANGLES)
    assert all(len(token_pieces(text)) <= 40 for text in found)
    merged = node_text(
        ideas.MERGE, "\n".join(f"{angle}: {text}" for angle, text in zip(ideas.ANGLES, found, strict=True))
    )
    assert all(text in merged for text in found)
    assert len(token_pieces(merged)) <= 140


@pytest.mark.parametrize("goal", [*graph_examples(ideas), OTHER])
def test_at_the_usual_pace_each_branch_writes_while_another_one_does(goal: str) -> None:
    pace = Pace()
    written = []
    for angle in ideas.ANGLES:
        messages = [*ideas.THINK, HumanMessage(f"{angle}: {goal}")]
        wait, speed = tempo_for(messages)
        start = wait * pace.ttft_ms / 1000
        written.append((start, start + len(token_pieces(answer_for(messages))) / (pace.tokens_per_s * speed)))
    written.sort()
    for (_, ended), (started, _) in pairwise(written):
        assert started < ended, "a branch begins before the one that began earlier has ended"


def test_a_chat_keeps_the_chosen_pace() -> None:
    assert tempo_for([HumanMessage("cheap: x")]) == (1.0, 1.0)


@pytest.mark.parametrize("question", [*graph_examples(briefing), OTHER])
def test_a_briefing_fits_its_question(question: str) -> None:
    assert len(token_pieces(node_text(briefing.THINK, question))) <= 40
    assert len(token_pieces(node_text(briefing.ADVISE, question))) <= 80
    table = node_text(briefing.ROWS, question)
    assert len(token_pieces(table)) <= 200
    assert len(json.loads(table)["options"]) == 3


@pytest.mark.parametrize("news", [*graph_examples(approval), OTHER])
def test_an_announcement_has_a_title(news: str) -> None:
    draft = node_text(approval.DRAFT, f"News: {news}")
    title = node_text(approval.TITLE, draft)
    assert len(token_pieces(draft)) <= 80
    assert 0 < len(title.split()) <= 6


@pytest.mark.parametrize("subject", [*graph_examples(report), OTHER])
def test_a_report_has_its_plan_and_its_notes(subject: str) -> None:
    assert len(token_pieces(node_text(report.PLAN, f"Subject: {subject}"))) <= 40
    written = node_text(report.WRITE, f"Subject: {subject}\n[1] The first note.\n[2] Another one.")
    assert "The first note [1]." in written
    assert "Another one [2]." in written
    assert len(token_pieces(node_text(report.CHECK, f"Report: {written}"))) <= 32
