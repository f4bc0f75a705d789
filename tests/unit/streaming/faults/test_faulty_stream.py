"""What the fault server says that it will do is what it does."""

import pytest

from streaming.faults.faulty_stream import FaultyStream
from streaming.faults.plan import FaultPlan

REQUEST = {"messages": [{"role": "user", "content": "bees"}]}


def description(fault: str) -> str:
    return FaultyStream(REQUEST, plan=FaultPlan(fault=fault, when="middle", calls=3), call=2, faulty=True).description()


@pytest.mark.parametrize(("fault", "says"), [("cut", "tokens, but after"), ("stall", "tokens, but after")])
def test_a_fault_of_the_stream_is_told_with_its_place(fault: str, says: str) -> None:
    assert says in description(fault)


def test_a_stream_without_a_token_is_not_told_to_have_streamed_some() -> None:
    """“but after 18 of them begins the stream and sends no token”."""
    assert description("slow-first-token") == "begins the stream and sends no token"
