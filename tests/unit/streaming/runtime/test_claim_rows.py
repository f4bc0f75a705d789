"""What the second run is told depends on why its question is not open."""

from streaming.runtime.claim_rows import Move, Row, refusal

MOVE = Move(answers={"q": "yes"}, text="", submitted_at=0, age_s=0, checkpoint_id=None, expects=None, branches=False)


def row(**answers: str) -> Row:
    return Row(checkpoint_id="c", answers=answers, text="", since=0, claimed_at=0, is_open=True)


def test_a_thread_without_claims_is_called_expired_and_not_answered() -> None:
    error = refusal([], MOVE)
    assert "expired" in str(error)
    assert "answered with" not in str(error)


def test_an_answered_question_is_quoted() -> None:
    assert "This question was answered with “no”" in str(refusal([row(q="no")], MOVE))


def test_a_question_without_a_known_answer_is_not_open_any_more() -> None:
    assert "not open any more" in str(refusal([row(other="no")], MOVE))
