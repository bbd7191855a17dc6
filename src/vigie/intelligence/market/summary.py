"""The summary of an asset or of the market: the most unusual first, at most two figures a sentence.

Takes measured numbers; gives at most three sentences of an asset and two of the market. What is not unusual is left
out; if nothing is, the summary says so and stops. If the newest price is old, it gives that price with its age, for a
stablecoin how far from its peg it was, and stops.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.changes_since import SeriesChange
from vigie.intelligence.market.metrics import AssetMetrics
from vigie.intelligence.market.verdict import (
    FORCE,
    FUNDING,
    LIQUIDITY,
    PEG,
    QUIET,
    SPREAD,
    STRETCH,
    VOLATILITY,
    shock_clause,
    worst_peg,
)
from vigie.intelligence.market.words import MarketTexts, load_texts

MOST_ASSET_SENTENCES: Final = 3
# Figures in one sentence, at most.
MOST_FIGURES: Final = 2
# Prices below it are written without zeros at their end.
SMALL_PRICE: Final = 0.01
# Where the verdict has a scale, the word at its end is what is unusual; these have none.
CALM_SHARE: Final = 0.05
HEAVY_VOLUME: Final = 3.0
THIN_VOLUME: Final = 1 / 3
# A change of this size is reported even if the usual range is not known.
BIG_MOVE: Final = 0.1
# A smaller change rounds to 0.0 %, so it has no direction.
FLAT: Final = 0.0005


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """One sentence with what it says.

    Attributes
    ----------
    key : str
        Its text, ``fell_day``.
    figures : mapping of str to (float, str)
        Value and unit of each figure, at most two; a ``span`` is in milliseconds and written in words.
    names : mapping of str to str
        Names in it, such as the asset's.
    changes : tuple of SeriesChange
        Changes that it tells in their own words, at most two.
    asset : str
        Catalogue id of the asset whose price it tells, where that is known.
    """

    key: str
    figures: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[SeriesChange, ...] = ()
    asset: str = ""

    def render(self, language: str, euro: float = 0.0) -> str:
        """Return the sentence; `euro` is what a dollar is worth where amounts are told in euros, else 0."""
        table = load_texts(language, euro)
        texts = {name: _figure_text(table, value, unit) for name, (value, unit) in self.figures.items()}
        for name, change in zip(("what", "other"), self.changes, strict=False):
            text = change.render(language, euro).what
            # Within a sentence it begins with a small letter, unless with a name.
            is_inside = self.key.startswith("also") and not (
                change.subject and text.startswith(change.subject)
            )
            texts[name] = text[:1].lower() + text[1:] if is_inside else text
        return table(f"summary.{self.key}", **self.names, **texts)


@dataclass(frozen=True, slots=True)
class MarketMoment:
    """What the market's summary is made of.

    Attributes
    ----------
    name : str
        The asset that stands for the market, ``Bitcoin``.
    price, change : float
        Its price in US dollars and its change over 24 hours; NaN where not known.
    age_ms : int or None
        How old the newest price is where that is unusual, else None.
    pegs : mapping of str to float
        Price in US dollars of each watched stablecoin.
    changes : sequence of SeriesChange
        What moved unusually in 24 hours, the most unusual first.
    asset : str
        Catalogue id of the asset.
    prices : mapping of str to float
        Price in US dollars by catalogue id, of the assets that `changes` may name.
    """

    name: str
    price: float = math.nan
    change: float = math.nan
    age_ms: int | None = None
    pegs: Mapping[str, float] = field(default_factory=dict)
    changes: Sequence[SeriesChange] = ()
    asset: str = ""
    prices: Mapping[str, float] = field(default_factory=dict)


def market_summary(moment: MarketMoment) -> tuple[SummarySentence, ...]:
    """Return at most two sentences: the most unusual thing of 24 hours, and how the asset stands."""
    if math.isnan(moment.price):
        return (SummarySentence("no_prices"),)
    if moment.age_ms is not None:
        return (_old_price(moment.name, moment.price, moment.age_ms),)
    trading = _price_sentence(moment.name, moment.price, moment.change)
    off_peg = _off_peg(moment.pegs)
    if off_peg is not None:
        own = [
            change for change in moment.changes if change.topic == "price" and change.asset == moment.asset
        ]
        return off_peg, (_change_sentence(own[0], moment.prices) if own else trading)
    if not moment.changes:
        return SummarySentence("nothing_in_market"), trading
    first, *others = _cause_first(moment.changes, moment.asset)
    lead = _change_sentence(first, moment.prices)
    if first.topic != "price" or first.asset != moment.asset:
        return lead, trading
    if others:
        return lead, SummarySentence("also_two" if others[1:] else "also", changes=tuple(others[:2]))
    usual = {"low": (first.usual_low, "change"), "high": (first.usual_high, "change")}
    return lead, SummarySentence("usual_day", usual)


def _cause_first(changes: Sequence[SeriesChange], asset: str) -> list[SeriesChange]:
    """Return changes with the asset's price before an implied volatility that follows from its move."""
    own = [change for change in changes if change.topic == "price" and change.asset == asset]
    if changes[0].topic != "volatility" or not own:
        return list(changes)
    return [own[0], *(change for change in changes if change is not own[0])]


