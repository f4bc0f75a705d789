"""One streamed answer of the fault server, with or without its fault."""

import asyncio
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from streaming.core.partial_answer import split_partial_answer
from streaming.faults import wire
from streaming.faults.plan import FaultPlan
from streaming.providers.scripted.texts import answer_for, token_pieces

_ROLES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "assistant": AIMessage}


class ClientGone(Exception):
    """The connection has ended, by the client or by a fault."""


class FaultyStream:
    """One answer and how it is sent.

    `sent` is the text of the chunks that were sent completely, `fault_index` the number of tokens before the fault.
    """

    def __init__(self, request: dict[str, Any], *, plan: FaultPlan, call: int, faulty: bool) -> None:
        self.tokens = _tokens(request)
        self.sent = ""
        self.fault_index = plan.fault_index(len(self.tokens))
        self._plan = plan
        self._fault = plan.fault if faulty else "none"
        self._call = call
        self._count = 0
        self._struck = not faulty

    def description(self) -> str:
        """What the server will do, in a few words."""
        whole = f"streams {len(self.tokens)} tokens"
        if self._fault == "none":
            return whole
        if self._plan.kind.of_request:
            return self._plan.kind.action  # before any token
        positions = {"before": "before the first token", "end": "after the last token"}
        position = positions.get(self._plan.when) or f"after {self.fault_index} of them"
        return f"{whole}, but {position} {self._plan.kind.action}"

    async def stream(self, writer: asyncio.StreamWriter) -> bool:
        """Send the answer; returns whether the connection can be used again. Raises `ClientGone` when it has ended."""
        self._writer = writer
        self._write(wire.head("200 OK", kind=wire.EVENT_STREAM))
        await self._event(wire.delta(None, answer=self._call))
        if self._fault == "slow-first-token":
            await asyncio.sleep(self._plan.hold_s)
            return False
        await asyncio.sleep(self._plan.ttft_s)
        for token in self._ordered():
            if self._due():
                await self._strike()
            await self._token(token)
            await asyncio.sleep(1 / self._plan.tokens_per_s)
        if self._due():
            await self._strike()
        await self._finish()
        return True

    def _due(self) -> bool:
        return not self._struck and self._count == self.fault_index

    def _ordered(self) -> Iterator[str]:
        """The tokens; two of the faults repeat or swap some of them."""
        if self._fault not in ("duplicated", "reordered"):
            yield from self.tokens
            return
        tokens, rng = list(self.tokens), self._plan.rng()
        first = min(self.fault_index, max(0, len(tokens) - 4))
        chosen = sorted(rng.sample(range(first, len(tokens) - 1), k=min(3, len(tokens) - 1 - first)), reverse=True)
        for index in chosen:
            if self._fault == "duplicated":
                tokens.insert(index, tokens[index])
            else:
                tokens[index], tokens[index + 1] = tokens[index + 1], tokens[index]
        yield from tokens

    async def _token(self, text: str) -> None:
        await self._event(wire.delta(text, answer=self._call))
        self.sent += text
        self._count += 1

    async def _finish(self) -> None:
        await self._event(wire.delta("", finish="stop", answer=self._call))
        if self._fault != "missing-usage":
            await self._event(wire.usage(0, len(self.tokens), answer=self._call))
        self._write(wire.framed(wire.DONE) + wire.framed(b""))
        await self._flush()

    async def _strike(self) -> None:
        """Do what the fault does; most faults end the answer here."""
        fault, self._struck = self._fault, True
        if fault == "stall":
            await asyncio.sleep(self._plan.hold_s)
            raise ClientGone
        if fault == "cut":
            raise ClientGone
        if fault == "early-end":
            self._write(wire.framed(b""))
            await self._flush()
            raise ClientGone
        if fault == "endless":
            await self._never_stop(text="" if self.fault_index == 0 else " and so on")
        if fault == "giant-token":
            giant = "x" * self._plan.giant_bytes
            await self._event(wire.delta(giant, answer=self._call))
            self.sent += giant
        if (damaged := self._damaged(fault)) is not None:
            self._write(wire.framed(damaged))
            await self._flush()
            raise ClientGone

    async def _never_stop(self, *, text: str) -> None:
        while True:
            await self._event(wire.delta(text, answer=self._call))
            self.sent += text
            await asyncio.sleep(1 / self._plan.tokens_per_s)

    def _damaged(self, fault: str) -> bytes | None:
        """Bytes that no client can read as a chunk."""
        good = wire.event(wire.delta("…", answer=self._call))
        half = good[: len(good) // 2]
        rng = self._plan.rng()
        return {
            "malformed-json": half + b"\n\n",
            "malformed-sse": good.rstrip(b"\n") + b"\n" + good,
            "invalid-utf8": half + bytes([rng.randrange(0x80, 0xC0), 0xFF]) + good[len(good) // 2 :],
            "error-object": wire.event(wire.error("The engine is overloaded.", kind="server_error", code=503)),
        }.get(fault)

    async def _event(self, chunk: dict[str, Any]) -> None:
        data = wire.framed(wire.event(chunk))
        if self._fault == "drip" and self.fault_index <= self._count:
            for byte in data:
                self._write(bytes([byte]))
                await self._flush()
                await asyncio.sleep(self._plan.byte_s)
            return
        self._write(data)
        await self._flush()

    def _write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise ClientGone
        self._writer.write(data)

    async def _flush(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise ClientGone from error


def _tokens(request: dict[str, Any]) -> list[str]:
    """The scripted answer to this request, or the rest of it if it was partly received."""
    messages = [
        _ROLES.get(message["role"], HumanMessage)(str(message.get("content") or "")) for message in request["messages"]
    ]
    before, partial = split_partial_answer(messages)
    max_tokens = request.get("max_completion_tokens") or request.get("max_tokens")
    return list(token_pieces(answer_for(before).removeprefix(partial)))[:max_tokens]
