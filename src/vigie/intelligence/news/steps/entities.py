"""Entities: who and what is named, where, and which assets of the catalogue that concerns.

Body: ``found``, in their order, each with id, kind, text, start, end, in (title or text), surety; ``assets``, the ids
of the catalogue of coins, the surest first; ``unlisted``, where there are any: capitalised names that no list has.
"""

from __future__ import annotations

from typing import Any

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.gazetteer.linking import Mention, link_entities
from vigie.intelligence.news.gazetteer.lookup import Gazetteer, packaged_gazetteer
from vigie.intelligence.news.gazetteer.unlisted_names import MOST, find_unlisted_names
from vigie.intelligence.news.reading.words import TITLE_READ
from vigie.intelligence.news.step import Context, ReadingStep


class EntitiesStep:
    """Links names by the lists of a gazetteer."""

    name = "entities"
    version = 4
    needs: tuple[str, ...] = ()

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return who and what is named."""
        mentions = link_entities(self.gazetteer, item.content.title, item.content.text)
        body: dict[str, Any] = {
            "found": [_mention_row(mention) for mention in mentions],
            "assets": named_assets(mentions),
        }
        if names := _unlisted_texts(item, mentions):
            body["unlisted"] = names
        return ItemFinding(self.name, self.version, body, _why(mentions))


def named_assets(mentions: list[Mention]) -> list[str]:
    """Return the catalogue ids of the coins that are named, the surest and earliest first."""
    surest: dict[str, float] = {}
    for mention in mentions:
        if mention.kind == "coin":
            asset = mention.id.partition(":")[2]
            surest[asset] = max(mention.surety, surest.get(asset, 0.0))
    return sorted(surest, key=lambda asset: -surest[asset])


def _unlisted_texts(item: NewsItem, mentions: list[Mention]) -> list[str]:
    names: dict[str, None] = {}
    for where, text in (("title", item.content.title[:TITLE_READ]), ("text", item.content.text)):
        taken = [(mention.start, mention.end) for mention in mentions if mention.where == where]
        names.update(dict.fromkeys(mention.text for mention in find_unlisted_names(text, taken)))
    return list(names)[:MOST]


def _mention_row(mention: Mention) -> dict[str, Any]:
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
    links = dict.fromkeys(f"{mention.text} is {mention.id}" for mention in mentions)
    return "; ".join(list(links)[:6]) or "nobody on the lists is named"


def make(gazetteer: Gazetteer | None = None) -> ReadingStep:
    """Return the step, by the packaged lists unless others are passed."""
    return EntitiesStep(gazetteer or packaged_gazetteer())
