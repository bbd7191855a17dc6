"""Files of known programs and exchanges: what their headers look like, and what their columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.data.intake.columns import Exporter, normalise_header

METATRADER: Final = Exporter(
    "MetaTrader 5",
    (("date", "date"), ("time", "time"), ("volume", "vol")),
    ("server_time",),
    is_zero_unknown=True,
)
METATRADER_DAYS: Final = Exporter(
    "MetaTrader 5", (("timestamp", "date"), ("volume", "vol")), ("server_time",), is_zero_unknown=True
)
TRADINGVIEW: Final = Exporter("TradingView", (("timestamp", "time"), ("volume", "volume")))
YAHOO: Final = Exporter("Yahoo Finance", (("timestamp", "date"),), ("volume_in_money",), has_volume=False)
KRAKEN: Final = Exporter("Kraken")
BITSTAMP: Final = Exporter("Bitstamp")

_PRICES: Final = ("open", "high", "low", "close")
_METATRADER: Final = {*(f"<{name.upper()}>" for name in _PRICES), "<DATE>", "<TICKVOL>"}
_YAHOO: Final = ["date", *_PRICES, "adjclose", "volume"]
_KRAKEN: Final = ["time", *_PRICES, "vwap", "volume", "count"]
# Exact spelling: TradingView writes the prices small and the volume as the name of an indicator.
_KRAKEN_FIELDS: Final = 7
_SECONDS: Final = 10
_TRADINGVIEW: Final = ["time", *_PRICES]


def exporter_by_header(header: Sequence[str]) -> Exporter | None:
    """Return who writes files with such a header; None where nobody known does."""
    names = [name.strip() for name in header]
    spellings = [normalise_header(name) for name in names]
    if {*names} >= _METATRADER:
        return METATRADER if "<TIME>" in names else METATRADER_DAYS
    if spellings == _YAHOO:
        return YAHOO
    if spellings[: len(_KRAKEN)] == _KRAKEN:
        return KRAKEN
    if spellings[:5] == ["timestamp", *_PRICES] and "weightedprice" in spellings:
        return BITSTAMP
    if names[:5] == _TRADINGVIEW and (len(names) == 5 or "Volume" in names[5:]):
        return TRADINGVIEW
    return None


def exporter_without_header(fields: Sequence[str]) -> Exporter | None:
    """Return who writes such rows without a header: seconds, four prices, volume, number of trades."""
    is_kraken = len(fields) == _KRAKEN_FIELDS and fields[0].isdigit() and fields[-1].isdigit()
    return KRAKEN if is_kraken and len(fields[0]) <= _SECONDS else None
