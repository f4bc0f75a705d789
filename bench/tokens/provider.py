"""An OpenAI-compatible provider that stamps each word as it leaves the socket: `python -m bench.tokens.provider PORT`.

`POST /v1/chat/completions` streams the answer that the model name asks for (`bench.tokens.words`) on an absolute
schedule: a late word does not delay the next ones. `GET /answers/NAME` gives the stamps of an answer (`time.time()`),
and when its client closed the connection early. `GET /` is the page that reads the provider without an app in between.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.tokens.words import Answer, parse, word

LEAD_S = 1.0
"""Time from the request to the first word: an app has drawn its page by then."""

_PAGE = Path(__file__).with_name("bare.html")
_BURST = 50


@dataclass(slots=True, kw_only=True)
class Record:
    """When each word left, and when the client closed the connection before the answer was over."""

    sent: list[float] = field(default_factory=list)
    closed_at: float | None = None


class Provider:
    """Answers requests, and remembers the stamps of each answer by its model name."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which takes one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, path = head.split(" ", 2)[:2]
            if method == "POST":
                body = json.loads(await reader.readexactly(_content_length(head)))
                await self._stream(str(body["model"]), reader, writer)
            elif path == "/":
                _respond(writer, "text/html", _PAGE.read_bytes())
            else:
                record = self.records.get(path.rpartition("/")[2], Record())
                _respond(writer, "application/json", json.dumps(asdict(record)).encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            writer.close()

    async def _stream(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        record = self.records[name] = Record()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
            b"Connection: close\r\n\r\n" + _event({"role": "assistant", "content": ""})
        )
        writing = asyncio.create_task(_write(parse(name), record, writer))
        leaving = asyncio.create_task(reader.read())
        await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not writing.done():
            record.closed_at = time.time()
            writing.cancel()
        leaving.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)


async def _write(answer: Answer, record: Record, writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    begin = time.time() + LEAD_S
    for number in range(1, answer.words + 1):
        if answer.rate or number == 1:
            due = begin + ((number - 1) / answer.rate if answer.rate else 0.0)
            if (wait := due - time.time()) > 0:
                await asyncio.sleep(wait)
        elif number % _BURST == 0:
            await writer.drain()
        chunk = _event({"content": word(number)})
        record.sent.append(time.time())
        if answer.held_ms:
            loop.call_later(answer.held_ms / 1000, writer.write, chunk)
        else:
            writer.write(chunk)
    if answer.held_ms:
        await asyncio.sleep(answer.held_ms / 1000 + 0.05)
    await asyncio.sleep(answer.rest_s)
    writer.write(_event({}, "stop") + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
    await writer.drain()


def _event(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    chunk = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return _chunk(b"data: " + json.dumps(chunk).encode() + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _content_length(head: str) -> int:
    lines = (line.partition(":") for line in head.split("\r\n"))
    return next((int(value) for name, _, value in lines if name.lower() == "content-length"), 0)


def _respond(writer: asyncio.StreamWriter, kind: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)


async def serve(port: int) -> None:
    """Serve until the process ends."""
    server = await asyncio.start_server(Provider().handle, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
