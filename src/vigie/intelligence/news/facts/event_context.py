"""How near two things that happen stand by what is beside them: who, what and of what, not what happens itself."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.intelligence.news.facts.alignment import Alignment, NearWord
from vigie.intelligence.news.facts.stated_events import StatedEvent
from vigie.intelligence.news.facts.statement import FactSentence


class EventContext:
    """The words beside what is said to happen, or not.

    Parameters
    ----------
    release : sequence of FactSentence
        What stands in many of its parts tells none from the others.
    """

    def __init__(self, release: Sequence[FactSentence]) -> None:
        self._alignment = Alignment(release)

    def event_similarity(
        self, copy: FactSentence, event: StatedEvent, release: FactSentence, other: StatedEvent
    ) -> float:
        """Return how much tells that two turns are of one thing."""
        own_family = f"={event.family}"
        near_copy, near_release = (
            [word for word in self.near_words(sentence, stated_event.at) if own_family not in word.keys]
            for sentence, stated_event in ((copy, event), (release, other))
        )
        return self._alignment.similarity(near_copy, near_release)

    def near_words(self, sentence: FactSentence, index: int) -> Sequence[NearWord]:
        """Return the words beside a word of a sentence."""
        return self._alignment.near_words(
            sentence, sentence.tokens.starts[index], sentence.tokens.ends[index]
        )

    def word_similarity(
        self, copy: FactSentence, index: int, release: FactSentence, release_index: int
    ) -> float:
        """Return how much tells that two words say something of one thing."""
        return self._alignment.similarity(
            self.near_words(copy, index), self.near_words(release, release_index)
        )
