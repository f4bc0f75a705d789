"""The bar of the votes on two configurations."""

import re

from components.features.race.votes import bar
from streaming.analysis.votes import votes_by_pair


def vote(faster: str, slower: str) -> dict[str, object]:
    return {"faster": faster, "slower": slower, "figures": {}}


def colours(*votes: dict[str, object]) -> dict[str, str]:
    [pair] = votes_by_pair(votes)
    legend = re.findall(r'color:(#\w+)">■</span> ([^:]+):', bar(pair))
    return {name: colour for colour, name in legend}


def test_a_configuration_keeps_its_colour_when_it_loses_its_lead() -> None:
    one, other = vote("streaming", "blocking"), vote("blocking", "streaming")
    ahead, behind = colours(one, one, other), colours(one, other, other)
    assert ahead == behind
    assert len(set(ahead.values())) == 2
