"""One answer of a source, with what its reader needs to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigie.adapters.sources.news.decoding import decode_text
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.parsing import FeedContext
from vigie.domain.register import RegisterEntry


def no_former_rows(register: str) -> Sequence[RegisterEntry]:
    """Return nothing: no register was looked at before."""
    return ()


@dataclass(frozen=True, slots=True)
class SourceResponse:
    """What a source answered.

    Attributes
    ----------
    content_type : str
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
    content_type: str = ""
    document: str = ""
    memory: str = ""
    rows: Callable[[str], Sequence[RegisterEntry]] = no_former_rows

    @property
    def feed_context(self) -> FeedContext:
        """What is known of the source before it is read."""
        entry = self.entry
        return FeedContext(entry.id, entry.public_address, entry.language, entry.zone, entry.day_order)

    @property
    def text(self) -> str:
        """Its body as text."""
        return decode_text(self.body, self.content_type)
