"""What providers do to a connection: complete answers, and faults before one; `raw_faults` has those within one."""

from tests.support.raw_provider import (
    BEGUN,
    CHUNKED,
    CLOSED,
    DONE,
    HEAD,
    WHOLE,
    Script,
    chunked,
    compressed,
    drips,
    endless,
    half_closes,
    resets,
    sends,
    silent,
)

ONE_LINE = b"data: " + b"x" * 10_000_000

COMPLETE: dict[str, Script] = {
    "closed at its end": sends(CLOSED, WHOLE),
    "HTTP/1.0": sends(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", WHOLE),
    "gzip": sends(compressed(WHOLE)),
    "gzip in two members": sends(compressed(BEGUN), compressed(WHOLE.removeprefix(BEGUN)).partition(b"\r\n\r\n")[2]),
    "one byte at a time": drips(CLOSED, WHOLE),
    "100-continue first": sends(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n", CLOSED, WHOLE),
    "half-closed": half_closes(CLOSED, WHOLE),
    "reset after the end": resets(CLOSED, WHOLE),
    "no DONE": sends(CLOSED, WHOLE.removesuffix(DONE)),
    "no empty line at the end": sends(CLOSED, WHOLE.removesuffix(DONE).removesuffix(b"\n\n")),
    "no empty line after DONE": sends(CLOSED, WHOLE.removesuffix(b"\n")),
    "no empty line after DONE, in chunks": sends(CHUNKED + chunked(WHOLE.removesuffix(b"\n")) + b"0\r\n\r\n"),
    "no line end after DONE": sends(CLOSED, WHOLE.rstrip(b"\n")),
    "byte-order mark": sends(CLOSED, b"\xef\xbb\xbf" + WHOLE),
    "carriage returns": sends(CLOSED, WHOLE.replace(b"\n", b"\r")),
    "both, one byte at a time": drips(CLOSED, WHOLE.replace(b"\n", b"\r\n")),
    "retry, ids, comments and events without data": sends(
        CLOSED,
        b"retry: 3000\n\n:hello\nid: 1\n\nevent: ping\n\ndata\n\n: again\n" + WHOLE.replace(b"data:", b"id: 7\ndata:"),
    ),
    "a wrong content type": sends(CLOSED.replace(b"text/event-stream", b"text/plain"), WHOLE),
}

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
AT_ONCE: dict[str, tuple[Script, str, str]] = {
    "reset": (resets(), "Unreachable", "closed the connection"),
    "closed": (sends(), "Unreachable", "closed the connection without an answer in HTTP"),
    "reset in the headers": (resets(HEAD), "Unreachable", "closed the connection"),
    "two lengths": (
        sends(HEAD + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n", WHOLE),
        "Unreachable",
        "without an answer in HTTP",
    ),
    "headers without an end": (endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"y" * 1000 + b"\r\n"), "Unreachable", ""),
    "silence": (silent(), "TooSlow", ""),
    "silence in the headers": (silent(HEAD), "TooSlow", ""),
    "endless 1xx": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "TooSlow", ""),
    "nonsense": (sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "Unreachable", "without an answer in HTTP"),
    "a redirect to itself": (
        sends(b"HTTP/1.1 302 Found\r\nLocation: /v1/chat/completions\r\nContent-Length: 0\r\n\r\n"),
        "ProviderFailed",
        "redirects",
    ),
    "a web page": (
        sends(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><title>Log in</title>"),
        "NotAnLLM",
        "a web page, “Log in”",
    ),
    "an error with status 200": (
        sends(JSON_HEAD, b'{"error": {"message": "out of memory"}}'),
        "ProviderFailed",
        "out of memory",
    ),
    "a detail with status 200": (sends(JSON_HEAD, b'{"detail": "out of memory"}'), "ProviderFailed", "out of memory"),
    "a charset that takes quadratic time": (
        sends(JSON_HEAD.replace(b"json", b"json; charset=punycode"), b"-" + b"0a" * 500_000),
        "NotAnLLM",
        "",
    ),
    "an error in such a charset": (
        sends(
            JSON_HEAD.replace(b"200 OK", b"500 No").replace(b"json", b"json; charset=idna"), b"oops " + b"0a" * 30_000
        ),
        "ProviderFailed",
        "oops",
    ),
    "very many lists": (
        sends(JSON_HEAD, b"[" + b"[]," * 600_000 + b"1]"),
        "BrokenStream",
        "more than 500 objects and lists",
    ),
    "an error event": (sends(CLOSED, b"event: error\ndata: out of memory\n\n"), "ProviderFailed", "out of memory"),
    "a line of 10 MB": (sends(CLOSED, ONE_LINE), "BrokenStream", "a line of more than 3 MB"),
    "an endless error": (
        endless(b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n", b"oops " * 9000),
        "ProviderFailed",
        "oops",
    ),
    "another encoding": (
        sends(HEAD + b"Content-Encoding: br\r\nConnection: close\r\n\r\n", b"\x0b\x02\x80"),
        "ModelError",
        "“br”",
    ),
}