def asset_summary(
    name: str,
    measured: AssetMetrics,
    *,
    is_stablecoin: bool = False,
    age_ms: int | None = None,
    usual_day: tuple[float, float] | None = None,
) -> tuple[SummarySentence, ...]:
    """Return at most three sentences about one asset.

    Parameters
    ----------
    name : str
        ``Bitcoin``.
    measured : AssetMetrics
        See `metrics.measure`.
    is_stablecoin : bool
        Whether it is meant to be worth one dollar: then its distance from that is all that counts.
    age_ms : int, optional
        How old its newest price is, where that is unusual.
    usual_day : (float, float), optional
        Between what its price moves on four days in five, where it moved otherwise in the last one.
    """
    m = measured
    if math.isnan(m.price):
        return (SummarySentence("no_price", names={"name": name}),)
    if age_ms is not None:
        return _old_price(name, m.price, age_ms), *(_was_off_peg(m.price) if is_stablecoin else ())
    if is_stablecoin:
        off_peg = _off_peg({name: m.price})
        if off_peg is None:
            return (SummarySentence("peg_holds", _dollars(m.price), {"name": name}),)
        return off_peg, *[*_since_a_day(m.change_24h, PEG.cuts[0]), *_unusual(m)][: MOST_ASSET_SENTENCES - 1]
    unusual = list(_unusual(m))[: MOST_ASSET_SENTENCES - 1]
    shock = shock_clause(m)
    if shock is not None and shock.word != QUIET:
        span = "hour" if shock.details["hours"] == 1 else "day"
        moved = _moved(name, shock.details["change"], m.price, span)
        # If the hour went against the day, the day's change follows.
        is_against = span == "hour" and shock.details["change"] * m.change_24h < 0
        rest = [*_since_a_day(m.change_24h, FLAT), *unusual] if is_against else unusual
        # How large the move is gives way where two other things are unusual.
        size = () if unusual[1:] else (SummarySentence("ranges", {"ranges": (abs(shock.value), "atr")}),)
        return moved, *size, *rest[: MOST_ASSET_SENTENCES - 1 - len(size)]
    is_young = math.isnan(m.atr_fraction) or math.isnan(m.volatility_percentile)
    if is_young and abs(m.change_24h) >= BIG_MOVE:
        return _moved(name, m.change_24h, m.price, "day"), *unusual[:1], SummarySentence("too_young")
    trading = _price_sentence(name, m.price, m.change_24h)
    if unusual:
        return trading, *unusual
    if is_young:
        # Of what trades, a volume is known; without one, that its history is short would be a guess.
        is_bare = math.isnan(m.change_24h) and math.isnan(m.volume_24h)
        return trading, SummarySentence("only_price" if is_bare else "too_young")
    if usual_day is not None:
        low, high = usual_day
        return trading, SummarySentence("usual_day", {"low": (low, "change"), "high": (high, "change")})
    return trading, SummarySentence("change_unknown" if math.isnan(m.change_24h) else "nothing")


def _unusual(m: AssetMetrics) -> Iterator[SummarySentence]:
    """Yield what is unusual about an asset besides a sharp move, the most telling first; NaN is never unusual."""
    yield from _extremes(m)
    if abs(m.stretch_atr) >= STRETCH.cuts[-1]:
        key = "far_below" if m.stretch_atr < 0 else "far_above"
        yield SummarySentence(key, {"ranges": (abs(m.stretch_atr), "atr")})
    if m.volume_ratio >= HEAVY_VOLUME:
        yield SummarySentence("heavy_volume", {"ratio": (m.volume_ratio, "atr")})
    if abs(m.funding_8h) > FUNDING.cuts[-1]:
        key = "shorts_pay" if m.funding_8h < 0 else "longs_pay"
        yield SummarySentence(key, {"rate": (abs(m.funding_8h), "rate")})
    if m.volatility_percentile >= VOLATILITY.cuts[-1]:
        yield SummarySentence("wild", {"share": (m.volatility_percentile, "share")})
    if m.volume_24h < LIQUIDITY.cuts[0]:
        yield SummarySentence("little_traded", {"volume": (m.volume_24h, "usd_whole")})
    if m.spread_bps >= SPREAD.cuts[-1]:
        yield SummarySentence("wide_spread", {"spread": (m.spread_bps / 10_000, "fraction")})
    if m.adx_14 >= FORCE.cuts[-1]:
        yield SummarySentence(f"strong_{_direction(m)}", {"adx": (m.adx_14, "index")})
    if m.volume_ratio <= THIN_VOLUME:
        yield SummarySentence("thin_volume", {"share": (m.volume_ratio, "share")})
    if m.volatility_percentile <= CALM_SHARE:
        yield SummarySentence("calm", {"share": (m.volatility_percentile, "share")})


