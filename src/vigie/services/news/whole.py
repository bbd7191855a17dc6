"""All items of a story, wherever it is told of: lists, pages and letters count the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.intelligence.news.step import Publisher
from vigie.ports.items import Wanted
from vigie.services.house import House
from vigie.services.news.telling import Told, told

MOST_ITEMS: Final = 300


def whole(
    house: House, story: str, publishers: Mapping[str, Publisher], *, before_ms: int | None = None
) -> list[Told]:
    """Return the items of a story in their order, as they are known now; nothing where there is no such story.

    Parameters
    ----------
    before_ms : int or None
        Only what was out by then, exclusive.
    """
    wanted = Wanted(tags={"story": story}, before_ms=before_ms, limit=MOST_ITEMS)
    return told(house.items.wanted(wanted), publishers)


def known_by(house: House, story: str, publishers: Mapping[str, Publisher], ts_ms: int) -> list[Told]:
    """Return what of a story was known before an instant; what was changed since is left out."""
    return [one for one in whole(house, story, publishers) if one.item.ts_seen < ts_ms]
