"""CoinGecko: the largest coins by capitalisation with their names and tickers.

https://docs.coingecko.com/v3.0.1/reference/coins-markets; the free plan asks for attribution and allows no resale of
the data in bulk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.name_lists.parsing import clean_names, read_json
from vigie.adapters.net.fetch import Fetcher
from vigie.domain.entity import ENTITY_PATTERN, ImportedName
from vigie.ports.name_lists import NameList

LIVE: Final = "https://api.coingecko.com"
LICENCE: Final = "CoinGecko API terms of service: data provided by CoinGecko"
MAX_BYTES: Final = 4_000_000
_PAGE_SIZE: Final = 250
_MAX_SHOWN: Final = 80
_ENTITY: Final = re.compile(ENTITY_PATTERN)


@dataclass(frozen=True, slots=True)
class CoinGeckoNameSource:
    """Asks for the markets, page by page."""

    fetcher: Fetcher
    url: str = LIVE

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for so many coins; identifiers of firms say nothing here."""
        names: list[ImportedName] = []
        left_out: list[str] = []
        for page in range(1, -(-limit // _PAGE_SIZE) + 1):
            params = {
                "vs_currency": "usd", "order": "market_cap_desc", "per_page": _PAGE_SIZE, "page": page,
            }  # fmt: skip
            rows = await read_json(
                self.fetcher,
                f"{self.url}/api/v3/coins/markets",
                params,
                MAX_BYTES,
                "CoinGecko",
                _parse_rows,
                list,
            )
            before = (page - 1) * _PAGE_SIZE
            for number, row in enumerate(rows[: limit - before], before + 1):
                if isinstance(row, ImportedName):
                    names.append(row)
                else:
                    left_out.append(f"row {number}: {row}")
            if len(rows) < _PAGE_SIZE:
                break
        return NameList("coingecko", LICENCE, names, left_out)


def _parse_rows(answer: Any) -> list[ImportedName | str]:
    """Return each row as a name, or what of it cannot be kept; an answer of such rows alone is of an unknown form."""
    rows = [_parse_row(item) for item in answer]
    if rows and not any(isinstance(item, ImportedName) for item in rows):
        raise KeyError(rows[0])
    return rows


def _parse_row(row: Any) -> ImportedName | str:
    if not isinstance(row, dict) or not all(
        isinstance(row.get(name), str) for name in ("id", "name", "symbol")
    ):
        return f"no id, name and symbol: {str(row)[:_MAX_SHOWN]!r}"
    entity, names = f"coin:{row['id']}", clean_names([row["name"]])
    if not _ENTITY.fullmatch(entity):
        return f"the id {row['id'][:_MAX_SHOWN]!r} of {row['name'][:_MAX_SHOWN]!r} is none that is kept"
    if not names:
        return f"the name {row['name'][:_MAX_SHOWN]!r} of {row['id']!r} cannot be read"
    return ImportedName(entity, names[0], tuple(names), tuple(clean_names([row["symbol"].upper()])))
