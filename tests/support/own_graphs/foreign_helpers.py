"""A helper module, as authors move code out of their nodes."""

import time
from typing import Any

from pydantic import BaseModel

BACKOFF_S = 0.1
CHAT_URL = "https://api.example.org/v1/chat/completions"


class Verdict(BaseModel):
    """A verdict on a text."""

    verdict: str


def retrying(call: Any) -> Any:
    """Call until it works."""
    for _ in range(3):
        try:
            return call()
        except ValueError:
            pass
        finally:
            time.sleep(BACKOFF_S)
    raise ValueError


class Judge:
    """Judges texts by a model that it gets."""

    def __init__(self, llm: Any) -> None:
        self._chain = llm.with_structured_output(Verdict)

    async def judge(self, text: str) -> str:
        found: Any = await self._chain.ainvoke(text)
        return str(found.verdict)
