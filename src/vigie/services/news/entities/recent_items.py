"""The newest items that name an entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision

# Read for sentiment, sources and timeline; the counts go over all.
MAX_ITEMS: Final = 400
DAYS: Final = 30


def read_recent_items(
    items: ItemStore, clock: Clock, entity: str, steps: tuple[str, ...], *, has_text: bool = True
) -> Sequence[StoredRevision]:
    """Return the newest items of thirty days that name an entity, what is known to be irrelevant left out.

    Parameters
    ----------
    steps : tuple of str
        Whose findings come along.
    has_text : bool
        Whether texts are read, which are most of what there is to read.
    """
    query = ItemQuery(
        tags={"entity": entity},
        is_relevant=True,
        after_ms=clock.market_now() - DAYS * DAY_MS,
        limit=MAX_ITEMS,
        steps=steps,
        has_text=has_text,
    )
    return items.query(query)
