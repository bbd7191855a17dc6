"""What became of news: of one item since it was read, and of what each source said; objections to it and answers.

Objections and answers are kept in the audit; no score moves by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.item_outcomes import ItemOutcome, item_outcomes, source_scores
from vigie.intelligence.news.step import AnalysedItem
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.home import IsSimulated
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.caches.alert_previews import PreviewCache
from vigie.services.news.news_rows import row_of
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.rows import Row, shown, table_of
from vigie.services.written_text import TEXT

# Reading more takes longer than a page may.
_MOST_ITEMS: Final = 1_000
_MAX_STORY_ITEMS: Final = 200
APPEAL_KIND: Final = "news.appeal"
MOST_APPEALS: Final = 500
# Of one person; the chain is never shortened.
_MOST_OWN: Final = 100


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

    days: int = Field(90, ge=1, le=365, description="Number of days; at most the newest thousand items.")


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


class AppealInput(OperationInput):
    """What is said about a source's score, or about the flag of an item: one of the two."""

    source: str = Field("", max_length=60, description="Id of a source of news.")
    item: str = Field("", pattern=r"^([0-9a-f]{20})?$", description="Id of an item.")
    kind: Literal["objection", "answer"] = Field(
        "objection", description="To the score or flag, or to an objection."
    )
    text: str = Field(
        min_length=3, max_length=1_000, pattern=TEXT, description="In a few words, with what proves it."
    )


class AppealsInput(OperationInput):
    """About what; empty for all."""

    source: str = Field(
        default="", max_length=60, description="Id of a source: its own and those about its items."
    )
    item: str = Field(default="", pattern=r"^([0-9a-f]{20})?$", description="Id of an item.")


class Appeal(OperationResult):
    """What was noted."""

    seq: int
    ts: int
    source: str
    item: str
    kind: str
    text: str


class AppealRow(Row):
    """One objection to a score or a flag, or one reply."""

    ts: int = shown("When")
    by: str = shown("Who", definition="Empty if the account was deleted.")
    kind: str = shown("What", definition="Objection or reply.")
    source: str = shown("Source")
    item: str = shown(
        "Item", definition="Id of the news item; empty if the note is about the source's score."
    )
    text: str = shown("Note")


@operation(
    "news.appeal", scope="write", example={"source": "sec_press", "text": "It was confirmed in print."}
)
def note_appeal(
    caller: Caller,
    params: AppealInput,
    bookmarks: SourceBookmarks,
    audit: AuditLog,
    items: ItemStore,
    directory: ConnectorDirectory,
) -> Appeal:
    """Note an objection or an answer to a source's score or an item's flag, shown beside it; nothing else changes."""
    if bool(params.source) == bool(params.item):
        raise UsageError("give_either_source_item", "give either source or item")
    if sum(appeal.actor == caller.user for appeal in _appeal_events(audit)) >= _MOST_OWN:
        raise UsageError("most_notes", "you can have at most {most_own} notes", most_own=_MOST_OWN)
    text = {
        "source": params.source or _source_of(items, params.item),
        "item": params.item,
        "kind": params.kind,
        "text": params.text,
    }
    if text["source"] not in load_publishers(bookmarks, directory):
        raise NotFound(
            "no_news_source",
            "there is no news source {source!r}; see the Sources page",
            source=text["source"],
        )
    event = audit.append(APPEAL_KIND, actor=caller.user, subject=params.item or params.source, text=text)
    return Appeal(seq=event.seq, ts=event.ts, **_appeal_values(event))


@operation("news.appeals", example={})
def list_appeals(
    caller: Caller, params: AppealsInput, accounts: UserStore, audit: AuditLog
) -> Table[AppealRow]:
    """List objections and answers to scores of sources and flags of items, newest first, with who noted them."""
    rows = [
        AppealRow(ts=appeal.ts, by=_author_name(accounts, appeal.actor), **_appeal_values(appeal))
        for appeal in _appeal_events(audit)
        # The text of who left is gone, the record that something was said stays in the chain.
        if appeal.text is not None
        and params.source in ("", appeal.text["source"])
        and params.item in ("", appeal.text["item"])
    ]
    return table_of(AppealRow, rows, origins=[Origin(source="audit")])


def _appeal_events(audit: AuditLog) -> list[AuditEvent]:
    return list(audit.before(audit.newest() + 1, limit=MOST_APPEALS, kinds=(APPEAL_KIND,)))


def _appeal_values(event: AuditEvent) -> dict[str, Any]:
    text = event.text or {}
    return {name: str(text.get(name, "")) for name in ("kind", "source", "item", "text")}


def _source_of(items: ItemStore, item: str) -> str:
    revisions = items.get(item)
    if not revisions:
        raise NotFound("no_news_item", "there is no news item {item!r}; `news.list` lists them", item=item)
    return revisions[-1].item.content.source


def _author_name(accounts: UserStore, actor: str) -> str:
    user = accounts.user(actor)
    return user.name if user else "owner" if actor == "owner" else ""
