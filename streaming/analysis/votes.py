"""The votes of the blind test, by the two configurations that were compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb
from statistics import median
from typing import Any

from streaming.analysis.contender import in_seconds, nearly_equal

_FEWEST = 6
"""Votes that all say the same are chance once in 32 times at this number, and more often below it."""
_CHANCE = 0.05
"""A lead that comes by chance alone more often than this is no proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairVotes:
    """All votes on two configurations, the one with more votes first; times are medians in seconds."""

    names: tuple[str, str]
    votes: tuple[int, int]
    ties: int
    first_s: tuple[float | None, float | None]
    end_s: tuple[float | None, float | None]

    @property
    def total(self) -> int:
        """The number of votes."""
        return sum(self.votes) + self.ties

    @property
    def short_names(self) -> tuple[str, str]:
        """The names without the settings that both have."""
        one, other = (name.split(", ") for name in self.names)
        if len(one) != len(other) or one == other:
            return self.names
        differing = [n for n, pair in enumerate(zip(one, other, strict=True)) if len(set(pair)) > 1]
        return ", ".join(one[n] for n in differing), ", ".join(other[n] for n in differing)

    def sentence(self) -> str:
        """What people felt, whether that may be chance, and what was measured."""
        return f"{self._felt()}.{self._doubt()}{self._measured()}"

    def _doubt(self) -> str:
        """Whether what people felt may be chance: too few votes, or a lead that is too small for their number."""
        if self.total < _FEWEST:
            return " One vote may be chance." if self.total == 1 else " So few votes may be chance."
        more, fewer = self.votes
        chance = chance_of_lead(more, fewer)
        if more == fewer or self.ties > more or chance <= _CHANCE:
            return ""
        return f" This may be chance: of 100 such tests between equals, {round(100 * chance)} have a lead like it."

    def _measured(self) -> str:
        """The times of each by its name, and on how many tests they rest."""
        if None in (*self.first_s, *self.end_s):
            return ""
        basis = "Measured" if self.total == 1 else f"Medians of {self.total} tests"
        each = ", ".join(
            f"{name} showed its first text after {in_seconds(first)} and ended after {in_seconds(end)}"
            for name, first, end in zip(self.short_names, self.first_s, self.end_s, strict=True)
        )
        return f" {basis}: {each}."

    def _felt(self) -> str:
        winner, loser = self.short_names
        felt = f"{self.votes[0]} of {self.total} felt {winner} faster than {loser}"
        if self.votes[0] == self.votes[1]:
            felt = f"{self.votes[0]} of {self.total} felt {winner} faster, and as many {loser}"
        elif self.votes[1]:
            felt += f", {self.votes[1]} the other way round"
        if self.ties == self.total:
            felt = f"{self.ties} of {self.total} felt no difference between {winner} and {loser}"
        elif self.ties > self.votes[0]:
            sides = zip(self.votes, self.short_names, strict=True)
            each = "".join(f", {number} felt {name} faster" for number, name in sides if number)
            felt = f"{self.ties} of {self.total} felt no difference between {winner} and {loser}{each}"
        elif self.ties:
            felt += f", {self.ties} felt no difference"
        if None in self.end_s or self.votes[0] <= max(self.votes[1], self.ties):
            return felt
        if nearly_equal(*self.end_s):
            return f"{felt}, although both ended at about the same time"
        sooner = (self.end_s[0] or 0.0) < (self.end_s[1] or 0.0)
        return f"{felt}, and it also ended sooner" if sooner else f"{felt}, although it ended later"


def chance_of_lead(more: int, fewer: int) -> float:
    """How often votes between equals have at least this lead, for either side: the two-sided sign test, without ties.

    W. J. Conover, *Practical Nonparametric Statistics*, section 3.4.
    """
    votes = more + fewer
    one_side: float = sum(comb(votes, number) for number in range(more, votes + 1)) / 2**votes
    return min(1.0, 2 * one_side)


def votes_by_pair(votes: Iterable[Mapping[str, Any]]) -> list[PairVotes]:
    """Stored votes, as `RunStore.votes` returns them, by the two configurations; most votes first."""
    by_pair: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for vote in votes:
        by_pair.setdefault(tuple(sorted((vote["faster"], vote["slower"]))), []).append(vote)
    return sorted((_counted(list(names), found) for names, found in by_pair.items()), key=lambda pair: -pair.total)


def _counted(names: list[str], votes: list[Mapping[str, Any]]) -> PairVotes:
    decided = [vote for vote in votes if not vote["figures"].get("tie")]
    won = {name: sum(vote["faster"] == name for vote in decided) for name in names}
    names = sorted(names, key=lambda name: -won[name])
    return PairVotes(
        names=(names[0], names[1]),
        votes=(won[names[0]], won[names[1]] if names[0] != names[1] else 0),
        ties=len(votes) - len(decided),
        first_s=(_median(votes, names[0], "ttft_s"), _median(votes, names[1], "ttft_s")),
        end_s=(_median(votes, names[0], "e2e_s"), _median(votes, names[1], "e2e_s")),
    )


def _median(votes: Iterable[Mapping[str, Any]], name: str, figure: str) -> float | None:
    values = [
        value
        for vote in votes
        for side in ("faster", "slower")
        if vote[side] == name and (value := vote["figures"].get(side, {}).get(figure)) is not None
    ]
    return median(values) if values else None
