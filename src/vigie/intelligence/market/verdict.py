"""One asset and the whole market in plain words.

Takes measured numbers, NaN where not known; gives a verdict whose every word names its number, the span it
stands for and what it does not mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vigie.intelligence.market.grammar import PlainVerdict, VerdictClause, WordScale
from vigie.intelligence.market.metrics import AssetMetrics

NAN: Final = math.nan
# The word of a scale that is known and not told: no shock is no news.
QUIET: Final = "none"

# Words that would soothe beside a sharp move, and what is said there in their place.
BESIDE_SHOCK: Final[Mapping[tuple[str, str], str]] = {
    ("stretch", "normal"): "near_mean",
    ("volatility", "calm"): "still_low",
    ("volatility", "usual"): "still_usual",
}

# A move of this many average daily ranges within an hour or a day is a shock, and comes before everything else.
SHOCK: Final = WordScale(
    "shock", "atr", ("crash", "fall", "none", "rise", "surge"), (-3.0, -1.5, 1.5, 3.0), True
)
TREND: Final = WordScale(
    "trend", "count", ("falling", "leaning_down", "undecided", "leaning_up", "rising"), (1, 2, 3, 4)
)
FORCE: Final = WordScale("force", "index", ("weak", "gathering", "strong", "very_strong"), (20, 25, 40))
STRETCH: Final = WordScale(
    "stretch", "atr", ("far_below", "below", "normal", "above", "far_above"), (-4.0, -2.0, 2.0, 4.0), True
)
LIQUIDITY: Final = WordScale(
    "liquidity", "usd", ("very_thin", "thin", "liquid", "very_liquid"), (1e6, 1e7, 1e9)
)
SPREAD: Final = WordScale("spread", "bps", ("tight", "usual", "wide", "very_wide"), (2.0, 10.0, 50.0))
VOLATILITY: Final = WordScale(
    "volatility", "fraction", ("calm", "usual", "restless", "wild"), (0.2, 0.8, 0.95)
)

BREADTH: Final = WordScale(
    "breadth", "fraction", ("almost_all_down", "most_down", "divided", "most_up", "almost_all_up"),
    (0.2, 0.4, 0.6, 0.8),
)  # fmt: skip
DAY: Final = WordScale(
    "day", "fraction", ("sharply_down", "down", "flat", "up", "sharply_up"), (-0.05, -0.01, 0.01, 0.05), True
)
DOMINANCE: Final = WordScale("dominance", "points", ("loses", "steady", "gains"), (-0.01, 0.01), True)
SENTIMENT: Final = WordScale(
    "sentiment", "index", ("extreme_fear", "fear", "neutral", "greed", "extreme_greed"), (26, 47, 55, 76)
)
FUNDING: Final = WordScale(
    "funding", "rate", ("shorts_pay_much", "shorts_pay", "balanced", "longs_pay", "longs_pay_much"),
    (-0.0003, -0.00005, 0.0002, 0.0005), True,
)  # fmt: skip
PEG: Final = WordScale("peg", "fraction", ("holds", "off", "far_off"), (0.005, 0.02))

# Sharp moves of the market: they come before everything else, as the shock of an asset does.
MARKET_SHOCKS: Final = (("day", "sharply_down"), ("day", "sharply_up"), ("peg", "far_off"))

ASSET_SCALES: Final = (SHOCK, TREND, FORCE, STRETCH, LIQUIDITY, SPREAD, VOLATILITY)
MARKET_SCALES: Final = (BREADTH, DAY, DOMINANCE, SENTIMENT, FUNDING, PEG)


def trend_signs(close_over_50: float, close_over_200: float, sma_50_over_200: float, slope: float) -> float:
    """Return how many of four signs point up: price above both means, the short one above the long one, rising.

    Parameters
    ----------
    close_over_50, close_over_200 : float
        Price against its 50-day and 200-day mean, minus 1.
    sma_50_over_200 : float
        The 50-day mean against the 200-day mean, minus 1.
    slope : float
        Change of the 50-day mean over 10 days, fraction.

    Returns
    -------
    float
        0 to 4; NaN unless all four are known.
    """
    signs = (close_over_50, close_over_200, sma_50_over_200, slope)
    if any(math.isnan(sign) for sign in signs):
        return NAN
    return float(sum(sign > 0 for sign in signs))


def asset_verdict(measured: AssetMetrics, *, rank: float = NAN, assets: float = NAN) -> PlainVerdict:
    """Return what is to be said of one asset.

    Parameters
    ----------
    measured : AssetMetrics
        See `metrics.measure`.
    rank, assets : float
        Its place by volume of 24 hours, 1 the largest, and among how many.
    """
    m = measured
    signs = trend_signs(m.sma_50_distance, m.sma_200_distance, m.sma_50_over_200, m.sma_50_slope)
    clauses = (
        shock_clause(m),
        TREND.clause(
            signs,
            close_over_sma_50=m.sma_50_distance,
            close_over_sma_200=m.sma_200_distance,
            sma_50_over_sma_200=m.sma_50_over_200,
            slope_sma_50=m.sma_50_slope,
        ),
        FORCE.clause(m.adx_14),
        STRETCH.clause(
            m.stretch_atr, percentile=m.stretch_percentile, percentile_above=1.0 - m.stretch_percentile
        ),
        LIQUIDITY.clause(m.volume_24h, rank=rank, assets=assets),
        SPREAD.clause(m.spread_bps),
        VOLATILITY.clause(m.volatility_percentile, volatility=m.volatility_30d),
    )
    is_shocked = clauses[0] is not None and clauses[0].word != QUIET
    adjusted = [_adjust_beside_shock(clause) if is_shocked and clause else clause for clause in clauses]
    return _verdict("asset", ASSET_SCALES, adjusted)


def _adjust_beside_shock(clause: VerdictClause) -> VerdictClause:
    return replace(clause, word=BESIDE_SHOCK.get((clause.key, clause.word), clause.word))


def shock_clause(measured: AssetMetrics) -> VerdictClause | None:
    """Return the largest move of the last hour and the last 24 hours, in average daily ranges.

    The hour is told where it is a shock by itself, else the day. A change that is not known is left out.
    """
    moves = [
        (hours, change, change / measured.atr_fraction)
        for hours, change in ((1, measured.change_1h), (24, measured.change_24h))
        if measured.atr_fraction > 0 and not math.isnan(change)
    ]
    if not moves:
        return None
    shocks = [move for move in moves if not SHOCK.cuts[1] <= move[2] < SHOCK.cuts[2]]
    hours, change, ranges = (shocks or moves[-1:])[0]
    return SHOCK.clause(ranges, change=change, hours=float(hours))


@dataclass(frozen=True, slots=True)
class MarketReading:
    """The numbers of the market's one sentence; NaN where not known.

    Attributes
    ----------
    above_sma_50, measured_sma_50 : int
        Assets above their 50-day mean, and assets of which it is known.
    median_change_24h : float
        Fraction.
    dominance, dominance_change_7d : float
        Bitcoin's share of all capitalisation, and its change in a week; fractions.
    fear_greed : float
        0 to 100.
    funding_8h : float
        Median rate across assets and venues for 8 hours, fraction.
    funding_venues : int
        How many rates it is the median of.
    stablecoins : mapping of str to float
        Price in US dollars by symbol.
    """

    above_sma_50: int = 0
    measured_sma_50: int = 0
    median_change_24h: float = NAN
    dominance: float = NAN
    dominance_change_7d: float = NAN
    fear_greed: float = NAN
    funding_8h: float = NAN
    funding_venues: int = 0
    stablecoins: Mapping[str, float] = field(default_factory=dict)


def market_reading(measured: Sequence[AssetMetrics], **known: float | Mapping[str, float]) -> MarketReading:
    """Return a reading whose breadth and median come from the assets, and the rest as given.

    Parameters
    ----------
    measured : sequence of AssetMetrics
        Stablecoins left out by the caller.
    **known
        Further fields of `MarketReading`.
    """
    distances = [m.sma_50_distance for m in measured if not math.isnan(m.sma_50_distance)]
    changes = sorted(m.change_24h for m in measured if not math.isnan(m.change_24h))
    from_assets = MarketReading(
        above_sma_50=sum(distance > 0 for distance in distances),
        measured_sma_50=len(distances),
        median_change_24h=median(changes),
    )
    return replace(from_assets, **known)  # type: ignore[arg-type]  # fields of the record, as the docstring says


def market_verdict(reading: MarketReading) -> PlainVerdict:
    """Return the market's one sentence as a verdict."""
    r = reading
    share = r.above_sma_50 / r.measured_sma_50 if r.measured_sma_50 else NAN
    off, coin = worst_peg(r.stablecoins)
    peg = PEG.clause(off, price=r.stablecoins.get(coin, NAN))
    clauses = (
        BREADTH.clause(share, above=r.above_sma_50, assets=r.measured_sma_50),
        DAY.clause(r.median_change_24h),
        DOMINANCE.clause(r.dominance_change_7d, level=r.dominance),
        SENTIMENT.clause(r.fear_greed),
        FUNDING.clause(r.funding_8h, venues=r.funding_venues, year=r.funding_8h * 3 * 365),
        replace(peg, names={"coin": coin}) if peg else None,
    )
    shocks_first = sorted(
        clauses, key=lambda clause: clause is None or (clause.key, clause.word) not in MARKET_SHOCKS
    )
    return _verdict("market", MARKET_SCALES, shocks_first)


