"""The faults of a provider, and the outcome of a run for each of them.

A fault of a *request* replaces an answer: that of the first, a middle or the last call of a run. A fault of a *stream*
breaks an answer: before its first token, in its middle, or after its last token and before its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

When = Literal["before", "middle", "end"]
WHENS: tuple[When, ...] = get_args(When)
Result = Literal["healed", "refused", "cut", "whole", "unnoticed", "limited"]

RESULTS: Mapping[Result, str] = {
    "healed": "Asked again, and the answer arrives complete. The reader sees a later first token, and nothing twice.",
    "refused": "Failed, with advice. No text of this answer had arrived; everything before it is kept.",
    "cut": "Failed midway: the partial text is kept, with the reason. Continue, retry or keep it.",
    "whole": "Completed: the fault takes nothing from the answer.",
    "unnoticed": "Completed, as received. OpenAI's chunks carry no number: no client can see this fault.",
    "limited": "Ended by a limit of the run. What had arrived by then is kept.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: what the server does, and the result by when it strikes, `once` or `always`.

    `error` is the class of the error that ends the run; `refusal` replaces it where nothing of the answer had arrived.
    """

    name: str
    title: str
    action: str
    once: Mapping[When, Result]
    always: Mapping[When, Result]
    error: str = ""
    refusal: str = ""
    of_request: bool = False


def _request(name: str, title: str, action: str, *, error: str, passes: bool) -> Fault:
    """A fault instead of an answer; the call is repeated if the fault may pass."""
    once: Result = "healed" if passes else "refused"
    return Fault(
        name=name,
        title=title,
        action=action,
        once=dict.fromkeys(WHENS, once),
        always=dict.fromkeys(WHENS, "refused"),
        error=error,
        of_request=True,
    )


def _stream(name: str, title: str, action: str, *, refusal: str, error: str = "BrokenStream") -> Fault:
    """A fault that breaks an answer off; before the first token, the call is repeated."""
    cut: dict[When, Result] = {"middle": "cut", "end": "cut"}
    return Fault(
        name=name,
        title=title,
        action=action,
        once={"before": "healed", **cut},
        always={"before": "refused", **cut},
        error=error,
        refusal=refusal,
    )


def _harmless(name: str, title: str, action: str, result: Result, *, error: str = "") -> Fault:
    """A fault that gives the same result whenever and however often it strikes."""
    results = dict.fromkeys(WHENS, result)
    return Fault(name=name, title=title, action=action, once=results, always=results, error=error)


_ALL = (
    Fault(
        name="none",
        title="No fault",
        action="answers as it should",
        once=dict.fromkeys(WHENS, "whole"),
        always=dict.fromkeys(WHENS, "whole"),
    ),
    _request("refused", "Connection refused", "does not listen for a while", error="Unreachable", passes=True),
    _request("tls", "TLS error", "speaks no TLS at an https address", error="Unreachable", passes=False),
    _request("401", "401 Unauthorized", "refuses the key", error="WrongKey", passes=False),
    _request("404", "404 Not Found", "does not know the model", error="UnknownModel", passes=False),
    _request("429", "429 Too Many Requests", "asks to wait (Retry-After)", error="RateLimited", passes=True),
    _request("500", "500 Internal Server Error", "fails", error="ProviderFailed", passes=True),
    _request("503", "503 Service Unavailable", "is overloaded", error="ProviderFailed", passes=True),
    _request("slow-headers", "Slow headers", "accepts the request and sends nothing", error="TooSlow", passes=True),
    _request(
        "slow-first-token", "Slow first token", "begins the stream and sends no token", error="TooSlow", passes=True
    ),
    _request("wrong-type", "Wrong content type", "answers with a web page", error="NotAnLLM", passes=True),
    _stream("stall", "Stall", "stops sending", refusal="TooSlow", error="TooSlow"),
    _stream("cut", "Cut", "closes the connection", refusal="Unreachable"),
    Fault(
        name="early-end",
        title="Early end",
        action="ends the stream properly, but without a finish reason",
        # After an empty stream the whole answer is requested.
        once={"before": "healed", "middle": "cut", "end": "cut"},
        always={"before": "healed", "middle": "cut", "end": "cut"},
        error="BrokenStream",
    ),
    _stream("malformed-json", "Malformed JSON", "sends half a JSON object", refusal="NotAnLLM"),
    _stream("malformed-sse", "Malformed SSE", "runs two events into one", refusal="NotAnLLM"),
    _stream("invalid-utf8", "Invalid UTF-8", "sends bytes that are not text", refusal="NotAnLLM"),
    _stream(
        "error-object", "Error in the stream", "sends an error object instead of a chunk", refusal="ProviderFailed"
    ),
    _harmless("drip", "Drip", "sends one byte at a time", "whole"),
    _harmless("duplicated", "Duplicated chunks", "sends some chunks twice", "unnoticed"),
    _harmless("reordered", "Reordered chunks", "swaps neighbouring chunks", "unnoticed"),
    _harmless("missing-usage", "Missing usage", "does not count its tokens", "whole"),
    Fault(
        name="endless",
        title="Endless stream",
        action="never stops: before the first token with empty chunks, later with text",
        once={"before": "healed", "middle": "limited", "end": "limited"},
        always={"before": "refused", "middle": "limited", "end": "limited"},
        error="LimitReached",
        refusal="TooSlow",
    ),
    _harmless("giant-token", "Giant token", "sends one chunk of several megabytes", "limited", error="LimitReached"),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
