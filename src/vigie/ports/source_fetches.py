"""What a fetch of a source of news showed, and how its fetches go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.domain.item import Sighting
from vigie.ports.registers import RegisterSnapshot


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """An entry that could not be read.

    Attributes
    ----------
    why : str
        In English, for who looks at the source.
    shown : str
        Its beginning as it came.
    """

    source: str
    why: str
    shown: str
    document: str = ""
    ts_seen: int = 0


@dataclass(frozen=True, slots=True)
class SourceFetch:
    """What one fetch of one source showed.

    Attributes
    ----------
    ts_seen : int
        When, epoch milliseconds of the market.
    is_whole : bool
        The source shows all it has: what is missing was withdrawn.
    max_age_s : int or None
        For how long the source lets its answer be kept: it is no fresher than that.
    register : RegisterSnapshot or None
        All rows, where the source is a register.
    left_out : int
        Older entries that it shows and that were not read.
    is_generated : bool
        Of the past of a simulated home: only what is not known yet is stored, and marked so; it counts as no fetch.
    """

    source: str
    ts_seen: int
    sightings: Sequence[Sighting] = ()
    refused: Sequence[UnreadableEntry] = ()
    is_whole: bool = False
    max_age_s: int | None = None
    register: RegisterSnapshot | None = None
    left_out: int = 0
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class SourceFetchState:
    """How the fetches of one source go.

    Attributes
    ----------
    ts_fetched, ts_changed : int
        The last fetch; the last one that brought something new.
    shown, refused : int
        Entries that it shows; entries of it that ever were unreadable.
    left_out : int
        Older entries that it showed last and that were not read.
    """

    source: str
    ts_fetched: int
    ts_changed: int | None
    shown: int
    refused: int
    max_age_s: int | None
    left_out: int = 0
