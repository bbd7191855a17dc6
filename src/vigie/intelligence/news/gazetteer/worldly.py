"""Who is named in news of every kind, so that being named is no sign of crypto."""

from __future__ import annotations

from functools import cache
from importlib import resources

from vigie.intelligence.news.gazetteer.entries import WORLDLY_LISTS, Entry, listed


@cache
def worldly() -> frozenset[str]:
    """Return the ids of authorities, companies, people and laws that stand in other news as well."""
    text = (resources.files(__package__) / "worldly.csv").read_text(encoding="utf-8")
    written = {line for line in text.splitlines() if ":" in line and not line.startswith("#")}
    held = (one.id for name in WORLDLY_LISTS for one in listed(name) if isinstance(one, Entry))
    return frozenset(written.union(held))
