"""The fault lab: choose a fault and a recovery policy, and see the steps of both."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from components.run_panel.model_picker import RESTART_HELP, embedded_choice
from components.shell.format import escape_markdown
from components.shell.keys import TOKENS_PER_S, TTFT_MS
from components.shell.url_state import initial_option, number_binding, pick_in_url, sync_text
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.catalogue import FAULTS, RESULTS, Result, When
from streaming.faults.plan import FaultPlan
from streaming.providers.catalogue import LABELS
from streaming.services import get_services

WHENS: dict[When, str] = {"before": "before the first token", "middle": "in the middle", "end": "after the last token"}
CALLS: dict[When, str] = {"before": "the first call", "middle": "a middle call", "end": "the last call"}
TIMES = {"once": 1, "twice": 2, "always": 0}
_WHEN = "when"
_DEFAULT_WHEN: When = "middle"
RESTARTED = (
    "Asked again, and the answer arrives complete. The reader sees its beginning, which is dropped, and then the whole "
    "answer from its start: TTFT is that of the first try, the end comes later, and what was dropped is paid for too."
)
_COLOUR: dict[Result, str] = {
    "healed": "green",
    "whole": "green",
    "unnoticed": "orange",
    "limited": "orange",
    "cut": "red",
    "refused": "red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultChoice:
    """The values of the controls: the fault server's plan, and the policy that handles its fault."""

    plan: FaultPlan
    limits: Limits
    retry_policy: RetryPolicy
    fallback: ModelSpec | None

    def before_start(self, calls: Callable[[str], int]) -> Callable[[RunRequest], RunRequest]:
        """A function that directs a request to a new endpoint with this plan; call it when the run starts."""

        def open_endpoint(request: RunRequest) -> RunRequest:
            endpoint = get_services().fault_server.open(replace(self.plan, calls=calls(request.graph.name)))
            model = ModelSpec(provider="compatible", base_url=endpoint.base_url, model="fault-lab", max_tokens=400)
            return replace(
                request, model=model, limits=self.limits, retry_policy=self.retry_policy, fallback_model=self.fallback
            )

        return open_endpoint


