"""Who is named in news of every kind, so that being named is no sign of crypto."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def worldly() -> frozenset[str]:
    """Return the ids of authorities, companies, people and laws that stand in other news as well."""
    text = (resources.files(__package__) / "worldly.csv").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if ":" in line and not line.startswith("#"))
