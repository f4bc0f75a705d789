"""Text that will be streamed again leaves every view that shows it."""

from streamlit.testing.v1 import AppTest

from tests.support.app_test import texts


def half_an_answer_then_a_restart() -> None:
    """A script that draws half an answer, and then its restart."""
    import streamlit as st

    from components.live.branches import ORDERS, BranchPanes
    from streaming.core.events import Attempt, LogEntry, Token

    views = [
        *(BranchPanes(st.container(), order=order) for order in ORDERS),
    ]
    half = [
        Token(ns=(), message_id="x", node="write", role="ai", text="half an answer"),
        Token(ns=(), message_id="y", node="table", role="ai", text='[{"name": "half a row', tags=("data",)),
    ]
    for view in views:
        for seq, event in enumerate(half):
            view.apply([LogEntry(seq=seq, t=0.0, event=event)])
        view.paint()
        again = Attempt(number=2, of=3, reason="the answer broke off", pause_s=0.0, dropped=("x", "y"))
        view.apply([LogEntry(seq=2, t=1.0, event=again)])
        if st.session_state.get("again"):
            view.finish()


def test_dropped_text_leaves_the_screen_at_once() -> None:
    app = AppTest.from_function(half_an_answer_then_a_restart).run()
    assert not app.exception
    assert texts(app).count("half an answer") == 2
    app.session_state["again"] = True
    app.run()
    assert "half an" not in texts(app)
