"""Wikidata: exchanges, cryptocurrencies and central banks with their names in English and French.

https://www.wikidata.org/wiki/Wikidata:SPARQL_query_service; the data are under CC0. Asked by SPARQL over HTTP GET. The
ids of the classes were not checked against the live service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.adapters.name_lists.parsing import clean_names, entity_id, read_json
from vigie.adapters.net.fetch import Fetcher
from vigie.domain.entity import ImportedName
from vigie.ports.name_lists import NameList

LIVE: Final = "https://query.wikidata.org"
LICENCE: Final = "CC0 1.0 (Wikidata)"
MAX_BYTES: Final = 8_000_000
# By the class that an item is an instance of.
CLASSES: Final = {"Q25401607": "org", "Q13479982": "coin", "Q66344": "org"}
_QUERY: Final = """SELECT ?item ?class ?name (GROUP_CONCAT(DISTINCT ?other; separator="|") AS ?others) WHERE {{
  VALUES ?class {{ {classes} }}
  ?item wdt:P31 ?class; rdfs:label ?name. FILTER(LANG(?name) = "en")
  OPTIONAL {{ {{ ?item skos:altLabel ?other }} UNION {{ ?item rdfs:label ?other }}
    FILTER(LANG(?other) IN ("en", "fr")) }}
}} GROUP BY ?item ?class ?name LIMIT {limit}"""


@dataclass(frozen=True, slots=True)
class WikidataNameSource:
    """Asks the query service."""

    fetcher: Fetcher
    url: str = LIVE

    async def fetch(self, *, limit: int, leis: Sequence[str] = ()) -> NameList:
        """Ask for so many entities; identifiers of firms say nothing here."""
        query = _QUERY.format(classes=" ".join(f"wd:{class_id}" for class_id in CLASSES), limit=limit)
        params = {"query": query, "format": "json"}
        names = await read_json(
            self.fetcher,
            f"{self.url}/sparql",
            params,
            MAX_BYTES,
            "Wikidata",
            lambda answer: _parse_names(answer, limit),
        )
        return NameList("wikidata", LICENCE, names)


def _parse_names(answer: Any, limit: int) -> list[ImportedName]:
    imported = []
    for row in answer["results"]["bindings"][:limit]:
        kind = CLASSES[row["class"]["value"].rpartition("/")[2]]
        name = str(row["name"]["value"])
        others = str((row.get("others") or {}).get("value", "")).split("|")
        if names := clean_names([name, *others]):
            imported.append(ImportedName(entity_id(kind, names[0]), names[0], tuple(names)))
    return imported
