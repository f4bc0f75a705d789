"""The graphs as a LangGraph Server runs them: `langgraph.json` names them, and the server adds threads and checkpoints.

The scripted model answers, unless `DEPLOYED_MODEL` names another one as LangChain does, for example
`openai:gpt-4.1-mini`; its key belongs into the environment of that server.
"""

import os

from langchain_core.language_models import BaseChatModel

import graphs
from streaming.providers.scripted.model import ScriptedChatModel

MODEL_VARIABLE = "DEPLOYED_MODEL"


def _model() -> BaseChatModel:
    name = os.environ.get(MODEL_VARIABLE, "")
    if not name:
        return ScriptedChatModel()
    from langchain.chat_models import init_chat_model

    model: BaseChatModel = init_chat_model(name)
    return model


_answers = _model()

# The server looks for the names of `langgraph.json` in this module.
globals().update({graph.name: graph.build(_answers) for graph in graphs.ALL})
