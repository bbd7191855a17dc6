"""Lists of warnings that are published as a feed of what came newest: rows that it shows no more stay as they were.

What it shows again under other names was corrected: the former names are not warned of any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from vigie.adapters.sources.news.parsing import parse_feed
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.domain.item import Sighting
from vigie.domain.register import RegisterEntry
from vigie.ports.source_fetches import UnreadableEntry

FEED: Final = "feed"
# What the list says of the row, not of the firm.
_ROW_STATE: Final = re.compile(r"\s*\((?:new|updated?)\)\s*$", re.I)
# A firm whose name another one bears: its name is the other's, who is not warned of.
_CLONE: Final = re.compile(r"\bclone\b", re.I)
_PARTS: Final = re.compile(r"\s+[/|]\s+|\s+(?=https?://)")
_SITE: Final = re.compile(r"^(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?:/\S*)?$", re.I)


def read_warnings(
    response: SourceResponse, former_rows: Mapping[str, RegisterEntry], refused: list[UnreadableEntry]
) -> Iterator[RegisterEntry]:
    """Yield every row that is known: those of before, and those that the feed shows, a row for each name of a firm.

    Raises
    ------
    TransientError
        If it is no feed.
    """
    parsed = parse_feed(
        response.feed_context, response.body, content_type=response.content_type, document=response.document,
        max_bytes=response.entry.max_bytes
    )  # fmt: skip
    refused += parsed.refused
    rows_by_key = {
        row.key: row for sighting in parsed.sightings for row in _sighting_rows(response.entry.id, sighting)
    }
    shown_pages = {_page_key(sighting) for sighting in parsed.sightings}
    yield from (
        row
        for key, row in former_rows.items()
        if key not in rows_by_key and key.removesuffix(f"#{row.name}") not in shown_pages
    )
    for key, row in rows_by_key.items():
        # On the day on which it came first, whatever is written beside it later.
        yield replace(row, ts_from=former_rows[key].ts_from) if key in former_rows else row


def _sighting_rows(register: str, sighting: Sighting) -> Iterator[RegisterEntry]:
    title = _ROW_STATE.sub("", sighting.title).strip()
    names = [title] if _CLONE.search(title) else [part for part in _PARTS.split(title) if part]
    for name in dict.fromkeys(names):
        yield RegisterEntry(
            register=register,
            key=f"{_page_key(sighting)}#{name}",
            name=name,
            website=name if _SITE.fullmatch(name) else "",
            ts_from=sighting.ts_published,
            fields={"name": name, "link": sighting.url},
        )


def _page_key(sighting: Sighting) -> str:
    return sighting.url or sighting.key
