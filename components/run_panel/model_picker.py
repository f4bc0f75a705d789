"""The model of a run: the choice, its settings, its key and its state."""

from collections.abc import Sequence

import streamlit as st

from components.shell.format import escape_markdown
from components.shell.keys import MODEL, THINKING, TOKENS, TOKENS_PER_S, TTFT_MS
from components.shell.session import local_only
from components.shell.url_state import number_binding
from streaming.core.errors import LabError
from streaming.core.model_spec import PRESETS, PROVIDERS, ModelSpec, Pace, Provider
from streaming.core.request import MAX_TOKENS_LABEL, TOKENS_LABEL
from streaming.providers.catalogue import DEFAULT_MODELS, KEY_ENV, LABELS, calls_tools, resolve_key
from streaming.providers.connection_check import check_connection
from streaming.providers.embedded.server import INSTALL_COMMAND
from streaming.providers.url_policy import check_base_url
from streaming.services import get_services

_CUSTOM_PRESET = "own pace"
_REPLACEMENT: Provider = "scripted"
_REPLACED = "replaced_model"
"""Holds the choice that the scripted model replaces on a page whose graph calls tools."""

MIN_TOKENS, DEFAULT_TOKENS, MAX_SCRIPTED_TOKENS = 8, 200, 20_000
"""Bounds and default of the length of an answer in tokens; the server's setting `max_tokens` may be lower."""

MAX_THINKING_TOKENS = 2_000
MODEL_WIDTH = 228
"""Pixels of the select box of models: the longest label fits."""

RESTART_HELP = "On: an answer that breaks off is dropped and requested again. Off: it stays, and you decide."
_SHORT_ANSWER_TOKENS = 160


def pick_model(*, needs_tools: bool) -> tuple[Provider, Provider | None]:
    """The select box of providers; its value, which the URL holds as `model=local`, and the choice that it replaces.

    On a page that `needs_tools` the scripted model replaces a choice that cannot call them: on this page only, so the
    URL and the other pages keep the choice.
    """
    default: Provider = "local" if get_services().embedded_model.installed else "scripted"
    wanted = st.query_params.get(MODEL)
    if MODEL not in st.session_state:
        st.session_state[MODEL] = wanted if wanted in PROVIDERS else default
    replaced = _replace_choice(needs_tools=needs_tools)
    chosen: Provider = st.selectbox(
        "Model",
        [provider for provider in PROVIDERS if not needs_tools or calls_tools(provider)],
        key=MODEL,
        # The widget's own URL binding would write the label; a link holds the short name.
        format_func=LABELS.__getitem__,
        persist_state="session",
        label_visibility="collapsed",
        icon=":material/memory:",
        width=MODEL_WIDTH,
    )
    if replaced is None and (chosen != default or wanted):
        st.query_params[MODEL] = chosen
    return chosen, replaced


def _replace_choice(*, needs_tools: bool) -> Provider | None:
    """Set the select box to the scripted model where its choice cannot call tools, and back; what it replaces now."""
    replaced: Provider | None = st.session_state.pop(_REPLACED, None)
    if replaced is not None and st.session_state[MODEL] != _REPLACEMENT:
        replaced = None  # the visitor has chosen another one since
    if not needs_tools:
        if replaced is not None:
            st.session_state[MODEL] = replaced
        return None
    if not calls_tools(st.session_state[MODEL]):
        replaced, st.session_state[MODEL] = st.session_state[MODEL], _REPLACEMENT
    if replaced is not None:
        st.session_state[_REPLACED] = replaced
    return replaced


def model_settings(provider: Provider) -> tuple[ModelSpec, str | None]:
    """Controls of the provider's settings; returns them and the typed key, which stays in this session."""
    if provider == "scripted":
        return ModelSpec(provider=provider, pace=_pace()), None
    temperature = st.slider("Temperature", 0.0, 1.5, 0.2, 0.1, key="temperature", bind=number_binding("temperature"))
    limit = get_services().settings.max_tokens
    max_tokens = st.number_input(
        MAX_TOKENS_LABEL,
        min(MIN_TOKENS, limit),
        limit,
        min(DEFAULT_TOKENS, limit),
        key="max_tokens",
        bind=number_binding("max_tokens"),
    )
    if provider == "local":
        return ModelSpec(provider=provider, temperature=temperature, max_tokens=max_tokens), None
    name = st.text_input(
        "Model name",
        DEFAULT_MODELS[provider],
        max_chars=120,
        key=f"{provider}.name",
        persist_state="session",
        placeholder="llama3.2",
    )
    base_url = _base_url() if provider == "compatible" else None
    key = st.text_input(
        "API key",
        type="password",
        key=f"{provider}.key",
        persist_state="session",
        help=f"Stays in this session. If empty, {KEY_ENV[provider]} is used.",
        placeholder=f"sk-… (or set {KEY_ENV[provider]})",
    )
    spec = ModelSpec(
        provider=provider, model=name or None, temperature=temperature, max_tokens=max_tokens, base_url=base_url
    )
    typed = key or secret(KEY_ENV[provider])
    if st.button("Check connection", icon=":material/network_check:", key="check_connection"):
        _show_check(spec, typed)
    return spec, typed


def pick_restart() -> bool:
    """A switch: whether a broken answer is dropped and requested again."""
    return st.toggle(
        "Restart a broken answer",
        get_services().settings.restart_broken_answers,
        key="restart",
        bind="query-params",
        help=RESTART_HELP,
    )