def median(ascending: Sequence[float]) -> float:
    """Return the middle of sorted numbers; NaN of none."""
    n = len(ascending)
    return (ascending[(n - 1) // 2] + ascending[n // 2]) / 2 if n else NAN


def worst_peg(prices: Mapping[str, float]) -> tuple[float, str]:
    """Return how far the stablecoin that is furthest from one US dollar is, as a fraction, and its symbol.

    Parameters
    ----------
    prices : mapping of str to float
        US dollars by symbol; NaN where not known.

    Returns
    -------
    tuple of float and str
        NaN and an empty name where no price is known.
    """
    known = [(abs(price - 1.0), coin) for coin, price in prices.items() if not math.isnan(price)]
    # Rounded, so that a price of 0.995 is off by exactly what a person reads.
    return (round(max(known)[0], 9), max(known)[1]) if known else (NAN, "")


def _verdict(
    topic: str, scales: Sequence[WordScale], found_clauses: Sequence[VerdictClause | None]
) -> PlainVerdict:
    clauses = tuple(clause for clause in found_clauses if clause is not None)
    known_keys = {clause.key for clause in clauses}
    unknown = tuple(scale.key for scale in scales if scale.key not in known_keys)
    return PlainVerdict(topic, tuple(clause for clause in clauses if clause.word != QUIET), unknown)
