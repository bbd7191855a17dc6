"""The measured columns that a person may ask for: unit, title and definition of each.

Takes a name; gives its field. Titles and definitions stand in the tables of words, in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vigie.intelligence.market.words import load_texts

FieldUnit = Literal["fraction", "rate", "usd", "price", "bps", "atr", "ratio", "index", "flag"]


@dataclass(frozen=True, slots=True)
class ScreenerField:
    """One column of the screener.

    Attributes
    ----------
    name : str
        ``change_24h``, as in `metrics.AssetMetrics`.
    unit : str
        ``fraction`` and ``rate`` are written as per cent, ``flag`` is 1 or 0.
    """

    name: str
    unit: FieldUnit

    def title(self, language: str) -> str:
        """Return what the column is called."""
        return load_texts(language)(f"fields.{self.name}.title")

    def definition(self, language: str) -> str:
        """Return what its number is, in one sentence."""
        return load_texts(language)(f"fields.{self.name}.definition")


_UNITS: Final[dict[FieldUnit, str]] = {
    "price": "price sma_50 sma_200",
    "fraction": (
        "change_1h change_24h change_7d change_30d change_1y from_high_30d from_low_30d from_high_1y from_low_1y "
        "sma_50_distance sma_200_distance sma_50_over_200 sma_50_slope atr_fraction stretch_percentile "
        "volatility_30d volatility_percentile"
    ),
    "flag": "new_high_30d new_low_30d new_high_1y new_low_1y",
    "usd": "volume_24h market_cap open_interest",
    "ratio": "volume_ratio",
    "bps": "spread_bps",
    "index": "rsi_14 adx_14",
    "atr": "stretch_atr",
    "rate": "funding_8h",
}

FIELDS: Final[dict[str, ScreenerField]] = {
    name: ScreenerField(name, unit) for unit, names in _UNITS.items() for name in names.split()
}
