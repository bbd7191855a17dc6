"""Where figures come from, as people write it: CoinGecko for ``coingecko``, Bitget BTC/USDT for an instrument there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from vigie.ports.connectors import ConnectorNote
from vigie.views.web.visit import Visit

_VENUE: Final = re.compile(r"([a-z0-9]+)-(perp|spot)")
_INSTRUMENT: Final = re.compile(r"([a-z0-9]+)-([a-z0-9]+)-(perp|spot)")


def caller_of(visit: Visit) -> Callable[[str], str]:
    """Return what names sources: those that one origin lists with commas, each once; what is unknown stays.

    Connectors are read when the first name is asked for.
    """

    @cache
    def notes() -> dict[str, ConnectorNote]:
        found = visit.house.directory.notes()
        return {**{note.source: note for note in found}, **{note.id: note for note in found}}

    def one(source: str) -> str:
        place, _, instrument = source.partition(":")
        venue = _VENUE.fullmatch(place)
        if venue is None:
            note = notes().get(source)
            if note is None:
                return source
            # Of what is asked of a source its first words tell it apart.
            feed = re.split("[,:]", visit.text(note.feed))[0].strip()
            return f"{note.title} ({feed})" if source == note.id else note.title
        known = notes().get(venue[1])
        title = known.title if known is not None else venue[1].capitalize()
        parts = _INSTRUMENT.fullmatch(instrument)
        if parts is None:
            return f"{title} {instrument}".rstrip()
        return f"{title} {parts[1].upper()}/{parts[2].upper()} {parts[3]}"

    def called(source: str) -> str:
        return ", ".join(dict.fromkeys(one(part) for part in source.split(", ")))

    return called
