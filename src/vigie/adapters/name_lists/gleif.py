"""GLEIF: the legal and trading names of firms by their identifier (LEI), as they stand in the home's registers.

https://www.gleif.org/en/lei-data/gleif-api; ``lei-records`` in JSON:API, without a key. The data are under CC0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.name_lists.parsing import clean_names, entity_id, read_json
from vigie.adapters.net.fetch import Fetcher
from vigie.domain.entity import ImportedName
from vigie.ports.name_lists import NameList

LIVE: Final = "https://api.gleif.org"
LICENCE: Final = "CC0 1.0 (GLEIF)"
MAX_BYTES: Final = 4_000_000
_BATCH_SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class GleifNameSource:
    """Asks for records by identifier."""

    fetcher: Fetcher
    url: str = LIVE

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for the firms with these identifiers, so many at most."""
        names: list[ImportedName] = []
        wanted = sorted(set(leis))[:limit]
        for first in range(0, len(wanted), _BATCH_SIZE):
            batch = wanted[first : first + _BATCH_SIZE]
            params = {"filter[lei]": ",".join(batch), "page[size]": len(batch), "page[number]": 1}
            names += await read_json(
                self.fetcher, f"{self.url}/api/v1/lei-records", params, MAX_BYTES, "GLEIF", _parse_names
            )
        return NameList("gleif", LICENCE, names)


def _parse_names(answer: Any) -> list[ImportedName]:
    imported = []
    for row in answer["data"]:
        entity = row["attributes"]["entity"]
        legal = str(entity["legalName"]["name"])
        others = [str(other["name"]) for other in entity.get("otherNames") or []]
        names = clean_names([legal, *others, str(row["attributes"]["lei"])])
        if names:
            imported.append(ImportedName(entity_id("org", names[0]), names[0], tuple(names)))
    return imported
