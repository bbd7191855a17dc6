"""News marked on charts of prices: what was first seen in the span, and whose titles are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from vigie.ports.connectors import ConnectorDirectory
from vigie.services.market_data.series import LAST_MS
from vigie.services.operation import Origin
from vigie.services.studio.board import NewsMark, NewsMarks

# As many as charts of pages mark.
MOST: Final = 30


def read_news_marks(filler: Any, assets: Sequence[str], start: int, end: int) -> NewsMarks:
    """Return the stories about assets first seen in [start, end), as the board knows them; note who published them."""
    end = min(end, LAST_MS)
    result = filler.query("assets.news_marks", assets=",".join(assets), start=start, end=end, most=MOST)
    marks = tuple(
        NewsMark(row["ts"], row["name"], row["title"], row["source"], row["story"], row["language"])
        for row in result.rows
    )
    filler.publishers |= {mark.publisher for mark in marks}
    return NewsMarks(marks, max(result.total, len(marks)), result.is_thinned)


def publisher_origins(directory: ConnectorDirectory, names: Iterable[str]) -> list[Origin]:
    """Return publishers under what they allow: those who allow the same stand together, so that all have room."""
    licences: dict[str, str] = {}
    for note in directory.news():
        licences.setdefault(note.title, note.licence)
    names_by_terms: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names):
        # What stands before a colon would be taken for a venue.
        names_by_terms.setdefault((licences.get(name, ""), name if ":" in name else ""), []).append(name)
    return [
        Origin(source=", ".join(group), licence=licence) for (licence, _), group in names_by_terms.items()
    ]
