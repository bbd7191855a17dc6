"""Columns that models learn from as features of bars: ``feature.price.return_24`` is the column ``price.return_24``.

A column is computed from the bars and from the facts that it reads, which are features themselves: these are recorded
with a decision, the column is computed anew. Columns of other instruments are none: an account sees one instrument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.ids import parse_instrument
from vigie.quant.features import registry
from vigie.quant.features._spec import FeatureColumn, FeatureInputs

PREFIX: Final = "feature."
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


def is_in_accounts(column: FeatureColumn) -> bool:
    """Return whether an account that trades has what a column reads."""
    return column.known_by != "peers"


def find_column(name: str) -> FeatureColumn | None:
    """Return the column that a feature is; None where none of that name can be read by a strategy."""
    column = registry().get(name.removeprefix(PREFIX)) if is_column(name) else None
    return column if column is not None and is_in_accounts(column) else None


def nearest_column(name: str) -> str:
    """Return the feature of a column whose name is nearest to a name."""
    known = [PREFIX + full_name for full_name, column in registry().items() if is_in_accounts(column)]
    return get_close_matches(name, known, n=1, cutoff=0.0)[0]


def recorded_features(names: Sequence[str], instrument: str) -> tuple[str, ...]:
    """Return what is recorded of features: in place of columns, the facts that they read, each once.

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
    return tuple(recorded)


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
    inputs = column_inputs(bars)
    computed = {name: column.compute(inputs) for name, column in columns.items()}
    return replace(bars, features={**bars.features, **computed}, _memo={})
