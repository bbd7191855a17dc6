"""The columns of tables on derivatives."""

from __future__ import annotations

from typing import Final

from vigie.services.operation import Column

_INSTRUMENT_COLUMNS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(name="venue", title="Venue"),
    Column(name="place", title="Instrument", definition="Source of the number."),
]
_TIME: Final = Column(name="ts_event", title="Time", unit="ms", definition="Time of the value.")
_STALE: Final = Column(name="is_stale", title="Stale", definition="Whether the value is stale.")
_OWN_HISTORY_TEXT: Final = "Share of its own history below this value; empty if the history is short."

FUNDING: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="rate", title="Stated rate", unit="rate",
        definition="What longs pay shorts at one settlement; negative: shorts pay.", source="venue",
    ),
    Column(name="hours", title="Interval (h)", unit="count", definition="Hours between two "
        "settlements.", source="venue"),
    Column(name="per_8h", title="Per 8 h", unit="rate", definition="Rate x 8 / hours between settlements."),
    Column(
        name="per_year", title="Annualised", unit="change",
        definition="Rate x 8,760 / hours between settlements; simple, not compounded.",
    ),
    Column(
        name="spread_8h", title="Gap between venues", unit="rate",
        definition="Highest minus lowest 8 h rate of the asset, before fees and as long as both last.",
    ),
    Column(name="percentile", title="Percentile (own history)", unit="fraction", definition=_OWN_HISTORY_TEXT),
    Column(
        name="outlier", title="Unusual",
        definition="high or low: in the outer two per cent of its last 120 days.",
    ),
    Column(name="history", title="Settlements", unit="count", definition="Number of past settlements it is "
        "compared with."),
    Column(name="next_ts", title="Next settlement", unit="ms", source="venue"),
    Column(name="state", title="State", definition="expected: next settlement; settled: last settlement."),
    _TIME,
    _STALE,
]  # fmt: skip

SPREADS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="name", title="Name"),
    Column(name="lowest_venue", title="Lowest at"),
    Column(name="lowest_8h", title="Lowest, per 8 h", unit="rate"),
    Column(name="highest_venue", title="Highest at"),
    Column(name="highest_8h", title="Highest, per 8 h", unit="rate"),
    Column(
        name="spread_8h", title="Gap between venues", unit="rate",
        definition="Highest minus lowest 8 h rate of the asset, before fees and as long as both last.",
    ),
    Column(name="spread_year", title="Annualised", unit="change", definition="If it lasted a year; nobody "
        "promises that."),
    Column(name="venues", title="Venues", unit="count"),
]  # fmt: skip

OPEN_INTEREST: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="coins", title="Open interest (coins)", unit="coins", definition="Contracts that are open, in coins.",
        source="venue",
    ),
    Column(
        name="usd", title="Open interest (value)", unit="usd",
        definition="Coins x mark price x value of the quote currency.",
    ),
    Column(
        name="change_24h", title="24 h (coins)", unit="change",
        definition="Change in coins, so that it does not follow the price.",
    ),
    Column(
        name="share", title="Share of total", unit="fraction", definition="Share of the dollar value of all rows "
            "that are not stale."
    ),
    _TIME,
    _STALE,
]  # fmt: skip

BASIS: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="mark", title="Mark price", unit="price", definition="Price at which positions are valued.",
        source="venue",
    ),
    Column(name="index", title="Index price", unit="price", definition="Index of spot prices, as "
        "computed by the venue.", source="venue"),
    Column(name="basis", title="Basis", unit="rate", definition="(mark - index) / index"),
    Column(name="percentile", title="Percentile (own history)", unit="fraction", definition=_OWN_HISTORY_TEXT),
    Column(name="outlier", title="Unusual", definition="high or low: in the outer two per cent of the last 30 days."),
    _TIME,
    _STALE,
]  # fmt: skip

LONG_SHORT: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="ratio", title="Long/short ratio", unit="ratio",
        definition="Long accounts per short account, whatever their size.", source="venue",
    ),
    Column(name="long_share", title="Long accounts", unit="fraction", definition="ratio / (1 + ratio)"),
    Column(name="change_24h", title="24 h", unit="change", definition="Change of the ratio."),
    Column(name="percentile", title="Percentile (own history)", unit="fraction", definition=_OWN_HISTORY_TEXT),
    Column(name="outlier", title="Unusual", definition="high or low: in the outer two per cent of the last 30 days."),
    _TIME,
    _STALE,
]  # fmt: skip
