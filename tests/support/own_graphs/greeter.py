"""A graph with two required texts in its input, and one in its context."""

from dataclasses import dataclass
from typing import Any, Literal

from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel


@dataclass
class Reader:
    user: str
    lang: Literal["de", "en"] = "en"


class Said(BaseModel):
    topic: str
    tone: str


def greet(state: Said, runtime: Runtime[Reader]) -> dict[str, Any]:
    return {"topic": f"{runtime.context.user} ({runtime.context.lang})"}


graph = StateGraph(Said, context_schema=Reader).add_node("greet", greet).add_edge(START, "greet").compile()
