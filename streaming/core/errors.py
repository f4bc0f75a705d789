"""What can go wrong with a run, each with a sentence that says what to do.

LabError
├── InputError            the request is refused before anything runs
│   ├── EmptyPrompt
│   ├── PromptTooLong
│   ├── TooManyTokens
│   └── AddressRefused    a base URL that the server must not call
├── ModelError            the model cannot be had, or refuses
│   ├── ModelMissing      the embedded model is not installed
│   ├── ModelCrashed      the embedded model's process died
│   ├── KeyMissing
│   ├── WrongKey          401, 403
│   ├── UnknownModel      404
│   ├── Unreachable       nothing answers at the address
│   ├── NotAnLLM          something answers, but not an OpenAI-compatible API
│   ├── ContextOverflow   the prompt does not fit into the model's window
│   ├── RateLimited       429
│   ├── BrokenStream      an answer broke off in the middle
│   ├── TooSlow           nothing came within the time to wait
│   ├── NoTools           the model cannot call tools
│   └── ProviderFailed    anything else that the provider says
├── GraphFailed           a node raised
├── CheckpointerUnavailable     the database of the threads cannot be used
├── StoreUnavailable      the history of runs cannot be used
├── BadSettings           a setting that cannot be used
├── BadRecording          a file that is no recording, or a damaged one
├── LimitReached          a limit of the run was passed
└── UnknownMode           a stream mode that LangGraph would silently ignore

`ModelError`s that come out of a provider's client are made by `streaming.providers.error_mapping`.
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
    """The prompt holds nothing but white space."""


class PromptTooLong(InputError):
    """The prompt, or what is typed to go on, is longer than `Limits.prompt_chars`."""


class TooManyTokens(InputError):
    """The answer is asked to have more tokens than `Limits.max_tokens`."""


class AddressRefused(InputError):
    """A base URL that is none, or that a server open to others must not be made to call."""


class ModelError(LabError):
    """The model cannot be had, or refuses."""


class ModelMissing(ModelError):
    """The embedded model is not installed."""


class ModelCrashed(ModelError):
    """The embedded model's process died, or would not start."""


class KeyMissing(ModelError):
    """A hosted provider was chosen and no key is known."""


class WrongKey(ModelError):
    """The provider refuses the key (401, 403)."""


class UnknownModel(ModelError):
    """The provider has no model of this name (404)."""


class Unreachable(ModelError):
    """Nothing answers at the provider's address."""


class NotAnLLM(ModelError):
    """Something answers at the address, but it is no OpenAI-compatible API."""


class ContextOverflow(ModelError):
    """The prompt does not fit into the model's context window."""


class RateLimited(ModelError):
    """The provider asks to slow down (429)."""


class ProviderFailed(ModelError):
    """The provider failed in a way that has no class of its own."""


class BrokenStream(ModelError):
    """An answer broke off after it had begun: what had arrived is kept."""


class TooSlow(ModelError):
    """Nothing came within the time to wait; `begun` says whether the answer had begun."""

    def __init__(self, message: str, *, advice: str = "", begun: bool) -> None:
        super().__init__(message, advice=advice)
        self.begun = begun


class NoTools(ModelError):
    """The model cannot call tools."""


class GraphFailed(LabError):
    """A node of the graph raised."""


class CheckpointerUnavailable(LabError):
    """The database that remembers the threads cannot be used."""


class StoreUnavailable(LabError):
    """The history of runs cannot be used."""


class BadSettings(LabError):
    """A setting of the server cannot be used."""


class BadRecording(LabError):
    """A file that is no recording of this app, or a damaged one."""


class LimitReached(LabError):
    """A limit of the run was passed."""


class UnknownMode(InputError):
    """A stream mode that LangGraph would silently ignore."""
