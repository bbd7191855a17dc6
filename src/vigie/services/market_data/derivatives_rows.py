"""The rows of tables on derivatives."""

from __future__ import annotations

from typing import Final

from vigie.services.rows import Row, shown

_OWN_HISTORY_TEXT: Final = "Share of its own history below this value; empty if the history is short."


class InstrumentRow(Row):
    """Which instrument a row is about."""

    asset: str = shown("Asset", definition="Catalogue id.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")
    venue: str = shown("Venue")
    place: str | None = shown("Instrument", definition="Source of the number.")


class FundingRateRow(InstrumentRow):
    """The funding rate of one perpetual."""

    rate: float = shown(
        "Stated rate",
        unit="rate",
        definition="What longs pay shorts at one settlement; negative: shorts pay.",
        source="venue",
    )
    hours: float = shown(
        "Interval (h)", unit="count", definition="Hours between two settlements.", source="venue"
    )
    per_8h: float = shown("Per 8 h", unit="rate", definition="Rate x 8 / hours between settlements.")
    per_year: float = shown(
        "Annualised",
        unit="change",
        definition="Rate x 8,760 / hours between settlements; simple, not compounded.",
    )
    spread_8h: float | None = shown(
        "Gap between venues",
        unit="rate",
        definition="Highest minus lowest 8 h rate of the asset, before fees and as long as both last.",
    )
    percentile: float | None = shown(
        "Percentile (own history)", unit="fraction", definition=_OWN_HISTORY_TEXT
    )
    outlier: str = shown("Unusual", definition="high or low: in the outer two per cent of its last 120 days.")
    history: int = shown(
        "Settlements", unit="count", definition="Number of past settlements it is compared with."
    )
    next_ts: int | None = shown("Next settlement", unit="ms", source="venue")
    state: str = shown("State", definition="expected: next settlement; settled: last settlement.")
    ts_event: int = shown("Time", unit="ms", definition="Time of the value.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


class FundingSpreadRow(Row):
    """How far the funding of one asset lies apart between venues."""

    asset: str = shown("Asset", definition="Catalogue id.")
    name: str = shown("Name")
    lowest_venue: str = shown("Lowest at")
    lowest_8h: float = shown("Lowest, per 8 h", unit="rate")
    highest_venue: str = shown("Highest at")
    highest_8h: float = shown("Highest, per 8 h", unit="rate")
    spread_8h: float = shown(
        "Gap between venues",
        unit="rate",
        definition="Highest minus lowest 8 h rate of the asset, before fees and as long as both last.",
    )
    spread_year: float = shown(
        "Annualised", unit="change", definition="If it lasted a year; nobody promises that."
    )
    venues: int = shown("Venues", unit="count")


class OpenInterestRow(InstrumentRow):
    """The open interest of one perpetual or asset."""

    coins: float | None = shown(
        "Open interest (coins)", unit="coins", definition="Contracts that are open, in coins.", source="venue"
    )
    usd: float | None = shown(
        "Open interest (value)", unit="usd", definition="Coins x mark price x value of the quote currency."
    )
    change_24h: float | None = shown(
        "24 h (coins)", unit="change", definition="Change in coins, so that it does not follow the price."
    )
    share: float | None = shown(
        "Share of total",
        unit="fraction",
        definition="Share of the dollar value of all rows that are not stale.",
    )
    ts_event: int = shown("Time", unit="ms", definition="Time of the value.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


class BasisRow(InstrumentRow):
    """The basis of one perpetual."""

    mark: float | None = shown(
        "Mark price", unit="price", definition="Price at which positions are valued.", source="venue"
    )
    index: float | None = shown(
        "Index price",
        unit="price",
        definition="Index of spot prices, as computed by the venue.",
        source="venue",
    )
    basis: float = shown("Basis", unit="rate", definition="(mark - index) / index")
    percentile: float | None = shown(
        "Percentile (own history)", unit="fraction", definition=_OWN_HISTORY_TEXT
    )
    outlier: str = shown("Unusual", definition="high or low: in the outer two per cent of the last 30 days.")
    ts_event: int = shown("Time", unit="ms", definition="Time of the value.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


class LongShortRow(InstrumentRow):
    """Long against short accounts on one perpetual."""

    ratio: float = shown(
        "Long/short ratio",
        unit="ratio",
        definition="Long accounts per short account, whatever their size.",
        source="venue",
    )
    long_share: float = shown("Long accounts", unit="fraction", definition="ratio / (1 + ratio)")
    change_24h: float | None = shown("24 h", unit="change", definition="Change of the ratio.")
    percentile: float | None = shown(
        "Percentile (own history)", unit="fraction", definition=_OWN_HISTORY_TEXT
    )
    outlier: str = shown("Unusual", definition="high or low: in the outer two per cent of the last 30 days.")
    ts_event: int = shown("Time", unit="ms", definition="Time of the value.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")
