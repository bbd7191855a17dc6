"""From a run file and options to a request; options win over the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vigie.data.instruments.versions import stated_rules
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.stores import DataStores
from vigie.domain.account import MAX_CAPITAL, MIN_CAPITAL, check_range
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_venue
from vigie.domain.instrument import FEES, StatedRules
from vigie.domain.time import iso, parse_time
from vigie.run_file import RunFile, SlotTable, read_run_file
from vigie.services.runs.asked import IN_FILE, IN_OPTIONS, NATIVE, BacktestRequest, SlotRequest
from vigie.services.runs.backtest import expand, slots_of_files, strategy_names


def build(
    desk: DataStores,
    *,
    config: Path | None = None,
    bars: Sequence[Path] | None = None,
    venue: str | None = None,
    symbols: Sequence[str] = (),
    strategy: str | None = None,
    timeframes: Sequence[str] = (),
    start: str | None = None,
    end: str | None = None,
    last: int | None = None,
    warmup_bars: int | None = None,
    detail: str | None = None,
    funding: Path | None = None,
    mark: Path | None = None,
    tick: str | None = None,
    lot: str | None = None,
    instruments: Path | None = None,
    account: Mapping[str, Any] | None = None,
    costs: Mapping[str, Any] | None = None,
    protections: bool | None = None,
    params: Mapping[str, dict[str, Any]] | None = None,
    require: Sequence[str] = (),
    own_strategies: Path | None = None,
    form: FileForm = SILENT,
    check: bool = True,
    seed: int = 0,
) -> BacktestRequest:
    """Build a request; every argument left out is the run file's, then the default.

    Raises
    ------
    UsageError, ConfigError
        With the option or the key, what it was and what it may be.
    """
    file = read_run_file(config) if config else RunFile()
    said_fees = _said_fees(file, costs or {})
    file = _with_options(file, account or {}, costs or {}, protections)
    table = file.data
    near = config.parent if config else Path()
    files = tuple(bars or [near / name for name in table.bars])
    venue_id = venue or file.venue.id
    if venue_id:
        parse_venue(venue_id)
    chosen = dict(params or {})
    frames = list(timeframes)
    names = strategy_names(strategy, own_strategies) if strategy else []
    symbol = ""
    if files:
        symbol = _symbol_of_file(files, symbols)
        tables = [] if names else [slot for slot in file.slots if slot.enabled]
        slots = slots_of_files(
            desk, files, strategies=names, tables=tables, timeframes=frames, params=chosen, venue=venue_id,
            symbol=symbol, form=form,
        )  # fmt: skip
    else:
        slots = _slots_of_store(file, symbols, frames, names, chosen)
    if require:
        slots = tuple(replace(slot, require=tuple(require)) for slot in slots)
    unknown = set(chosen) - {slot.strategy for slot in slots}
    if unknown:
        raise UsageError(f"--set names a strategy that is not run: {' '.join(sorted(unknown))}")
    # The fill model can be asked what nothing buys; a run of nothing has no return.
    check_range("capital", file.account.capital, MIN_CAPITAL, MAX_CAPITAL)
    settings = file.account_settings()
    start_ms, end_ms = _span(start or table.start, end or table.end)
    request = BacktestRequest(
        slots=slots,
        account=settings,
        venue=venue_id,
        bars=files,
        start_ms=start_ms,
        end_ms=end_ms,
        symbol=symbol,
        last=last if last is not None else table.last,
        warmup_bars=warmup_bars if warmup_bars is not None else table.warmup_bars,
        tick=tick or table.tick,
        lot=lot or table.lot,
        instruments=_path(instruments, table.instruments, near),
        said_fees=said_fees,
        maintenance_rate=file.account.maintenance_rate,
        detail=detail or table.detail,
        funding=_path(funding, table.funding, near),
        mark=_path(mark, table.mark, near),
        own_strategies=own_strategies,
        form=form,
        check=check,
        seed=seed,
    )
    return _with_stated(desk, request)


def _with_stated(desk: DataStores, request: BacktestRequest) -> BacktestRequest:
    """Add what the settings say of the instruments of a run, and only that; what the run says itself wins."""
    if request.bars or not (desk.stated and request.venue):
        return request
    has_grid = any((request.tick, request.lot, request.instruments))
    names = {slot.instrument for slot in request.slots}
    used = [one for name in names for one in stated_rules(desk.stated, request.venue, name)]
    left = [_left_open(one, request.said_fees, has_grid) for one in desk.stated if one in used]
    return replace(request, stated=tuple(one for one in left if one.stated() or one.fees()))


def _left_open(one: StatedRules, said_fees: Mapping[str, str], has_grid: bool) -> StatedRules:
    """Return of what is stated what the run does not say itself: it wins thing by thing."""
    if has_grid:
        one = StatedRules(one.instrument, one.venue, taker=one.taker, maker=one.maker)
    taker, maker = (None if name in said_fees else getattr(one, name) for name in FEES)
    return replace(one, taker=taker, maker=maker)


def _said_fees(file: RunFile, costs: Mapping[str, Any]) -> dict[str, str]:
    """Return which fees a run states itself, and where."""
    written = {name: IN_FILE for name in FEES if getattr(file.costs, name) is not None}
    return written | {name: IN_OPTIONS for name in FEES if costs.get(name) is not None}


def _symbol_of_file(files: Sequence[Path], symbols: Sequence[str]) -> str:
    if not symbols:
        return ""
    if len(files) > 1 or len(symbols) > 1:
        raise UsageError("--symbols may name the instrument of one --bars file; several files name their own")
    return symbols[0]


def _slots_of_store(
    file: RunFile,
    symbols: Sequence[str],
    frames: list[str],
    names: list[str],
    params: Mapping[str, dict[str, Any]],
) -> tuple[SlotRequest, ...]:
    """Return the slots on stored bars: what options leave open is the run file's."""
    tables = [table for table in file.slots if table.enabled]
    if names:
        wanted = list(symbols) or list(dict.fromkeys(name for table in tables for name in table.instruments))
        if not wanted:
            raise UsageError("--strategy needs --symbols, such as BTC,ETH, or --bars FILE")
        return expand(wanted, frames or [NATIVE], names, dict(params))
    if symbols and not tables:
        raise UsageError("--symbols needs --strategy, a name or all")
    return _slots_of(tables, symbols, frames, params)


