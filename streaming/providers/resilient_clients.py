"""The clients of the providers, each with time limits, retries, a fallback and continued answers."""

from typing import Any

from langchain_core.outputs import ChatResult
from langchain_groq import ChatGroq

from streaming.core.partial_answer import with_open_turn
from streaming.providers.answer_fields import KeepsAnswerFields
from streaming.providers.continuation import ContinuesPartialAnswer
from streaming.providers.gives_way import GivesWay
from streaming.providers.resilient import ResilientChatModel
from streaming.providers.token_counts import with_sound_usage


class ResilientChatOpenAI(GivesWay, ContinuesPartialAnswer, ResilientChatModel, KeepsAnswerFields):
    """`ChatOpenAI` with time limits, retries, a fallback and continued answers."""

    # The limits here watch the pauses. The client's own watch uses `asyncio.wait_for`, which before Python 3.12 loses a
    # cancellation that arrives together with a chunk: Stop would not stop.
    stream_chunk_timeout: float | None = None

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        if self.open_turn:
            input_ = with_open_turn(self._convert_input(input_).to_messages())
        payload = self._named(super()._get_request_payload(input_, stop=stop, **kwargs))
        return self.refused_options.withdraw(self.address, payload)

    def _named(self, options: dict[str, Any]) -> dict[str, Any]:
        # OpenAI calls the limit of an answer `max_completion_tokens`, and most other servers know only the old name.
        old, new = "max_tokens", "max_completion_tokens"
        given, named = (old, new) if self.provider == "openai" else (new, old)
        if given not in options:
            return options
        return {name: value for name, value in options.items() if name != given} | {named: options[given]}


class ResilientChatGroq(GivesWay, ContinuesPartialAnswer, ResilientChatModel, ChatGroq):
    """`ChatGroq` with time limits, retries, a fallback and continued answers."""

    def _create_chat_result(self, response: Any, *args: Any, **kwargs: Any) -> ChatResult:
        whole = response if isinstance(response, dict) else response.model_dump(warnings=False)
        return super()._create_chat_result(with_sound_usage(whole), *args, **kwargs)
