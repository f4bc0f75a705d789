"""The scripted texts fit the conversation."""

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage, SystemMessage

from streaming.providers.scripted.texts import answer_for, token_pieces


@given(st.text())
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(token_pieces(text)) == text


def test_the_system_message_chooses_the_script() -> None:
    answers = {
        phrase: answer_for([SystemMessage(phrase), HumanMessage("Cats")])
        for phrase in ("Refine the topic", "Tell a joke", "Write the report", "Merge the ideas", "Chat")
    }
    assert len(set(answers.values())) == len(answers)
    assert "Cats" in answers["Tell a joke"]


def test_the_subject_is_taken_from_a_named_line() -> None:
    prompt = "Passages:\n[1] something\n\nQuestion: What are otters?"
    assert "What are otters" in answer_for([SystemMessage("Answer from the passages"), HumanMessage(prompt)])
