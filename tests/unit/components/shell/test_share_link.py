"""The link that reproduces the controls of a page."""

from components.shell.share_link import configuration_link


def test_a_shared_link_holds_the_controls_and_nothing_of_the_visitor() -> None:
    query = {"graph": "rag", "prompt": "a b&c", "run": "secret", "thread": "secret", "autorun": "1"}
    query |= {"repeating": "secret", "blind": "secret.other", "tried": "0.1.2"}
    link = configuration_link("http://127.0.0.1:8501/values?run=secret", query)
    assert link == "http://127.0.0.1:8501/values?graph=rag&prompt=a+b%26c"


def test_the_link_of_what_ran_holds_all_that_names_runs_and_the_controls() -> None:
    ran = {"run": "a.b", "repeating": "c", "blind": "d.e", "tried": "0.1"}
    link = configuration_link(
        "http://127.0.0.1:8501/race", {"how_1": "streaming", **ran, "thread": "t"}, with_runs=True
    )
    assert link == "http://127.0.0.1:8501/race?how_1=streaming&run=a.b&repeating=c&blind=d.e&tried=0.1"
