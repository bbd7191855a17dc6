"""Which reader reads which kind of source."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from vigie.adapters.sources.news.answers import Answer
from vigie.adapters.sources.news.calendars import read_calendar
from vigie.adapters.sources.news.edgar import read_edgar
from vigie.adapters.sources.news.json_lists import read_json
from vigie.adapters.sources.news.pages import read_page, read_text
from vigie.adapters.sources.news.parsing import Parsed, parse
from vigie.adapters.sources.news.register import read_register

_ADDED: Final = re.compile(r"\s*submitted by\s+/u/\S+(\s+to\s+r/\S+)?(\s*\[link\])?(\s*\[comments\])?\s*$")


def read_feed(answer: Answer) -> Parsed:
    """Read RSS, RDF, Atom or JSON Feed."""
    return parse(
        answer.feeder,
        answer.body,
        media=answer.media,
        document=answer.document,
        max_bytes=answer.entry.max_bytes,
    )


def read_reddit(answer: Answer) -> Parsed:
    """Read a community's feed; the line that Reddit adds below each entry says nothing of it."""
    parsed = read_feed(answer)
    return replace(
        parsed, sightings=tuple(replace(one, text=_ADDED.sub("", one.text)) for one in parsed.sightings)
    )


READERS: Final[dict[str, Callable[[Answer], Parsed]]] = {
    "feed": read_feed,
    "youtube": read_feed,
    "reddit": read_reddit,
    "mastodon": read_feed,
    "bluesky": read_feed,
    "page": read_page,
    "text": read_text,
    "calendar": read_calendar,
    "json": read_json,
    "register": read_register,
    "edgar": read_edgar,
}
