"""Approval: a draft that waits for a person, twice at the same time, and then goes on."""

from collections.abc import Callable
from typing import Any, Literal, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from graphs.base import CompiledGraph, Graph
from graphs.progress import report_progress

DRAFT: list[BaseMessage] = [
    SystemMessage("Draft the announcement: two short, friendly sentences."),
    HumanMessage("News: The library opens on Sundays"),
    AIMessage("Good news for readers: from now on the library opens on Sundays. Come in and stay as long as you like!"),
    HumanMessage("News: We have a new bread"),
    AIMessage("There is a new bread on our shelf, baked with seeds and honey. Come and taste it while it is warm!"),
]
TITLE: list[BaseMessage] = [
    SystemMessage("Write the title of the announcement: at most six words."),
    HumanMessage("The library opens on Sundays. Come in and stay as long as you like!"),
    AIMessage("The library opens on Sundays"),
    HumanMessage("There is a new bread on our shelf, baked with seeds and honey."),
    AIMessage("Taste our new bread"),
]
CHANNELS = ("mail", "chat", "website")
MAX_DRAFTS = 3


class State(TypedDict, total=False):
    """The state of the graph."""

    news: str
    draft: str
    drafts: int
    verdict: str
    channel: str
    title: str
    published: str


def ask(question: dict[str, Any], read: Callable[[Any], State | None], *, expected: str) -> State:
    """Ask a person until `read` accepts the answer.

    An exception would not help: LangGraph stores an answer with the thread, and would read a wrong one again and again.
    """
    while (state := read(interrupt(question))) is None:
        question = {**question, "note": f"That does not answer this question. Expected: {expected}."}
    return state


def review_text(state: State) -> State:
    """Ask a person about the draft. When the answer comes, LangGraph runs this function again from its start."""
    question = {"question": "Is this draft good?", "draft": state["draft"], "actions": ["approve", "edit", "reject"]}
    return ask(question, _verdict, expected="approve, edit with a text, or reject")


def choose_channel(state: State) -> State:
    """Ask where the text should appear: a second question, pending at the same time as the first."""
    if state.get("channel"):
        return {}
    question = {"question": "Where should it appear?", "options": list(CHANNELS)}
    return ask(question, _channel, expected=", ".join(CHANNELS))


def _verdict(answer: Any) -> State | None:
    match answer:
        case {"action": "approve"}:
            return {"verdict": "approved"}
        case {"action": "edit", "text": str(text)} if text.strip():
            return {"draft": text, "verdict": "edited"}
        case {"action": "reject"}:
            return {"verdict": "rejected"}
        case _:
            return None


def _channel(answer: Any) -> State | None:
    chosen = answer.get("choice") if isinstance(answer, dict) else answer
    return {"channel": chosen} if chosen in CHANNELS else None


def after_review(state: State) -> Literal["draft", "publish", "__end__"]:
    """Where to go after the review: a rejected draft is written again, up to `MAX_DRAFTS` times."""
    if state["verdict"] != "rejected":
        return "publish"
    return "draft" if state["drafts"] < MAX_DRAFTS else "__end__"


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """draft → review_text and choose_channel (both wait) → decide → publish, draft again, or end."""
    writer = model.bind(max_tokens=80).with_config(tags=["draft"])
    titler = model.bind(max_tokens=24).with_config(tags=["answer"])

    async def draft(state: State) -> State:
        report_progress("draft", done=0, total=1, status="Drafting", fraction=0.1)
        rejected = f"\nWrite it in another way than: {state['draft']}" if state.get("drafts") else ""
        answer = await writer.ainvoke([*DRAFT, HumanMessage(f"News: {state['news']}{rejected}")])
        report_progress("draft", done=1, total=1, status="Waiting for a person", fraction=0.5)
        return {"draft": str(answer.text), "drafts": state.get("drafts", 0) + 1}

    def decide(state: State) -> State:  # noqa: ARG001 - LangGraph passes it by name
        return {}

    async def publish(state: State) -> State:
        report_progress("publish", done=0, total=1, status="Publishing", fraction=0.7)
        title = await titler.ainvoke([*TITLE, HumanMessage(state["draft"])])
        report_progress("publish", done=1, total=1, status="Published", fraction=1.0)
        return {"title": str(title.text), "published": f"{title.text} ({state['channel']})\n\n{state['draft']}"}

    graph = StateGraph(State)
    for node in (draft, review_text, choose_channel, decide, publish):
        graph.add_node(node)
    graph.add_edge(START, "draft")
    graph.add_edge("draft", "review_text")
    graph.add_edge("draft", "choose_channel")
    graph.add_edge(["review_text", "choose_channel"], "decide")
    graph.add_conditional_edges("decide", after_review)
    graph.add_edge("publish", END)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="approval",
    title="Approval",
    summary="Drafts, waits for two answers of a person, and publishes, or drafts again (at most three drafts).",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"news": prompt},
    examples=("The park opens on Monday", "Our shop has fresh apples", "The bus is free this weekend"),
    writes_custom=True,
)
