"""Which words stand out against what is usual: log-odds with an informative prior, in standard deviations.

Summed frequencies name what is always there («bitcoin»); these name what is there now and was not before.

References
----------
Monroe, Colaresi, Quinn (2008), Fightin' words, Political Analysis 16, section 3.3; the prior is the background itself,
scaled to so many words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

PRIOR_WORDS: Final = 500.0
# A word that the background never had was there as if this often.
_UNSEEN: Final = 0.5


def standing_out(
    counts: Mapping[str, float],
    usual: Mapping[str, float],
    *,
    usual_total: float | None = None,
    prior_words: float = PRIOR_WORDS,
) -> dict[str, float]:
    """Return how far each counted word stands out, in standard deviations; below 0 where it is rarer than usual.

    Parameters
    ----------
    counts : mapping
        Of the words of an item or period.
    usual : mapping
        Of the same words at least, in the background.
    usual_total : float, optional
        Words of the whole background, where `usual` does not hold all of it.
    prior_words : float
        How much the background weighs against what was counted.
    """
    total = math.fsum(counts.values())
    whole = math.fsum(usual.values()) if usual_total is None else usual_total
    whole += _UNSEEN * len(counts)

    def apart(count: float, usual_count: float) -> float:
        before = usual_count + _UNSEEN
        prior = prior_words * before / whole
        ours = math.log((count + prior) / max(total + prior_words - count - prior, _UNSEEN))
        theirs = math.log((before + prior) / max(whole + prior_words - before - prior, _UNSEEN))
        return (ours - theirs) / math.sqrt(1.0 / (count + prior) + 1.0 / (before + prior))

    # Most words stand once and were never there before.
    by_counts: dict[tuple[float, float], float] = {}
    scores = {}
    for word, count in counts.items():
        pair = count, usual.get(word, 0.0)
        value = by_counts.get(pair)
        if value is None:
            value = by_counts[pair] = apart(*pair)
        scores[word] = value
    return scores
