"""Graphs whose nodes give a model callbacks of their own, however they come by the model, and some that seem to."""

from typing import Any

from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableConfig
from langgraph.graph import MessagesState

from tests.support.own_graphs.fifth_causes import graph_of
from tests.support.own_graphs.foreign_causes import Foreign, Model, Whole, cases_in

CALLBACKS: list[Foreign] = []
case = cases_in(CALLBACKS)

brain = Model()
quiet = brain.with_config(callbacks=[])
SETTINGS: Any = {"callbacks": [], "run_name": "mine"}


@case("lost-context")
def callbacks_for_a_new_model() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [Model().invoke(state["messages"], config={"callbacks": []})]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_for_a_model_of_a_local_name() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        bee = Model()
        return {"messages": [bee.invoke(state["messages"], {"callbacks": []})]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_for_a_bound_model() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        bee = brain.with_config(callbacks=[])
        return {"messages": [bee.invoke(state["messages"], {"callbacks": []})]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_that_a_model_is_bound_to() -> Any:
    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await brain.with_config({"callbacks": []}).with_retry().ainvoke(state["messages"])]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_that_a_module_binds() -> Any:
    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await quiet.ainvoke(state["messages"])]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_for_a_chain() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        steps = ChatPromptTemplate([MessagesPlaceholder("all")]) | Model()
        return {"messages": [steps.invoke({"all": state["messages"]}, config=SETTINGS)]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_for_a_name_that_is_bound_again() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        bee = Model()
        bee = bee.with_config(callbacks=[])  # type: ignore[assignment]
        return {"messages": [bee.invoke(state["messages"])]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_for_a_model_with_retries() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [brain.with_retry().invoke(state["messages"], {"callbacks": []})]}

    return graph_of(reply=reply)


@case("lost-context")
def callbacks_for_a_parameter() -> Any:
    def ask(bee: Any, messages: Any) -> Any:
        return bee.invoke(messages, {"callbacks": []})

    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [ask(brain, state["messages"])]}

    return graph_of(reply=reply)


@case("not-streaming")
def callbacks_that_are_passed_on_to_a_model_that_cannot_stream() -> Any:
    whole = Whole()

    def reply(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        return {"messages": [whole.invoke(state["messages"], {"callbacks": config["callbacks"]})]}

    return graph_of(reply=reply)


@case("not-streaming")
def no_callbacks_for_a_model_that_cannot_stream() -> Any:
    whole = Whole()

    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [whole.invoke(state["messages"], {"callbacks": None, "tags": ["mine"]})]}

    return graph_of(reply=reply)


@case("")
def callbacks_that_are_passed_on() -> Any:
    async def reply(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        return {"messages": [await Model().ainvoke(state["messages"], {"callbacks": config.get("callbacks")})]}

    return graph_of(reply=reply)


@case("")
def callbacks_that_a_binding_adds_to_those_of_the_context() -> Any:
    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [brain.with_config(tags=["mine"]).invoke(state["messages"], {"callbacks": []})]}

    return graph_of(reply=reply)


@case("not-streaming")
def callbacks_that_a_binding_of_a_model_that_cannot_stream_adds() -> Any:
    whole = Whole()

    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [whole.bind(stop=["x"]).invoke(state["messages"], {"callbacks": []})]}

    return graph_of(reply=reply)


@case("not-streaming")
def callbacks_of_a_binding_beside_a_config() -> Any:
    whole = Whole()

    async def reply(state: MessagesState) -> dict[str, Any]:
        bee = whole.with_config(callbacks=[])
        return {"messages": [await bee.ainvoke(state["messages"], {"tags": ["mine"]})]}

    return graph_of(reply=reply)
