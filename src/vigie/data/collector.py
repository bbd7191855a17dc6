"""Bars from a venue's public history, page by page.

The stored bars are the bookmark: what is not stored is asked for. Holes the venue confirms are remembered,
after the bars around them are safe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from vigie.data.desk import DataDesk
from vigie.data.frames import NUMBERS, TIME_TYPE
from vigie.data.importer import QUARANTINE_COLUMNS
from vigie.data.quality import judge
from vigie.domain.ids import SeriesId
from vigie.domain.time import SECOND_MS, iso
from vigie.ports.clock import Clock
from vigie.ports.venue import BarRow, HistoryFeed

# A bar is final when its close plus this margin has passed on the market.
_FINAL_AFTER_MS: Final = 2_000
# And on the wall: a simulated market that pauses or slows down is known to have done so so much later.
_KNOWN_WITHIN_S: Final = 1.5
DEFAULT_BARS: Final = 1_500

Span = tuple[int, int]
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch brought.

    Attributes
    ----------
    start_ms, end_ms : int
        The span that was wanted, after the venue's own limits.
    pages : int
        Answers that were stored.
    received, added, revised, quarantined : int
        Bars; `revised` had other values before, `quarantined` cannot be bars.
    note : str
        What a person should know, such as a shorter history than was asked for.
    """

    series: SeriesId
    start_ms: int
    end_ms: int
    pages: int
    received: int
    added: int
    revised: int
    quarantined: int
    note: str = ""


def fetch_series(
    desk: DataDesk,
    feed: HistoryFeed,
    series: SeriesId,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    told: Told | None = None,
) -> FetchReport:
    """Fetch what is missing of a series and store it page by page.

    Stopped at any point, the next call goes on where the stored bars end and asks for nothing twice but the
    page that was under way.

    Parameters
    ----------
    desk : DataDesk
        Where bars and bookmarks are, and what time it is.
    feed : HistoryFeed
        The venue.
    series : SeriesId
        What to fetch.
    since_ms : int, optional
        First open time; by default the newest 1,500 bars.
    until_ms : int, optional
        End; by default now. A bar in progress is never stored.
    told : callable, optional
        Told the bars done, of all, and the series.

    Returns
    -------
    FetchReport

    Raises
    ------
    TransientError, ConnectorError, UsageError
        As the venue fails; what was stored before stays.
    """
    wanted, note = _wanted(desk, feed, series, since_ms, until_ms)
    page_ms = feed.page_bars(series.timeframe) * series.span_ms
    pages = _pages(missing_spans(desk, series, wanted), page_ms)
    total = sum(end - start for start, end in pages) // series.span_ms
    counts = dict.fromkeys(("received", "added", "revised", "quarantined"), 0)
    done = 0
    for start, end in pages:
        if told:
            told(done, total, str(series))
        _store_page(desk, feed, series, (start, end), newest=end == wanted[1], counts=counts)
        done += (end - start) // series.span_ms
    if told:
        told(total, total, str(series))
    return FetchReport(series, *wanted, pages=len(pages), **counts, note=note)


def final_before(clock: Clock) -> int:
    """Return the market's time before which every bar that ended is final."""
    behind_ms = max(_FINAL_AFTER_MS, round(clock.market_speed() * _KNOWN_WITHIN_S * SECOND_MS))
    return clock.market_now() - behind_ms


