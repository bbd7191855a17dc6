"""GLEIF: the legal and trading names of firms by their identifier (LEI), as they stand in the home's registers.

https://www.gleif.org/en/lei-data/gleif-api; ``lei-records`` in JSON:API, without a key. The data are under CC0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.name_lists.reading import entity_of, names_in, read_json
from vigie.adapters.net.fetch import Fetcher
from vigie.domain.entity import ImportedName
from vigie.ports.name_lists import NameList

LIVE: Final = "https://api.gleif.org"
LICENCE: Final = "CC0 1.0 (GLEIF)"
MAX_BYTES: Final = 4_000_000
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Gleif:
    """Asks for records by identifier."""

    fetcher: Fetcher
    url: str = LIVE

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for the firms with these identifiers, so many at most."""
        found: list[ImportedName] = []
        wanted = sorted(set(leis))[:limit]
        for first in range(0, len(wanted), _AT_ONCE):
            some = wanted[first : first + _AT_ONCE]
            params = {"filter[lei]": ",".join(some), "page[size]": len(some), "page[number]": 1}
            found += await read_json(
                self.fetcher, f"{self.url}/api/v1/lei-records", params, MAX_BYTES, "GLEIF", _names
            )
        return NameList("gleif", LICENCE, found)


def _names(answer: Any) -> list[ImportedName]:
    found = []
    for row in answer["data"]:
        entity = row["attributes"]["entity"]
        legal = str(entity["legalName"]["name"])
        others = [str(one["name"]) for one in entity.get("otherNames") or []]
        names = names_in([legal, *others, str(row["attributes"]["lei"])])
        if names:
            found.append(ImportedName(entity_of("org", names[0]), names[0], tuple(names)))
    return found
