"""Who is named in news of every kind, so that being named is no sign of crypto."""

from __future__ import annotations

from functools import cache
from importlib import resources

from vigie.intelligence.news.gazetteer.entries import WORLDLY_LISTS, GazetteerEntry, load_list


@cache
def load_general_entities() -> frozenset[str]:
    """Return the ids of authorities, companies, people and laws that stand in other news as well."""
    text = (resources.files(__package__) / "worldly.csv").read_text(encoding="utf-8")
    listed_ids = {line for line in text.splitlines() if ":" in line and not line.startswith("#")}
    ids_of_lists = (
        entry.id for name in WORLDLY_LISTS for entry in load_list(name) if isinstance(entry, GazetteerEntry)
    )
    return frozenset(listed_ids.union(ids_of_lists))
