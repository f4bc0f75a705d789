"""Entrypoints whose input is annotated in many ways; it imports nothing of this repository."""

from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

from langchain_core.messages import AIMessage, BaseMessage
from langgraph.func import entrypoint
from pydantic import BaseModel


class Topic(TypedDict):
    name: str
    words: NotRequired[int]


class Plan(TypedDict):
    topics: list[Topic]
    first: Annotated[Topic | None, "where to begin"]
    parts: list["Plan"]


class Order(BaseModel):
    item: str
    count: int = 1


@dataclass
class Letter:
    to: str


class Box:
    """What no JSON describes."""


@entrypoint()
def typed(given: Topic) -> str:
    return given["name"]


@entrypoint()
def nested(given: Plan) -> str:
    return given["topics"][0]["name"]


@entrypoint()
def quoted(given: "Topic") -> str:
    return given["name"]


@entrypoint()
def model(given: Order) -> str:
    return f"{given.count} {given.item}"


@entrypoint()
def models(given: list[Order]) -> str:
    return ", ".join(one.item for one in given)


@entrypoint()
def letter(given: Letter) -> str:
    return given.to


@entrypoint()
def messages(given: list[BaseMessage]) -> AIMessage:
    return AIMessage(f"You said: {given[-1].text}")


@entrypoint()
def boxed(given: Box) -> str:
    return type(given).__name__


@entrypoint()
def plain(given: dict[str, Any]) -> str:
    return str(given["name"])
