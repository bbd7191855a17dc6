"""Public lists of names: where each is asked, and how; a simulated home has the world's in place of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from vigie.adapters.clock import SystemClock
from vigie.adapters.name_lists.coingecko import LIVE as COINGECKO
from vigie.adapters.name_lists.coingecko import CoinGeckoNameSource
from vigie.adapters.name_lists.gleif import LIVE as GLEIF
from vigie.adapters.name_lists.gleif import GleifNameSource
from vigie.adapters.name_lists.wikidata import LIVE as WIKIDATA
from vigie.adapters.name_lists.wikidata import WikidataNameSource
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.net.guard import public_fetcher
from vigie.adapters.stores.disk_space import MIN_FREE_BYTES, free_bytes
from vigie.domain.errors import UsageError
from vigie.ports.name_lists import NameSource
from vigie.services.app_context import AppContext
from vigie.wiring.app_context import open_app_context
from vigie.wiring.world_address import world_url

_SOURCES: Final[Mapping[str, tuple[Callable[[Fetcher, str], NameSource], str]]] = {
    "wikidata": (WikidataNameSource, WIKIDATA),
    "gleif": (GleifNameSource, GLEIF),
    "coingecko": (CoinGeckoNameSource, COINGECKO),
}


def open_name_source(source: str, home: str | Path | None = None) -> tuple[AppContext, NameSource]:
    """Build a home's doors and the client of a public list; it reaches public hosts only.

    Raises
    ------
    UsageError
        If there is no such list.
    """
    if source not in _SOURCES:
        raise UsageError(
            "unknown_list",
            "there is no list {source!r}; there are {sources}",
            source=source,
            sources=", ".join(_SOURCES),
        )
    make, public_url = _SOURCES[source]
    settings = import_module("vigie.config.loading").load(home).settings
    app_context, world, clock = open_app_context(settings.home), world_url(settings.home), SystemClock()

    def has_room() -> bool:
        return free_bytes(settings.home) > MIN_FREE_BYTES

    if world:
        fetcher = Fetcher(clock, settings.contact, app_context.documents, has_room=has_room)
        return app_context, make(fetcher, f"{world}/{source}")
    return app_context, make(
        public_fetcher(clock, settings.contact, app_context.documents, has_room), public_url
    )
