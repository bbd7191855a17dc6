"""Numbers and bounds as people type them."""

from __future__ import annotations

from vigie.intelligence.market.screener import scales_of
from vigie.intelligence.market.words import normalize_number


def normalize_bound(typed: str, language: str, *, is_share: bool = False) -> str:
    """Return a typed bound as an address writes it: per cent become fractions, ``100 k`` a hundred thousand.

    Parameters
    ----------
    is_share : bool
        The field is shown in per cent: a number from 1 on is one of per cent, whether the sign was typed or not.
    """
    text = normalize_number(typed, language).replace("$", "").replace("\u2212", "-")
    scales = {"%": 0.01, **{word: float(scale) for word, scale in scales_of(language).items()}}
    # Longer words first: one may be the end of the other.
    for ending in sorted(scales, key=len, reverse=True):
        number = text.casefold().removesuffix(ending)
        if number != text.casefold():
            break
    else:
        number, ending = text, ""
    try:
        value = float(number)
    except ValueError:
        return text
    if not ending and is_share and abs(value) >= 1:
        ending = "%"
    return f"{value * scales.get(ending, 1.0):.12g}"
