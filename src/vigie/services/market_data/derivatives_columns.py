"""The columns of tables on derivatives."""

from __future__ import annotations

from typing import Final

from vigie.services.operation import Column

_INSTRUMENT_COLUMNS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
    Column(name="venue", title="Venue"),
    Column(name="place", title="Instrument", definition="Where the number comes from."),
]
_TIME: Final = Column(name="ts_event", title="Time", unit="ms", definition="When the value was so.")
_STALE: Final = Column(name="is_stale", title="Old", definition="Whether the value is old.")
_OWN_HISTORY_TEXT: Final = "Share of its own history below this value; nothing where the history is short."

FUNDING: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="rate", title="As stated", unit="rate",
        definition="What longs pay to shorts at one settlement; negative: shorts pay.", source="venue",
    ),
    Column(name="hours", title="Every, hours", unit="count", definition="Between settlements.", source="venue"),
    Column(name="per_8h", title="For 8 h", unit="rate", definition="Rate x 8 / hours between settlements."),
    Column(
        name="per_year", title="A year", unit="change",
        definition="Rate x 8,760 / hours between settlements; simple, not compounded.",
    ),
    Column(
        name="spread_8h", title="Between venues", unit="rate",
        definition="Highest minus lowest rate for 8 h of the asset; before fees, and while both last.",
    ),
    Column(name="percentile", title="Own history", unit="fraction", definition=_OWN_HISTORY_TEXT),
    Column(
        name="outlier", title="Unusual",
        definition="high or low: in the outer two per cent of its own history of 120 days.",
    ),
    Column(name="history", title="Settlements", unit="count", definition="How many it is compared with."),
    Column(name="next_ts", title="Next settlement", unit="ms", source="venue"),
    Column(name="state", title="State", definition="expected: of the next settlement; settled: of the last one."),
    _TIME,
    _STALE,
]  # fmt: skip

SPREADS: Final = [
    Column(name="asset", title="Asset", definition="Catalogue id."),
    Column(name="name", title="Name"),
    Column(name="lowest_venue", title="Lowest at"),
    Column(name="lowest_8h", title="Lowest, for 8 h", unit="rate"),
    Column(name="highest_venue", title="Highest at"),
    Column(name="highest_8h", title="Highest, for 8 h", unit="rate"),
    Column(
        name="spread_8h", title="Between venues", unit="rate",
        definition="Highest minus lowest rate for 8 h of the asset; before fees, and while both last.",
    ),
    Column(name="spread_year", title="A year", unit="change", definition="If it lasted; nobody promises that."),
    Column(name="venues", title="Venues", unit="count"),
]  # fmt: skip

OPEN_INTEREST: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="coins", title="Open, coins", unit="coins", definition="Contracts that are open, in coins.",
        source="venue",
    ),
    Column(
        name="usd", title="Open, worth", unit="usd",
        definition="Coins x mark price x what the quote currency is worth.",
    ),
    Column(
        name="change_24h", title="24 h, coins", unit="change",
        definition="Of the coins, so that it does not move with the price.",
    ),
    Column(
        name="share", title="Share of all", unit="fraction", definition="Of the dollars of all rows that are not old."
    ),
    _TIME,
    _STALE,
]  # fmt: skip

BASIS: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(name="mark", title="Mark", unit="price", definition="At which positions are valued.", source="venue"),
    Column(name="index", title="Index", unit="price", definition="Of spot venues, by the venue.", source="venue"),
    Column(name="basis", title="Basis", unit="rate", definition="(mark - index) / index"),
    Column(name="percentile", title="Own history", unit="fraction", definition=_OWN_HISTORY_TEXT),
    Column(name="outlier", title="Unusual", definition="high or low: in the outer two per cent of 30 days."),
    _TIME,
    _STALE,
]  # fmt: skip

LONG_SHORT: Final = [
    *_INSTRUMENT_COLUMNS,
    Column(
        name="ratio", title="Long for each short", unit="ratio",
        definition="Accounts that are long for each that is short, whatever their size.", source="venue",
    ),
    Column(name="long_share", title="Long accounts", unit="fraction", definition="ratio / (1 + ratio)"),
    Column(name="change_24h", title="24 h", unit="change", definition="Of the ratio."),
    Column(name="percentile", title="Own history", unit="fraction", definition=_OWN_HISTORY_TEXT),
    Column(name="outlier", title="Unusual", definition="high or low: in the outer two per cent of 30 days."),
    _TIME,
    _STALE,
]  # fmt: skip