def embedded_choice() -> dict[str, ModelSpec]:
    """The embedded model with short answers, by its label; empty if it is not installed."""
    if not get_services().embedded_model.installed:
        return {}
    return {LABELS["local"]: ModelSpec(max_tokens=_SHORT_ANSWER_TOKENS)}


def model_notice(provider: Provider) -> None:
    """Describe the model, and say whether it is available."""
    if provider == "scripted":
        st.caption("Scripted, no AI: fixed texts at a pace that you set in *Model settings*.")
    if provider == "local":
        _local_notice()
    if not get_services().embedded_model.installed and provider != "local":
        st.caption(f"The embedded model is not installed. Run `{INSTALL_COMMAND}` to install it.")


def missing_key(provider: Provider, spec: ModelSpec, typed: str | None) -> str:
    """A sentence if the provider needs a key and there is none; a compatible server may need none."""
    if provider not in KEY_ENV or provider == "compatible" or resolve_key(spec, typed):
        return ""
    return f"{LABELS[provider]} has no key yet: type one in *Model settings*, or set {KEY_ENV[provider]}."


def _local_notice() -> None:
    server = get_services().embedded_model
    if server.state == "missing":
        st.warning(f"The embedded model is not installed. Run `{INSTALL_COMMAND}`, or choose *Scripted, no AI*.")
        return
    state = {
        "starting": f"It is loading ({server.starting_s:.0f} s so far); your run waits for it.",
        "failed": f"It stopped. {server.detail} Press Run to start it again.",
    }.get(server.state, server.notice)
    st.caption(
        "A language model of 135 million parameters, embedded in this app: no key, no network. It is tiny and often "
        f"silly; it is here to stream, not to be right. {state}"
    )


def _pace() -> Pace:
    preset = st.selectbox(
        "Preset",
        [*PRESETS, _CUSTOM_PRESET],
        key="preset",
        on_change=_apply_preset,
        bind="query-params",
        persist_state="session",
    )
    typical, default = PRESETS.get(preset, Pace()), Pace()
    # The same defaults under every preset: the URL leaves out values that are equal to them.
    ttft = st.number_input("TTFT (ms)", 0, 60_000, default.ttft_ms, 50, key=TTFT_MS, bind=number_binding(TTFT_MS))
    rate = st.number_input(
        "Tokens per second", 1, 5000, int(default.tokens_per_s), 10, key=TOKENS_PER_S, bind=number_binding(TOKENS_PER_S)
    )
    tokens = st.number_input(
        TOKENS_LABEL,
        1,
        min(MAX_SCRIPTED_TOKENS, get_services().settings.max_tokens),
        None,
        key=TOKENS,
        bind=number_binding(TOKENS),
        placeholder="as long as the text",
    )
    thinking = st.number_input(
        "Thinking tokens",
        0,
        MAX_THINKING_TOKENS,
        0,
        20,
        key=THINKING,
        bind=number_binding(THINKING),
        help="Reasoning that comes before each answer, at the same rate. 0: none.",
    )
    streams = st.toggle(
        "Can stream",
        value=True,
        key="streams",
        bind="query-params",
        help="Off: the model does not stream. Its answer arrives whole, and the page shows what that costs.",
    )
    return Pace(
        streams=streams,
        ttft_ms=ttft,
        tokens_per_s=float(rate),
        jitter=typical.jitter,
        chunk_tokens=typical.chunk_tokens,
        tokens=tokens,
        thinking_tokens=thinking,
    )


def _apply_preset() -> None:
    if (pace := PRESETS.get(st.session_state["preset"])) is not None:
        st.session_state[TTFT_MS] = pace.ttft_ms
        st.session_state[TOKENS_PER_S] = int(pace.tokens_per_s)


def _base_url() -> str | None:
    """The typed base URL; `None`, with the reason on screen, if the server may not call it."""
    url = st.text_input(
        "Base URL",
        "http://localhost:11434/v1",
        key="compatible.base_url",
        persist_state="session",
        help="Ollama, vLLM, LM Studio, llama.cpp: anything with an OpenAI-compatible API.",
    )
    try:
        check_base_url(url, exposed=not local_only(), allowed_hosts=get_services().settings.allowed_hosts)
    except LabError as error:
        st.error(escape_markdown(str(error)), icon=":material/block:")
        return None
    return url


def secret(name: str) -> str | None:
    """The key from Streamlit's secrets, if there is a secrets file."""
    try:
        value = st.secrets.get(name)
    except FileNotFoundError:
        return None
    return str(value) if value else None


def _show_check(spec: ModelSpec, key: str | None) -> None:
    with st.spinner("Asking the provider…"):
        check = check_connection(spec, api_key=key, embedded=get_services().embedded_model)
    marks = [("reachable", check.reachable), ("authorised", check.authorised), ("model exists", check.model_exists)]
    st.markdown(" · ".join(f"{_mark(verdict)} {name}" for name, verdict in marks))
    (st.success if check.ok else st.warning)(escape_markdown(check.sentence))
    _show_names(check.models)


def _show_names(names: Sequence[str]) -> None:
    if names:
        st.caption("Available models: " + ", ".join(escape_markdown(name) for name in names[:12]))


def _mark(verdict: bool | None) -> str:
    return {True: ":material/check:", False: ":material/close:", None: ":material/question_mark:"}[verdict]
