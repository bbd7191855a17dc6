"""How much speaks for one event: weights by feature, fitted by ``python -m benchmarks.news.fit_stories``.

Above nought more speaks for one event than against it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from vigie.intelligence.news.reading.evidence import WEIGHTS

# Pairs of two languages, or of another than English, are weighed by evidence: no week of them is labelled.
ACROSS: Final = "across"
# What a reader is told by: the features behind each sign.
SIGNS: Final[Mapping[str, tuple[str, ...]]] = {
    "names": (
        "rarest name", "names", "how many parties", "coins", "how many coins", "bitcoin", "coin", "party", "name",
        "perhaps name",
    ),
    "words": (
        "words alike", "titles alike", "covered most", "covered least", "rarest word", "second word",
        "third word", "rarest of titles", "second of titles", "shared words", "shared of titles", "shared of all",
        "how many words", "letters alike", "all letters alike", "words in a row", "words", "words across",
    ),
    "amounts": ("figure", "amounts", "amounts of titles", "one level", "near level"),
    "happening": ("happening", "one way", "both led", "close and led", "close and one way", "both prices"),
    "time": ("within 8 hours", "within 30 hours", "within 4 hours", "within 10 hours", "within 18 hours", "one day"),
}  # fmt: skip
# What adds less than this is not named.
_LEAST: Final = 0.1


class JoinWeights(NamedTuple):
    """Weights of one kind of pair."""

    bias: float
    weights: Mapping[str, float]

    def points(self, features: Mapping[str, float]) -> float:
        """Return what the features add up to."""
        weights = self.weights
        return self.bias + sum([weights[name] * value for name, value in features.items() if value])


@cache
def load_join_models() -> Mapping[str, JoinWeights]:
    """Return the weights by kind of pair."""
    stored = json.loads((resources.files(__package__) / "join_weights.json").read_text(encoding="utf-8"))
    return {kind: JoinWeights(model["bias"], model["weights"]) for kind, model in stored["kinds"].items()}


def strongest_signs(kind: str, features: Mapping[str, float]) -> list[str]:
    """Return what speaks for one event, what tells most first."""
    weights = WEIGHTS if kind == ACROSS else load_join_models()[kind].weights if kind else {}
    points_by_sign = {
        sign: sum(weights.get(name, 0.0) * features.get(name, 0.0) for name in names)
        for sign, names in SIGNS.items()
    }
    return sorted(
        (sign for sign in points_by_sign if points_by_sign[sign] >= _LEAST),
        key=lambda sign: (-points_by_sign[sign], sign),
    )
