"""What is ordered of a backtest or a sweep from a page or a program: the names and bounds of the run file.

Files of the machine cannot be named here; runs of pages are on stored bars only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal

from pydantic import Field, FiniteFloat

from vigie.data.bar_reader import BarReader
from vigie.data.catalog import BarCatalog
from vigie.data.instruments.table import resolve_instrument
from vigie.data.instruments.versions import apply_stated
from vigie.data.stores import DataStores
from vigie.domain.account import (
    DEFAULT_MAKER,
    DEFAULT_TAKER,
    MAX_CAPITAL,
    MAX_FEE,
    MAX_LEVERAGE,
    MAX_REBATE,
    MAX_RISK_FRACTION,
    MIN_CAPITAL,
    Costs,
    Sizing,
)
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.ids import parse_venue
from vigie.domain.time import timeframe_ms
from vigie.ports.facts import FactStore
from vigie.ports.home import ResultsHome
from vigie.services import bar_reading
from vigie.services.languages import Language
from vigie.services.operation import OperationInput
from vigie.services.runs import request_builder
from vigie.services.runs.backtest import parse_strategy_names
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest, SlotRequest
from vigie.services.written_text import LINE
from vigie.trading import catalogue

MAX_SLOTS = 400
MAX_BARS = 1_000_000
_SIZING: Final = Sizing()


@dataclass(frozen=True, slots=True)
class OrderSources:
    """What the order of a run is checked against."""

    data: DataStores
    catalog: BarCatalog
    bar_reader: BarReader
    facts: FactStore
    results: ResultsHome


class RunOrder(OperationInput):
    """Bars, strategies, account and costs."""

    strategies: str = Field(
        default="ema_cross", max_length=2_000, description="Names, comma-separated, or `all`."
    )
    assets: str = Field(
        default="bitcoin",
        max_length=2_000,
        description="Catalogue ids, tickers or instruments, comma-separated.",
    )
    slots: list[str] = Field(
        default_factory=list,
        max_length=MAX_SLOTS,
        description="`venue:instrument/timeframe/strategy` of one venue, in place of strategies, assets, timeframe.",
    )
    venue: str = Field(
        default="",
        max_length=40,
        description="Where the stored bars come from; empty: where most of them are.",
    )
    timeframe: str = Field(
        default="native", max_length=20, description="`native` for each strategy's own, or 1h,4h."
    )
    start: str = Field(
        default="", max_length=40, description="Opening time of the first bar, ISO UTC; empty: the first."
    )
    end: str = Field(
        default="", max_length=40, description="End, exclusive, ISO UTC; empty: the last closed bar."
    )
    last: int | None = Field(default=None, ge=1, le=MAX_BARS, description="Number of the newest bars.")
    warmup_bars: int = Field(default=0, ge=0, le=100_000, description="Earlier bars for the indicators only.")
    detail: str = Field(
        default="", max_length=4, description="Timeframe of finer stored bars that decide inside a bar."
    )
    mode: Literal["isolated", "portfolio"] = Field(
        default="isolated", description="An account a slot, or one for all."
    )
    protections: bool | None = Field(default=None, description="Protections in isolated mode too.")
    capital: float = Field(
        default=_SIZING.capital,
        ge=MIN_CAPITAL,
        le=MAX_CAPITAL,
        description="Quote currency; isolated: of each slot.",
    )
    risk_fraction: float = Field(
        default=_SIZING.risk_fraction, gt=0, le=MAX_RISK_FRACTION, description="Planned risk a trade."
    )
    leverage: float = Field(default=_SIZING.leverage, gt=0, le=MAX_LEVERAGE)
    stop_atr: float = Field(default=_SIZING.stop_atr, gt=0, le=100, description="Stop, in ATR(14).")
    target_atr: float = Field(default=_SIZING.target_atr, gt=0, le=1_000, description="Target, in ATR(14).")
    max_bars: int = Field(
        default=_SIZING.max_bars, ge=0, le=1_000_000, description="Time stop in bars, 0 for none."
    )
    target_execution: Literal["trigger", "limit"] = _SIZING.target_execution
    taker: float | None = Field(
        default=None,
        ge=0,
        le=MAX_FEE,
        description="Taker fee, a fraction of notional; empty: as the settings state, "
        f"else {DEFAULT_TAKER:g}.",
    )
    maker: float | None = Field(
        default=None,
        ge=-MAX_REBATE,
        le=MAX_FEE,
        description="Maker fee, a fraction of notional; empty: as the settings state, "
        f"else {DEFAULT_MAKER:g}.",
    )
    slippage_bps: float = Field(
        default=Costs().slippage_bps, ge=0, le=1_000, description="Basis points against us on market orders."
    )
    funding: bool = Field(
        default=True,
        description="Charge the settlements of the venue that are stored; before the first none.",
    )
    tick: str | None = Field(default=None, max_length=24, description="Price step, in place of the venue's.")
    lot: str | None = Field(
        default=None, max_length=24, description="Quantity step, in place of the venue's."
    )
    params: dict[str, FiniteFloat] = Field(
        default_factory=dict, max_length=60, description="`strategy.parameter` to value."
    )
    title: str = Field(default="", max_length=80, pattern=LINE, description="Empty: made of what is run.")
    language: Language = Field(default="en", description="Of the report's file.")
    check: bool = Field(
        default=True, description="Prove that nothing looks ahead; without it there is no verdict."
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="Of checks and statistics.")


_ACCOUNT_FIELDS = "mode capital risk_fraction leverage stop_atr target_atr max_bars target_execution".split()
_COST_FIELDS = "taker maker slippage_bps".split()


def order_to_request(sources: OrderSources, order: RunOrder) -> BacktestRequest:
    """Turn an order into a request.

    Raises
    ------
    UsageError
        With what was given and what may be, for everything that can be known before bars are read.
    """
    if order.slots:
        return _slots_to_request(sources, order)
    names = _check_strategy_names(sources.results, order.strategies)
    venue = order.venue or _choose_venue(
        sources.catalog, sources.data, sources.bar_reader, split_commas(order.assets)
    )
    parse_venue(venue)
    return _build_request(
        sources.data,
        sources.results,
        order,
        venue,
        stored_instruments(
            sources.catalog, sources.data, sources.bar_reader, venue, split_commas(order.assets)
        ),
        names,
    )


def _slots_to_request(sources: OrderSources, order: RunOrder) -> BacktestRequest:
    """Return the request of an order that names its slots one by one."""
    parsed = [_split_slot(text) for text in dict.fromkeys(order.slots)]
    venue_ids = {slot[0] for slot in parsed}
    if len(venue_ids) > 1:
        raise UsageError(
            "all_slots_run",
            "all slots of a run must be on one venue, were on {venue_ids}",
            venue_ids=" ".join(sorted(venue_ids)),
        )
    venue = parse_venue(venue_ids.pop())
    names = _check_strategy_names(sources.results, ",".join(dict.fromkeys(slot[3] for slot in parsed)))
    symbols = stored_instruments(
        sources.catalog,
        sources.data,
        sources.bar_reader,
        venue,
        list(dict.fromkeys(slot[1] for slot in parsed)),
    )
    request = _build_request(sources.data, sources.results, order, venue, symbols, names)
    params = {slot.strategy: slot.params for slot in request.slots}
    slots = tuple(SlotRequest(name, frame, strategy, params[strategy]) for _, name, frame, strategy in parsed)
    return dataclasses.replace(request, slots=slots)


def _split_slot(text: str) -> tuple[str, str, str, str]:
    """Return venue, instrument, timeframe and strategy of a slot."""
    venue, _, rest = text.partition(":")
    parts = rest.split("/")
    if len(parts) != 3 or not all(parts):
        raise UsageError(
            "slot_must_look_like_binance",
            "slot must look like binance-perp:btc-usdt-perp/4h/ema_cross, was {text!r}",
            text=text,
        )
    return venue, parts[0], parts[1], parts[2]


def _build_request(
    data: DataStores,
    results: ResultsHome,
    order: RunOrder,
    venue: str,
    symbols: Sequence[str],
    names: Sequence[str],
) -> BacktestRequest:
    return request_builder.build_request(
        data,
        venue=venue,
        symbols=symbols,
        strategy=",".join(names),
        timeframes=split_commas(order.timeframe) if order.timeframe != "native" else (),
        start=order.start or None,
        end=order.end or None,
        last=order.last,
        warmup_bars=order.warmup_bars,
        detail=order.detail or None,
        tick=order.tick or None,
        lot=order.lot or None,
        account={name: getattr(order, name) for name in _ACCOUNT_FIELDS},
        costs={name: getattr(order, name) for name in _COST_FIELDS},
        protections=order.protections,
        params=_group_params(order.params),
        own_strategies=results.strategies,
        check=order.check,
        seed=order.seed,
    )


def check_order(sources: OrderSources, order: RunOrder) -> BacktestRequest:
    """Refuse an order that cannot be run, as far as that is known without reading bars."""
    request = order_to_request(sources, order)
    if len(request.slots) > MAX_SLOTS:
        raise UsageError(
            "run_most_slots",
            "a run has at most {max_slots} slots, was {slots_count}; choose fewer",
            max_slots=MAX_SLOTS,
            slots_count=len(request.slots),
        )
    for slot in request.slots:
        if slot.timeframe != NATIVE:
            timeframe_ms(slot.timeframe)
        if slot.params:
            catalogue.load(slot.strategy, sources.results.strategies).with_params(slot.params)
    return request


def run_title(order: RunOrder, request: BacktestRequest) -> str:
    """Return what a run is called: as ordered, else by what it runs."""
    if order.title.strip():
        return order.title.strip()
    strategies = list(dict.fromkeys(slot.strategy for slot in request.slots))
    coins = list(dict.fromkeys(slot.instrument.partition("-")[0].upper() for slot in request.slots))
    frames = "" if order.timeframe == "native" else f" {order.timeframe}"
    return f"{_shorten_names(strategies)} \u00b7 {_shorten_names(coins)}{frames}"


def _shorten_names(names: Sequence[str]) -> str:
    return " ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")


def split_commas(text: str) -> list[str]:
    """Return the words of a comma-separated text."""
    return [word.strip() for word in text.split(",") if word.strip()]


def list_tradable_instruments(data: DataStores) -> dict[str, list[str]]:
    """Return the stored instruments that can be traded by venue, the venue with most of them first."""
    stored: dict[str, set[str]] = {}
    for series in data.bars.series():
        stored.setdefault(series.venue, set()).add(series.instrument)
    tradable = {
        venue: sorted(n for n in names if _has_rules(data, venue, n)) for venue, names in stored.items()
    }
    nonempty = {venue: names for venue, names in tradable.items() if names}
    return dict(sorted(nonempty.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _has_rules(data: DataStores, venue: str, name: str) -> bool:
    rules = bar_reading.find_instrument(data, venue, name)
    return bool(apply_stated(rules, data.stated, venue, name))


def _choose_venue(catalog: BarCatalog, data: DataStores, bar_reader: BarReader, assets: Sequence[str]) -> str:
    """Return the venue that holds most of what is asked for."""
    candidates = list_tradable_instruments(data)
    if not candidates:
        raise UsageError(
            "no_tradable_bars_stored_yet", "no tradable bars are stored yet; import or fetch some first"
        )
    counts = {venue: len(_stored_assets(catalog, data, bar_reader, venue, assets)) for venue in candidates}
    return max(candidates, key=lambda venue: counts[venue])


def _stored_assets(
    catalog: BarCatalog, data: DataStores, bar_reader: BarReader, venue: str, assets: Sequence[str]
) -> list[str]:
    stored = {series.instrument for series in data.bars.series(venue)}
    return [asset for asset in assets if _find_instrument(catalog, bar_reader, venue, asset) in stored]


def stored_instruments(
    catalog: BarCatalog, data: DataStores, bar_reader: BarReader, venue: str, assets: Sequence[str]
) -> list[str]:
    """Return the stored instruments of some assets on a venue.

    Raises
    ------
    UsageError
        If one is not stored there; the message names what is near.
    """
    if not assets:
        raise UsageError("assets_must_name_least", "assets must name at least one asset, was empty")
    stored = sorted({series.instrument for series in data.bars.series(venue)})
    instrument_names = [_find_instrument(catalog, bar_reader, venue, asset) for asset in assets]
    for asset, name in zip(assets, instrument_names, strict=True):
        if name not in stored:
            # By the coin alone: the endings are alike everywhere.
            coins = {stored_name.partition("-")[0]: stored_name for stored_name in stored}
            matches = get_close_matches(name.partition("-")[0], coins, n=1)
            hint = (
                f"did you mean {coins[matches[0]]}?"
                if matches
                else f"there are {' '.join(stored[:20]) or 'none'}"
            )
            raise UsageError(
                "no_bars_of_asset",
                "no bars of {asset!r} are stored on {venue}; {hint}",
                asset=asset,
                venue=venue,
                hint=hint,
            )
    return list(dict.fromkeys(instrument_names))


def _find_instrument(catalog: BarCatalog, bar_reader: BarReader, venue: str, asset: str) -> str:
    """Return the instrument that an asset's id, a ticker or an instrument's name means on a venue."""
    asset_name = asset.lower()
    listings = bar_reader.instruments().get(asset_name, [])
    for listed_venue, name in listings:
        if listed_venue == venue:
            return name
    try:
        symbol = asset if "-" in asset and not listings else catalog.find(asset).symbol
    except NotFound:
        symbol = asset
    return str(resolve_instrument(venue, symbol))


def _check_strategy_names(results: ResultsHome, text: str) -> list[str]:
    available = catalogue.available(results.strategies)
    names = parse_strategy_names(text, results.strategies)
    for name in names:
        if name not in available:
            raise UsageError(
                "strategy_must",
                "strategy must be one of {available}, was {name!r}",
                available=" ".join(available),
                name=name,
            )
    return list(dict.fromkeys(names))


def _group_params(values: dict[str, float]) -> dict[str, dict[str, Any]]:
    by_strategy: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        strategy, separator, name = key.partition(".")
        if not separator:
            raise UsageError(
                "params_must_named_strategy_parameter",
                "params must be named strategy.parameter, was {key!r}",
                key=key,
            )
        # Pages send every number as a decimal; a parameter that counts is whole.
        by_strategy.setdefault(strategy, {})[name] = int(value) if value == int(value) else value
    return by_strategy
