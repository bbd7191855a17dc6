"""One answer of a source, with what its reader needs to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigie.adapters.sources.news.decoding import text_of
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.parsing import Feeder
from vigie.domain.register import RegisterEntry


def no_rows(register: str) -> Sequence[RegisterEntry]:
    """Return nothing: no register was looked at before."""
    return ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered.

    Attributes
    ----------
    media : str
        Its ``Content-Type``.
    document : str
        Id of the raw copy.
    memory : str
        What the reader kept of the answer before.
    rows : callable
        Gives the rows of a register as last stored.
    """

    entry: FeedEntry
    body: bytes
    ts_known: int
    media: str = ""
    document: str = ""
    memory: str = ""
    rows: Callable[[str], Sequence[RegisterEntry]] = no_rows

    @property
    def feeder(self) -> Feeder:
        """What is known of the source before it is read."""
        entry = self.entry
        return Feeder(entry.id, entry.shown, entry.language, entry.zone, entry.day_order)

    @property
    def text(self) -> str:
        """Its body as text."""
        return text_of(self.body, self.media)
