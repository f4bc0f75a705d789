"""What providers do wrong at any place of an answer: each fault is a script, made from the events that come before it.

`POSITIONS` are places: before the first token, in the middle, after the last token, and after the finish.
"""

import json
import socket
import time
import zlib
from collections.abc import Callable
from itertools import count

from tests.support.provider_runs import KEY
from tests.support.raw_provider import (
    BEGUN,
    CHUNKED,
    CLOSED,
    DONE,
    HEAD,
    WHOLE,
    Script,
    chunked,
    compressed_begin,
    endless,
    event,
    half_closes,
    resets,
    sends,
    silent,
)

Fault = Callable[[bytes], Script]
FINISHED = WHOLE.removesuffix(DONE)
POSITIONS = {
    "before": (b"", ""),
    "middle": (BEGUN, "The tide "),
    "end": (FINISHED.removesuffix(event(finish="stop")), "The tide is out."),
    "after": (FINISHED, "The tide is out."),
}
"""The events that come before a fault, and their text."""

USAGE = ("prompt_tokens", "completion_tokens", "total_tokens")
HTML = f"<!doctype html><html><title>Log in</title><body>{KEY}</body></html>".encode()


def chunk(**fields: object) -> bytes:
    """An event whose chunk has these fields beside, or instead of, those of a legal one."""
    legal = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    legal["choices"] = [{"index": 0, "delta": {"content": ""}, "finish_reason": None}]
    return _data(json.dumps({**legal, **fields}).encode())


def choice(**fields: object) -> bytes:
    """An event whose one choice has these fields."""
    return chunk(choices=[{"index": 0, "delta": {"content": ""}, "finish_reason": None, **fields}])


def delta(**fields: object) -> bytes:
    """An event whose delta has these fields."""
    return choice(delta=fields)


def _call(arguments: str) -> bytes:
    """An event with a tool call of these arguments."""
    return delta(tool_calls=[{"index": 0, "id": "c", "function": {"name": "f", "arguments": arguments}}])


