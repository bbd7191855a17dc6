"""CoinGecko: the largest coins by capitalisation with their names and tickers.

https://docs.coingecko.com/v3.0.1/reference/coins-markets; the free plan asks for attribution and allows no resale of
the data in bulk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.name_lists.reading import names_in, read_json
from vigie.adapters.net.fetch import Fetcher
from vigie.domain.entity import ENTITY_PATTERN, ImportedName
from vigie.ports.name_lists import NameList

LIVE: Final = "https://api.coingecko.com"
LICENCE: Final = "CoinGecko API terms of service: data provided by CoinGecko"
MAX_BYTES: Final = 4_000_000
_PAGE: Final = 250
_SHOWN: Final = 80
_ENTITY: Final = re.compile(ENTITY_PATTERN)


@dataclass(frozen=True, slots=True)
class CoinGecko:
    """Asks for the markets, page by page."""

    fetcher: Fetcher
    url: str = LIVE

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for so many coins; identifiers of firms say nothing here."""
        found: list[ImportedName] = []
        odd: list[str] = []
        for page in range(1, -(-limit // _PAGE) + 1):
            params = {
                "vs_currency": "usd", "order": "market_cap_desc", "per_page": _PAGE, "page": page,
            }  # fmt: skip
            rows = await read_json(
                self.fetcher, f"{self.url}/api/v3/coins/markets", params, MAX_BYTES, "CoinGecko", _rows, list
            )
            before = (page - 1) * _PAGE
            for place, row in enumerate(rows[: limit - before], before + 1):
                if isinstance(row, ImportedName):
                    found.append(row)
                else:
                    odd.append(f"row {place}: {row}")
            if len(rows) < _PAGE:
                break
        return NameList("coingecko", LICENCE, found, odd)


def _rows(answer: Any) -> list[ImportedName | str]:
    """Return each row as a name, or what of it cannot be kept; an answer of such rows alone is of an unknown form."""
    rows = [_row(one) for one in answer]
    if rows and not any(isinstance(one, ImportedName) for one in rows):
        raise KeyError(rows[0])
    return rows


def _row(row: Any) -> ImportedName | str:
    if not isinstance(row, dict) or not all(
        isinstance(row.get(name), str) for name in ("id", "name", "symbol")
    ):
        return f"no id, name and symbol: {str(row)[:_SHOWN]!r}"
    entity, names = f"coin:{row['id']}", names_in([row["name"]])
    if not _ENTITY.fullmatch(entity):
        return f"the id {row['id'][:_SHOWN]!r} of {row['name'][:_SHOWN]!r} is none that is kept"
    if not names:
        return f"the name {row['name'][:_SHOWN]!r} of {row['id']!r} cannot be read"
    return ImportedName(entity, names[0], tuple(names), tuple(names_in([row["symbol"].upper()])))