def choose_fault() -> FaultChoice:
    """Draw the controls of fault and policy in one row, and the expected outcome; the URL holds all of their values."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fault_controls"):
        plan = _pick_plan()
        with st.popover("Recovery policy", icon=":material/healing:", key="policy"):
            choice = _pick_policy(plan)
    _expected(choice)
    return choice


def _pick_plan() -> FaultPlan:
    titles = {fault.title: fault.name for fault in FAULTS.values()}
    name = titles[
        st.selectbox(
            "Fault",
            list(titles),
            index=list(titles).index("Cut"),
            key="fault",
            bind="query-params",
            label_visibility="collapsed",
            icon=":material/bolt:",
            width=240,
        )
    ]
    fault = FAULTS[name]
    labels = CALLS if fault.of_request else WHENS
    when: When = st.selectbox(
        "When",
        list(WHENS),
        index=list(WHENS).index(initial_option(_WHEN, labels, _DEFAULT_WHEN)),
        format_func=labels.__getitem__,
        key=_WHEN,
        persist_state="session",
        label_visibility="collapsed",
        width=180,
    )
    sync_text(_WHEN, when, default=_DEFAULT_WHEN)
    times = pick_in_url("How often", list(TIMES), key="times")
    with st.popover("Server", icon=":material/dns:", key="fault_server"):
        st.caption("A request fault hits one model call of the run; a stream fault hits the last answer.")
        wait = st.number_input("TTFT (ms)", 0, 60_000, 300, 50, key=TTFT_MS, bind=number_binding(TTFT_MS))
        rate = st.number_input("Tokens per second", 1, 5000, 40, key=TOKENS_PER_S, bind=number_binding(TOKENS_PER_S))
        seed = st.number_input(
            "Position (seed)",
            1,
            9999,
            1,
            key="seed",
            bind=number_binding("seed"),
            help="Decides the exact position of the fault: the same seed gives the same position.",
        )
    return FaultPlan(fault=name, when=when, times=TIMES[times], seed=seed, ttft_s=wait / 1000, tokens_per_s=float(rate))


_TTFT_HELP = "The longest wait for the first text of an attempt."
_IDLE_HELP = "The longest silence after the first text; then the attempt counts as failed."


def _pick_policy(plan: FaultPlan) -> FaultChoice:
    attempts = st.number_input("Max attempts", 1, 6, 3, key="attempts", bind=number_binding("attempts"))
    models = _fallback_models()
    fallback = st.selectbox(
        "Fallback model",
        list(models),
        key="second",
        bind="query-params",
        help="Answers when the first model fails.",
    )
    ttft = st.number_input(
        "TTFT limit (s)", 0.2, 60.0, 2.0, 0.5, key="ttft_limit", bind=number_binding("ttft_limit"), help=_TTFT_HELP
    )
    idle = st.number_input(
        "Idle limit (s)", 0.2, 60.0, 2.0, 0.5, key="idle_limit", bind=number_binding("idle_limit"), help=_IDLE_HELP
    )
    run = st.number_input("Run limit (s)", 1.0, 120.0, 20.0, 1.0, key="run_limit", bind=number_binding("run_limit"))
    restart = st.toggle("Restart a broken answer", key="restart", bind="query-params", help=RESTART_HELP)
    # These runs cost nothing, so they need no rate limit; the limit of bytes ends an endless answer.
    limits = Limits(runs_per_minute=None, run_s=run, ttft_s=ttft, idle_s=idle, events=20_000, bytes=2_000_000)
    return FaultChoice(
        plan=plan,
        limits=limits,
        retry_policy=RetryPolicy(max_attempts=attempts, initial_backoff_s=1.0, restart=restart),
        fallback=models[fallback],
    )


def _fallback_models() -> dict[str, ModelSpec | None]:
    return {"none": None, LABELS["scripted"]: ModelSpec(provider="scripted"), **embedded_choice()}


def _expected(choice: FaultChoice) -> None:
    action = escape_markdown(choice.plan.kind.action)
    st.markdown(
        f":small[The server **{action}**. A real server really fails; only its text is scripted. "
        f"Expected: {_expected_outcome(choice)}]"
    )


def _expected_outcome(choice: FaultChoice) -> str:
    fault, plan = choice.plan.kind, choice.plan
    always = plan.times == 0 or plan.times >= choice.retry_policy.max_attempts
    result = (fault.always if always else fault.once)[plan.when]
    if result == "cut" and choice.retry_policy.restart and not always:
        return f":green-badge[restarted] {RESTARTED}"
    if result == "refused" and choice.fallback is not None:
        return "the fallback model answers instead of the first."
    return f":{_COLOUR[result]}-badge[{result}] {RESULTS[result]}"


def shown_fault(run: Run | None, choice: FaultChoice) -> str:
    """What the run on the page had for a fault, if another one is chosen now: its end is not the expected one."""
    endpoint = get_services().fault_server.find(run.request.model.base_url) if run is not None else None
    if endpoint is None or _name_of(endpoint.plan) == _name_of(choice.plan):
        return ""
    return f" :orange[of the run before: {_name_of(endpoint.plan)}]"


def _name_of(plan: FaultPlan) -> str:
    labels = CALLS if plan.kind.of_request else WHENS
    often = next((label for label, times in TIMES.items() if times == plan.times), f"{plan.times} times")
    return f"{plan.kind.title}, {labels[plan.when]}, {often}"


def all_faults() -> None:
    """A table of every fault and its outcome, by when and how often it occurs; the tests verify this table."""
    rows: list[dict[str, Any]] = []
    for fault in FAULTS.values():
        if fault.name == "none":
            continue
        results = {
            f"{when}": once if (once := fault.once[when]) == (always := fault.always[when]) else f"{once} / {always}"
            for when in WHENS
        }
        rows.append({"Fault": fault.title, "The server …": fault.action, **results, "Error": fault.error})
    st.caption(
        "Outcome with the default policy: once / always. A test verifies every row, and that no received token is lost."
    )
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="All faults and their results")
    for result, meaning in RESULTS.items():
        st.markdown(f":{_COLOUR[result]}-badge[{result}] {meaning}")
