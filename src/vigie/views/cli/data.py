"""`vigie data`: import, fetch, status, check, export, instruments."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from vigie.data.importer import ImportReport
    from vigie.services.data import CheckResult, FetchResult

app = typer.Typer(
    no_args_is_help=True, help="Bars: import, fetch, status, check, export; instruments' rules."
)

FAILED, USAGE = 1, 2
_BAR_AFTER_S = 1.0

Venue = Annotated[str, typer.Option("--venue", "-v", help="Such as binance-perp or bitget-perp.")]
Timeframe = Annotated[str, typer.Option("--timeframe", "-t", help="Such as 1m, 1h, 4h, 1d.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where Vigie keeps its data (else VIGIE_HOME).", show_default=False),
]
Symbols = Annotated[list[str] | None, typer.Argument(help="BTC, BTCUSDT or btc-usdt-perp; all by default.")]


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders that are searched whole.")],
    venue: Venue = "",
    symbol: Annotated[str, typer.Option("--symbol", help="Where the file name does not say it.")] = "",
    timeframe: Timeframe = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Store bars from Parquet, CSV, feather or JSON files.

    The venue is the folder's name, symbol and timeframe are in the file name; options win. Rows that
    cannot be bars go to a quarantine file with the reason, the good rest is stored. Importing twice
    changes nothing.

    Example: vigie data import ~/bars/binance-perp
    """
    with _exit_codes():
        from vigie.bootstrap import open_data
        from vigie.services.data import import_bars

        desk = open_data(home)
        with _progress("importing") as told:
            report = import_bars(
                desk, paths, venue=venue, symbol=symbol, timeframe=timeframe, dry_run=dry_run, progress=told
            )
        _print_json(report) if as_json else _print_import(report)
        if report.problems:
            is_usage = not report.series and all(problem.is_usage for problem in report.problems)
            raise typer.Exit(USAGE if is_usage else FAILED)


@app.command()
def fetch(
    venue: Annotated[
        str, typer.Argument(help="bitget-perp, binance-perp, binance-spot or hyperliquid-perp.")
    ],
    symbols: Annotated[list[str], typer.Argument(help="BTC, BTCUSDT or btc-usdt-perp.")],
    timeframe: Timeframe = "1h",
    since: Annotated[str, typer.Option("--since", help="2024-01-01; else the newest 1,500 bars.")] = "",
    until: Annotated[str, typer.Option("--until", help="2025-01-01; else now.")] = "",
    url: Annotated[str, typer.Option("--url", help="Another address for the venue, for tests.")] = "",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Fetch the public history of a venue: only what is missing, page by page.

    Stopped at any point, the same command goes on from there. The bar in progress is never stored.

    Example: vigie data fetch bitget-perp BTC ETH --timeframe 1h --since 2024-01-01
    """
    with _exit_codes():
        from vigie.bootstrap import open_data
        from vigie.domain.time import parse_time
        from vigie.services.data import fetch_bars

        desk = open_data(home, urls={venue.rpartition("-")[0]: url} if url else None)
        with _progress("fetching") as told:
            result = fetch_bars(
                desk,
                venue,
                symbols,
                timeframe=timeframe,
                since_ms=parse_time(since) if since else None,
                until_ms=parse_time(until) if until else None,
                told=told,
            )
        _print_json(result) if as_json else _print_fetch(result)
        if result.failures:
            is_usage = not result.series and not any(one.is_worth_retrying for one in result.failures)
            raise typer.Exit(USAGE if is_usage else FAILED)


@app.command()
def status(
    symbols: Symbols = None,
    venue: Venue = "",
    timeframe: Timeframe = "",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show what is stored: span, bars, gaps, age, size.

    Example: vigie data status BTC --venue binance-perp
    """
    with _exit_codes():
        from vigie.bootstrap import open_data
        from vigie.domain.time import iso
        from vigie.services.data import status_of

        rows = status_of(open_data(home), venue=venue, symbols=symbols or (), timeframe=timeframe)
        if as_json:
            _print_json(rows)
            return
        if not rows:
            _say("No bars are stored yet: `vigie data import PATH` or `vigie data fetch VENUE SYMBOL`.")
            return
        table = _table("instrument", "timeframe", "first", "last", "bars", "gaps", "missing", "age", "size")
        for row in rows:
            table.add_row(
                f"{row.series.venue}:{row.series.instrument}",
                row.series.timeframe,
                _minute(iso(row.first_ms)),
                _minute(iso(row.last_ms)),
                f"{row.bars:,}",
                f"{row.gaps:,}",
                f"{row.missing:,}",
                _age(row.age_ms),
                _size(row.size_bytes),
            )
        console().print(table)


@app.command()
def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Symbols of stored bars, or files to judge; all stored by default."),
    ] = None,
    venue: Venue = "",
    timeframe: Timeframe = "",
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for any finding.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Look for rows that cannot be bars, gaps, jumps, empty bars, and timeframes that disagree.

    Exit code 1 where a row cannot be a bar. Gaps, jumps over 20 %, zero volume and timeframes that
    disagree are findings, exit code 1 with --strict. A file is judged as an import would, and nothing is
    stored.

    Example: vigie data check BTC --venue binance-perp
    """
    with _exit_codes():
        from vigie.bootstrap import open_data
        from vigie.domain.errors import UsageError
        from vigie.services.data import check_bars, import_bars

        desk = open_data(home)
        files = [Path(target) for target in targets or () if Path(target).exists()]
        symbols = [target for target in targets or () if not Path(target).exists()]
        if files and symbols:
            raise UsageError(f"check takes files or symbols, not both; {', '.join(symbols)} is no file")
        if files:
            report = import_bars(desk, files, venue=venue, timeframe=timeframe, dry_run=True)
            _print_json(report) if as_json else _print_import(report)
            if report.problems or any(one.quarantined for one in report.series):
                raise typer.Exit(FAILED)
        else:
            with _progress("checking") as told:
                result = check_bars(desk, venue=venue, symbols=symbols, timeframe=timeframe, told=told)
            _print_json(result) if as_json else _print_check(result)
            if not result.is_sound or (strict and result.has_findings):
                raise typer.Exit(FAILED)


@app.command()
def export(
    symbols: Symbols = None,
    venue: Venue = "",
    timeframe: Timeframe = "",
    form: Annotated[str, typer.Option("--format", "-f", help="csv or parquet.")] = "csv",
    start: Annotated[str, typer.Option("--from", help="First open time, 2024-01-01.")] = "",
    end: Annotated[str, typer.Option("--to", help="Open times before this.")] = "",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path(),
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write stored bars as CSV or Parquet, BTCUSDT_1d.csv; another timeframe is resampled.

    Example: vigie data export BTC --venue binance-perp --timeframe 1d --out bars
    """
    with _exit_codes():
        from vigie.bootstrap import open_data
        from vigie.domain.time import parse_time
        from vigie.services.data import export_bars

        written = export_bars(
            open_data(home),
            out,
            venue=venue,
            symbols=symbols or (),
            timeframe=timeframe,
            form=form,
            start_ms=parse_time(start) if start else None,
            end_ms=parse_time(end) if end else None,
        )
        if as_json:
            _print_json(written)
            return
        for one in written:
            _say(f"{one.path}: {one.bars:,} bars")
        if not written:
            _say("No bars are stored yet.")


