"""What `vigie data` prints: tables for people, one document for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, Final

import typer

from vigie.views.cli.tables import age_text, console

if TYPE_CHECKING:
    from rich.table import Table

    from vigie.data.importer import ImportReport, SeriesImport
    from vigie.data.instruments.table import ListedInstrument
    from vigie.data.status import SeriesStatus
    from vigie.data.undoing import ImportUndo
    from vigie.services.data import CheckResult, FetchResult


# Fitting a table into the window takes half a second for a thousand rows; longer ones are only aligned.
MOST_MEASURED: Final = 100
_TEXTS: Final = frozenset({"series", "instrument", "timeframe", "first", "last", "from", "to"})


def warn(text: str) -> None:
    """Say something on standard error."""
    typer.echo(text, err=True)


def print_status(rows: Sequence[SeriesStatus]) -> None:
    """Print a row a stored series."""
    from vigie.domain.time import iso

    headers = ("instrument", "timeframe", "first", "last", "bars", "gaps", "missing", "age", "size")
    cells = [
        (
            f"{row.series.venue}:{row.series.instrument}",
            row.series.timeframe,
            "–" if row.first_ms is None else _to_minute(iso(row.first_ms)),
            "–" if row.last_ms is None else _to_minute(iso(row.last_ms)),
            f"{row.bars:,}",
            f"{row.gaps:,}",
            f"{row.missing:,}",
            "–" if row.age_ms is None else age_text(row.age_ms),
            _size_text(row.size_bytes),
        )
        for row in rows
    ]
    if len(cells) > MOST_MEASURED:
        _print_aligned(headers, cells)
        return
    table = _table(*headers)
    for cell in cells:
        table.add_row(*cell)
    console().print(table)


def print_instruments(lines: Sequence[ListedInstrument]) -> None:
    """Print a row an instrument."""
    table = _table(
        "instrument",
        "tick",
        "lot",
        "min qty",
        "min notional",
        "leverage",
        "maintenance",
        "taker",
        "maker",
    )
    for line in lines:
        rules = line.instrument
        table.add_row(
            rules.full_name + (" (display only)" if line.is_display else ""),
            f"{rules.tick}" + (f", {rules.significant_figures} figures" if rules.significant_figures else ""),
            str(rules.lot),
            _exact_text(rules.min_qty),
            _exact_text(rules.min_notional),
            f"{rules.max_leverage:g}x",
            f"{rules.maintenance_rate:.2%}",
            f"{rules.taker:.3%}",
            f"{rules.maker:.3%}",
        )
    console().print(table)


def print_import(report: ImportReport) -> None:
    """Print a row a series, then what was refused, skipped and why."""
    verb = "would be added" if report.dry_run else "added"
    if report.series:
        table = _table(
            "series", "rows", verb, "revised", "same", "repeated", "refused", "gaps", "jumps", "empty"
        )
        for series in report.series:
            findings = series.findings
            counts = (
                series.rows,
                series.added,
                series.revised,
                series.same,
                series.duplicates,
                series.quarantined,
            )
            rest = (findings.gaps, findings.jumps, findings.zero_volume)
            table.add_row(str(series.series), *(f"{count:,}" for count in (*counts, *rest)))
        console().print(table)
    for series in report.series:
        _print_series(series)
    for path in report.skipped:
        typer.echo(f"skipped, not a file of bars: {path}")
    for problem in report.problems:
        warn(problem.message)
    if not report.series and not report.problems:
        typer.echo("No files of bars were found there.")
    if report.receipt:
        typer.echo(f"Not as it should be? `vigie data undo {report.receipt}` takes this import back.")


def _print_series(series: SeriesImport) -> None:
    """Print what is to be said of one series, in lines."""
    from vigie.data.intake.preview import NOTES

    if series.was_unsorted:
        typer.echo(f"{series.series}: the rows were not in the order of time; they were sorted")
    for reason, count in series.reasons.items():
        typer.echo(f"{series.series}: {count:,} not stored: {reason}")
    for line in series.refused:
        typer.echo(f"{series.series}: {line}")
    for note in series.notes:
        typer.echo(f"{series.series}: {NOTES[note]}")
    if series.quarantine_file:
        typer.echo(f"{series.series}: refused or replaced rows are in {series.quarantine_file}")


def print_undone(result: ImportUndo) -> None:
    """Print a row a series, and what stays."""
    from vigie.domain.time import iso

    if result.was_undone:
        typer.echo(f"The import {result.receipt} of {iso(result.ts_ms)} was undone already; nothing changed.")
        return
    verbs = ("would be removed", "would be put back") if result.dry_run else ("removed", "put back")
    table = _table("series", *verbs, "changed since", "as before already")
    for series in result.series:
        counts = (series.removed, series.restored, series.changed_since, series.as_before)
        table.add_row(str(series.series), *(f"{count:,}" for count in counts))
    console().print(table)
    if result.total.changed_since:
        typer.echo(f"{result.total.changed_since:,} bars changed since this import and stay.")


def print_fetch(result: FetchResult) -> None:
    """Print a row a series, then what failed and what to do."""
    from vigie.domain.time import iso

    if result.series:
        table = _table("series", "from", "to", "pages", "received", "added", "revised", "refused")
        for series in result.series:
            counts = (series.pages, series.received, series.added, series.revised, series.quarantined)
            span = (_to_minute(iso(series.start_ms)), _to_minute(iso(series.end_ms)))
            table.add_row(str(series.series), *span, *(f"{count:,}" for count in counts))
        console().print(table)
    for series in result.series:
        if series.note:
            typer.echo(f"{series.series}: {series.note}")
    for failure in result.failures:
        cure = (
            "; what came is stored, the same command goes on from there" if failure.is_worth_retrying else ""
        )
        warn(f"{failure.series}: {failure.message}{cure}")


def print_check(result: CheckResult) -> None:
    """Print a row a series, then bad rows, gaps and where timeframes disagree."""
    from vigie.domain.time import iso

    table = _table("series", "bars", "bad", "repeated", "gaps", "missing", "jumps", "empty")
    for series in result.series:
        findings = series.findings
        counts = (series.bars, sum(series.reasons.values()), series.duplicates)
        rest = (findings.gaps, findings.missing, findings.jumps, findings.zero_volume)
        table.add_row(str(series.series), *(f"{count:,}" for count in (*counts, *rest)))
    console().print(table)
    for series in result.series:
        if series.problem:
            warn(series.problem)
        for bad in series.bad:
            when = iso(bad.ts_ms) if bad.ts_ms is not None else "no time"
            warn(f"{series.series} {when}: {bad.reason}")
        for start, end in series.gaps[:3]:
            bars = (end - start) // series.series.span_ms
            typer.echo(f"{series.series}: gap of {bars:,} bars from {iso(start)} to {iso(end)}")
    for pair in result.agreements:
        if pair.differing:
            example = pair.examples[0]
            warn(
                f"{pair.native} differs from its {pair.finer.timeframe} bars in {pair.differing:,} of "
                f"{pair.compared:,} ({pair.in_price:,} in price), first at {iso(example.ts_ms)}: "
                f"{example.column} {example.native!r}, made of {pair.finer.timeframe} {example.resampled!r}"
            )
    agreed = sum(not pair.differing for pair in result.agreements)
    if result.agreements:
        typer.echo(f"{agreed} of {len(result.agreements)} pairs of timeframes agree in every whole bar")


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, collapse_padding=True)
    for header in headers:
        is_text = header in _TEXTS
        table.add_column(header, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    return table


def _print_aligned(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    aligned = [str.ljust if header in _TEXTS else str.rjust for header in headers]
    lines = [
        " ".join(align(cell, width) for align, cell, width in zip(aligned, row, widths, strict=True)).rstrip()
        for row in (headers, *rows)
    ]
    typer.echo("\n".join(lines))


def _to_minute(text: str) -> str:
    return text[:16].replace("T", " ")


def _size_text(size_bytes: int) -> str:
    return f"{size_bytes / 1_048_576:,.1f} MB" if size_bytes >= 1_048_576 else f"{size_bytes / 1_024:,.0f} kB"


def _exact_text(value: float) -> str:
    from vigie.domain.money import to_decimal

    return format(to_decimal(value).normalize(), "f")


def print_json(result: object) -> None:
    """Print any answer of a service as one JSON document."""
    typer.echo(json.dumps(plain(result), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """Turn records into dictionaries, ids and steps into text, infinity into null."""
    if is_dataclass(value) and not isinstance(value, type):
        if type(value).__name__ == "SeriesId":
            return str(value)
        if type(value).__name__ == "GridStep":
            return str(value)
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value == float("inf"):
        return None
    return value
