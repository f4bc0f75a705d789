"""The names of lanes."""

from components.features.race.lane_names import names_of


def test_how_an_answer_that_comes_whole_is_flushed_is_no_part_of_its_name() -> None:
    streamed = ("streaming", "Scripted: fast GPU", "chat", "direct")
    drawn = ("streaming", "Scripted: fast GPU", "chat", "every 10 tokens")
    whole = ("blocking (invoke)", "Scripted: fast GPU", "chat", "direct")
    assert names_of([streamed, drawn, whole]) == [
        "1. streaming, direct",
        "2. streaming, every 10 tokens",
        "3. blocking (invoke)",
    ]
    assert names_of([whole, (*whole[:3], "every token")]) == ["1. blocking (invoke)", "2. blocking (invoke)"]
