"""What tables and pages of news and of entities read, as records."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.data.catalog import BarCatalog
from vigie.ports.accounts import UserStore
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.ports.registers import RegisterStore
from vigie.services.news.warnings import WarningSources


@dataclass(frozen=True, slots=True)
class NewsReading:
    """What tables and pages of news read."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    clock: Clock
    is_simulated: IsSimulated
    warning_sources: WarningSources


@dataclass(frozen=True, slots=True)
class EntitySources:
    """What the page of an entity reads."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    registers: RegisterStore
    names: NameStore
    catalog: BarCatalog
    accounts: UserStore
    clock: Clock
