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

joke = graphs.joke.GRAPH.build(_answers)
chat = graphs.chat.GRAPH.build(_answers)
rag = graphs.rag.GRAPH.build(_answers)
report = graphs.report.GRAPH.build(_answers)
ideas = graphs.ideas.GRAPH.build(_answers)
retrieval = graphs.retrieval.GRAPH.build(_answers)
approval = graphs.approval.GRAPH.build(_answers)
agent = graphs.agent.GRAPH.build(_answers)
research = graphs.research.GRAPH.build(_answers)
briefing = graphs.briefing.GRAPH.build(_answers)
