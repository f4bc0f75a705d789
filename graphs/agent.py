"""Agent: a model that calls tools until it can answer."""

import ast
import asyncio
import operator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_core.tools import ToolException, tool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.prebuilt import ToolRuntime

from graphs.base import CompiledGraph, Graph
from graphs.collections import COLLECTIONS, asearch_collection, first_sentences
from graphs.progress import report_progress

SYSTEM = "You are a careful agent. Call a tool for every sum, every fact and every job. Then answer in two sentences."
MAX_DOCUMENTS = 40
SECONDS_A_DOCUMENT = 0.08

_MAX_DIGITS, _MAX_CHARS = 30, 200
_OPERATORS: dict[type[ast.AST], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
}


@tool
async def calculator(expression: str) -> str:
    """Work out a sum such as (3 + 4) * 12. Only numbers, brackets and + - * / % are known."""
    try:
        return f"{evaluate(expression):.10g}"
    except (ValueError, ArithmeticError) as error:
        raise ToolException(f"{expression} cannot be worked out: {error}.") from error


@tool
async def search_documents(query: str) -> str:
    """Find what the documents on streaming, LangGraph and user experience say about something."""
    results = await asyncio.gather(*(asearch_collection(collection, query, limit=1) for collection in COLLECTIONS))
    passages = sorted((hit for hits in results for hit in hits), key=lambda hit: hit["score"], reverse=True)
    return (
        "\n".join(f"[{number}] {first_sentences(hit['text'])}" for number, hit in enumerate(passages, 1))
        or "Nothing found."
    )


@tool
async def build_index(documents: int, runtime: ToolRuntime) -> str:
    """Read this number of documents (1 to 40) again and index them; takes a while and reports its progress."""
    total = max(1, min(documents, MAX_DOCUMENTS))
    for done in range(1, total + 1):
        await asyncio.sleep(SECONDS_A_DOCUMENT)
        report_progress(
            "build_index", done=done, total=total, status=f"Indexed document {done} of {total}", fraction=done / total
        )
        runtime.emit_output_delta(f"document {done} ")
    limit = "" if total == documents else f" {documents} were requested; it takes 1 to {MAX_DOCUMENTS} at a time."
    return f"{total} documents are indexed.{limit}"


# An error is reported to the model and does not end the run.
calculator.handle_tool_error = True

TOOLS = (calculator, search_documents, build_index)


def evaluate(expression: str) -> float:
    """The value of a sum, without executing it as code; raises `ValueError` for anything else."""
    if len(expression) > _MAX_CHARS:
        raise ValueError("that sum is too long")
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError("that is not a sum") from error


def _value(node: ast.AST) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            if len(str(number)) > _MAX_DIGITS:
                raise ValueError(f"a number has more than {_MAX_DIGITS} digits")
            return number
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return float(_OPERATORS[type(sign)](_value(left), _value(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case _:
            raise ValueError("only numbers, brackets and + - * / % are known")


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """model ⇄ tools, as LangChain's `create_agent` builds it."""
    # Imported here, so that a program with another graph does not load it.
    from langchain.agents import create_agent

    agent: CompiledGraph = create_agent(model, list(TOOLS), system_prompt=SYSTEM, checkpointer=checkpointer)
    return agent


GRAPH = Graph(
    name="agent",
    title="Agent",
    summary="A model that calls tools (a calculator, a document search, a long job) until it can answer.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"messages": [HumanMessage(prompt)]},
    examples=(
        "What is a checkpoint, and what is 12 * (3 + 4)?",
        "Build an index of 24 documents",
        "What does 7 / 0 give?",
    ),
    writes_custom=True,
    multi_turn=True,
)
