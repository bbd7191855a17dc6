"""When two figures are one, and when one is another with its digits changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.figures import StatedFigure, is_rounded, same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import fold

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_STEM: Final = 5
_TENS: Final = (10.0, 0.1, 100.0, 0.01)
_PLAIN: Final = 12
_SHUFFLED: Final = 3
# The words beside two figures are alike so much: enough for one fact, a little.
ALIKE: Final = 0.5
LITTLE: Final = 0.3
COINS: Final = frozenset(
    {"btc", "eth", "usdt", "usdc", "eurc", "dai", "bnb", "doge", "xrp", "sol", "ltc", "xmr"}
)
_PEOPLE: Final = frozenset("client investor victim person employee".split())
_PAPERS: Final = frozenset({"share", "bond", "stake"})
_COINED: Final = frozenset({"token", "crypto"})
_COUNTED: Final = frozenset(
    "share bond stake token account transaction record client investor victim person employee address alert file "
    "crypto".split()
)


def is_same_figure(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether a figure of a copy may be one of the release."""
    if is_counted(copy, release):
        return same_value(copy, release) and not _is_other_measure(copy, release)
    if not release.kind and copy.bare == release.bare and copy.kind == "time":
        # «39-year-old» and «Ravenscar, 39,».
        return True
    if copy.kind == "count" and release.kind == "money" and release.unit in COINS and _is_of(copy, _COINED):
        # «205,000 coins» of a release that counts bitcoin.
        return same_value(copy, release)
    return same_unit(copy, release) and same_value(copy, release)


def _is_of(figure: StatedFigure, families: frozenset[str]) -> bool:
    return not families_of(figure).isdisjoint(families)


def is_counted(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether two figures count something, or one of them has its currency elsewhere."""
    # «12,5 millions de profits» has its currency elsewhere, «31 million transactions» has none.
    kinds = {copy.kind, release.kind}
    if kinds == {"count"}:
        return True
    scaled = [one for one in (copy, release) if one.kind == "count" and one.scale > 1]
    return kinds == {"count", "money"} and bool(scaled) and not families_of(scaled[0]) & _COUNTED


def _is_other_measure(copy: StatedFigure, release: StatedFigure) -> bool:
    mine, yours = _counted(copy), _counted(release)
    return bool(mine and yours) and mine.isdisjoint(yours) and copy.value > _PLAIN


def _counted(figure: StatedFigure) -> frozenset[str]:
    # An investor, a client and a victim may be one person.
    groups = (_PEOPLE, _PAPERS, _COINED)
    return frozenset(str(at) for at, group in enumerate(groups) if families_of(figure) & group)


def families_of(figure: StatedFigure) -> frozenset[str]:
    """Return what a figure counts, by the families of its nouns."""
    return frozenset(family for word in figure.nouns[:3] for family, _ in meanings(fold(word)))


def noun_stems(figure: StatedFigure) -> frozenset[str]:
    """Return the beginnings of the nouns that a figure counts."""
    folded = (fold(word) for word in figure.nouns[:3])
    return frozenset(word[:_STEM] for word in folded if len(word) > 3 and word not in _SMALL)


def is_written_alike(copy: StatedFigure, value: float) -> bool:
    """Tell whether a figure is a value in its own digits, rounded the way its hedge says."""
    if not value:
        return False
    gap = copy.value - value
    is_near = abs(gap) <= 0.06 * value and abs(gap) < copy.ulp * 0.999
    is_hedged = (copy.hedge == "over" and gap <= 0) or (copy.hedge == "under" and gap >= 0)
    return abs(gap) <= 1e-9 * value or is_rounded(copy, value) or (is_hedged and is_near)


def are_digits_alike(copy: StatedFigure, release: StatedFigure, alike: float) -> bool:
    """Tell whether a figure is another with digits swapped, one exchanged, or ten times as much."""
    ours, theirs = (digits_of(one) for one in (copy, release))
    least = 2 if alike >= ALIKE else 3
    if copy.kind == "part" and copy.unit != release.unit:
        return False
    is_tenfold = any(abs(copy.value - release.value * factor) <= 1e-6 * copy.value for factor in _TENS)
    if is_tenfold and len(ours) >= least:
        return True
    if alike >= LITTLE and any(is_written_alike(copy, release.value * factor) for factor in _TENS):
        return True
    is_of_size = 0.09 <= (copy.value / release.value if release.value else 0) <= 11
    if len(ours) != len(theirs) or len(ours) < least or not is_of_size:
        return False
    exchanged = sum(a != b for a, b in zip(ours, theirs, strict=True))
    return sorted(ours) == sorted(theirs) or (exchanged == 1 and len(ours) > (2 if alike >= LITTLE else 3))


def are_shuffled(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether a figure has the digits of another in another order."""
    ours, theirs = (digits_of(one) for one in (copy, release))
    is_of_size = 0.09 <= (copy.value / release.value if release.value else 0) <= 11
    return len(ours) >= _SHUFFLED and is_of_size and ours != theirs and sorted(ours) == sorted(theirs)


def digits_of(figure: StatedFigure) -> str:
    """Return the digits of a figure as written, without zeros around them."""
    return f"{figure.bare:.6f}".replace(".", "").strip("0")


class FigureAlignment:
    """How near a figure of a copy stands to one of a release, by the words beside both."""

    def __init__(self, release: Sequence[FactSentence]) -> None:
        self._alignment = Alignment(release)

    def of(self, one: Placed, other: Placed) -> float:
        """Return how much the words beside two figures are the same."""
        ours, theirs = (
            self._alignment.near(each.sentence, each.figure.start, each.figure.end) for each in (one, other)
        )
        return self._alignment.alike(ours, theirs)
