"""From a run file, the same that a backtest reads, to the plan of a trading account."""

from __future__ import annotations

from dataclasses import replace

from vigie.data.feature_columns import other_series, recorded_features
from vigie.data.feature_names import find_feature_names
from vigie.data.features import feature_series as series_of_feature
from vigie.data.features import is_plan_feature
from vigie.data.instruments.table import resolve_instrument
from vigie.data.live_history import bars_until
from vigie.data.other_closes import is_close
from vigie.data.stores import DataStores
from vigie.domain.account import Sizing
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.instrument import Instrument, StatedRules
from vigie.domain.order import TradeMode
from vigie.domain.refusal import all_of
from vigie.engine.judgement import refuse_short_warmup
from vigie.engine.run import PlannedSlot, cap_leverage
from vigie.ports.facts import FactStore
from vigie.ports.store import BarStore
from vigie.research.fingerprints import strategy_source
from vigie.services.learning.account_models import refuse_early_models, refuse_other_markets
from vigie.services.random_tokens import random_token
from vigie.services.runs.backtest import plan_slots
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest, SlotRequest
from vigie.services.trading.account_plans.account_plan import KEPT_BARS, AccountPlan, PlanSlot, load_plan
from vigie.services.trading.account_plans.detail_timeframe import choose_detail
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.written_text import is_written
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy
from vigie.trading.plan_slots import trades_plans


def make_plan(
    stores: TradingStores,
    request: BacktestRequest,
    *,
    account: str,
    mode: TradeMode,
    past: tuple[int, int] | None = None,
    leads_on: bool = False,
) -> AccountPlan:
    """Return what a request means for an account that begins to trade now.

    Parameters
    ----------
    past : (int, int), optional
        The account is replayed: when it begins and ends, the market's time. It meets stops on the bars of its slots.
    leads_on : bool
        Whether it holds something that its run leads to its end: also a model that was taken back then decides exits,
        and the gateway enters nothing by it.

    Raises
    ------
    UsageError
        With cause and cure, for everything that cannot be traded.
    """
    check_request(request)
    request, plan_key = _with_plan_slots(stores, request, account, mode)
    if not is_written(account):
        raise UsageError("name_must_visible_characters", "a name must have visible characters only")
    if mode != "paper":
        request = _with_venue_rules(request)
    now, until = (stores.clock.market_now(), 0) if past is None else past
    # A whole history of finer bars is not read for a run that goes on from now.
    planned = plan_slots(stores.data, replace(request, detail=None), allows_plans=True)
    if not leads_on:
        refuse_early_models(stores.learned_models, [slot.strategy for slot in planned], mode)
    for strategy, instrument in {
        (slot.strategy.name, slot.bars.instrument): (slot.strategy, slot.bars.instrument) for slot in planned
    }.values():
        _check_features(stores.facts, strategy, instrument)
    refuse_other_markets(
        stores.learned_models,
        [(slot.strategy, slot.bars.instrument, slot.bars.timeframe) for slot in planned],
    )
    for slot in planned:
        _check_others(stores.data.bars, slot, now)
        _check_warmup(slot)
    slots = tuple(
        _pin_slot(stores.data, planned_slot, request_slot.params, now)
        for planned_slot, request_slot in zip(planned, request.slots, strict=True)
    )
    series = [
        SeriesId(planned_slot.bars.venue, planned_slot.slot.instrument, planned_slot.slot.timeframe)
        for planned_slot in planned
    ]
    # A venue meets levels by itself.
    has_detail = mode == "paper" and past is None
    detail = choose_detail(stores.data.bars, series, request.detail) if has_detail else ""
    return AccountPlan(
        account, request.venue, mode, now, slots, request.account.protections, detail, until, plan_key
    )


def series_of(request: BacktestRequest) -> list[SeriesId]:
    """Return what a request trades on, each series once."""
    return list(dict.fromkeys(_series_of_slot(request, slot) for slot in request.slots))


def _series_of_slot(request: BacktestRequest, slot: SlotRequest) -> SeriesId:
    timeframe = slot.timeframe
    if timeframe == NATIVE:
        timeframe = catalogue.load(slot.strategy, request.own_strategies).timeframe
    return SeriesId(request.venue, str(resolve_instrument(request.venue, slot.instrument)), timeframe)


