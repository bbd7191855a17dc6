"""Bars from a venue's public history, page by page.

The stored bars are the bookmark: what is not stored is asked for. Holes the venue confirms are remembered,
after the bars around them are safe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from vigie.data.frames import NUMBERS, TIME_TYPE
from vigie.data.importer import QUARANTINE_COLUMNS
from vigie.data.quality import check_rows
from vigie.data.stores import DataStores
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
FetchProgress = Callable[[int, int, str], None]


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
    stores: DataStores,
    feed: HistoryFeed,
    series: SeriesId,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    progress: FetchProgress | None = None,
) -> FetchReport:
    """Fetch what is missing of a series and store it page by page.

    Stopped at any point, the next call goes on where the stored bars end and asks for nothing twice but the
    page that was under way.

    Parameters
    ----------
    stores : DataStores
        Where bars and bookmarks are, and what time it is.
    feed : HistoryFeed
        The venue.
    series : SeriesId
        What to fetch.
    since_ms : int, optional
        First open time; by default the newest 1,500 bars.
    until_ms : int, optional
        End; by default now. A bar in progress is never stored.
    progress : callable, optional
        Told the bars done, of all, and the series.

    Returns
    -------
    FetchReport

    Raises
    ------
    TransientError, ConnectorError, UsageError
        As the venue fails; what was stored before stays.
    """
    span, note = _fetch_span(stores, feed, series, since_ms, until_ms)
    page_ms = feed.page_bars(series.timeframe) * series.span_ms
    pages = _pages(missing_spans(stores, series, span), page_ms)
    total = sum(end - start for start, end in pages) // series.span_ms
    counts = dict.fromkeys(("received", "added", "revised", "quarantined"), 0)
    done = 0
    for start, end in pages:
        if progress:
            progress(done, total, str(series))
        _store_page(stores, feed, series, (start, end), newest=end == span[1], counts=counts)
        done += (end - start) // series.span_ms
    if progress:
        progress(total, total, str(series))
    return FetchReport(series, *span, pages=len(pages), **counts, note=note)


def final_before(clock: Clock) -> int:
    """Return the market's time before which every bar that ended is final."""
    behind_ms = max(_FINAL_AFTER_MS, round(clock.market_speed() * _KNOWN_WITHIN_S * SECOND_MS))
    return clock.market_now() - behind_ms


def _fetch_span(
    stores: DataStores, feed: HistoryFeed, series: SeriesId, since_ms: int | None, until_ms: int | None
) -> tuple[Span, str]:
    span = series.span_ms
    end = final_before(stores.clock) // span * span
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


def missing_spans(stores: DataStores, series: SeriesId, span: Span) -> list[Span]:
    """Return the parts of a span that are neither stored nor known to be empty."""
    known = sorted([*stores.bookmarks.empty(series), *_stored_runs(stores, series, span)])
    missing: list[Span] = []
    cursor = span[0]
    for start, end in [*known, (span[1], span[1])]:
        if cursor < min(start, span[1]):
            missing.append((cursor, min(start, span[1])))
        cursor = max(cursor, end)
    return missing


def _stored_runs(stores: DataStores, series: SeriesId, span: Span) -> list[Span]:
    stored = stores.bars.read(series, start_ms=span[0], end_ms=span[1])
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
    stores: DataStores,
    feed: HistoryFeed,
    series: SeriesId,
    page: Span,
    *,
    newest: bool,
    counts: dict[str, int],
) -> None:
    rows = feed.page(series.instrument, series.timeframe, *page)
    checked = check_rows(_raw_rows(rows), span_ms=series.span_ms, now_ms=final_before(stores.clock))
    bad = checked.bad.filter(pl.col("reason") != "unfinished")
    upsert = stores.bars.upsert(series, checked.good)
    if len(bad):
        stores.quarantine.keep(series, _to_quarantine(bad, feed.venue))
    counts["received"] += len(rows)
    counts["added"] += upsert.added
    counts["revised"] += upsert.revised
    counts["quarantined"] += len(bad)
    stores.bookmarks.mark_empty(series, _holes(checked.good, page, series.span_ms, newest=newest))


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


def _raw_rows(rows: Sequence[BarRow]) -> pl.DataFrame:
    columns = ("timestamp", *NUMBERS)
    kinds = {"timestamp": pl.Int64(), **dict.fromkeys(NUMBERS, pl.Float64())}
    frame = pl.DataFrame(rows, schema={name: kinds[name] for name in columns}, orient="row")
    return frame.with_row_index("row", offset=1).with_columns(
        fault=pl.lit(None, pl.String), line=pl.lit(None, pl.String)
    )


def _to_quarantine(bad: pl.DataFrame, venue: str) -> pl.DataFrame:
    return bad.with_columns(source=pl.lit(venue), timestamp=pl.col("timestamp").cast(TIME_TYPE)).select(
        QUARANTINE_COLUMNS
    )
