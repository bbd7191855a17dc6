"""`vigie data`: import, undo, fetch, status, check, export, instruments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Annotated, NoReturn

import typer

from vigie.views.cli.common_options import AsJson, Home
from vigie.views.cli.data_tables import (
    plain,
    print_check,
    print_fetch,
    print_import,
    print_instruments,
    print_json,
    print_status,
    print_undone,
    warn,
)
from vigie.views.cli.file_options import (
    DateFormat,
    Decimal,
    Map,
    NoVolume,
    Stamp,
    Yes,
    Zone,
    confirm_rows,
    file_form,
)

app = typer.Typer(
    no_args_is_help=True, help="Bars: import, undo, fetch, status, check, export; instruments' rules."
)

FAILED, USAGE = 1, 2
_BAR_AFTER_S = 1.0

Venue = Annotated[str, typer.Option("--venue", "-v", help="Such as binance-perp or bitget-perp.")]
Timeframe = Annotated[str, typer.Option("--timeframe", "-t", help="Such as 1m, 1h, 4h, 1d.")]
Symbols = Annotated[list[str] | None, typer.Argument(help="BTC, BTCUSDT or btc-usdt-perp; all by default.")]


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders that are searched whole.")],
    venue: Venue = "",
    symbol: Annotated[str, typer.Option("--symbol", help="Where the file name does not say it.")] = "",
    timeframe: Timeframe = "",
    map_: Map = None,
    tz: Zone = "",
    date_format: DateFormat = "",
    decimal: Decimal = "",
    stamp: Stamp = "",
    no_volume: NoVolume = False,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Store bars from Parquet, CSV, feather or JSON files.

    The venue is the folder's name, symbol and timeframe are in the file name;
    options win. Rows that cannot be bars go to a quarantine file with the
    reason, the good rest is stored. Importing twice changes nothing. At a
    terminal three rows are shown as they are understood, and asked about.

    Example: vigie data import ~/bars/binance-perp
    """
    arguments = locals()
    with _exit_codes():
        from vigie.services.data import import_bars
        from vigie.wiring.data import open_data

        form = file_form(arguments)
        confirm_rows(paths, form, arguments, needs_venue=True)
        data_stores = open_data(home)
        with _progress_bar("importing") as report_progress:
            report = import_bars(
                data_stores, paths, venue=venue, symbol=symbol, timeframe=timeframe, form=form, dry_run=dry_run,
                progress=report_progress,
            )  # fmt: skip
        print_json(report) if as_json else print_import(report)
        if report.problems:
            is_usage = not report.series and all(problem.is_usage for problem in report.problems)
            raise typer.Exit(USAGE if is_usage else FAILED)