def _data(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


def _chunks(body: bytes) -> bytes:
    return chunked(body) if body else b""


def _in_chunks(*rest: bytes) -> Fault:
    return lambda body: sends(CHUNKED, _chunks(body), *rest)


def _ends(data: bytes) -> Fault:
    """The data, then the end of the answer."""
    return lambda body: sends(CLOSED, body + data)


def _goes_on(data: bytes) -> Fault:
    """The data, then the rest of a legal answer."""
    return lambda body: sends(CLOSED, body + data + WHOLE.removeprefix(body))


def _endless(piece: bytes) -> Fault:
    return lambda body: endless(CLOSED + body, piece)


def _with_length(of: int) -> Fault:
    """A length that differs from that of the body by `of`."""
    return lambda body: sends(HEAD + b"Content-Length: %d\r\n\r\n" % max(0, len(body) + of), body)


def _every_50_ms(piece: bytes) -> Fault:
    """The same piece again and again, until the client goes."""

    def fault(body: bytes) -> Script:
        def script(connection: socket.socket) -> None:
            connection.sendall(CLOSED + body)
            for _ in count():
                connection.sendall(piece)
                time.sleep(0.05)

        return script

    return fault


def _bomb(body: bytes) -> Script:
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(body) + packer.compress(b": ping\n\n" * 1_000_000) + packer.flush()
    return sends(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n", packed)


def _second_body(body: bytes) -> Script:
    planted = CHUNKED + chunked(event("planted") + event(finish="stop") + DONE) + b"0\r\n\r\n"
    return sends(CHUNKED, _chunks(body), b"0\r\n\r\n", planted)


BREAKS: dict[str, Fault] = {
    "a reset": lambda body: resets(CHUNKED, _chunks(body)),
    "a reset within a piece": lambda body: resets(CHUNKED, _chunks(body), b"40\r\ndata: {"),
    "a close without the last chunk": _in_chunks(),
    "a half-close": lambda body: half_closes(CHUNKED, _chunks(body)),
    "an unfinished chunk": _in_chunks(b"ffff\r\nda"),
    "a chunk size that is no number": _in_chunks(b"zz\r\nnonsense\r\n"),
    "a negative chunk size": _in_chunks(b"-5\r\nnonsense\r\n"),
    "a chunk size of many digits": _in_chunks(b"f" * 40 + b"\r\ndata\r\n"),
    "a chunk without its line end": _in_chunks(b"2\r\n: x 2\r\n: "),
    "an endless chunk extension": lambda body: endless(CHUNKED + _chunks(body) + b"5;a=", b"x" * 4000),
    "endless trailers": lambda body: endless(CHUNKED + _chunks(body) + b"0\r\n", b"X-Key: %s\r\n" % KEY.encode()),
    "a length that is too long": _with_length(100),
    "damaged gzip": lambda body: sends(compressed_begin(body), b"\xff" * 40),
    "gzip that is cut": lambda body: sends(compressed_begin(body)),
    "gzip that grows a hundredfold": _bomb,
    "silence": lambda body: silent(CLOSED, body),
    "silence within a line": lambda body: silent(CLOSED, body + b"data: {"),
    "silence within a character": lambda body: silent(CLOSED, body + b'data: {"choices": "\xe2\x82'),
    "a comment now and then": _every_50_ms(b": ping\n\n"),
    "an empty event now and then": _every_50_ms(b"data:\n\n"),
    "a byte now and then": _every_50_ms(b"x"),
    "a line of 10 MB": _ends(b"data: " + b"x" * 10_000_000),
    "an endless line": _endless(b"x" * 65_536),
    "endless comments": _endless(b": ping\n\n" * 8000),
    "endless empty lines": _endless(b"\n" * 60_000),
    "an event of endless lines": _endless(b"data: xxxxxxxxxxxxxxxxxxxxxx\n" * 2000),
    "endless names of events": _endless(b"event: e\n" * 8000),
    "an error event": _ends(b'event: error\ndata: {"message": "out of memory, %s"}\n\n' % KEY.encode()),
    "an error event that is no JSON": _ends(b"event: error\ndata: out of memory, %s\n\n" % KEY.encode()),
    "an error in a chunk": _ends(_data(b'{"error": {"message": "out of memory", "param": "%s"}}' % KEY.encode())),
    "an error in Latin-1": _ends(b"event: error\ndata: m\xe9moire \xe9puis\xe9e, out of memory, %s\n\n" % KEY.encode()),
    "half of an event": _ends(event("more")[:40]),
    "JSON that is nested too deeply": _ends(b"data: " + b"[" * 100_000 + b"\n\n"),
    "very many lists": _ends(b"data: [" + b"[]," * 400_000 + b"1]\n\n"),
    "very many lists over two lines": _ends(b"data: [" + b"[]," * 300_000 + b"\ndata: " + b"[]," * 300_000 + b"1]\n\n"),
    "very many fields": _ends(delta(**{f"a{number}": number for number in range(50_000)})),
    "very many lines with a key": _ends(delta(content="\n  a" * 250_000 + KEY[:9] + "\n" + KEY[9:])),
    "very many digits": _ends(delta(content="ab cd " * 250_000)),
    "very many signs": _ends(delta(content="&#" * 500_000)),
    "a web page": _ends(HTML),
    "bytes of another protocol": _ends(bytes(range(256)) * 20),
}
"""The answer does not go on."""

ODDITIES: dict[str, Fault] = {
    "no JSON": _goes_on(_data(b"out of order, %s" % KEY.encode())),
    "half of a JSON": _goes_on(event("more")[:40] + b"\n\n"),
    "JSON null": _goes_on(_data(b"null")),
    "a number": _goes_on(_data(b"7")),
    "a list": _goes_on(_data(b"[1, 2]")),
    "a string": _goes_on(_data(json.dumps(KEY).encode())),
    "an empty object": _goes_on(_data(b"{}")),
    "NaN": _goes_on(chunk(created="@").replace(b'"@"', b"NaN")),
    "a number beyond all bounds": _goes_on(chunk(created="@").replace(b'"@"', b"1e999999")),
    "a number of 10,000 digits": _goes_on(chunk(created="@").replace(b'"@"', b"9" * 10_000)),
    "bytes that are no UTF-8": _goes_on(delta(content="@").replace(b"@", b"\xff\xfe\xc3")),
    "half of a surrogate pair": _goes_on(delta(content="@").replace(b"@", b"\\ud83d")),
    "zero bytes": _goes_on(b"\0\0\0\n" + delta(content="@").replace(b"@", b"\\u0000")),
    "UTF-16": _goes_on(event("more").decode().encode("utf-16")),
    "terminal codes": _goes_on(delta(content="\x1b[2J\x1b]0;owned\x07‮")),
    "no choices": _goes_on(chunk(choices=[])),
    "choices that are null": _goes_on(chunk(choices=None)),
    "choices that are a string": _goes_on(chunk(choices="none")),
    "a choice that is null": _goes_on(chunk(choices=[None])),
    "a thousand choices": _goes_on(
        chunk(choices=[{"index": n, "delta": {}, "finish_reason": None} for n in range(1000)])
    ),
    "a choice of another index": _goes_on(choice(index=-1, delta={})),
    "an index that is a string": _goes_on(choice(index="first", delta={})),
    "a delta that is null": _goes_on(choice(delta=None)),
    "a delta that is a list": _goes_on(choice(delta=["x"])),
    "content that is a number": _goes_on(delta(content=5)),
    "content that is an object": _goes_on(delta(content={"text": KEY})),
    "content that is a list": _goes_on(delta(content=[{"type": "text", "text": ""}, 5])),
    "a role that is a number": _goes_on(delta(role=5, content="")),
    "a role of its own": _goes_on(delta(role="oracle", content="")),
    "reasoning that is a number": _goes_on(delta(reasoning_content=5, content="")),
    "a refusal that is an object": _goes_on(delta(refusal={"a": KEY}, content="")),
    "tool calls that are a string": _goes_on(delta(tool_calls="get_time")),
    "tool calls of odd types": _goes_on(delta(tool_calls=[{"index": "x", "function": 5}, None, 7])),
    "a tool call far away": _goes_on(delta(tool_calls=[{"index": 10**12, "id": "c", "function": {"name": "f"}}])),
    "arguments that go on with spaces": _goes_on(_call('{"a":' + " " * 40_000)),
    "arguments that go on with spaces, by their old name": _goes_on(
        delta(function_call={"name": "f", "arguments": '{"a":' + "\n" * 40_000})
    ),
    "arguments that only open": _goes_on(_call("[{" * 200_000)),
    "a finish that is a number": _goes_on(choice(finish_reason=7)),
    "usage of odd types": _goes_on(
        chunk(usage={"prompt_tokens": "many", "completion_tokens": -5, "total_tokens": None})
    ),
    "usage that is a list": _goes_on(chunk(usage=[1])),
    "usage with half a token": _goes_on(chunk(usage={"prompt_tokens": 1.5, "completion_tokens": 2, "total_tokens": 3})),
    "usage without bounds": _goes_on(chunk(usage=dict.fromkeys(USAGE, "@")).replace(b'"@"', b"1e999")),
    "usage below zero": _goes_on(chunk(usage={"prompt_tokens": -1, "completion_tokens": -5, "total_tokens": -6})),
    "usage beyond a database": _goes_on(chunk(usage={name: 2**62 for name in USAGE})),
    "usage with details of odd types": _goes_on(
        chunk(
            usage={
                **dict.fromkeys(USAGE, 1),
                "completion_tokens_details": [1],
                "prompt_tokens_details": {"audio_tokens": 0.5},
            }
        )
    ),
    "log probabilities of odd types": _goes_on(choice(logprobs={"content": "x"})),
    "an id that is an object": _goes_on(chunk(id={"a": 1}, model=["m"], object=5)),
    "a key twice": _goes_on(_data(b'{"choices": [], "choices": [{"index": 0, "delta": {}}]}')),
    "an event of an unknown name": _goes_on(b"event: ping\n" + _data(b'{"type": "ping"}')),
    "the key in pieces": _goes_on(delta(content=KEY[:9]) + delta(content=KEY[9:])),
    "the key in pieces, escaped in part": _goes_on(
        delta(content=KEY[:7].replace("-", "\\u002d")) + delta(content=KEY[7:].replace("-", "&#45;"))
    ),
    "a second status line": _goes_on(b"HTTP/1.1 500 No\r\nX-Key: %s\r\n\r\n" % KEY.encode()),
    "a second answer": _second_body,
    "a length that is too short": lambda body: sends(HEAD + b"Content-Length: %d\r\n\r\n" % len(body), WHOLE),
    "two ends": _goes_on(DONE),
    "a finish too early": _goes_on(event(finish="stop")),
    "a content filter": _goes_on(choice(finish_reason="content_filter")),
}
"""The answer goes on after it, or the client has no way to see that it does not."""

FAULTS = {**BREAKS, **ODDITIES}

LASTING = frozenset(name for name in BREAKS if "silence" in name or "now and then" in name or "endless" in name)
"""Those that end only by a limit of the client."""
