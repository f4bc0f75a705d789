"""What a provider's error means: by its code, type or parameter first, then by the words of many servers.

vLLM, SGLang, TGI, Ollama, llama.cpp, LM Studio and the hosted providers have no common codes, so the sentences of their
error objects are compared. The words decide only where the status does not say something else.
"""

import re

from streaming.providers.error_body import ErrorObject

MAX_READ_CHARS = 4_000
"""No more of a sentence is compared."""

_OVERFLOW_CODES = frozenset(
    {
        "context_length_exceeded",
        "exceed_context_size_error",
        "model_context_window_exceeded",
        "model_max_prompt_tokens_exceeded",
        "string_above_max_length",
        "tokens_limit_reached",
    }
)
_OVERFLOW_PARAM = re.compile(r"(?i)^(?:body\.)?(?:messages|prompt|input|contents?)?(?![^\W_])")
"""The parameters that can be too long for a context window; other texts have limits too, a tool's name for one."""
_NEVER_OVERFLOW = frozenset({401, 402, 403, 404, 405, 429})
_UNSUPPORTED_CODES = frozenset({"unsupported_parameter", "unsupported_value", "extra_forbidden"})
_MODEL_CODES = frozenset(
    {
        "deploymentnotfound",
        "invalid_model",
        "model_decommissioned",
        "model_not_available",
        "model_not_found",
        "modelnotfound",
    }
)
_FILTER_CODES = frozenset(
    {
        "content_filter",
        "content_filtered",
        "content_policy",
        "content_policy_violation",
        "data_inspection_failed",
        "moderation_blocked",
        "prompt_blocked",
        "responsibleaipolicyviolation",
        "sensitive_content",
    }
)

_OVERFLOW = re.compile(
    r"(?i)\bcontext[ _-]?(?:length|size|window|limit)\b"
    r"|\bmax(?:imum)?[ _](?:allowed )?(?:model|context|prompt|input|sequence)[ _](?:length|size|tokens)\b"
    r"|\b(?:prompt|inputs?|requests?(?! entity)|messages?|conversation|text)\b[^.:]{0,40}"
    r"\btoo (?:long|large|many tokens)\b"
    r"|\breduce (?:the )?(?:length|size) of (?:the|your) (?:messages?|prompt|input|context)"
    r"|\btoo many (?:input |prompt )?tokens\b"
    r"|\b(?:input|prompt|request(?:ed)?)\b[^.]{0,40}\b(?:tokens?|length)\b[^.]{0,60}"
    r"\b(?:exceeds?|longer than|greater than|more than)\b"
    r"|\binputs?`? (?:tokens? \+|must have (?:less|fewer) than)"
    r"|\bexceed(?:s|ed)? (?:the )?model token limit\b"
    r"|\brange of input length\b|\bprompt (?:exceeds|has more than)\b|\btokens in request more than\b"
)
_PER_TIME = re.compile(r"(?i)\bper (?:minute|hour|day|second)\b|\b(?:TPM|RPM|TPD|RPD)\b")
_TOOLS = r"\b(?:tools?|functions?)(?:[ _-](?:use|choice|calls?|calling))?\b"
_NO_TOOLS = re.compile(
    rf"(?i){_TOOLS}.{{0,80}}(?:not support|n't support|unsupported|requires|--jinja|not available|not enabled)"
    rf"|(?:not support|n't support|unsupported|no endpoints? found that support).{{0,40}}{_TOOLS}"
)
_UNKNOWN_MODEL = re.compile(
    r"(?i)\bmodels?\b.{0,200}(?:not found|not exist|n't exist|unknown|not available|not a valid|not loaded|try pulling"
    r"|decommissioned|no longer|not have access|no access)"
    r"|\b(?:not find|unknown|no such|invalid|not a valid|non-?existent|no|not found:?) (?:the )?models?\b"
    r"|\bno endpoints? found for\b|\bdeployment\b.{0,80}(?:not exist|n't exist|not found)"
)
_FILTERED = re.compile(
    r"(?i)\bcontent (?:management )?(?:policy|policies|filter)|\bcontent[_ ]policy\b|\binput was flagged\b"
    r"|\bsafety (?:system|filter)|\brequires? moderation\b|\bflagged (?:as|by|for)\b|\binappropriate content\b"
)
_SURELY_WRONG_KEY = re.compile(
    r"(?i)\b(?:invalid|incorrect|wrong|missing|expired|revoked|no|not a valid) (?:\w+ ){0,2}"
    r"(?:api[ _-]?key|access token|subscription key|credentials?)\b"
    r"|\bapi[ _-]?key\b.{0,30}\b(?:not valid|not found|invalid|incorrect|missing|expired|required|revoked)\b"
    r"|\bnot authenticated\b|\bauthentication (?:error|failed|required)\b|^unauthori[sz]ed\b|^invalid token\b"
)
_WRONG_KEY = re.compile(
    r"(?i)\bapi[ -]?key\b|\b(?:invalid|incorrect|wrong|missing|expired|revoked) (?:\w+ )?(?:key|token|credentials?)\b"
    r"|\bauthenticat|\bunauthori[sz]ed\b|\bcredentials?\b"
)
_WRONG_KEY_CODES = frozenset({"invalid_api_key", "authentication_error", "invalid_authentication", "unauthorized"})
_NOTHING_FOUND = re.compile(
    r"(?:40[45] )?(?:error )?(?:(?:page|resource|url|path|route|endpoint|file) )?"
    r"(?:not found|method not allowed)(?: 40[45])?"
)
_NO_PATH = re.compile(
    r"(?i)\binvalid url\b|\bcannot (?:get|post)\b|\bno (?:such )?(?:route|path|endpoint) (?:for|matches)\b"
    r"|\bunknown (?:url|path|route|endpoint)\b|\bunexpected endpoint\b|^a web page"
)
_SHORT_CHARS = 100
"""A sentence that says only that nothing was found is not longer."""