def _time(text: str | None) -> int | None:
    return parse_time(text) if text else None


def _span(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    start_ms, end_ms = _time(start), _time(end)
    if start_ms is not None and end_ms is not None and start_ms >= end_ms:
        raise UsageError(f"--from must be before --to, were {iso(start_ms)} and {iso(end_ms)}")
    return start_ms, end_ms


def _path(option: Path | None, entry: str | None, near: Path) -> Path | None:
    if option is not None:
        return option
    return near / entry if entry else None


def _slots_of(
    tables: Sequence[SlotTable],
    symbols: Sequence[str],
    frames: list[str],
    params: Mapping[str, dict[str, Any]],
) -> tuple[SlotRequest, ...]:
    return tuple(
        SlotRequest(
            instrument,
            timeframe,
            table.strategy,
            {**table.params, **params.get(table.strategy, {})},
            tuple(table.require),
        )
        for table in tables
        for instrument in symbols or table.instruments
        for timeframe in frames or [table.timeframe]
    )


def _with_options(
    file: RunFile, account: Mapping[str, Any], costs: Mapping[str, Any], protections: bool | None
) -> RunFile:
    changes: dict[str, Any] = {}
    for name, given in (("account", {**account, "protections": protections}), ("costs", costs)):
        known = {key: value for key, value in given.items() if value is not None}
        if known:
            table = getattr(file, name)
            changes[name] = replace(table, **known)
    return replace(file, **changes)
