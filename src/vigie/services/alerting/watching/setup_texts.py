"""What an alert about a setup says: state, market, side, criteria, cancelling level, sources with their age.

In both languages at most 280 characters: where names are long, they are cut before figures are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.alert import AlertEvent
from vigie.domain.asset import WATCHED, watched_ids
from vigie.domain.ids import parse_instrument, parse_slot
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.drawing.decimals import price_decimals
from vigie.intelligence.setups.contributions import Contribution
from vigie.ports.setups import StoredChange
from vigie.services.alerting.watching.event_texts import EVENT_TEXTS, make_event
from vigie.services.french import translate

MOST_CHARACTERS: Final = 280
# How many criteria are named, with how many characters of each, tried one after the other: fewer before shorter.
_FITS: Final = ((3, 60), (2, 60), (1, 60), (1, 40), (1, 28), (1, 18), (1, 10))
_LONGEST_NAME: Final = 60
# What stands for words that were cut off.
_REST: Final = " (…)"
_LANGUAGES: Final = ("en", "fr")
_NAMES: Final = {asset.symbol.lower(): asset.name for asset in WATCHED}

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


def setup_event(
    change: StoredChange,
    parts: Sequence[Contribution],
    *,
    owner: str,
    ts_market: int,
    now: int,
    **more: object,
) -> AlertEvent:
    """Return a change of a setup as what rules may be about.

    Parameters
    ----------
    change : StoredChange
        Forming, confirmed or invalidated.
    parts : sequence of Contribution
        What counted for and against it: their ages are told.
    owner : str
        Of the account.
    ts_market, now : int
        Epoch milliseconds of the market and on the wall.
    more : object
        Further facts.

    Returns
    -------
    AlertEvent
        Its title is the whole text; ``facts.short`` names it in a few words, by language.
    """
    slot = parse_slot(change.slot)
    values = _fitted_values(change, parts, ts_market)
    return make_event(
        "setup", change.state, f"{change.account}/{change.setup}", values["en"], now, french=values["fr"],
        status=change.state, owner=owner, account=change.account, strategy=slot.strategy, instrument=slot.instrument,
        side=change.side, state=change.state, setup=change.setup,
        assets=watched_ids(parse_instrument(slot.instrument).base),
        short={
            language: EVENT_TEXTS[language][f"setup.title.{change.state}"].format(**values[language])
            for language in _LANGUAGES
        },
        url=f"/setup/{change.setup}?account={change.account}",
        **more,
    )  # fmt: skip


def _fitted_values(
    change: StoredChange, parts: Sequence[Contribution], ts_market: int
) -> dict[str, Mapping[str, str]]:
    """Return the values of the text by language, with names as long as both have room for."""
    fitted: dict[str, Mapping[str, str]] = {}
    for fit in _FITS:
        fitted = {language: _values(change, parts, ts_market, language, fit) for language in _LANGUAGES}
        texts = [
            EVENT_TEXTS[language][f"setup.{change.state}"].format(**fitted[language])
            for language in _LANGUAGES
        ]
        if max(map(len, texts)) <= MOST_CHARACTERS:
            break
    return fitted


def _values(
    change: StoredChange, parts: Sequence[Contribution], ts_market: int, language: str, fit: tuple[int, int]
) -> Mapping[str, str]:
    slot, words = parse_slot(change.slot), SETUP_WORDS[language]
    base = parse_instrument(slot.instrument).base
    side = _word_of(change.side, language)
    name = f"{_NAMES.get(base.lower(), base.upper())} {side}, {slot.strategy} {slot.timeframe}"
    stop = change.body.get("stop")
    if isinstance(stop, int | float):
        cancelled = words["below" if change.side == "long" else "above"].format(
            price=price_text(stop, language)
        )
    else:
        cancelled = words["no_level"]
    return {
        "name": _cut(name, _LONGEST_NAME),
        "criteria": "; ".join(_criteria(change, language, *fit)) or words["none_met"],
        "cancelled": cancelled,
        "sources": "; ".join(_sources(change, parts, ts_market, language)),
        "cause": CAUSES[language].get(change.cause, change.cause),
    }


def _criteria(change: StoredChange, language: str, most: int, width: int) -> list[str]:
    """Return the names of criteria that hold, the heaviest first, required ones before others."""
    given = change.body.get("criteria")
    held = [item for item in (given if isinstance(given, list) else []) if item.get("holds")]
    held.sort(key=lambda item: (not item.get("required"), -float(item.get("weight") or 0.0)))
    return [_cut(_word_of(str(item["name"]), language), width) for item in held[:most]]


def _sources(change: StoredChange, parts: Sequence[Contribution], ts_market: int, language: str) -> list[str]:
    words = SETUP_WORDS[language]
    told = [words["prices"].format(age=_age(ts_market - change.ts_known, words))]
    for part in parts:
        known = [
            reading.ts_known
            for reading in part.readings
            if not reading.absence and reading.ts_known is not None
        ]
        if part.family in ("news", "derivatives") and part.weight > 0.0 and known:
            told.append(words[part.family].format(age=_age(ts_market - max(known), words)))
    return told


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
    text = f"{value:,.{decimals}f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",") if language == "fr" else text


def _word_of(text: str, language: str) -> str:
    return translate(text.replace("%", "%%"), {}) if language == "fr" else text


def _cut(text: str, width: int) -> str:
    """Return a text of at most this length, cut after a whole word: it stands within a sentence."""
    if len(text) <= width:
        return text
    kept = text[: width - len(_REST) + 1]
    whole = kept.rpartition(" ")[0] or kept[:-1]
    return f"{whole.rstrip(' ,;:.')}{_REST}"