def other_series_of(request: BacktestRequest) -> list[SeriesId]:
    """Return whose closes the strategies of a request read beside what they trade on, each once."""
    files = catalogue.available(request.own_strategies)
    strategies = dict.fromkeys(slot.strategy for slot in request.slots)
    read = {name: find_feature_names(files[name]) for name in strategies if name in files}
    names: dict[SeriesId, list[str]] = {}
    for slot in request.slots:
        names.setdefault(_series_of_slot(request, slot), []).extend(read.get(slot.strategy, ()))
    return other_series(names)


def check_request(request: BacktestRequest) -> None:
    """Refuse a request that cannot be traded.

    Raises
    ------
    UsageError
        With cause and cure.
    """
    if request.bars:
        raise UsageError(
            "trading_needs_stored_bars_kept",
            "trading needs stored bars that are kept up to date; remove bars from [data] and set a [venue] id",
        )
    if not request.slots:
        raise UsageError(
            "trading_needs_least_one_slot", "trading needs at least one slot; add [[slots]] to the run file"
        )
    if request.account.mode != "portfolio":
        raise UsageError(
            "trading_needs_one_account_all",
            'trading needs one account for all slots; set mode = "portfolio" in [account]',
        )
    if request.account.sizing.target_execution == "limit":
        raise UsageError(
            "targets_market_triggers_when_trading",
            'targets are market triggers when trading; set target_execution = "trigger"',
        )
    if request.funding or request.mark:
        raise UsageError(
            "trading_funding_comes_stored_data",
            "in trading, funding comes from stored data; remove funding and mark from [data]",
        )
    if request.end_ms is not None or request.last is not None:
        raise UsageError("trading_starts_now", "trading starts now; remove to and last from [data]")


def _with_plan_slots(
    stores: TradingStores, request: BacktestRequest, account: str, mode: TradeMode
) -> tuple[BacktestRequest, str]:
    """Give slots that trade plans the account's distances; return the key of its plans too, empty without such slots.

    Raises
    ------
    UsageError
        Where real money would be traded, or an instrument has two such slots.
    """
    names = {slot.strategy for slot in request.slots}
    strategies = {name: catalogue.load(name, request.own_strategies) for name in names}
    of_plans = [slot for slot in request.slots if trades_plans(strategies[slot.strategy])]
    if not of_plans:
        return request, ""
    if mode == "live":
        raise UsageError(
            "no_plans_with_real_money", "plans are not traded with real money; remove the slots of plan"
        )
    instruments = [str(resolve_instrument(request.venue, slot.instrument)) for slot in of_plans]
    if len(set(instruments)) < len(instruments):
        raise UsageError(
            "one_plan_slot_each", "an instrument has one slot of plan at most; remove those beyond the first"
        )
    sizing = request.account.sizing
    distances = {"stop_atr": sizing.stop_atr, "target_atr": sizing.target_atr}
    slots = tuple(
        replace(slot, params={**distances, **slot.params}) if slot in of_plans else slot
        for slot in request.slots
    )
    return replace(request, slots=slots), _plan_key(stores, account)


def _plan_key(stores: TradingStores, account: str) -> str:
    """Return the key of an account's plans: the one it has, else a new one that nobody else can guess."""
    run = stores.trades.run(account)
    known = "" if run is None else load_plan(stores.results, run.id).plan_key
    return known or random_token()


def _with_venue_rules(request: BacktestRequest) -> BacktestRequest:
    """Return a request that keeps to the venue's own rules: of what settings state, fees are left.

    Raises
    ------
    UsageError
        If the run file itself states others.
    """
    own = {"tick": request.tick, "lot": request.lot, "instruments": request.instruments}
    stated_names = [name for name, value in own.items() if value is not None]
    if stated_names:
        raise UsageError(
            "venue_own_rules_apply",
            "a venue's own rules apply; remove {stated_names} from [data]",
            stated_names=all_of(stated_names),
        )
    fees = (
        StatedRules(rules.instrument, rules.venue, taker=rules.taker, maker=rules.maker)
        for rules in request.stated
    )
    return replace(request, stated=tuple(rules for rules in fees if rules.fees()))


