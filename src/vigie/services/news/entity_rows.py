"""The rows of tables on entities."""

from __future__ import annotations

from typing import Final

from vigie.services.rows import Row, shown

SOURCE: Final = "vigie"


class EntitySentimentRow(Row):
    """The sentiment of the news about an entity on one day."""

    ts: int = shown("Day", unit="ms")
    index: float | None = shown(
        "Sentiment",
        unit="ratio",
        definition="Average probability of positive minus that of negative, -1 to 1; copies count once.",
        source=SOURCE,
    )
    items: int = shown("News items", unit="count")
    positive: int = shown("Positive", unit="count")
    negative: int = shown("Negative", unit="count")


class EntityRelationRow(Row):
    """An entity that is named together with another."""

    entity: str = shown("Id")
    name: str = shown("Name")
    items: int = shown("News with both", unit="count")
    share: float = shown(
        "Share of news", unit="fraction", definition="Share of the news that names it.", source=SOURCE
    )
    ts_last: int = shown("Latest", unit="ms")
