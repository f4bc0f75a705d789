"""A session's reads, which change nothing, and the commands that change it; and who can reach the server."""

from collections.abc import Callable
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from components.shell import session, session_commands
from components.shell.session import local_only
from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.services import Services
from tests.support.services import Configure


@pytest.mark.parametrize(
    ("address", "hosts", "exposed", "local"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], "", True),
        ("localhost", ["[::1]"], "false", True),
        ("0.0.0.0", ["localhost"], "", False),
        (None, ["localhost"], "", False),
        ("127.0.0.1", ["localhost", "lab.example"], "", False),
        ("127.0.0.1", [], "", False),
        ("127.0.0.1", ["localhost"], "true", False),
    ],
)
def test_a_server_behind_a_proxy_is_not_local(
    monkeypatch: pytest.MonkeyPatch,
    configure: Configure,
    address: str | None,
    hosts: list[str],
    exposed: str,
    local: bool,
) -> None:
    options = {"server.address": address, "server.allowedHosts": hosts}
    monkeypatch.setattr("components.shell.session.st.get_option", options.__getitem__)
    configure(exposed=exposed)
    assert local_only() is local


class Visitor(SimpleNamespace):
    """Stands for Streamlit: one visitor's session state and query parameters."""

    session_state: dict[str, Any]
    query_params: dict[str, str]
    user: dict[str, Any]


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Visitor:
    options = {"server.address": "127.0.0.1", "server.allowedHosts": ["localhost"]}
    streamlit = Visitor(
        session_state={}, query_params={}, context=SimpleNamespace(cookies={}), get_option=options.__getitem__
    )
    monkeypatch.setattr(session, "st", streamlit)
    monkeypatch.setattr(session_commands, "st", streamlit)
    return streamlit


@pytest.fixture
def run(services: Services) -> Run:
    model = ModelSpec(provider="scripted", pace=Pace(ttft_ms=60_000))
    return services.engine.start(RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello"))


READS: list[Callable[[], object]] = [
    lambda: session.runs_of("values"),
    lambda: session.autorun_pending("values"),
    lambda: session.recall("anything"),
    session.past_runs,
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("known", [True, False])
def test_reads_write_neither_the_session_nor_the_url(
    monkeypatch: pytest.MonkeyPatch, run: Run, read: Callable[[], object], known: bool
) -> None:
    query = MappingProxyType({"run": run.id if known else "gone", "autorun": "1"})
    # A write to either raises a TypeError.
    streamlit = SimpleNamespace(session_state=MappingProxyType({}), query_params=query)
    monkeypatch.setattr(session, "st", streamlit)
    assert read() == read()


def test_opening_a_session_names_it_once(visitor: Visitor) -> None:
    session_commands.open_session("home")
    first = session.owner()
    session_commands.open_session("values")
    assert session.owner() == first
    assert len(first) >= 16


def test_with_a_login_runs_belong_to_the_user_in_every_browser_and_on_a_local_server(
    visitor: Visitor, configure: Configure
) -> None:
    configure(login="true")
    seen = []
    for subject in ("1", "1", "2"):
        visitor.session_state.clear()
        visitor.user = {"is_logged_in": True, "iss": "https://id.example", "sub": subject}
        session_commands.open_session("runs")
        seen.append(session.visible_owner())
    assert seen[0] == seen[1] != seen[2]
    assert None not in seen


@pytest.mark.parametrize(("exposed", "lasts"), [("true", True), ("false", False)])
def test_on_a_server_that_others_can_reach_a_reload_keeps_the_owner(
    visitor: Visitor, configure: Configure, exposed: str, lasts: bool
) -> None:
    owners = configure(exposed=exposed).signed_owners
    visitor.context.cookies = {owners.cookie: owners.new()}
    seen = []
    for _ in range(2):
        visitor.session_state.clear()
        session_commands.open_session("runs")
        seen.append(session.owner())
    assert (seen[0] == seen[1]) is lasts
    visitor.session_state.clear()
    visitor.context.cookies = {owners.cookie: f"{seen[0]}.forged"}
    session_commands.open_session("runs")
    assert session.owner() != seen[0], "a name without a signature is not taken"


def test_a_reloaded_tab_gets_the_run_of_its_url_into_its_session(visitor: Visitor, run: Run) -> None:
    visitor.query_params["run"] = run.id
    session_commands.open_session("values")
    visitor.query_params.clear()
    assert session.runs_of("values") == [run]
    assert session.runs_of("updates") == []


def test_the_session_s_run_goes_into_the_url(visitor: Visitor, run: Run) -> None:
    session_commands.show_runs("values", [run])
    visitor.query_params.clear()
    session_commands.open_session("values")
    assert visitor.query_params == {"run": run.id}


def test_runs_are_shown_together_or_not_at_all(visitor: Visitor, run: Run) -> None:
    visitor.query_params["run"] = f"{run.id}.gone"
    assert session.runs_of("race") == []
    session_commands.open_session("race")
    assert "run" not in visitor.query_params


def test_a_link_to_an_evicted_run_starts_no_new_run(visitor: Visitor) -> None:
    visitor.query_params.update(run="gone", autorun="1")
    session_commands.open_session("values")
    assert not session_commands.take_autorun("values")
    assert session_commands.take_autorun("updates"), "each page has a start of its own"


def test_autorun_starts_a_page_once_and_again_when_it_is_let(visitor: Visitor, run: Run) -> None:
    visitor.query_params["autorun"] = "1"
    assert [session_commands.take_autorun("values") for _ in range(2)] == [True, False]
    session_commands.show_runs("values", [run])
    session_commands.allow_autorun("values")
    assert session.runs_of("updates") == [run], "the URL still names it"
    visitor.query_params.pop("run")
    assert session.runs_of("values") == []
    for _ in run.follow():
        pass
    assert run.status == "Cancelled"
    assert session_commands.take_autorun("values")


def test_autorun_starts_nothing_on_top_of_a_thread(visitor: Visitor) -> None:
    visitor.query_params.update(autorun="1", thread="waiting")
    assert not session_commands.take_autorun("interrupts")
    visitor.query_params.pop("thread")
    assert not session_commands.take_autorun("interrupts"), "the link has done its work"


def test_starting_runs_stops_those_that_they_replace(visitor: Visitor, run: Run) -> None:
    session_commands.show_runs("values", [run])
    (started,) = session_commands.start_runs("values", [run.request])
    for _ in run.follow():
        pass
    assert run.status == "Cancelled"
    assert session.runs_of("values") == [started]
    started.cancel()


def test_a_finished_run_is_remembered_once_and_a_running_one_not(visitor: Visitor, run: Run) -> None:
    session_commands.add_to_history(run, model="scripted")
    assert session.past_runs() == []
    run.cancel()
    for _ in run.follow():
        pass
    for _ in range(2):
        session_commands.add_to_history(run, model="scripted")
    assert [(past.number, past.outcome, past.modes) for past in session.past_runs()] == [(1, "Cancelled", "messages")]