def _check_features(facts: FactStore, strategy: Strategy, instrument: str) -> None:
    """Refuse a strategy that reads what an account that trades does not get: it would decide on nothing, silently."""
    for name in recorded_features(find_feature_names(strategy.path), instrument):
        if trades_plans(strategy) and is_plan_feature(name):
            continue  # That nothing is planned yet is as it should be.
        if is_close(name):
            continue  # Whose bars they are is known with the timeframe.
        series = series_of_feature(name)
        if not series:
            raise UsageError(
                "strategy_reads",
                "strategy {name} reads {name_2}, which is not available when a bar closes; it can "
                "be backtested, and traded only with features of news, sentiment, macro, derivatives and on-chain, "
                "such as news.sentiment.btc",
                name=strategy.name,
                name_2=name,
            )
        if not facts.latest([series]):
            raise UsageError(
                "strategy_reads_but",
                "strategy {name} reads {name_2}, but this home folder has no values of it; let "
                "vigie serve or vigie collect run until there are values",
                name=strategy.name,
                name_2=name,
            )


def _check_others(store: BarStore, slot: PlannedSlot, now: int) -> None:
    """Refuse a strategy that compares with instruments of which nothing is stored: it would never decide."""
    names, span = find_feature_names(slot.strategy.path), slot.bars.span_ms
    others = other_series({SeriesId(slot.bars.venue, slot.bars.instrument, slot.bars.timeframe): names})
    present = now // span * span
    missing = [
        other for other in others if not len(bars_until(store, other, present - KEPT_BARS * span, present))
    ]
    if missing:
        raise UsageError(
            "strategy_reads_other_bars",
            "strategy {name} compares {instrument} with {missing}, of which this home folder has no {timeframe} bars; "
            "fetch them with `vigie data fetch`, or name others in the column, such as feature.cross.beta_168.eth+sol",
            name=slot.strategy.name,
            instrument=slot.bars.instrument,
            missing=", ".join(other.instrument for other in missing),
            timeframe=slot.bars.timeframe,
        )


def _check_warmup(slot: PlannedSlot) -> None:
    """Refuse a strategy of one's own whose declared warm-up is too short, or so long that it would never decide."""
    if catalogue.is_shipped(slot.strategy):
        return
    declared = catalogue.declared_warmup(slot.strategy, slot.params)
    if declared >= KEPT_BARS:
        raise UsageError(
            "strategy_declares_warm_up_bars",
            "strategy {name} declares a warm-up of {declared} bars, but trading keeps only "
            "the newest {kept_bars}: it would never decide; declare fewer",
            name=slot.strategy.name,
            declared=declared,
            kept_bars=KEPT_BARS,
        )
    refuse_short_warmup(slot.strategy, slot.params, slot.bars)


def account_sizing(sizing: Sizing, versions: tuple[Instrument, ...], now: int) -> Sizing:
    """Return how an account sizes: with the leverage that the venue allows, on a spot market with none.

    A spot market lends no money, whatever its rules say. A backtest of bars from a file follows the fill model alone.
    """
    allowed = cap_leverage(sizing, versions, now)
    if not any(version.is_spot for version in versions):
        return allowed
    return replace(allowed, leverage=min(allowed.leverage, 1.0))


def _pin_slot(data: DataStores, planned_slot: PlannedSlot, params: dict[str, object], now: int) -> PlanSlot:
    span = planned_slot.bars.span_ms
    present = now // span * span
    start = max(int(planned_slot.bars.ts[0]), present - KEPT_BARS * span)
    series = SeriesId(planned_slot.bars.venue, planned_slot.slot.instrument, planned_slot.slot.timeframe)
    history = bars_until(data.bars, series, start, present)
    if not len(history):
        raise UsageError(
            "no_bars_last",
            "no bars of {series} in the last {kept_bars}; fetch them with `vigie data fetch`",
            series=series,
            kept_bars=KEPT_BARS,
        )
    return PlanSlot(
        slot=planned_slot.slot,
        params=dict(params),
        require=planned_slot.strategy.require,
        source=strategy_source(planned_slot.strategy),
        versions=planned_slot.versions,
        sizing=account_sizing(planned_slot.account.sizing, planned_slot.versions, now),
        costs=planned_slot.costs,
        history_start=start,
        first_bar=len(history),
    )
