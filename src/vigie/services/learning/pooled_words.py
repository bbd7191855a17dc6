"""What is said of a model that learned from several markets, in every language."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts

TEXTS: Final = NamedTexts("pooled_model", {
    "chosen_today": "Its markets were chosen today, when it is known which ones have lasted: those that fell away are "
                    "missing, which flatters every past result (survivorship bias).",
})  # fmt: skip


def chosen_today(language: str) -> str:
    """Return the sentence on markets that somebody chose today."""
    return TEXTS[language]["chosen_today"]
