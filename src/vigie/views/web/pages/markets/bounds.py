"""Numbers and bounds as people type them."""

from __future__ import annotations

from vigie.intelligence.market.screener import scales_of


def normalize_number(typed: str) -> str:
    """Return a typed number as programs write it, without blanks between thousands and with a point."""
    return typed.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")


def normalize_bound(typed: str, language: str) -> str:
    """Return a typed bound as an address writes it: per cent become fractions, ``100 k`` a hundred thousand."""
    text = normalize_number(typed).replace("$", "")
    scales = {"%": 0.01, **{word: float(scale) for word, scale in scales_of(language).items()}}
    # Longer words first: one may be the end of the other.
    for ending in sorted(scales, key=len, reverse=True):
        number = text.casefold().removesuffix(ending)
        if number != text.casefold():
            break
    else:
        number, ending = text, ""
    try:
        return f"{float(number) * scales.get(ending, 1.0):.12g}"
    except ValueError:
        return text