def _wanted(
    desk: DataDesk, feed: HistoryFeed, series: SeriesId, since_ms: int | None, until_ms: int | None
) -> tuple[Span, str]:
    span = series.span_ms
    end = final_before(desk.clock) // span * span
    if until_ms is not None:
        end = min(end, until_ms // span * span)
    start = end - DEFAULT_BARS * span if since_ms is None else -(-since_ms // span) * span
    notes = []
    if feed.depth_bars is not None and start < end - feed.depth_bars * span:
        start = end - feed.depth_bars * span
        notes.append(f"{feed.venue} serves the newest {feed.depth_bars} bars only: from {iso(start)}")
    listed = feed.listed_ms(series.instrument)
    if listed is not None and start < listed // span * span:
        start = min(listed // span * span, end)
        notes.append(f"listed at {iso(listed)}")
    return (start, max(start, end)), "; ".join(notes)


def missing_spans(desk: DataDesk, series: SeriesId, wanted: Span) -> list[Span]:
    """Return the parts of a span that are neither stored nor known to be empty."""
    known = sorted([*desk.bookmarks.empty(series), *_stored_runs(desk, series, wanted)])
    missing: list[Span] = []
    cursor = wanted[0]
    for start, end in [*known, (wanted[1], wanted[1])]:
        if cursor < min(start, wanted[1]):
            missing.append((cursor, min(start, wanted[1])))
        cursor = max(cursor, end)
    return missing


def _stored_runs(desk: DataDesk, series: SeriesId, wanted: Span) -> list[Span]:
    stored = desk.bars.read(series, start_ms=wanted[0], end_ms=wanted[1])
    return runs(stored["timestamp"].to_physical(), series.span_ms)


def runs(ts: pl.Series, span: int) -> list[Span]:
    """Return the spans that ascending open times cover without a hole."""
    if ts.is_empty():
        return []
    breaks = ts.filter((ts.diff() != span).fill_null(True))
    ends = ts.filter((ts.shift(-1) - ts != span).fill_null(True)) + span
    return list(zip(breaks.to_list(), ends.to_list(), strict=True))


def _pages(spans: Sequence[Span], page_ms: int) -> list[Span]:
    # Holes that fit into one page together are asked for together.
    pages: list[Span] = []
    for start, end in spans:
        cursor = start
        if pages and end - pages[-1][0] <= page_ms:
            pages[-1] = (pages[-1][0], end)
            continue
        while cursor < end:
            pages.append((cursor, min(cursor + page_ms, end)))
            cursor += page_ms
    return pages


def _store_page(
    desk: DataDesk, feed: HistoryFeed, series: SeriesId, page: Span, *, newest: bool, counts: dict[str, int]
) -> None:
    rows = feed.page(series.instrument, series.timeframe, *page)
    judged = judge(_raw(rows), span_ms=series.span_ms, now_ms=final_before(desk.clock))
    bad = judged.bad.filter(pl.col("reason") != "unfinished")
    upsert = desk.bars.upsert(series, judged.good)
    if len(bad):
        desk.quarantine.keep(series, _refused(bad, feed.venue))
    counts["received"] += len(rows)
    counts["added"] += upsert.added
    counts["revised"] += upsert.revised
    counts["quarantined"] += len(bad)
    desk.bookmarks.mark_empty(series, _holes(judged.good, page, series.span_ms, newest=newest))


def _holes(good: pl.DataFrame, page: Span, span: int, *, newest: bool) -> list[Span]:
    holes = []
    cursor = page[0]
    for start, end in runs(good["timestamp"].to_physical(), span):
        if start > cursor:
            holes.append((cursor, start))
        cursor = end
    # The venue may not have written its newest bars yet: what is missing at the end is asked for again.
    if cursor < page[1] and not newest:
        holes.append((cursor, page[1]))
    return holes


def _raw(rows: Sequence[BarRow]) -> pl.DataFrame:
    columns = ("timestamp", *NUMBERS)
    kinds = {"timestamp": pl.Int64(), **dict.fromkeys(NUMBERS, pl.Float64())}
    frame = pl.DataFrame(rows, schema={name: kinds[name] for name in columns}, orient="row")
    return frame.with_row_index("row", offset=1).with_columns(
        fault=pl.lit(None, pl.String), line=pl.lit(None, pl.String)
    )


def _refused(bad: pl.DataFrame, venue: str) -> pl.DataFrame:
    return bad.with_columns(source=pl.lit(venue), timestamp=pl.col("timestamp").cast(TIME_TYPE)).select(
        QUARANTINE_COLUMNS
    )