@app.command()
def undo(
    receipt: Annotated[
        str, typer.Argument(metavar="ID", help="As the import named it; the newest by default.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Undo an import: what it added goes, what it replaced comes back.

    Bars that changed since stay, and are counted. Undoing twice
    changes nothing. The last 20 imports that changed something can be undone.

    Example: vigie data undo --dry-run
    """
    with _exit_codes():
        from vigie.services.data import undo_import
        from vigie.wiring.data import open_data

        result = undo_import(open_data(home), receipt, dry_run=dry_run)
        print_json(result) if as_json else print_undone(result)


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
        from vigie.domain.time import parse_time
        from vigie.services.data import fetch_bars
        from vigie.wiring.data import open_data

        data_stores = open_data(home, urls={venue.rpartition("-")[0]: url} if url else None)
        with _progress_bar("fetching") as report_progress:
            result = fetch_bars(
                data_stores,
                venue,
                symbols,
                timeframe=timeframe,
                since_ms=parse_time(since) if since else None,
                until_ms=parse_time(until) if until else None,
                report_progress=report_progress,
            )
        print_json(result) if as_json else print_fetch(result)
        if result.failures:
            is_usage = not result.series and not any(failure.is_worth_retrying for failure in result.failures)
            raise typer.Exit(USAGE if is_usage else FAILED)


@app.command()
def status(
    symbols: Symbols = None,
    venue: Venue = "",
    timeframe: Timeframe = "",
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every bar, rather than what each file says of itself.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show what is stored: span, bars, gaps, age, size; a file that cannot be read is named.

    Example: vigie data status BTC --venue binance-perp
    """
    with _exit_codes():
        from vigie.services.stored_series import series_statuses
        from vigie.wiring.data import open_data

        rows = series_statuses(
            open_data(home), venue=venue, symbols=symbols or (), timeframe=timeframe, is_deep=deep
        )
        for fault in [fault for row in rows for fault in row.unreadable]:
            warn(f"warning: {fault}")
        if as_json:
            print_json(rows)
            return
        if not rows:
            typer.echo("No bars are stored yet: `vigie data import PATH` or `vigie data fetch VENUE SYMBOL`.")
            return
        print_status(rows)


@app.command()
def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Symbols of stored bars, or files to judge; all stored by default."),
    ] = None,
    venue: Venue = "",
    timeframe: Timeframe = "",
    map_: Map = None,
    tz: Zone = "",
    date_format: DateFormat = "",
    decimal: Decimal = "",
    stamp: Stamp = "",
    no_volume: NoVolume = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for any finding.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Look for rows that cannot be bars, gaps, jumps, empty bars, and timeframes that disagree.

    Exit code 1 where a row cannot be a bar. Gaps, jumps over 20 %, zero volume
    and timeframes that disagree are findings, exit code 1 with --strict. A file
    is judged as an import would, and nothing is stored.

    Example: vigie data check BTC --venue binance-perp
    """
    form = file_form(locals())
    with _exit_codes():
        from vigie.domain.errors import UsageError
        from vigie.services.data import check_bars, import_bars
        from vigie.wiring.data import open_data

        data_stores = open_data(home)
        files = [Path(target) for target in targets or () if Path(target).exists()]
        symbols = [target for target in targets or () if not Path(target).exists()]
        if files and symbols:
            raise UsageError(f"check takes files or symbols, not both; {', '.join(symbols)} is no file")
        if files:
            report = import_bars(
                data_stores, files, venue=venue, timeframe=timeframe, form=form, dry_run=True
            )
            print_json(report) if as_json else print_import(report)
            if report.problems or any(series.quarantined for series in report.series):
                raise typer.Exit(FAILED)
        else:
            with _progress_bar("checking") as report_progress:
                result = check_bars(
                    data_stores,
                    venue=venue,
                    symbols=symbols,
                    timeframe=timeframe,
                    report_progress=report_progress,
                )
            print_json(result) if as_json else print_check(result)
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
        from vigie.domain.time import parse_time
        from vigie.services.data import export_bars
        from vigie.wiring.data import open_data

        files = export_bars(
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
            print_json(files)
            return
        for file in files:
            typer.echo(f"{file.path}: {file.bars:,} bars")
        if not files:
            typer.echo("No bars are stored yet.")


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
        from vigie.domain.errors import UsageError
        from vigie.services.data import list_instruments, refresh_instruments
        from vigie.wiring.data import open_data

        data_stores = open_data(home, urls={venue.rpartition("-")[0]: url} if url else None)
        if refresh:
            if not venue:
                raise UsageError("--refresh needs --venue, such as --venue bitget-perp")
            changes = refresh_instruments(data_stores, venue)
            if as_json:
                print_json(changes)
                return
            changed = ", ".join(instrument.name for instrument in changes.changed) or "none"
            typer.echo(f"{venue}: changed: {changed}; unchanged: {len(changes.same)}")
            if changes.absent:
                typer.echo(f"not listed there: {', '.join(changes.absent)}")
            return
        lines = list_instruments(data_stores, venue=venue, symbols=symbols or ())
        if as_json:
            print_json([plain(line.instrument) | {"is_display": line.is_display} for line in lines])
            return
        print_instruments(lines)


@contextmanager
def _exit_codes() -> Iterator[None]:
    from vigie.domain.errors import ConfigError, UsageError, VigieError

    try:
        yield
    except (UsageError, ConfigError) as error:
        _exit_with_error(error, USAGE)
    except VigieError as error:
        _exit_with_error(error, FAILED)


def _exit_with_error(error: Exception, code: int) -> NoReturn:
    warn(f"error: {error}")
    raise typer.Exit(code) from error


@contextmanager
def _progress_bar(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on a terminal when the work lasts over a second; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _label: None
        return
    # Read where it is drawn: every start of the command line would wait for it.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(what, total=None)
    timer = Timer(_BAR_AFTER_S, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done, total, label: bar.update(
            task, completed=done, total=total, description=f"{what} {label}".strip()
        )
    finally:
        timer.cancel()
        bar.stop()
