"""Connectors: how each does, what it may be used for; pause, resume, try now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.connectors import ConnectorInfo, NewsSourceInfo
from vigie.services.app_context import AppContext
from vigie.services.market_data.connector_summary import PAUSED, ConnectorSummary, State, connector_summaries
from vigie.services.news.punctuality import measure_punctuality
from vigie.services.operation import (
    Column,
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.operations.markets import sort_rows

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


SOURCES: Final = [
    Column(name="id", title="Feed", definition="Source and data requested from it."),
    Column(name="source", title="Source"),
    Column(name="kind", title="Kind", definition="source or venue."),
    Column(name="title", title="Name"),
    Column(name="feed", title="Data"),
    Column(name="state", title="State"),
    Column(
        name="mode",
        title="Mode",
        definition="stream: the source pushes data; poll: Vigie asks for data instead.",
    ),
    Column(
        name="every_s",
        title="Interval",
        unit="count",
        definition="How often it is read.",
    ),
    Column(name="ts_success", title="Last success", unit="ms", definition="By this machine's clock."),
    Column(name="ts_attempt", title="Last attempt", unit="ms", definition="By this machine's clock."),
    Column(name="errors", title="Failures", unit="count", definition="Since the last success."),
    Column(name="error", title="Last error"),
    Column(
        name="budget_left",
        title="Requests left",
        unit="count",
        definition="Requests it would accept now; for an exchange, those left this minute.",
    ),
    Column(
        name="per_minute",
        title="Requests per minute",
        unit="count",
        definition="Vigie's own limit for this source.",
    ),
    Column(
        name="tier", title="Test level", definition="draft, data, paper or live: how far it has been tested."
    ),
    Column(name="is_verified", title="Verified", definition="Whether it has worked with the real service."),
    Column(name="verified", title="Last checked"),
    Column(name="terms", title="Terms"),
    Column(name="licence", title="Licence"),
    Column(name="attribution", title="Attribution"),
    Column(
        name="is_non_commercial",
        title="Non-commercial",
        definition="Whether only non-commercial use is allowed.",
    ),
    Column(name="history", title="History", definition="immutable, late or revised."),
    Column(name="depth", title="History available"),
    Column(name="docs", title="Documentation"),
    Column(name="address", title="Address"),
    Column(
        name="publisher",
        title="Kind of source",
        definition="News only: regulator, primary, media, aggregator or social.",
    ),
    Column(name="owner", title="Owner", definition="News only: who owns the publisher."),
    Column(name="language", title="Language", definition="News only."),
    Column(
        name="left_out",
        title="Skipped entries",
        unit="count",
        definition="News only: older entries in the feed's last answer, beyond the newest 500, that were not "
        "read.",
    ),
]


class SourcesTable(Table):
    """Connectors, how many of all are in each state, and how many of all do not deliver."""

    counts: dict[str, int]
    down: int
    ts: int


@operation("sources.list", example={})
def list_sources(app_context: AppContext, caller: Caller, params: ListSourcesInput) -> SourcesTable:
    """List every connector with state, freshness, errors in words, requests left, terms, licence and tier."""
    notes = {note.id: note for note in app_context.directory.notes()}
    summaries = connector_summaries(app_context)
    news = {note.id: note for note in app_context.directory.news()}
    left_out = {entry.source: entry.left_out for entry in app_context.items.states()}
    rows = [
        {
            **_connector_row(notes.get(name), entry, is_simulated=app_context.is_simulated),
            **_publisher_values(news.get(name.partition("/")[0])),
            "left_out": left_out.get(name.partition("/")[0]),
        }
        for name, entry in summaries.items()
    ]
    counts = {state: sum(row["state"] == state for row in rows) for state in STATE_ORDER}
    matching_rows = [
        row
        for row in rows
        if (not params.state or row["state"] == params.state)
        and (not params.kind or row["kind"] == params.kind)
        and (not params.source or row["source"] == params.source)
        and (not params.brings or (params.brings == "news") == (row["source"] in news))
    ]
    if params.sort:
        matching_rows = sort_rows(matching_rows, params.sort, SOURCES)
    else:
        matching_rows.sort(key=lambda row: (STATE_ORDER.index(row["state"]), row["id"]))
    now = app_context.clock.wall_now()
    return SourcesTable(
        columns=SOURCES, rows=matching_rows[: params.limit], origins=[Origin(source="Vigie", ts_event=now)],
        total=len(matching_rows),
        counts=counts, down=sum(entry.is_down for entry in summaries.values()), ts=now,
    )  # fmt: skip


def _publisher_values(news: NewsSourceInfo | None) -> dict[str, str | None]:
    if news is None:
        return {"publisher": None, "owner": None, "language": None}
    return {"publisher": news.tier, "owner": news.owner, "language": news.language}


def _connector_row(
    note: ConnectorInfo | None, summary: ConnectorSummary, *, is_simulated: bool
) -> dict[str, Any]:
    name, health = summary.source, summary.health
    source = name.partition("/")[0]
    row: dict[str, Any] = {
        "id": name, "source": source, "kind": note.kind if note else "source", "title": note.title if note else source,
        "feed": note.feed if note else name.partition("/")[2], "state": summary.state,
        "mode": health.mode if health else note.mode if note else "", "every_s": note.every_s if note else None,
        "ts_success": health.ts_success if health else None, "ts_attempt": health.ts_attempt if health else None,
        "errors": health.errors if health else 0, "error": health.error if health else "",
        "budget_left": health.budget_left if health else None,
    }  # fmt: skip
    for key in ("tier", "is_verified", "verified", "terms", "licence", "attribution", "is_non_commercial", "history",
                "depth", "docs", "address"):  # fmt: skip
        row[key] = getattr(note, key) if note else None
    if note is not None and health is not None and health.ts_success is not None and not is_simulated:
        # It answered this very home as it should: that is what verifying means.
        row["is_verified"] = True
    return {**row, "per_minute": note.requests_per_minute if note else None, "asked": summary.requested}


PUNCTUALITY: Final = [
    Column(name="source", title="Source"),
    Column(name="title", title="Name"),
    Column(name="items", title="News items", unit="count", definition="First seen in the last 30 days."),
    Column(
        name="refused",
        title="Unreadable",
        unit="count",
        definition="Entries and answers that could not be read, in total; each is stored with the reason.",
    ),
    Column(
        name="whole_share",
        title="Share readable",
        unit="fraction",
        definition="Share of all entries, shown or refused, that could be read.",
    ),
    Column(
        name="dated_share",
        title="Share with time",
        unit="fraction",
        definition="Share of items with a time of day.",
    ),
    Column(
        name="half_ms",
        title="Median delay",
        unit="took",
        definition="From publication to first seen here, only for items published since Vigie started reading "
        "the source.",
    ),
    Column(
        name="most_ms",
        title="95th percentile delay",
        unit="took",
        definition="Same, with at least 20 items.",
    ),
    Column(
        name="max_age_s",
        title="Cache time (s)",
        unit="count",
        definition="How long the source allows its answers to be cached, in seconds.",
    ),
    Column(
        name="ts_changed",
        title="Last update",
        unit="ms",
        definition="By the market's clock, simulated in a demonstration.",
    ),
]


@operation("sources.punctuality", example={})
def list_punctuality(app_context: AppContext, caller: Caller, params: NoInput) -> Table:
    """Tell of each source of news how much of it could be read and dated, and how late it was seen."""
    now = app_context.clock.market_now()
    states = {entry.source: entry for entry in app_context.items.states()}
    arrivals = app_context.items.arrivals(after_ms=now - SPAN_MS)
    first_seen: dict[str, int] = {}
    for entry in arrivals:
        first_seen[entry.source] = min(first_seen.get(entry.source, entry.ts_first_seen), entry.ts_first_seen)
    titles = {note.id: note.title for note in app_context.directory.news()}
    rows: list[dict[str, Any]] = []
    for timing in measure_punctuality(arrivals, list(states.values()), first_seen):
        state = states.get(timing.source)
        row = {**asdict(timing), "title": titles.get(timing.source, timing.source)}
        row |= {
            "max_age_s": state.max_age_s if state else None,
            "ts_changed": state.ts_changed if state else None,
        }
        del row["linked_share"]
        rows.append(row)
    return Table(
        columns=PUNCTUALITY, rows=rows, origins=[Origin(source="Vigie", ts_event=now)], total=len(rows)
    )


class OwnSourceRow(BaseModel):
    """A folder of an own source; `fault` says why it cannot be used, empty where it can."""

    name: str
    title: str
    feeds: list[str]
    fault: str


class OwnSourcesResult(OperationResult):
    """What lies in the folder of own sources, below the home folder."""

    folder: str
    sources: list[OwnSourceRow]


@operation("sources.own", example={})
def check_own_sources(app_context: AppContext, caller: Caller, params: NoInput) -> OwnSourcesResult:
    """Check the folders of own sources: what each delivers, or why it cannot be used; the collector asks them."""
    own_sources = [
        OwnSourceRow(name=source.name, title=source.title, feeds=list(source.feeds), fault=source.fault)
        for source in app_context.directory.own()
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
def pause_source(app_context: AppContext, caller: Caller, params: ConnectorInput) -> ConnectorSwitchResult:
    """Stop asking a connector until it is resumed; what it delivered stays, and grows old."""
    return _set_wanted(app_context, caller, params.source, PAUSED, "sources.resume")


@operation("sources.resume", scope="admin", example={"source": "coingecko/trending"})
def resume_source(app_context: AppContext, caller: Caller, params: ConnectorInput) -> ConnectorSwitchResult:
    """Ask a paused connector again, at once and then as often as before."""
    return _set_wanted(app_context, caller, params.source, "", "sources.pause")


@operation("sources.test", scope="admin", example={"source": "coingecko/trending"})
def poll_source(app_context: AppContext, caller: Caller, params: ConnectorInput) -> ConnectorSwitchResult:
    """Ask a connector now, whenever it would be due; the result shows in its state within seconds."""
    before = _wanted_state(app_context, params.source)
    if before == PAUSED:
        return ConnectorSwitchResult(source=params.source, wanted=PAUSED, before=PAUSED)
    return _set_wanted(app_context, caller, params.source, POLL_NOW, "")


def _set_wanted(
    app_context: AppContext, caller: Caller, source: str, state: str, undo: str
) -> ConnectorSwitchResult:
    before = _wanted_state(app_context, source)
    owner = source.partition("/")[0]
    parts = [
        name for name in app_context.quotes.requests() if source == owner and name.startswith(f"{owner}/")
    ]
    if before == state and (state or not parts):
        return ConnectorSwitchResult(source=source, wanted=state, before=before)
    if not state and source != owner and app_context.quotes.requests().get(owner) == PAUSED:
        _pause_other_parts(app_context, owner, source)
    app_context.quotes.request(source, state)
    if not state:
        # Resuming the whole source resumes each of its parts.
        for name in parts:
            app_context.quotes.request(name, "")
    if undo:
        kind = "source.paused" if state == PAUSED else "source.resumed"
        app_context.audit.append(kind, actor=caller.user, subject=source, text={"before": before})
    return ConnectorSwitchResult(source=source, wanted=state, before=before, undo=undo)


def _pause_other_parts(app_context: AppContext, owner: str, source: str) -> None:
    """Turn the pause of a whole source into pauses of its parts, so that one of them can go on."""
    for note in app_context.directory.notes():
        if note.source == owner and note.id != source:
            app_context.quotes.request(note.id, PAUSED)
    app_context.quotes.request(owner, "")


def _wanted_state(app_context: AppContext, source: str) -> str:
    """Return what is asked of a connector or a source now.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    notes = app_context.directory.notes()
    known_ids = {note.id for note in notes} | {note.source for note in notes}
    known_ids |= {health.source for health in app_context.quotes.health()}
    if source not in known_ids:
        raise NotFound(f"there is no source {source!r}; `sources.list` lists them")
    requests = app_context.quotes.requests()
    return requests.get(source) or requests.get(source.partition("/")[0], "")
