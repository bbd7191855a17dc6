"""What columns read, joined by the time at which each value was known: bars, closes of other instruments, facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.data.asof import align
from vigie.data.features import add_facts
from vigie.domain.bar import Bars
from vigie.domain.ids import parse_instrument
from vigie.ports.facts import FactStore
from vigie.quant.feature_table import FeatureInputs

# The feature that each short name stands for; `{asset}` is the asset of the bars.
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


def join_inputs(bars: Bars, peers: Sequence[Bars] = (), facts: FactStore | None = None) -> FeatureInputs:
    """Return what columns read of some bars.

    Parameters
    ----------
    bars : Bars
        Of the instrument that the columns are about.
    peers : sequence of Bars
        Of other instruments; of each, only bars that have closed by a bar's close reach it.
    facts : FactStore, optional
        Where other series lie; without one they are not known.

    Returns
    -------
    FeatureInputs
        What became known after a bar's close changes nothing at that bar.
    """
    closes = bars.ts + bars.span_ms
    series = {}
    if facts is not None:
        ticker = str(parse_instrument(bars.instrument).asset).lower()
        names = {short: name.format(asset=ticker) for short, name in FACT_FEATURES.items()}
        joined = add_facts(bars, facts, list(names.values()))
        series = {short: joined.features[name] for short, name in names.items() if name in joined.features}
    return FeatureInputs(
        ts=bars.ts,
        span_ms=bars.span_ms,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        peers=tuple(align(peer.ts + peer.span_ms, peer.close, closes) for peer in peers),
        facts=series,
    )
