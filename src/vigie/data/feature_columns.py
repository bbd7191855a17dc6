"""Columns that models learn from as features of bars: ``feature.price.return_24`` is the column ``price.return_24``.

A column is computed from the bars, from the facts that it reads and from closes of other instruments. Facts and closes
are features themselves: these are recorded with a decision, the column is computed anew. Of the group ``cross`` a name
may end with the instruments that stand for the market, ``feature.cross.beta_168.eth+sol``; without them it is made of
all coins that are watched from the first start on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from vigie.data.other_closes import close_feature, close_series, is_close
from vigie.domain.asset import WATCHED
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import SeriesId, parse_instrument
from vigie.quant.features import registry
from vigie.quant.features._spec import FeatureColumn, FeatureInputs

PREFIX: Final = "feature."
_COLUMN: Final = re.compile(r"feature\.(\w+\.\w+)(?:\.([a-z0-9]+(?:\+[a-z0-9]+)*))?")
_WATCHED_COINS: Final = tuple(asset.symbol.lower() for asset in WATCHED if asset.kind == "coin")
# The feature that each short name of a series stands for; `{asset}` is the asset of the bars.
FACT_FEATURES: Final[dict[str, str]] = {
    "funding": "derivatives.funding.{asset}",
    "open_interest": "derivatives.open_interest.{asset}",
    "basis": "derivatives.basis.{asset}",
    "liquidations_long": "derivatives.liquidations_long.{asset}",
    "liquidations_short": "derivatives.liquidations_short.{asset}",
    "mvrv": "onchain.mvrv.{asset}",
    "news_items": "news.items.{asset}",
    "news_sentiment": "news.sentiment.{asset}",
    "market_sentiment": "news.sentiment.market",
    "fear_greed": "sentiment.fear_greed_index",
}


def is_column(name: str) -> bool:
    """Return whether a feature is a column, as its name says; it need not exist."""
    return name.startswith(PREFIX)


def reads_others(column: FeatureColumn) -> bool:
    """Return whether a column compares with other instruments."""
    return column.known_by == "peers"


def column_feature(full_name: str, others: Sequence[str]) -> str:
    """Return the feature that a column is where some instruments stand for the market."""
    if not reads_others(registry()[full_name]):
        return PREFIX + full_name
    return f"{PREFIX}{full_name}.{'+'.join(parse_instrument(other).base.lower() for other in others)}"


def find_column(name: str) -> FeatureColumn | None:
    """Return the column that a feature is; None where there is none of that name."""
    parts = _COLUMN.fullmatch(name)
    column = registry().get(parts[1]) if parts else None
    if column is None or (parts and parts[2] and not reads_others(column)):
        return None
    return column


def nearest_column(name: str) -> str:
    """Return the feature of a column whose name is nearest to a name."""
    known = [PREFIX + full_name for full_name in registry()]
    return get_close_matches(name, known, n=1, cutoff=0.0)[0]


def other_closes(name: str, instrument: str) -> tuple[str, ...]:
    """Return the closes of others that a column reads beside an instrument, as features; none where it reads none."""
    parts, column = _COLUMN.fullmatch(name), find_column(name)
    if parts is None or column is None or not reads_others(column):
        return ()
    own = parse_instrument(instrument).base.lower()
    tickers = parts[2].split("+") if parts[2] else _WATCHED_COINS
    return tuple(close_feature(ticker) for ticker in dict.fromkeys(tickers) if ticker != own)


def recorded_features(names: Sequence[str], instrument: str) -> tuple[str, ...]:
    """Return what is recorded of features: in place of columns, the facts and closes that they read, each once.

    Parameters
    ----------
    names : sequence of str
        As strategies read them.
    instrument : str
        Whose bars they are features of.
    """
    recorded: dict[str, None] = {}
    for name in names:
        if not is_column(name):
            recorded[name] = None
        elif (column := find_column(name)) is not None:
            fact_names = fact_features(instrument)
            recorded |= dict.fromkeys(fact_names[short] for short in column.reads)
            recorded |= dict.fromkeys(other_closes(name, instrument))
    return tuple(recorded)


def other_series(names: Mapping[SeriesId, Sequence[str]]) -> list[SeriesId]:
    """Return whose closes are read beside some series, each once; those of the series themselves are left out.

    Parameters
    ----------
    names : mapping of SeriesId to sequence of str
        By series, what its strategies read.
    """
    others = (
        close_series(name, beside)
        for beside, read in names.items()
        for name in recorded_features(read, beside.instrument)
        if is_close(name)
    )
    return [other for other in dict.fromkeys(others) if other not in names]


def fact_features(instrument: str) -> dict[str, str]:
    """Return the feature of each short name, for an instrument."""
    ticker = str(parse_instrument(instrument).asset).lower()
    return {short: name.format(asset=ticker) for short, name in FACT_FEATURES.items()}


def column_inputs(bars: Bars, peers: Sequence[FloatArray] = ()) -> FeatureInputs:
    """Return what columns read of bars, with those features of them that are facts.

    Parameters
    ----------
    bars : Bars
    peers : sequence of float64 array, shape (n_bars,)
        Closes of other instruments, as known at each close.
    """
    names = fact_features(bars.instrument) if bars.features else {}
    return FeatureInputs(
        ts=bars.ts,
        span_ms=bars.span_ms,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        peers=tuple(peers),
        facts={short: bars.features[name] for short, name in names.items() if name in bars.features},
    )


def add_columns(bars: Bars, names: Sequence[str]) -> Bars:
    """Return bars with those features that are columns; the same object where none is.

    Parameters
    ----------
    bars : Bars
        With the features of `recorded_features`.
    names : sequence of str
        As strategies read them; what is no column is passed over.
    """
    columns = {name: column for name in names if (column := find_column(name)) is not None}
    if not columns:
        return bars
    inputs: dict[tuple[str, ...], FeatureInputs] = {}
    computed: dict[str, FloatArray] = {}
    for name, column in columns.items():
        closes = other_closes(name, bars.instrument)
        if closes not in inputs:
            inputs[closes] = column_inputs(bars, [bars.feature(close) for close in closes])
        computed[name] = column.compute(inputs[closes])
    return replace(bars, features={**bars.features, **computed}, _memo={})
