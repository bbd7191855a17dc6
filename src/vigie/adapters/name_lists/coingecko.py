"""CoinGecko: the largest coins by capitalisation with their names and tickers.

https://docs.coingecko.com/v3.0.1/reference/coins-markets; the free plan asks for attribution and allows no resale of
the data in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.name_lists.reading import names_in, read_json
from vigie.adapters.net.fetch import Fetcher
from vigie.domain.entity import ImportedName
from vigie.ports.name_lists import NameList

LIVE: Final = "https://api.coingecko.com"
LICENCE: Final = "CoinGecko API terms of service: data provided by CoinGecko"
MAX_BYTES: Final = 4_000_000
_PAGE: Final = 250


@dataclass(frozen=True, slots=True)
class CoinGecko:
    """Asks for the markets, page by page."""

    fetcher: Fetcher
    url: str = LIVE

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for so many coins; identifiers of firms say nothing here."""
        found: list[ImportedName] = []
        for page in range(1, -(-limit // _PAGE) + 1):
            params = {
                "vs_currency": "usd", "order": "market_cap_desc", "per_page": _PAGE, "page": page,
            }  # fmt: skip
            rows = await read_json(
                self.fetcher, f"{self.url}/api/v3/coins/markets", params, MAX_BYTES, "CoinGecko", _names, list
            )
            found += rows
            if len(rows) < _PAGE:
                break
        return NameList("coingecko", LICENCE, found[:limit])


def _names(answer: Any) -> list[ImportedName]:
    found = []
    for row in answer:
        names = names_in([str(row["name"])])
        tickers = names_in([str(row["symbol"]).upper()])
        if names:
            found.append(ImportedName(f"coin:{row['id']}", names[0], tuple(names), tuple(tickers)))
    return found
