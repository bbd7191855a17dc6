"""Lists of warnings that are published as a feed of what came newest: rows that it shows no more stay as they were.

What it shows again under other names was corrected: the former names are not warned of any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from vigie.adapters.sources.news.answers import Answer
from vigie.adapters.sources.news.parsing import parse
from vigie.domain.item import Sighting
from vigie.domain.register import RegisterEntry
from vigie.ports.items import UnreadableEntry

FEED: Final = "feed"
# What the list says of the row, not of the firm.
_STATE: Final = re.compile(r"\s*\((?:new|updated?)\)\s*$", re.I)
# A firm whose name another one bears: its name is the other's, who is not warned of.
_CLONE: Final = re.compile(r"\bclone\b", re.I)
_PARTS: Final = re.compile(r"\s+[/|]\s+|\s+(?=https?://)")
_SITE: Final = re.compile(r"^(?:https?://)?(?:[\w-]+\.)+[a-z]{2,24}(?:/\S*)?$", re.I)


def warned_rows(
    answer: Answer, before: Mapping[str, RegisterEntry], refused: list[UnreadableEntry]
) -> Iterator[RegisterEntry]:
    """Yield every row that is known: those of before, and those that the feed shows, a row for each name of a firm.

    Raises
    ------
    TransientError
        If it is no feed.
    """
    parsed = parse(
        answer.feeder, answer.body, media=answer.media, document=answer.document, max_bytes=answer.entry.max_bytes
    )  # fmt: skip
    refused += parsed.refused
    shown = {row.key: row for said in parsed.sightings for row in _rows(answer.entry.id, said)}
    told = {_page(said) for said in parsed.sightings}
    yield from (
        row
        for key, row in before.items()
        if key not in shown and key.removesuffix(f"#{row.name}") not in told
    )
    for key, row in shown.items():
        # On the day on which it came first, whatever is written beside it later.
        yield replace(row, ts_from=before[key].ts_from) if key in before else row


def _rows(register: str, said: Sighting) -> Iterator[RegisterEntry]:
    title = _STATE.sub("", said.title).strip()
    names = [title] if _CLONE.search(title) else [part for part in _PARTS.split(title) if part]
    for name in dict.fromkeys(names):
        yield RegisterEntry(
            register=register,
            key=f"{_page(said)}#{name}",
            name=name,
            website=name if _SITE.fullmatch(name) else "",
            ts_from=said.ts_published,
            fields={"name": name, "link": said.url},
        )


def _page(said: Sighting) -> str:
    return said.url or said.key
