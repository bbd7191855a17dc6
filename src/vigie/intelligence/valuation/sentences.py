"""Why buy, why sell, what would change our mind: a sentence each, from a figure with its source.

A sentence tells what is; what somebody does is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vigie.domain.time import DAY_MS, iso
from vigie.intelligence.market.words import MarketTexts, load_texts
from vigie.intelligence.valuation.reading import UNITS, ComponentReading, Valuation


@dataclass(frozen=True, slots=True)
class ValuationSentence:
    """One sentence with what it says.

    Attributes
    ----------
    key : str
        Its text, ``why_buy``.
    figures : mapping of str to (float, str)
        Value and unit of each figure.
    words : mapping of str to str
        Keys of words in it.
    names : mapping of str to str
        What is written as it is: sources, dates.
    """

    key: str
    figures: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def render(self, language: str, euro: float = 0.0) -> str:
        """Return the sentence; `euro` is what a dollar is worth where amounts are told in euros, else 0."""
        texts = load_texts(language, euro)
        values = {name: write_value(texts, value, unit) for name, (value, unit) in self.figures.items()}
        words = {name: texts(f"valuation.{key}") for name, key in self.words.items()}
        return texts(f"valuation.{self.key}", **values, **words, **self.names)


def write_value(texts: MarketTexts, value: float, unit: str) -> str:
    """Write a value in its unit; a change has a sign, a score two decimals, a share none."""
    if unit == "change":
        return texts.numbers.percent(value, sign=True)
    if unit == "share":
        return texts.numbers.percent(value, 0)
    if unit == "score":
        return texts.numbers.number(value, 2, sign=True)
    return texts.numbers.of(value, unit)


def why_sell(valuation: Valuation, sources: Mapping[str, str]) -> ValuationSentence | None:
    """Return what speaks most for expensive: the component with the highest rank.

    Parameters
    ----------
    sources : mapping of str to str
        Who says each component.

    Returns
    -------
    ValuationSentence or None
        None where no component has a rank.
    """
    return _extreme(valuation, sources, 1.0, "why_sell", "why_not_sell")


def why_buy(valuation: Valuation, sources: Mapping[str, str]) -> ValuationSentence | None:
    """Return what speaks most for cheap: the component with the lowest rank; None where none has one."""
    return _extreme(valuation, sources, -1.0, "why_buy", "why_not_buy")


def what_would_change(valuation: Valuation) -> ValuationSentence | None:
    """Return at which score, and at which next close, the state changes; None where there is none."""
    level, score = valuation.level, valuation.score
    if level is None or score is None:
        return None
    begins = "leave" if level.state == "normal" else "enter"
    key = f"{begins}_up" if level.is_above else f"{begins}_down"
    figures = {"level": (level.score, "score"), "score": (score, "score")}
    if level.price is None:
        return ValuationSentence(key, figures, {"state": f"states.{level.state}"})
    figures["price"] = (level.price, "usd_price")
    return ValuationSentence(f"{key}_price", figures, {"state": f"states.{level.state}"})


def _extreme(
    valuation: Valuation, sources: Mapping[str, str], side: float, key: str, otherwise: str
) -> ValuationSentence | None:
    ranked = [
        (side * component.rank, component) for component in valuation.components if component.rank is not None
    ]
    if not ranked:
        return None
    rank, component = max(ranked, key=lambda entry: entry[0])
    return _component_sentence(key if rank > 0 else otherwise, component, sources)


def _component_sentence(
    key: str, component: ComponentReading, sources: Mapping[str, str]
) -> ValuationSentence:
    return ValuationSentence(
        key,
        {
            "value": (component.value or 0.0, UNITS[component.name]),
            "share": (component.share_below or 0.0, "share"),
            "share_above": (1.0 - (component.share_below or 0.0), "share"),
        },
        {"component": f"nouns.{component.name}"},
        {"source": sources.get(component.name, ""), "since": iso((component.first_day or 0) * DAY_MS)[:4]},
    )
