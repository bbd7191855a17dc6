"""One closed trade in full: the bars around it, the criteria that held, and what else could have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.data.feature_names import find_feature_names
from vigie.data.features import add_features
from vigie.data.live_history import bars_until
from vigie.data.request_memo import NO_MEMO, RequestMemo
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.errors import VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.signal import Criterion
from vigie.engine.judgement import judge
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.plans import PlanStore
from vigie.ports.setups import SetupStore
from vigie.services.trading.account_plans.account_plan import AccountPlan, PlanSlot
from vigie.services.trading.journal.counterfactuals import TradeCounterfactual, compute_counterfactuals
from vigie.services.trading.log.account_view import AccountLogs, AccountView
from vigie.trading import catalogue

# Bars around a trade in its chart, and how far other conduct is followed.
BEFORE: Final = 40
AFTER: Final = 15
FOLLOWED: Final = 2_000


@dataclass(frozen=True, slots=True)
class JournalSources:
    """What the journal of trades reads."""

    logs: AccountLogs
    accounts: UserStore
    data: DataStores
    facts: FactStore
    clock: Clock
    setups: SetupStore
    plans: PlanStore
    memo: RequestMemo = NO_MEMO


@dataclass(frozen=True, slots=True)
class CriterionValue:
    """A criterion as it was at the close of the deciding bar; NaN is None."""

    name: str
    value: float | None
    threshold: float | None
    holds: bool
    required: bool


def bars_around(data: DataStores, view: AccountView, trade: Any) -> Bars:
    """Return the bars of a trade's slot from some before its decision to some after its end."""
    series, span = _series(view, trade)
    begin, end = int(trade["decision_ts"]) - BEFORE * span, int(trade["exit_ts"]) + AFTER * span
    return bars_until(data.bars, series, begin, end)


def find_counterfactuals(sources: JournalSources, view: AccountView, trade: Any) -> list[TradeCounterfactual]:
    """Return what other conduct would have made of a trade; nothing where its bars are not stored."""
    if view.account is None:
        return []
    series, span = _series(view, trade)
    begin = int(trade["decision_ts"])
    end = min(sources.clock.market_now(), int(trade["exit_ts"]) + FOLLOWED * span)
    return compute_counterfactuals(view.account, trade, bars_until(sources.data.bars, series, begin, end))


def criteria_of(sources: JournalSources, view: AccountView, trade: Any) -> list[CriterionValue]:
    """Return the criteria of a trade's side at its decision; nothing where strategy or bars are gone."""
    series, span = _series(view, trade)
    plan_slot = view.plan.slots[int(trade["slot"])]
    bars = bars_until(sources.data.bars, series, plan_slot.history_start, int(trade["decision_ts"]) + span)
    if not len(bars) or int(bars.ts[-1]) != int(trade["decision_ts"]):
        return []
    try:
        criteria = judge(*_judge_arguments(sources, view.plan, plan_slot, bars))
    except VigieError:  # the strategy's file was changed or is gone: what it said then is not known any more
        return []
    return [
        _criterion_value(criterion)
        for criterion in (criteria.long if int(trade["side"]) > 0 else criteria.short)
    ]


def _judge_arguments(
    sources: JournalSources, plan: AccountPlan, plan_slot: PlanSlot, bars: Bars
) -> tuple[Any, Bars, Any]:
    strategy = catalogue.load(plan_slot.slot.strategy, sources.logs.results.strategies).requiring(
        plan_slot.require
    )
    names = find_feature_names(strategy.path)
    seen = add_features(bars, sources.data.bars, sources.facts, names, plan.plan_key)
    return strategy, seen, strategy.with_params(plan_slot.params)


def _criterion_value(criterion: Criterion) -> CriterionValue:
    reading = criterion.read()
    threshold = np.broadcast_to(reading.threshold, reading.value.shape)
    return CriterionValue(
        criterion.name,
        _finite_or_none(reading.value[-1]),
        _finite_or_none(threshold[-1]),
        bool(reading.holds[-1]),
        criterion.required,
    )


def _finite_or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _series(view: AccountView, trade: Any) -> tuple[SeriesId, int]:
    slot = view.plan.slots[int(trade["slot"])].slot
    series = SeriesId(view.plan.venue, slot.instrument, slot.timeframe)
    return series, series.span_ms
