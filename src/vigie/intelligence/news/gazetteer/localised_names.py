"""What entities are called in each language; who is called the same everywhere is not listed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

from vigie.domain.item import NEWS_LANGUAGES


@cache
def load_localised_names() -> Mapping[tuple[str, str], str]:
    """Return names by id and language, ``("org:ecb", "fr")``."""
    text = (resources.files(__package__) / "names.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#"))
    return {
        (row["id"], language): row[language] for row in rows for language in NEWS_LANGUAGES if row[language]
    }
