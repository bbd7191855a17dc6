"""Parts of what an alert about a setup says: its name, criteria, cancelling level and sources, in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.drawing.decimals import price_decimals
from vigie.intelligence.market.words import numbers_of
from vigie.services.reader_texts import say_sentence

_LONGEST_NAME: Final = 60
# What stands for words that were cut off.
_REST: Final = " (…)"

SETUP_WORDS: Final = NamedTexts(
    "setup_alert",
    {
        "below": "Cancelled below {price}",
        "above": "Cancelled above {price}",
        "no_level": "No cancelling level yet",
        "none_met": "none yet",
        "prices": "Sources: prices {age}",
        "news": "news {age}",
        "derivatives": "derivatives {age}",
        "minutes": "{number} min ago",
        "hours": "{number} h ago",
        "days": "{number} d ago",
        "now": "just now",
    },
)
CAUSES: Final = NamedTexts(
    "setup_cause",
    {
        "not_near": "criteria far for two closes",
        "beyond_stop": "closed beyond the stop",
        "gap": "bars are missing",
        "strategy_changed": "strategy or account changed",
        "gap_through_level": "opened beyond a level, no entry",
        "entry_refused": "entry refused at the next open",
        "exit_condition": "exit condition met",
        "opposite_signal": "opposite signal",
    },
)


def setup_name(coin: str, side: str, strategy: str, timeframe: str, language: str) -> str:
    """Return what a setup is called, cut where it is long."""
    return _cut(f"{coin} {_word_of(side, language)}, {strategy} {timeframe}", _LONGEST_NAME)


def met_criteria(names: Sequence[str], width: int, language: str) -> str:
    """Return criteria that hold, each cut to a width; where there are none it says so."""
    said = [_cut(_word_of(name, language), width) for name in names]
    return "; ".join(said) or SETUP_WORDS[language]["none_met"]


def cancelling_level(side: str, stop: float | None, language: str) -> str:
    """Return beyond which price a setup is void."""
    words = SETUP_WORDS[language]
    if stop is None:
        return words["no_level"]
    return words["below" if side == "long" else "above"].format(price=price_text(stop, language))


def ages_of_sources(ages: Mapping[str, int], language: str) -> str:
    """Return how old each source was, given milliseconds."""
    words = SETUP_WORDS[language]
    return "; ".join(words[name].format(age=_age(ms, words)) for name, ms in ages.items())


def _age(ms: int, words: Mapping[str, str]) -> str:
    if ms < MINUTE_MS:
        return words["now"]
    if ms < 2 * HOUR_MS:
        return words["minutes"].format(number=ms // MINUTE_MS)
    if ms < 2 * DAY_MS:
        return words["hours"].format(number=ms // HOUR_MS)
    return words["days"].format(number=ms // DAY_MS)


def price_text(value: float, language: str) -> str:
    """Return a price as texts of a language write it."""
    size = abs(value)
    # Of the smallest prices six decimals are zeros.
    decimals = max(0, 5 - len(f"{size:.0f}")) if size >= 1.0 else max(6, price_decimals(size))
    return numbers_of(language).number(value, decimals)


def _word_of(text: str, language: str) -> str:
    return say_sentence(text.replace("%", "%%"), {}, language)


def _cut(text: str, width: int) -> str:
    """Return a text of at most this length, cut after a whole word: it stands within a sentence."""
    if len(text) <= width:
        return text
    kept = text[: width - len(_REST) + 1]
    whole = kept.rpartition(" ")[0] or kept[:-1]
    return f"{whole.rstrip(' ,;:.')}{_REST}"
