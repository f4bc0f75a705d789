"""The errors of the lab, each with a sentence that says what to do.

LabError
├── InputError            the request is refused before anything runs
│   ├── EmptyPrompt       nothing but white space
│   ├── PromptTooLong     more than `Limits.prompt_chars`
│   ├── TooManyTokens     a longer answer than `Limits.max_tokens` is asked for
│   ├── AddressRefused    a base URL that is invalid, or that the server must not call
│   ├── UnknownMode       a stream mode that LangGraph would silently ignore
│   └── BadRequest        a request over HTTP with a field that is unknown or wrong
├── ModelError            the model is not available, or refuses the request
│   ├── ModelMissing      the embedded model is not installed
│   ├── ModelCrashed      the embedded model's process died, or did not start
│   ├── KeyMissing        no key for a hosted provider
│   ├── WrongKey          a key that is refused, or that contains invalid characters
│   ├── Refused           403 for another reason: region, moderation, rights
│   ├── UnknownModel      the provider has no model of this name
│   ├── Unreachable       nothing answers at the address
│   ├── NotAnLLM          something answers, but not an OpenAI-compatible API
│   ├── ContextOverflow   the prompt does not fit into the model's window
│   ├── RateLimited       429: too many requests
│   ├── OutOfQuota        no quota or money left, which waiting does not cure
│   ├── BrokenStream      an answer broke off in the middle
│   ├── TooSlow           no piece of the answer within the time limit
│   ├── NoTools           the model cannot call tools
│   └── ProviderFailed    any other error of the provider
├── AnsweredAlready       another tab or run has continued this thread
├── NotContinuable        a run that does not wait for what was given, or whose thread is gone
├── UnknownGraph          the graph of a stored run is no graph of this app
├── UnknownRun            no run with this id, neither on this server nor in its history
├── GraphFailed           a node raised
│   └── ProcessEnded      the process of a developer's own graph ended by itself
├── CheckpointerUnavailable   the database of the threads cannot be used
├── StoreUnavailable      the database of past runs cannot be used
├── BadSettings           a setting with an invalid value
├── BadRecording          a file that is not a recording, or a damaged one
└── LimitReached          the run passed a limit of `Limits`

`streaming.providers.error_mapping` turns what a provider's client raises into a `ModelError`.
"""


class LabError(Exception):
    """An error with two parts: what happened, and what to do about it (`advice`)."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class InputError(LabError):
    """The request is refused before anything runs."""


class EmptyPrompt(InputError):
    """The prompt contains nothing but white space."""


class PromptTooLong(InputError):
    """The prompt, or the answer to an interrupt, is longer than `Limits.prompt_chars`."""


class TooManyTokens(InputError):
    """The request asks for an answer of more than `Limits.max_tokens`."""


class AddressRefused(InputError):
    """The base URL is invalid, or one that a server open to others must not be made to call."""


class UnknownMode(InputError):
    """A stream mode that LangGraph would silently ignore."""


class BadRequest(InputError):
    """The body is not a request for a run."""


class ModelError(LabError):
    """The model is not available, or refuses the request."""


class ModelMissing(ModelError):
    """The embedded model is not installed."""


class ModelCrashed(ModelError):
    """The embedded model's process died, or would not start."""


class KeyMissing(ModelError):
    """There is no API key for the hosted provider."""


class WrongKey(ModelError):
    """The provider refuses the key, or the key contains invalid characters."""


class Refused(ModelError):
    """The provider refuses the request for another reason than the key, such as region, moderation or rights."""


class UnknownModel(ModelError):
    """The provider has no model of this name."""


class Unreachable(ModelError):
    """Nothing answers at the provider's address."""


class NotAnLLM(ModelError):
    """Something answers at the address, but not as an OpenAI-compatible API."""


class ContextOverflow(ModelError):
    """The prompt does not fit into the model's context window."""


class RateLimited(ModelError):
    """The provider accepts no more requests for now."""


class OutOfQuota(ModelError):
    """The account has no quota or money left, which waiting does not cure."""


class ProviderFailed(ModelError):
    """The provider failed in a way that has no class of its own."""


class BrokenStream(ModelError):
    """An answer broke off in the middle; the part that arrived is kept."""


class TooSlow(ModelError):
    """No piece of the answer came within the time limit; `answer_started` is false if it was the first piece."""

    def __init__(self, message: str, *, advice: str = "", answer_started: bool) -> None:
        super().__init__(message, advice=advice)
        self.answer_started = answer_started


class NoTools(ModelError):
    """The model cannot call tools."""


class AnsweredAlready(LabError):
    """Another tab or run has answered the question, or continued the thread."""


class NotContinuable(LabError):
    """A run does not wait for the answers, the checkpoint or the prompt that it was given, or its thread is gone."""


class UnknownRun(LabError):
    """There is no run with this id, neither on this server nor in its history."""


class UnknownGraph(LabError):
    """The graph of a stored run is no graph of this app, or not any more."""


class GraphFailed(LabError):
    """A node of the graph raised."""


class ProcessEnded(GraphFailed):
    """The process of a developer's own graph ended in the middle of a call."""


class CheckpointerUnavailable(LabError):
    """The database of the threads cannot be used."""


class StoreUnavailable(LabError):
    """The database of past runs cannot be used."""


class BadSettings(LabError):
    """A setting of the server has an invalid value."""


class BadRecording(LabError):
    """The file is not a recording of this app, or is damaged."""


class LimitReached(LabError):
    """The run passed a limit of `Limits`."""