@app.command()
def instruments(
    symbols: Symbols = None,
    venue: Venue = "",
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the venue and keep what changed.")] = False,
    url: Annotated[str, typer.Option("--url", help="Another address for the venue, for tests.")] = "",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show the rules of instruments: tick, lot, minimums, leverage, maintenance, fees; refresh them.

    Example: vigie data instruments BTC ETH --venue bitget-perp
    """
    with _exit_codes():
        from vigie.bootstrap import open_data
        from vigie.domain.errors import UsageError
        from vigie.services.data import list_instruments, refresh_instruments

        desk = open_data(home, urls={venue.rpartition("-")[0]: url} if url else None)
        if refresh:
            if not venue:
                raise UsageError("--refresh needs --venue, such as --venue bitget-perp")
            news = refresh_instruments(desk, venue)
            if as_json:
                _print_json(news)
                return
            changed = ", ".join(one.name for one in news.changed) or "none"
            _say(f"{venue}: changed: {changed}; unchanged: {len(news.same)}")
            if news.absent:
                _say(f"not listed there: {', '.join(news.absent)}")
            return
        lines = list_instruments(desk, venue=venue, symbols=symbols or ())
        if as_json:
            _print_json([asdict(line.instrument) | _steps(line) for line in lines])
            return
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
            one = line.instrument
            table.add_row(
                one.full_name + (" (display only)" if line.is_display else ""),
                f"{one.tick}" + (f", {one.significant_figures} figures" if one.significant_figures else ""),
                str(one.lot),
                _exact(one.min_qty),
                _exact(one.min_notional),
                f"{one.max_leverage:g}x",
                f"{one.maintenance_rate:.2%}",
                f"{one.taker:.3%}",
                f"{one.maker:.3%}",
            )
        console().print(table)


def _steps(line: Any) -> dict[str, object]:
    one = line.instrument
    return {"tick": str(one.tick), "lot": str(one.lot), "is_display": line.is_display}


def _print_import(report: ImportReport) -> None:
    verb = "would be added" if report.dry_run else "added"
    if report.series:
        table = _table(
            "series", "rows", verb, "revised", "same", "repeated", "refused", "gaps", "jumps", "empty"
        )
        for one in report.series:
            found = one.findings
            counts = (one.rows, one.added, one.revised, one.same, one.duplicates, one.quarantined)
            rest = (found.gaps, found.jumps, found.zero_volume)
            table.add_row(str(one.series), *(f"{count:,}" for count in (*counts, *rest)))
        console().print(table)
    for one in report.series:
        if one.was_unsorted:
            _say(f"{one.series}: the rows were not in the order of time; they were sorted")
        for reason, count in one.reasons.items():
            _say(f"{one.series}: {count:,} not stored: {reason}")
        if one.quarantine_file:
            _say(f"{one.series}: refused or replaced rows are in {one.quarantine_file}")
    for path in report.skipped:
        _say(f"skipped, not a file of bars: {path}")
    for problem in report.problems:
        _warn(problem.message)
    if not report.series and not report.problems:
        _say("No files of bars were found there.")


def _print_fetch(result: FetchResult) -> None:
    from vigie.domain.time import iso

    if result.series:
        table = _table("series", "from", "to", "pages", "received", "added", "revised", "refused")
        for one in result.series:
            counts = (one.pages, one.received, one.added, one.revised, one.quarantined)
            span = (_minute(iso(one.start_ms)), _minute(iso(one.end_ms)))
            table.add_row(str(one.series), *span, *(f"{count:,}" for count in counts))
        console().print(table)
    for one in result.series:
        if one.note:
            _say(f"{one.series}: {one.note}")
    for failure in result.failures:
        cure = (
            "; what came is stored, the same command goes on from there" if failure.is_worth_retrying else ""
        )
        _warn(f"{failure.series}: {failure.message}{cure}")


def _print_check(result: CheckResult) -> None:
    from vigie.domain.time import iso

    table = _table("series", "bars", "bad", "repeated", "gaps", "missing", "jumps", "empty")
    for one in result.series:
        found = one.findings
        counts = (one.bars, sum(one.reasons.values()), one.duplicates)
        rest = (found.gaps, found.missing, found.jumps, found.zero_volume)
        table.add_row(str(one.series), *(f"{count:,}" for count in (*counts, *rest)))
    console().print(table)
    for one in result.series:
        if one.problem:
            _warn(one.problem)
        for bad in one.bad:
            when = iso(bad.ts_ms) if bad.ts_ms is not None else "no time"
            _warn(f"{one.series} {when}: {bad.reason}")
        for start, end in one.gaps[:3]:
            bars = (end - start) // one.series.span_ms
            _say(f"{one.series}: gap of {bars:,} bars from {iso(start)} to {iso(end)}")
    for pair in result.agreements:
        if pair.differing:
            shown = pair.examples[0]
            _warn(
                f"{pair.native} differs from its {pair.finer.timeframe} bars in {pair.differing:,} of "
                f"{pair.compared:,} ({pair.in_price:,} in price), first at {iso(shown.ts_ms)}: "
                f"{shown.column} {shown.native!r}, made of {pair.finer.timeframe} {shown.resampled!r}"
            )
    agreed = sum(not pair.differing for pair in result.agreements)
    if result.agreements:
        _say(f"{agreed} of {len(result.agreements)} pairs of timeframes agree in every whole bar")


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    for header in headers:
        is_text = header in ("series", "instrument", "timeframe", "first", "last", "from", "to")
        table.add_column(header, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    return table


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")


def _age(age_ms: int) -> str:
    minutes = age_ms // 60_000
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440:,} d"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_048_576:,.1f} MB" if size_bytes >= 1_048_576 else f"{size_bytes / 1_024:,.0f} kB"


def _exact(value: float) -> str:
    from vigie.domain.money import exact

    return format(exact(value).normalize(), "f")


def _say(text: str) -> None:
    typer.echo(text)


def _warn(text: str) -> None:
    typer.echo(text, err=True)


def _print_json(answer: object) -> None:
    typer.echo(json.dumps(_plain(answer), ensure_ascii=False, indent=2))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        if type(value).__name__ == "SeriesId":
            return str(value)
        if type(value).__name__ == "Step":
            return str(value)
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value == float("inf"):
        return None
    return value


@contextmanager
def _exit_codes() -> Iterator[None]:
    from vigie.domain.errors import ConfigError, UsageError, VigieError

    try:
        yield
    except (UsageError, ConfigError) as error:
        _end(error, USAGE)
    except VigieError as error:
        _end(error, FAILED)


def _end(error: Exception, code: int) -> NoReturn:
    _warn(f"error: {error}")
    raise typer.Exit(code) from error


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on a terminal when the work lasts over a second; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _label: None
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what, total=None)
    late = Timer(_BAR_AFTER_S, bar.start)
    late.daemon = True
    late.start()
    try:
        yield lambda done, total, label: bar.update(
            task, completed=done, total=total, description=f"{what} {label}".strip()
        )
    finally:
        late.cancel()
        bar.stop()
