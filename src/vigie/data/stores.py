"""What the data wing needs from outside, in one record; `vigie.wiring` fills it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigie.domain.instrument import StatedRules
from vigie.ports.bookmarks import Bookmarks
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.files import FileWriter
from vigie.ports.instruments import InstrumentVersions
from vigie.ports.quarantine import Quarantine
from vigie.ports.receipts import Receipts
from vigie.ports.store import BarStore
from vigie.ports.venue import HistoryFeed


@dataclass(frozen=True, slots=True)
class DataStores:
    """The stores, the clock and the way to a venue's history.

    Attributes
    ----------
    write : FileWriter
        Writes exported files.
    feed : callable
        Takes a venue id, gives its history; raises `UsageError` for a venue without one.
    venues : tuple of str
        The venues that `feed` knows.
    stated : tuple of StatedRules
        Rules of instruments that a person states in place of the venues', in the settings.
    facts : FactStore, optional
        Series that strategies read as features of their bars.
    series : callable
        Returns the patterns of the series that connectors write, ``market/*/cap_usd``.
    """

    bars: BarStore
    quarantine: Quarantine
    receipts: Receipts
    bookmarks: Bookmarks
    instruments: InstrumentVersions
    clock: Clock
    write: FileWriter
    feed: Callable[[str], HistoryFeed]
    venues: tuple[str, ...] = ()
    stated: tuple[StatedRules, ...] = ()
    facts: FactStore | None = None
    series: Callable[[], Sequence[str]] = tuple
