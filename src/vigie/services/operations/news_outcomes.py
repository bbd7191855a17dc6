"""What became of news: of one item since it was read, and of what each source said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.item_outcomes import ItemOutcome, item_outcomes, source_scores
from vigie.intelligence.news.step import AnalysedItem
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemQuery, ItemStore, StoredRevision
from vigie.services.caches.alert_previews import PreviewCache
from vigie.services.news.news_rows import row_of
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of

# Reading more takes longer than a page may.
_MOST_ITEMS: Final = 1_000
_MAX_STORY_ITEMS: Final = 200


class ItemOutcomeInput(OperationInput):
    """One item."""

    item: str = Field(pattern=r"^[0-9a-f]{20}$", description="Id of an item.")


class ItemOutcomeResult(OperationResult):
    """What was found of an item when it was read, and what became of it since: nothing stored is changed by it.

    `became` is confirmed, disputed, corrected, withdrawn, flagged, or empty; `by` the item that decided,
    itself where it was corrected or withdrawn. `is_changed`: it is not what it was found to be, by what was seen later.
    """

    item: str
    then: str
    became: str
    by: str
    ts: int | None
    is_changed: bool
    by_title: str = ""
    by_language: str = ""
    by_publisher: str = ""


@operation("news.standing", example={"item": "0123456789abcdef0123"})
def read_outcome(
    caller: Caller,
    params: ItemOutcomeInput,
    bookmarks: SourceBookmarks,
    items: ItemStore,
    is_simulated: IsSimulated,
    directory: ConnectorDirectory,
) -> ItemOutcomeResult:
    """Read what became of an item: its story is read again with what was seen later."""
    revisions = items.get(params.item)
    if not revisions:
        raise NotFound(
            "no_news_item", "there is no news item {item!r}; `news.list` lists them", item=params.item
        )
    newest = revisions[-1]
    story = newest.findings["story"].body["story"] if "story" in newest.findings else ""
    candidates = items.query(ItemQuery(tags={"story": story}, limit=_MAX_STORY_ITEMS)) if story else ()
    story_items = [newest, *(entry for entry in candidates if entry.item.id != params.item)]
    outcome = next(entry for entry in outcomes_of(story_items) if entry.item == params.item)
    deciding_item = next((entry for entry in story_items if entry.item.id == outcome.by), None)
    row = (
        None
        if deciding_item is None
        else row_of(deciding_item, load_publishers(bookmarks, directory), is_simulated=is_simulated)
    )
    return ItemOutcomeResult(
        item=outcome.item,
        then=outcome.then,
        became=outcome.became,
        by=outcome.by,
        ts=outcome.ts,
        is_changed=is_changed(outcome, newest),
        by_title=row.title if row else "",
        by_language=row.language if row else "",
        by_publisher=row.publisher if row else "",
    )


def outcomes_of(known_items: Sequence[StoredRevision]) -> list[ItemOutcome]:
    """Return what became of each of these items, judged by the others of its story."""
    return item_outcomes(AnalysedItem(known_item.item, known_item.findings) for known_item in known_items)


def is_changed(outcome: ItemOutcome, known_item: StoredRevision) -> bool:
    """Tell whether something seen after an item made of it what it was not found to be."""
    is_later = outcome.ts is not None and outcome.ts > known_item.item.ts_first_seen
    return is_later and outcome.became not in ("", outcome.then)


class SourceScoresInput(OperationInput):
    """How far back."""

    days: int = Field(90, ge=1, le=365, description="Items of so many days, at most the newest thousand.")


class SourceScoreRow(Row):
    """What became of the news of one source."""

    source: str = shown("Source")
    title: str = shown("Name")
    tier: str = shown("Kind of source")
    items: int = shown("News items", unit="count")
    confirmed: int = shown(
        "Confirmed",
        unit="count",
        definition="Items confirmed by a regulator or a primary source in the same story, or published by one.",
    )
    disputed: int = shown("Disputed", unit="count", definition="Items denied later by another source.")
    corrected: int = shown("Corrected", unit="count", definition="Items corrected by the source itself.")
    withdrawn: int = shown("Withdrawn", unit="count", definition="Items that the source no longer shows.")
    flagged: int = shown("Flagged", unit="count", definition="Items with a serious warning sign.")
    score: float | None = shown(
        "Share confirmed",
        unit="fraction",
        definition="Share confirmed among the items whose outcome is known; empty if none is.",
    )
    low: float | None = shown("Low", unit="fraction", definition="Bound of the 95 per cent Wilson interval.")
    high: float | None = shown(
        "High", unit="fraction", definition="Bound of the 95 per cent Wilson interval."
    )


@operation("news.sources", example={"days": 30})
def list_source_scores(
    caller: Caller,
    params: SourceScoresInput,
    bookmarks: SourceBookmarks,
    items: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
    preview_cache: PreviewCache,
) -> Table[SourceScoreRow]:
    """List how often what each source said was confirmed later, with an interval that says how little that may be."""
    # A view of the mood asks for it as well; what became of a month's items does not change in minutes.
    return preview_cache.read(
        f"scores/{params.days}",
        clock.wall_now(),
        lambda: _source_scores(bookmarks, items, clock, directory, params),
    )


def _source_scores(
    bookmarks: SourceBookmarks,
    items: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
    params: SourceScoresInput,
) -> Table[SourceScoreRow]:
    publishers_by_id, now = load_publishers(bookmarks, directory), clock.market_now()
    query = ItemQuery(is_relevant=True, after_ms=now - params.days * DAY_MS, limit=_MOST_ITEMS)
    rows = []
    for score in source_scores(outcomes_of(items.query(query))):
        counts = {
            name: score.counts.get(name, 0)
            for name in ("confirmed", "disputed", "corrected", "withdrawn", "flagged")
        }
        rows.append(
            SourceScoreRow(
                source=score.source,
                title=publisher_of(publishers_by_id, score.source).title,
                tier=publisher_of(publishers_by_id, score.source).tier,
                items=sum(score.counts.values()),
                **counts,
                score=score.share,
                low=score.low,
                high=score.high,
            )
        )
    return table_of(SourceScoreRow, rows, origins=[Origin(source="vigie", ts_event=now)])
