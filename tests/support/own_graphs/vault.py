"""A graph with secret fields in its input and its context, which repeats them all.

Its topic may ask it to fail with them, to crash, or to wait for an answer.
"""

import os

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt
from pydantic import BaseModel, Field, SecretStr


class State(BaseModel):
    topic: str = "bees"
    token: SecretStr = SecretStr("")
    marked: str = Field("", json_schema_extra={"format": "password"})
    said: str = ""
    length: int = 0


class Context(BaseModel):
    key: SecretStr = SecretStr("")


def told(state: State, runtime: Runtime[Context]) -> str:
    key = runtime.context.key.get_secret_value() if runtime.context else ""
    return f"{state.token.get_secret_value()} {state.marked} {key}"


def answer(state: State, runtime: Runtime[Context]) -> dict[str, str | int]:
    said = told(state, runtime)
    if state.topic == "fail":
        raise ValueError(f"not {said}")
    if state.topic == "crash":
        print(said, flush=True)
        os._exit(3)
    for letter in state.marked:
        runtime.stream_writer({"piece": letter})
    return {"said": said, "length": len(said)}


def ask(state: State) -> dict[str, str]:
    return {"topic": interrupt("Go on?")} if state.topic == "ask" else {}


graph = StateGraph(State, context_schema=Context).add_sequence([answer, ask]).add_edge(START, "answer").compile()
