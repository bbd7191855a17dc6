"""What is said of a model that learned from several markets, in every language."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts

TEXTS: Final = NamedTexts("pooled_model", {
    "chosen_today": "Its markets were chosen today, among those that still trade: delisted ones are missing, so past "
                    "results look better than they were (survivorship bias).",
})  # fmt: skip


def chosen_today(language: str) -> str:
    """Return the sentence on markets that were chosen today."""
    return TEXTS[language]["chosen_today"]
