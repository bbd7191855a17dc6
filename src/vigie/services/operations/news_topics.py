"""Topics that the headlines of a period make by themselves, against the period before it."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from vigie.domain.person import Caller
from vigie.intelligence.news.topic_discovery import Headline, discover_topics
from vigie.ports.clock import Clock
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.operations.mood import SPANS
from vigie.services.rows import Row, shown, table_of

# The newest of a period; reading more takes longer than a page may.
_MOST_ITEMS: Final = 1_000


class TopicsInput(OperationInput):
    """Of which headlines."""

    period: Literal["24h", "1w", "1m"] = Field(
        "1w", description="How far back; compared with as long before."
    )
    asset: str = Field("", max_length=80, description="Catalogue id; empty for all.")
    limit: int = Field(8, ge=2, le=20, description="Maximum number of topics.")


class TopicRow(Row):
    """One topic of the news."""

    topic: str = shown("Topic", definition="The words with the most weight in it, as written.")
    count: int = shown("Headlines", unit="count", definition="Headlines of the period on this topic.")
    before: int = shown(
        "Previous period",
        unit="count",
        definition="Headlines on this topic in the period before, of the same length.",
    )
    stands_out: float | None = shown(
        "Growth (z-score)",
        unit="ratio",
        definition="Growth of its share of all headlines since the previous period, in standard deviations; "
        "empty if there is none.",
    )
    is_new: bool = shown("New", definition="Growth of 1.96 or more.")
    examples: str = shown("Newest headlines", definition="At most three, one per line.")
    ids: str = shown("News items", definition="Ids of these headlines.")
    languages: str = shown("Languages", definition="Languages of these headlines.")


@operation("news.topics", example={"period": "1w"})
def list_topics(caller: Caller, params: TopicsInput, items: ItemStore, clock: Clock) -> Table[TopicRow]:
    """List topics found in the headlines of a period, nobody having named them, the most grown first."""
    now, span = clock.market_now(), SPANS[params.period]
    topics = discover_topics(
        _read_headlines(items, params.asset, now - span, now + 1),
        _read_headlines(items, params.asset, now - 2 * span, now - span),
        most=params.limit,
    )
    rows = [
        TopicRow(
            topic=", ".join(topic.words),
            count=topic.count,
            before=topic.before,
            stands_out=None if topic.stands_out is None else round(topic.stands_out, 2),
            is_new=topic.is_new,
            examples="\n".join(headline.title for headline in topic.newest),
            ids=" ".join(headline.item for headline in topic.newest),
            languages=" ".join(headline.language or "und" for headline in topic.newest),
        )
        for topic in topics
    ]
    return table_of(TopicRow, rows, origins=[Origin(source="vigie", ts_event=now)])


def _item_language(known_item: StoredRevision) -> str:
    finding = known_item.findings.get("language")
    return str(finding.body.get("language") or "") if finding else known_item.item.content.language


def _read_headlines(items: ItemStore, asset: str, after: int, before: int) -> list[Headline]:
    known_items = items.query(
        ItemQuery(
            tags={"asset": asset} if asset else {},
            is_relevant=True,
            after_ms=after,
            before_ms=before,
            limit=_MOST_ITEMS,
        )
    )
    # A copy says nothing new, and what was withdrawn says nothing.
    return [
        Headline(entry.item.id, entry.item.content.title, entry.item.ts, _item_language(entry))
        for entry in known_items
        if entry.item.content.title
        and not entry.item.is_withdrawn
        and not ("duplicate" in entry.findings and entry.findings["duplicate"].body.get("of"))
    ]
