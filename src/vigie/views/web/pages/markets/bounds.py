"""Bounds as people type them."""

from __future__ import annotations


def bound_of(typed: str) -> str:
    """Return a typed bound as an address writes it: per cent become fractions, ``100 k`` a hundred thousand."""
    text = typed.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    text = text.replace("$", "")
    factor = 1.0
    for ending, value in (("%", 0.01), ("k", 1e3), ("K", 1e3), ("Md", 1e9), ("M", 1e6), ("B", 1e9)):
        if text.endswith(ending):
            text, factor = text.removesuffix(ending), value
            break
    try:
        return f"{float(text) * factor:.12g}"
    except ValueError:
        return text
