"""Values that are computed once from the log of a run that has ended."""

import gc
import weakref

from graphs import GRAPHS
from streaming.core.events import Ended, Started
from streaming.core.model_spec import ModelSpec
from streaming.core.once_a_run import OnceARun
from streaming.core.request import RunRequest
from streaming.core.run import Run


def new_run() -> Run:
    model = ModelSpec(provider="scripted")
    return Run(RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello"), thread_id="t")


def test_the_value_of_an_ended_run_is_computed_once_for_each_key() -> None:
    run, once, calls = new_run(), OnceARun[int](), []

    def lengths() -> int:
        calls.append(run.length)
        return run.length

    run.append(Started(thread_id="t"))
    assert [once.get(run, lengths), once.get(run, lengths)] == [1, 1]
    assert calls == [1, 1], "the log grows"
    run.append(Ended(outcome="completed"))
    assert [once.get(run, lengths) for _ in range(3)] == [2, 2, 2]
    assert calls == [1, 1, 2]
    assert once.get(run, lengths, key="other") == 2
    assert calls == [1, 1, 2, 2]


def test_a_run_that_nothing_else_holds_is_not_kept() -> None:
    run, once = new_run(), OnceARun[int]()
    run.append(Ended(outcome="completed"))
    once.get(run, lambda: 1)
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None
