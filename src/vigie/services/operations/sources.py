"""Connectors: how each does, what it may be used for; pause, resume, try now."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory, ConnectorInfo, NewsSourceInfo
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemStore
from vigie.ports.quotes import QuoteStore
from vigie.services.market_data.connector_summary import PAUSED, ConnectorSummary, State, connector_summaries
from vigie.services.news.punctuality import measure_punctuality
from vigie.services.operation import NoInput, OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.markets import sort_rows
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, row_columns, shown, table_of

# Worst first: what somebody should look at stands on top.
STATE_ORDER: Final = ("failing", "stale", "off", "retried", "polled", "waiting", "unknown", "paused", "live")
POLL_NOW: Final = "now"
# Of own sources, below the home folder.
FOLDER: Final = "sources"
# How far back punctuality is looked at.
SPAN_MS: Final = 30 * DAY_MS


class ListSourcesInput(OperationInput):
    """Which connectors."""

    state: State | Literal[""] = Field("", description="How they do; empty: all.")
    kind: Literal["", "source", "venue"] = Field("", description="What they are; empty: all.")
    source: str = Field("", max_length=60, description="Only those of one source, `coingecko`.")
    brings: Literal["", "news", "figures"] = Field("", description="What they bring; empty: all.")
    sort: str = Field(
        "", max_length=60, description="Column, `-` before it for largest first; empty: worst first."
    )
    limit: int = Field(200, ge=1, le=500)


class SourceRow(Row):
    """One connector."""

    id: str = shown("Feed", definition="Source and data requested from it.")
    source: str = shown("Source")
    kind: str = shown("Kind", definition="source or venue.")
    title: str = shown("Name")
    feed: str = shown("Data")
    state: str = shown("State")
    mode: str = shown("Mode", definition="stream: the source pushes data; poll: Vigie asks for data instead.")
    every_s: float | None = shown("Interval", unit="count", definition="How often it is read.")
    ts_success: int | None = shown("Last success", unit="ms", definition="By this machine's clock.")
    ts_attempt: int | None = shown("Last attempt", unit="ms", definition="By this machine's clock.")
    errors: int = shown("Failures", unit="count", definition="Since the last success.")
    error: str = shown("Last error")
    budget_left: float | None = shown(
        "Requests left",
        unit="count",
        definition="Requests it would accept now; for an exchange, those left this minute.",
    )
    per_minute: float | None = shown(
        "Requests per minute", unit="count", definition="Vigie's own limit for this source."
    )
    tier: str | None = shown(
        "Test level", definition="draft, data, paper or live: how far it has been tested."
    )
    is_verified: bool | None = shown("Verified", definition="Whether it has worked with the real service.")
    verified: str | None = shown("Last checked")
    terms: str | None = shown("Terms")
    licence: str | None = shown("Licence")
    attribution: str | None = shown("Attribution")
    is_non_commercial: bool | None = shown(
        "Non-commercial", definition="Whether only non-commercial use is allowed."
    )
    history: str | None = shown("History", definition="immutable, late or revised.")
    depth: str | None = shown("History available")
    docs: str | None = shown("Documentation")
    address: str | None = shown("Address")
    publisher: str | None = shown(
        "Kind of source", definition="News only: regulator, primary, media, aggregator or social."
    )
    owner: str | None = shown("Owner", definition="News only: who owns the publisher.")
    language: str | None = shown("Language", definition="News only.")
    left_out: int | None = shown(
        "Skipped entries",
        unit="count",
        definition="News only: older entries in the feed's last answer, beyond the newest 500, that were not "
        "read.",
    )
    pages: str = shown("Pages", definition="Names of the pages that show its data, separated by commas.")
    asked: str


class SourcesTable(Table[SourceRow]):
    """Connectors, how many of all are in each state, and how many of all do not deliver."""

    counts: dict[str, int]
    down: int
    ts: int


@operation("sources.list", example={})
def list_sources(
    caller: Caller,
    params: ListSourcesInput,
    quotes: QuoteStore,
    items: ItemStore,
    clock: Clock,
    is_simulated: IsSimulated,
    directory: ConnectorDirectory,
) -> SourcesTable:
    """List every connector with state, freshness, errors in words, requests left, terms, licence and tier."""
    notes = {note.id: note for note in directory.notes()}
    summaries = connector_summaries(quotes, directory)
    news = {note.id: note for note in directory.news()}
    left_out = {entry.source: entry.left_out for entry in items.states()}
    rows = [
        _connector_row(
            notes.get(name),
            entry,
            news.get(name.partition("/")[0]),
            left_out=left_out.get(name.partition("/")[0]),
            is_simulated=is_simulated,
        )
        for name, entry in summaries.items()
    ]
    counts = {state: sum(row.state == state for row in rows) for state in STATE_ORDER}
    matching_rows = [
        row
        for row in rows
        if (not params.state or row.state == params.state)
        and (not params.kind or row.kind == params.kind)
        and (not params.source or row.source == params.source)
        and (not params.brings or (params.brings == "news") == (row.source in news))
    ]
    if params.sort:
        matching_rows = sort_rows(matching_rows, params.sort, row_columns(SourceRow))
    else:
        matching_rows.sort(key=lambda row: (STATE_ORDER.index(row.state), row.id))
    now = clock.wall_now()
    return SourcesTable(
        columns=row_columns(SourceRow),
        rows=matching_rows[: params.limit],
        origins=[Origin(source="Vigie", ts_event=now)],
        total=len(matching_rows),
        counts=counts,
        down=sum(entry.is_down for entry in summaries.values()),
        ts=now,
    )


def _connector_row(
    note: ConnectorInfo | None,
    summary: ConnectorSummary,
    news: NewsSourceInfo | None,
    *,
    left_out: int | None,
    is_simulated: bool,
) -> SourceRow:
    name, health = summary.source, summary.health
    source, _, feed = name.partition("/")
    has_answered = note is not None and health is not None and health.ts_success is not None
    return SourceRow(
        id=name,
        source=source,
        kind=note.kind if note else "source",
        title=note.title if note else source,
        feed=note.feed if note else feed,
        state=summary.state,
        mode=health.mode if health else note.mode if note else "",
        every_s=note.every_s if note else None,
        ts_success=health.ts_success if health else None,
        ts_attempt=health.ts_attempt if health else None,
        errors=health.errors if health else 0,
        error=health.error if health else "",
        budget_left=health.budget_left if health else None,
        tier=note.tier if note else None,
        # It answered this very home as it should: that is what verifying means.
        is_verified=True if has_answered and not is_simulated else note.is_verified if note else None,
        verified=note.verified if note else None,
        terms=note.terms if note else None,
        licence=note.licence if note else None,
        attribution=note.attribution if note else None,
        is_non_commercial=note.is_non_commercial if note else None,
        history=note.history if note else None,
        depth=note.depth if note else None,
        docs=note.docs if note else None,
        address=note.address if note else None,
        per_minute=note.requests_per_minute if note else None,
        pages=",".join(note.pages) if note else "",
        asked=summary.requested,
        publisher=news.tier if news else None,
        owner=news.owner if news else None,
        language=news.language if news else None,
        left_out=left_out,
    )


class PunctualityRow(Row):
    """How late the news of one source are."""

    source: str = shown("Source")
    title: str = shown("Name")
    items: int = shown("News items", unit="count", definition="First seen in the last 30 days.")
    refused: int = shown(
        "Unreadable",
        unit="count",
        definition="Entries and answers that could not be read, in total; each is stored with the reason.",
    )
    whole_share: float | None = shown(
        "Share readable",
        unit="fraction",
        definition="Share of all entries, shown or refused, that could be read.",
    )
    dated_share: float | None = shown(
        "Share with time", unit="fraction", definition="Share of items with a time of day."
    )
    half_ms: float | None = shown(
        "Median delay",
        unit="took",
        definition="From publication to first seen here, only for items published since Vigie started reading "
        "the source.",
    )
    most_ms: float | None = shown(
        "95th percentile delay", unit="took", definition="Same measure; needs at least 20 items."
    )
    max_age_s: float | None = shown(
        "Cache time (s)",
        unit="count",
        definition="How long the source allows its answers to be cached, in seconds.",
    )
    ts_changed: int | None = shown(
        "Last update", unit="ms", definition="By the market's clock, simulated in a demonstration."
    )


@operation("sources.punctuality", example={})
def list_punctuality(
    caller: Caller, params: NoInput, items: ItemStore, clock: Clock, directory: ConnectorDirectory
) -> Table[PunctualityRow]:
    """Tell of each source of news how much of it could be read and dated, and how late it was seen."""
    now = clock.market_now()
    states = {entry.source: entry for entry in items.states()}
    arrivals = items.arrivals(after_ms=now - SPAN_MS)
    first_seen: dict[str, int] = {}
    for entry in arrivals:
        first_seen[entry.source] = min(first_seen.get(entry.source, entry.ts_first_seen), entry.ts_first_seen)
    titles = {note.id: note.title for note in directory.news()}
    rows = []
    for timing in measure_punctuality(arrivals, list(states.values()), first_seen):
        state = states.get(timing.source)
        rows.append(
            PunctualityRow(
                source=timing.source,
                title=titles.get(timing.source, timing.source),
                items=timing.items,
                refused=timing.refused,
                whole_share=timing.whole_share,
                dated_share=timing.dated_share,
                half_ms=timing.half_ms,
                most_ms=timing.most_ms,
                max_age_s=state.max_age_s if state else None,
                ts_changed=state.ts_changed if state else None,
            )
        )
    return table_of(PunctualityRow, rows, origins=[Origin(source="Vigie", ts_event=now)], total=len(rows))


class OwnSourceRow(BaseModel):
    """A folder of an own source; `fault` says why it cannot be used, empty where it can."""

    name: str
    title: str
    feeds: list[str]
    fault: RefusalText


class OwnSourcesResult(OperationResult):
    """What lies in the folder of own sources, below the home folder."""

    folder: str
    sources: list[OwnSourceRow]


@operation("sources.own", example={})
def check_own_sources(caller: Caller, params: NoInput, directory: ConnectorDirectory) -> OwnSourcesResult:
    """Check the folders of own sources: what each delivers, or why it cannot be used; the collector asks them."""
    own_sources = [
        OwnSourceRow(name=source.name, title=source.title, feeds=list(source.feeds), fault=source.fault)
        for source in directory.own()
    ]
    return OwnSourcesResult(folder=FOLDER, sources=own_sources)


class ConnectorInput(OperationInput):
    """Which connector, or all of a source."""

    source: str = Field(
        ...,
        min_length=1,
        max_length=80,
        description="`coingecko/markets`, or `coingecko` for all of its connectors.",
    )


class ConnectorSwitchResult(OperationResult):
    """What was asked of a connector; `undo` is the operation that takes it back, if there is something to."""

    source: str
    wanted: str
    before: str
    undo: str = ""


@operation("sources.pause", scope="admin", example={"source": "coingecko/trending"})
def pause_source(
    caller: Caller, params: ConnectorInput, quotes: QuoteStore, audit: AuditLog, directory: ConnectorDirectory
) -> ConnectorSwitchResult:
    """Stop asking a connector until it is resumed; what it delivered stays, and grows old."""
    return _set_wanted(quotes, audit, directory, caller, params.source, PAUSED, "sources.resume")


@operation("sources.resume", scope="admin", example={"source": "coingecko/trending"})
def resume_source(
    caller: Caller, params: ConnectorInput, quotes: QuoteStore, audit: AuditLog, directory: ConnectorDirectory
) -> ConnectorSwitchResult:
    """Ask a paused connector again, at once and then as often as before."""
    return _set_wanted(quotes, audit, directory, caller, params.source, "", "sources.pause")


@operation("sources.test", scope="admin", example={"source": "coingecko/trending"})
def poll_source(
    caller: Caller, params: ConnectorInput, quotes: QuoteStore, audit: AuditLog, directory: ConnectorDirectory
) -> ConnectorSwitchResult:
    """Ask a connector now, whenever it would be due; the result shows in its state within seconds."""
    before = _wanted_state(quotes, directory, params.source)
    if before == PAUSED:
        return ConnectorSwitchResult(source=params.source, wanted=PAUSED, before=PAUSED)
    return _set_wanted(quotes, audit, directory, caller, params.source, POLL_NOW, "")


def _set_wanted(
    quotes: QuoteStore,
    audit: AuditLog,
    directory: ConnectorDirectory,
    caller: Caller,
    source: str,
    state: str,
    undo: str,
) -> ConnectorSwitchResult:
    before = _wanted_state(quotes, directory, source)
    owner = source.partition("/")[0]
    parts = [name for name in quotes.requests() if source == owner and name.startswith(f"{owner}/")]
    if before == state and (state or not parts):
        return ConnectorSwitchResult(source=source, wanted=state, before=before)
    if not state and source != owner and quotes.requests().get(owner) == PAUSED:
        _pause_other_parts(quotes, directory, owner, source)
    quotes.request(source, state)
    if not state:
        # Resuming the whole source resumes each of its parts.
        for name in parts:
            quotes.request(name, "")
    if undo:
        kind = "source.paused" if state == PAUSED else "source.resumed"
        audit.append(kind, actor=caller.user, subject=source, text={"before": before})
    return ConnectorSwitchResult(source=source, wanted=state, before=before, undo=undo)


def _pause_other_parts(quotes: QuoteStore, directory: ConnectorDirectory, owner: str, source: str) -> None:
    """Turn the pause of a whole source into pauses of its parts, so that one of them can go on."""
    for note in directory.notes():
        if note.source == owner and note.id != source:
            quotes.request(note.id, PAUSED)
    quotes.request(owner, "")


def _wanted_state(quotes: QuoteStore, directory: ConnectorDirectory, source: str) -> str:
    """Return what is asked of a connector or a source now.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    notes = directory.notes()
    known_ids = {note.id for note in notes} | {note.source for note in notes}
    known_ids |= {health.source for health in quotes.health()}
    if source not in known_ids:
        raise NotFound("no_source", "there is no source {source!r}; `sources.list` lists them", source=source)
    requests = quotes.requests()
    return requests.get(source) or requests.get(source.partition("/")[0], "")
