"""When two figures are one, and when one is another with its digits changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.figures import StatedFigure, is_rounded, same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.placed_figure import PlacedFigure
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
    if may_be_counts(copy, release):
        return same_value(copy, release) and not _is_other_measure(copy, release)
    if not release.kind and copy.bare == release.bare and copy.kind == "time":
        # «39-year-old» and «Ravenscar, 39,».
        return True
    if (
        copy.kind == "count"
        and release.kind == "money"
        and release.unit in COINS
        and _has_family(copy, _COINED)
    ):
        # «205,000 coins» of a release that counts bitcoin.
        return same_value(copy, release)
    return same_unit(copy, release) and same_value(copy, release)


def _has_family(figure: StatedFigure, families: frozenset[str]) -> bool:
    return not noun_families(figure).isdisjoint(families)


def may_be_counts(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether two figures count something, or one of them has its currency elsewhere."""
    # «12,5 millions de profits» has its currency elsewhere, «31 million transactions» has none.
    kinds = {copy.kind, release.kind}
    if kinds == {"count"}:
        return True
    scaled = [figure for figure in (copy, release) if figure.kind == "count" and figure.scale > 1]
    return kinds == {"count", "money"} and bool(scaled) and not noun_families(scaled[0]) & _COUNTED


def _is_other_measure(copy: StatedFigure, release: StatedFigure) -> bool:
    copy_groups, release_groups = _counted_groups(copy), _counted_groups(release)
    return (
        bool(copy_groups and release_groups)
        and copy_groups.isdisjoint(release_groups)
        and copy.value > _PLAIN
    )


def _counted_groups(figure: StatedFigure) -> frozenset[str]:
    # An investor, a client and a victim may be one person.
    groups = (_PEOPLE, _PAPERS, _COINED)
    return frozenset(str(at) for at, group in enumerate(groups) if noun_families(figure) & group)


def noun_families(figure: StatedFigure) -> frozenset[str]:
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


def are_digits_alike(copy: StatedFigure, release: StatedFigure, similarity: float) -> bool:
    """Tell whether a figure is another with digits swapped, one exchanged, or ten times as much."""
    copy_digits, release_digits = (digits_of(figure) for figure in (copy, release))
    least = 2 if similarity >= ALIKE else 3
    if copy.kind == "part" and copy.unit != release.unit:
        return False
    is_tenfold = any(abs(copy.value - release.value * factor) <= 1e-6 * copy.value for factor in _TENS)
    if is_tenfold and len(copy_digits) >= least:
        return True
    if similarity >= LITTLE and any(is_written_alike(copy, release.value * factor) for factor in _TENS):
        return True
    is_of_size = 0.09 <= (copy.value / release.value if release.value else 0) <= 11
    if len(copy_digits) != len(release_digits) or len(copy_digits) < least or not is_of_size:
        return False
    n_different = sum(a != b for a, b in zip(copy_digits, release_digits, strict=True))
    return sorted(copy_digits) == sorted(release_digits) or (
        n_different == 1 and len(copy_digits) > (2 if similarity >= LITTLE else 3)
    )


def are_shuffled(copy: StatedFigure, release: StatedFigure) -> bool:
    """Tell whether a figure has the digits of another in another order."""
    copy_digits, release_digits = (digits_of(figure) for figure in (copy, release))
    is_of_size = 0.09 <= (copy.value / release.value if release.value else 0) <= 11
    return (
        len(copy_digits) >= _SHUFFLED
        and is_of_size
        and copy_digits != release_digits
        and sorted(copy_digits) == sorted(release_digits)
    )


def digits_of(figure: StatedFigure) -> str:
    """Return the digits of a figure as written, without zeros around them."""
    return f"{figure.bare:.6f}".replace(".", "").strip("0")


class FigureAlignment:
    """How near a figure of a copy stands to one of a release, by the words beside both."""

    def __init__(self, release: Sequence[FactSentence]) -> None:
        self._alignment = Alignment(release)

    def similarity(self, placed: PlacedFigure, other: PlacedFigure) -> float:
        """Return how much the words beside two figures are the same."""
        near_placed, near_other = (
            self._alignment.near_words(each.sentence, each.figure.start, each.figure.end)
            for each in (placed, other)
        )
        return self._alignment.similarity(near_placed, near_other)
