"""News marked on charts of prices: what was first seen in the span, and whose titles are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from vigie.services.desk.asset_charts import LAST_MS
from vigie.services.house import House
from vigie.services.operation import Origin
from vigie.services.studio.board import News, NewsMark

# As many as charts of pages mark.
MOST: Final = 30


def marked(work: Any, assets: Sequence[str], start: int, end: int) -> News:
    """Return the stories about assets first seen in [start, end), as the board knows them; note who published them."""
    end = min(end, LAST_MS)
    answer = work.read("assets.news_marks", assets=",".join(assets), start=start, end=end, most=MOST)
    marks = tuple(
        NewsMark(row["ts"], row["name"], row["title"], row["source"], row["story"], row["language"])
        for row in answer.rows
    )
    work.publishers |= {one.publisher for one in marks}
    return News(marks, max(answer.total, len(marks)), answer.is_thinned)


def publishers_told(house: House, names: Iterable[str]) -> list[Origin]:
    """Return publishers under what they allow: those who allow the same stand together, so that all have room."""
    licences: dict[str, str] = {}
    for note in house.directory.news():
        licences.setdefault(note.title, note.licence)
    told: dict[tuple[str, str], list[str]] = {}
    for name in sorted(names):
        # What stands before a colon would be taken for a venue.
        told.setdefault((licences.get(name, ""), name if ":" in name else ""), []).append(name)
    return [Origin(source=", ".join(each), licence=licence) for (licence, _), each in told.items()]
