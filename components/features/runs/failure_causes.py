"""What the causes of failed runs mean, in words of a reader who has not written the code."""

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "BrokenStream": "an answer broke off in the middle",
        "ContextOverflow": "the prompt was too long for the model",
        "GraphFailed": "a node of the graph raised an error",
        "KeyMissing": "no API key was given",
        "LimitReached": "the run passed a limit of time or size",
        "ModelCrashed": "the embedded model's process died",
        "ModelError": "the model was not available",
        "ModelMissing": "the embedded model is not installed",
        "NoTools": "the model cannot call tools",
        "NotAnLLM": "something answered that is no model's API",
        "OutOfQuota": "the account has no quota or money left",
        "ProcessEnded": "the process of the own graph ended",
        "ProviderFailed": "the provider failed",
        "RateLimited": "the provider asked to slow down",
        "Refused": "the provider refused the request",
        "TooSlow": "no text came within the time limit",
        "UnknownModel": "the provider has no such model",
        "Unreachable": "nothing answered at the provider's address",
        "WrongKey": "the provider refused the key",
        "Cancelled": "somebody stopped it",
        "Lost": "its server ended",
        "Timed out": "it passed its time limit",
    }
)
"""By the name of the error, or by the status of a run without one."""
