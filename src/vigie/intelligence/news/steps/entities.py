"""Entities: who and what is named, where, and which assets of the catalogue that concerns.

Body: ``found``, in their order, each with id, kind, text, start, end, in (title or text), surety; ``assets``, the ids
of the catalogue of coins, the surest first; ``unlisted``, where there are any: capitalised names that no list has.
"""

from __future__ import annotations

from typing import Any

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.gazetteer.linking import Mention, link
from vigie.intelligence.news.gazetteer.lookup import Gazetteer, packaged_gazetteer
from vigie.intelligence.news.gazetteer.unlisted import MOST, unlisted
from vigie.intelligence.news.reading.words import TITLE_READ
from vigie.intelligence.news.step import Context, Step


class Entities:
    """Links names by the lists of a gazetteer."""

    name = "entities"
    version = 4
    needs: tuple[str, ...] = ()

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return who and what is named."""
        mentions = link(self.gazetteer, item.said.title, item.said.text)
        body: dict[str, Any] = {
            "found": [_shown(mention) for mention in mentions],
            "assets": assets(mentions),
        }
        if names := _unlisted(item, mentions):
            body["unlisted"] = names
        return ItemFinding(self.name, self.version, body, _why(mentions))


def assets(mentions: list[Mention]) -> list[str]:
    """Return the catalogue ids of the coins that are named, the surest and earliest first."""
    surest: dict[str, float] = {}
    for mention in mentions:
        if mention.kind == "coin":
            asset = mention.id.partition(":")[2]
            surest[asset] = max(mention.surety, surest.get(asset, 0.0))
    return sorted(surest, key=lambda asset: -surest[asset])


def _unlisted(item: NewsItem, mentions: list[Mention]) -> list[str]:
    told: dict[str, None] = {}
    for where, text in (("title", item.said.title[:TITLE_READ]), ("text", item.said.text)):
        taken = [(one.start, one.end) for one in mentions if one.where == where]
        told.update(dict.fromkeys(one.text for one in unlisted(text, taken)))
    return list(told)[:MOST]


def _shown(mention: Mention) -> dict[str, Any]:
    return {
        "id": mention.id,
        "kind": mention.kind,
        "text": mention.text,
        "start": mention.start,
        "end": mention.end,
        "in": mention.where,
        "surety": mention.surety,
    }


def _why(mentions: list[Mention]) -> str:
    named = dict.fromkeys(f"{mention.text} is {mention.id}" for mention in mentions)
    return "; ".join(list(named)[:6]) or "nobody on the lists is named"


def make(gazetteer: Gazetteer | None = None) -> Step:
    """Return the step, by the packaged lists unless others are passed."""
    return Entities(gazetteer or packaged_gazetteer())
