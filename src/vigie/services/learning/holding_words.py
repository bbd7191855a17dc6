"""Whether a model beats buy-and-hold, in every language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from vigie.catalogue import NamedTexts
from vigie.intelligence.market.words import numbers_of

if TYPE_CHECKING:
    from vigie.research.learning.against_holding import AgainstHolding

TEXTS: Final = NamedTexts("against_holding", {
    "made": "On the same days, with the same fees and slippage and without funding, buy and hold made {held} (Sharpe "
            "ratio {held_sharpe}), the model {earned} ({sharpe}).",
    "made_without_trade": "On the same days, with the same fees and slippage and without funding, buy and hold made "
                          "{held} (Sharpe ratio {held_sharpe}).",
    "difference": "The model's Sharpe ratio minus that of holding: {difference} [{low}; {high}].",
    "beats": "It beats holding: the interval is above 0.",
    "no_more": "It does not beat holding: the interval is not above 0.",
    "worse": "It is worse than holding: the interval is below 0.",
    "no_trade": "The model did not trade, so there is nothing to compare with holding.",
})  # fmt: skip


def say_against_holding(told: AgainstHolding, language: str) -> str:
    """Return what holding made beside a model, and whether the model beats it."""
    texts, numbers, answer = TEXTS[language], numbers_of(language), told.answer
    ratios = {
        name: numbers.number(getattr(told, name), 2, sign=True)
        for name in ("sharpe", "held_sharpe", "difference", "low", "high")
    }
    made = {name: numbers.percent(getattr(told, name), sign=True) for name in ("earned", "held")}
    sentences = [texts["made_without_trade" if answer == "no_trade" else "made"].format(**made, **ratios)]
    if not math.isnan(told.difference):
        sentences.append(texts["difference"].format(**ratios))
    return " ".join([*sentences, texts[answer]])