def means_overflow(sent: ErrorObject, status: int | None) -> bool:
    """Whether the prompt does not fit into the context window; a limit per minute does not count."""
    if {sent.code, sent.type} & _OVERFLOW_CODES:
        return bool(_OVERFLOW_PARAM.match(sent.param))
    text = sent.message[:MAX_READ_CHARS]
    return status not in _NEVER_OVERFLOW and bool(_OVERFLOW.search(text)) and not _PER_TIME.search(text)


def means_no_tools(sent: ErrorObject) -> bool:
    """Whether the model, or its server as it was started, cannot call tools."""
    if sent.code in _UNSUPPORTED_CODES or sent.type in _UNSUPPORTED_CODES:
        return sent.param in ("tools", "tool_choice")
    return bool(_NO_TOOLS.search(sent.message[:MAX_READ_CHARS]))


def means_unknown_model(sent: ErrorObject, status: int | None) -> bool:
    """Whether there is no such model; OpenAI also answers 403 for a model that the project may not use."""
    if sent.code in _MODEL_CODES or sent.type in _MODEL_CODES:
        return True
    return status in (400, 404, None) and bool(_UNKNOWN_MODEL.search(sent.message[:MAX_READ_CHARS]))


def means_web_page(sent: ErrorObject) -> bool:
    """Whether a web page came instead of an answer."""
    return sent.message.startswith("a web page")


def means_filtered(sent: ErrorObject) -> bool:
    """Whether a content filter refused the prompt."""
    return bool({sent.code, sent.type} & _FILTER_CODES or _FILTERED.search(sent.message[:MAX_READ_CHARS]))


def means_wrong_key(sent: ErrorObject, status: int | None) -> bool:
    """Whether the key is refused; where the status says nothing of it, the words have to leave no doubt."""
    words = _WRONG_KEY if status in (401, 403) else _SURELY_WRONG_KEY
    return bool({sent.code, sent.type} & _WRONG_KEY_CODES or words.search(sent.message[:MAX_READ_CHARS]))


def names_no_path(sent: ErrorObject, status: int | None) -> bool:
    """Whether there is no such path: a 404 says nothing, or only that nothing was found; other words say it."""
    if status is None:
        return bool(_NO_PATH.search(sent.message[:MAX_READ_CHARS]))
    if status not in (404, 405):
        return False
    words = " ".join(re.findall(r"\w+", sent.message[:_SHORT_CHARS].lower()))
    return not words or bool(_NOTHING_FOUND.fullmatch(words) or _NO_PATH.search(sent.message[:MAX_READ_CHARS]))
