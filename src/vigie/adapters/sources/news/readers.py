"""Which reader reads which kind of source."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from vigie.adapters.sources.news.calendars import read_calendar
from vigie.adapters.sources.news.edgar import read_edgar
from vigie.adapters.sources.news.json_lists import read_json
from vigie.adapters.sources.news.pages import read_page, read_text
from vigie.adapters.sources.news.parsing import ParsedSource, parse_feed
from vigie.adapters.sources.news.register import read_register
from vigie.adapters.sources.news.source_response import SourceResponse

_REDDIT_FOOTER: Final = re.compile(
    r"\s*submitted by\s+/u/\S+(\s+to\s+r/\S+)?(\s*\[link\])?(\s*\[comments\])?\s*$"
)


def read_feed(response: SourceResponse) -> ParsedSource:
    """Read RSS, RDF, Atom or JSON Feed."""
    return parse_feed(
        response.feed_context,
        response.body,
        content_type=response.content_type,
        document=response.document,
        max_bytes=response.entry.max_bytes,
    )


def read_reddit(response: SourceResponse) -> ParsedSource:
    """Read a community's feed; the line that Reddit adds below each entry says nothing of it."""
    parsed = read_feed(response)
    return replace(
        parsed,
        sightings=tuple(
            replace(sighting, text=_REDDIT_FOOTER.sub("", sighting.text)) for sighting in parsed.sightings
        ),
    )


READERS: Final[dict[str, Callable[[SourceResponse], ParsedSource]]] = {
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
