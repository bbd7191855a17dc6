"""The stores of bars and facts of a home, and the history of its venues."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.files import write_atomically
from vigie.adapters.stores.instruments import JsonInstruments
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.adapters.stores.parquet.bookmarks import JsonBookmarks
from vigie.adapters.stores.parquet.quarantine import CsvQuarantine
from vigie.adapters.stores.parquet.receipts import ParquetReceipts
from vigie.adapters.venues.manifest import manifests
from vigie.config import resolve_paths, states_instruments, venue_url
from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.instrument import StatedRules
from vigie.ports.clock import Clock
from vigie.ports.venue import HistoryFeed
from vigie.wiring.market_clock import open_market_clock
from vigie.wiring.world_address import world_url

if TYPE_CHECKING:
    pass


def open_data(
    home: str | Path | None = None, *, clock: Clock | None = None, urls: Mapping[str, str] | None = None
) -> DataStores:
    """Build the stores below the home folder, the clock and the venues.

    Parameters
    ----------
    home : str or Path, optional
        Else ``VIGIE_HOME``, else the platform's user data folder.
    clock : Clock, optional
        Else that of the home's market.
    urls : mapping, optional
        Base addresses by exchange (``{"bitget": "http://127.0.0.1:8099"}``) in place of the venues' own; else
        ``VIGIE_BITGET_URL`` and its like.

    Returns
    -------
    DataStores
        Nothing is created on disk until something is stored.
    """
    paths, used_clock = resolve_paths(home), clock or open_market_clock(home, is_needed=False)
    manifests_by_id = {
        manifest.id: manifest for manifest in manifests() if "history" in manifest.capabilities
    }
    venues = tuple(venue for manifest in manifests_by_id.values() for venue in manifest.venues)

    def feed(venue: str) -> HistoryFeed:
        if venue not in venues:
            raise UsageError(
                "unknown_venue",
                "venue must be one of {venues}, was {venue!r}",
                venues=" ".join(venues),
                venue=venue,
            )
        exchange, _, market = venue.rpartition("-")
        module = import_module(f"vigie.adapters.venues.{exchange}.history")
        world = world_url(paths.home)
        url = f"{world}/{exchange}" if world else (urls or {}).get(exchange) or venue_url(exchange)
        history_feed: HistoryFeed = module.open_history(
            manifests_by_id[exchange], market=market, clock=used_clock, url=url
        )
        return history_feed

    return DataStores(
        bars=ParquetBars(paths.bars),
        quarantine=CsvQuarantine(paths.quarantine),
        receipts=ParquetReceipts(paths.receipts),
        bookmarks=JsonBookmarks(paths.bookmarks),
        instruments=JsonInstruments(paths.instruments),
        clock=used_clock,
        write=write_atomically,
        feed=feed,
        venues=venues,
        stated=_stated_rules(paths.home),
        facts=ParquetFacts(paths.facts),
        series=lambda: import_module("vigie.adapters.connectors").patterns(),
    )


def _stated_rules(home: Path) -> tuple[StatedRules, ...]:
    # Settings are checked by a library that takes a tenth of a second to load: only where there is something to check.
    if not states_instruments(home):
        return ()
    rules: tuple[StatedRules, ...] = import_module("vigie.config.loading").load_instruments(home)
    return rules
