"""How near two things that happen stand by what is beside them: who, what and of what, not what happens itself."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.intelligence.news.facts.alignment import Alignment, NearWord
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.turns import StatedTurn


class TurnContext:
    """The words beside what is said to happen, or not.

    Parameters
    ----------
    release : sequence of FactSentence
        What stands in many of its parts tells none from the others.
    """

    def __init__(self, release: Sequence[FactSentence]) -> None:
        self._alignment = Alignment(release)

    def of(self, copy: FactSentence, one: StatedTurn, release: FactSentence, other: StatedTurn) -> float:
        """Return how much tells that two turns are of one thing."""
        own = f"={one.family}"
        ours, theirs = (
            [word for word in self.at(sentence, turn.at) if own not in word.keys]
            for sentence, turn in ((copy, one), (release, other))
        )
        return self._alignment.alike(ours, theirs)

    def at(self, sentence: FactSentence, at: int) -> Sequence[NearWord]:
        """Return the words beside a word of a sentence."""
        return self._alignment.near(sentence, sentence.found.starts[at], sentence.found.ends[at])

    def around(self, copy: FactSentence, at: int, release: FactSentence, place: int) -> float:
        """Return how much tells that two words say something of one thing."""
        return self._alignment.alike(self.at(copy, at), self.at(release, place))
