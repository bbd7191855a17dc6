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
from vigie.run_file import RunFile, SlotTable, parse_run_file, read_run_file
from vigie.services.runs.backtest import expand_slots, parse_strategy_names, slots_from_files
from vigie.services.runs.backtest_request import IN_FILE, IN_OPTIONS, NATIVE, BacktestRequest, SlotRequest


def build_request(
    data_stores: DataStores,
    *,
    config: Path | None = None,
    text: str | None = None,
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

    Parameters
    ----------
    text : str, optional
        What the run file is to say, in place of what `config` holds now.

    Raises
    ------
    UsageError, ConfigError
        With the option or the key, what it was and what it may be.
    """
    file = _read_file(config, text)
    fee_sources = _fee_sources(file, costs or {})
    file = _apply_options(file, account or {}, costs or {}, protections)
    table = file.data
    folder = config.parent if config else Path()
    files = tuple(bars or [folder / name for name in table.bars])
    venue_id = venue or file.venue.id
    if venue_id:
        parse_venue(venue_id)
    strategy_params = dict(params or {})
    frames = list(timeframes)
    names = parse_strategy_names(strategy, own_strategies) if strategy else []
    symbol = ""
    if files:
        symbol = _file_symbol(files, symbols)
        tables = [] if names else [slot for slot in file.slots if slot.enabled]
        slots = slots_from_files(
            data_stores, files, strategies=names, tables=tables, timeframes=frames, params=strategy_params,
            venue=venue_id,
            symbol=symbol, form=form,
        )  # fmt: skip
    else:
        slots = _slots_from_store(file, symbols, frames, names, strategy_params)
    if require:
        slots = tuple(replace(slot, require=tuple(require)) for slot in slots)
    unknown = set(strategy_params) - {slot.strategy for slot in slots}
    if unknown:
        raise UsageError(
            "set_names_strategy_not_run",
            "--set names a strategy that is not run: {unknown}",
            unknown=" ".join(sorted(unknown)),
        )
    # The fill model can be asked what nothing buys; a run of nothing has no return.
    check_range("capital", file.account.capital, MIN_CAPITAL, MAX_CAPITAL)
    settings = file.account_settings()
    start_ms, end_ms = _parse_span(start or table.start, end or table.end)
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
        instruments=_resolve_path(instruments, table.instruments, folder),
        said_fees=fee_sources,
        maintenance_rate=file.account.maintenance_rate,
        detail=detail or table.detail,
        funding=_resolve_path(funding, table.funding, folder),
        mark=_resolve_path(mark, table.mark, folder),
        own_strategies=own_strategies,
        form=form,
        check=check,
        seed=seed,
    )
    return _add_stated_rules(data_stores, request)


def _read_file(config: Path | None, text: str | None) -> RunFile:
    if config is None:
        return RunFile()
    return read_run_file(config) if text is None else parse_run_file(text, config)


def _add_stated_rules(data_stores: DataStores, request: BacktestRequest) -> BacktestRequest:
    """Add what the settings say of the instruments of a run, and only that; what the run says itself wins."""
    if request.bars or not (data_stores.stated and request.venue):
        return request
    has_grid = any((request.tick, request.lot, request.instruments))
    names = {slot.instrument for slot in request.slots}
    used = [rules for name in names for rules in stated_rules(data_stores.stated, request.venue, name)]
    applicable = [
        _drop_overridden(rules, request.said_fees, has_grid) for rules in data_stores.stated if rules in used
    ]
    return replace(request, stated=tuple(rules for rules in applicable if rules.stated() or rules.fees()))


def _drop_overridden(rules: StatedRules, fee_sources: Mapping[str, str], has_grid: bool) -> StatedRules:
    """Return of what is stated what the run does not say itself: it wins thing by thing."""
    if has_grid:
        rules = StatedRules(rules.instrument, rules.venue, taker=rules.taker, maker=rules.maker)
    taker, maker = (None if name in fee_sources else getattr(rules, name) for name in FEES)
    return replace(rules, taker=taker, maker=maker)


def _fee_sources(file: RunFile, costs: Mapping[str, Any]) -> dict[str, str]:
    """Return which fees a run states itself, and where."""
    from_file = {name: IN_FILE for name in FEES if getattr(file.costs, name) is not None}
    return from_file | {name: IN_OPTIONS for name in FEES if costs.get(name) is not None}


def _file_symbol(files: Sequence[Path], symbols: Sequence[str]) -> str:
    if not symbols:
        return ""
    if len(files) > 1 or len(symbols) > 1:
        raise UsageError(
            "symbols_name_instrument_one_bars",
            "--symbols may name the instrument of one --bars file; several files name their own",
        )
    return symbols[0]


def _slots_from_store(
    file: RunFile,
    symbols: Sequence[str],
    frames: list[str],
    names: list[str],
    params: Mapping[str, dict[str, Any]],
) -> tuple[SlotRequest, ...]:
    """Return the slots on stored bars: what options leave open is the run file's."""
    tables = [table for table in file.slots if table.enabled]
    if names:
        instruments = list(symbols) or list(
            dict.fromkeys(name for table in tables for name in table.instruments)
        )
        if not instruments:
            raise UsageError(
                "strategy_needs_symbols", "--strategy needs --symbols, such as BTC,ETH, or --bars FILE"
            )
        return expand_slots(instruments, frames or [NATIVE], names, dict(params))
    if symbols and not tables:
        raise UsageError("symbols_needs_strategy", "--symbols needs --strategy, a name or all")
    return _slots_from_tables(tables, symbols, frames, params)


def _optional_time(text: str | None) -> int | None:
    return parse_time(text) if text else None


def _parse_span(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    start_ms, end_ms = _optional_time(start), _optional_time(end)
    if start_ms is not None and end_ms is not None and start_ms >= end_ms:
        raise UsageError(
            "must_before",
            "the start must be before the end, were {start_ms} and {end_ms}",
            start_ms=iso(start_ms),
            end_ms=iso(end_ms),
        )
    return start_ms, end_ms


def _resolve_path(option: Path | None, entry: str | None, folder: Path) -> Path | None:
    if option is not None:
        return option
    return folder / entry if entry else None


def _slots_from_tables(
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


def _apply_options(
    file: RunFile, account: Mapping[str, Any], costs: Mapping[str, Any], protections: bool | None
) -> RunFile:
    changes: dict[str, Any] = {}
    for name, options in (("account", {**account, "protections": protections}), ("costs", costs)):
        set_options = {key: value for key, value in options.items() if value is not None}
        if set_options:
            table = getattr(file, name)
            changes[name] = replace(table, **set_options)
    return replace(file, **changes)