def _direction(m: AssetMetrics) -> str:
    """Return the way of a strong trend: ADX has none."""
    distance = m.stretch_atr if math.isnan(m.sma_50_distance) else m.sma_50_distance
    return "trend" if math.isnan(distance) else "downtrend" if distance < 0 else "uptrend"


def _extremes(m: AssetMetrics) -> Iterator[SummarySentence]:
    for key, is_new in (
        ("high_year", m.new_high_1y),
        ("low_year", m.new_low_1y),
        ("high_month", m.new_high_30d),
        ("low_month", m.new_low_30d),
    ):
        if is_new == 1:
            yield SummarySentence(key)
            return


def _change_sentence(change: SeriesChange, prices: Mapping[str, float]) -> SummarySentence:
    if change.topic == "price" and change.asset in prices:
        return replace(_moved(change.subject, change.change, prices[change.asset], "day"), asset=change.asset)
    return SummarySentence("in_a_day", changes=(change,))


def _since_a_day(change: float, least: float) -> Iterator[SummarySentence]:
    if abs(change) >= least:
        key = "day_lower" if change < 0 else "day_higher"
        yield SummarySentence(key, {"change": (abs(change), "fraction")})


def _moved(name: str, change: float, price: float, span: str) -> SummarySentence:
    direction = "fell" if change < 0 else "rose"
    figures = {"change": (abs(change), "fraction"), "price": (price, "usd_price")}
    return SummarySentence(f"{direction}_{span}", figures, {"name": name})


def _price_sentence(name: str, price: float, change: float) -> SummarySentence:
    figures = {"price": (price, "usd_price")}
    if math.isnan(change):
        return SummarySentence("trades", figures, {"name": name})
    if abs(change) < FLAT:
        return SummarySentence("trades_flat", figures, {"name": name})
    key = "trades_lower" if change < 0 else "trades_higher"
    return SummarySentence(key, {**figures, "change": (abs(change), "fraction")}, {"name": name})


def _old_price(name: str, price: float, age_ms: int) -> SummarySentence:
    return SummarySentence(
        "old_price", {"price": (price, "usd_price"), "age": (float(age_ms), "span")}, {"name": name}
    )


def _was_off_peg(price: float) -> Iterator[SummarySentence]:
    """Yield how far from one dollar an old price of a stablecoin was, where that is unusual."""
    found = _off_peg({"": price})
    if found is not None:
        yield SummarySentence(f"was_{found.key}", {"off": found.figures["off"]})


def _off_peg(pegs: Mapping[str, float]) -> SummarySentence | None:
    """Return what is to be said of the stablecoin that is furthest from one dollar, None where all hold."""
    off, coin = worst_peg(pegs)
    if math.isnan(off) or off < PEG.cuts[0]:
        return None
    key = "below_peg" if pegs[coin] < 1 else "above_peg"
    return SummarySentence(key, {**_dollars(pegs[coin]), "off": (off, "fraction")}, {"name": coin})


def _dollars(price: float) -> dict[str, tuple[float, str]]:
    # A peg is to the dollar, whatever currency other amounts are in.
    return {"price": (price, "dollars")}


def _figure_text(table: MarketTexts, value: float, unit: str) -> str:
    if unit == "span":
        return _span_text(table, value)
    # Zeros at the end of a long fraction are hard to count.
    if unit == "usd_whole" or (unit == "usd_price" and 0 < value < SMALL_PRICE):
        return table.numbers.money(value, is_plain=True)
    if unit == "share":
        return table.numbers.percent(value, 0)
    if unit == "dollars":
        return table.numbers.number(value, 3)
    if unit == "change":
        return table.numbers.percent(value, 1, sign=True)
    return table.numbers.of(value, unit)


def _span_text(table: MarketTexts, span_ms: float) -> str:
    for key, unit_ms in (("days", DAY_MS), ("hours", HOUR_MS)):
        if span_ms >= 2 * unit_ms:
            return table(f"summary.{key}", count=int(span_ms // unit_ms))
    return table("summary.minutes", count=max(1, int(span_ms // MINUTE_MS)))
