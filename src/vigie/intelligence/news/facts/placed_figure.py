"""A figure where it stands."""

from __future__ import annotations

from typing import Final, NamedTuple

from vigie.intelligence.news.facts.figures import StatedFigure
from vigie.intelligence.news.facts.statement import FactSentence, features_beside

_BESIDE: Final = 6


class PlacedFigure(NamedTuple):
    """A figure with its sentence."""

    sentence: FactSentence
    figure: StatedFigure

    @property
    def context(self) -> frozenset[str]:
        """What its clause and the words beside it are about."""
        sentence, figure = self.sentence, self.figure
        clause = sentence.clause_features[sentence.clause_at(figure.start)]
        return clause | features_beside(sentence, figure.start, figure.end, _BESIDE)
