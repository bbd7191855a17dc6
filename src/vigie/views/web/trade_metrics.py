"""Figures of trading accounts for Prometheus; labels are accounts, states and codes, and all of these are few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from vigie.domain.errors import DataError
from vigie.domain.order import ENDED, TradeRun, TradingState
from vigie.ports.health import LastHeartbeat, part_name
from vigie.services.trading.account_metrics import BOUNDS_S, AccountMetrics, AccountMetricsReader

# Accounts that are told of; nobody has more.
MOST: Final = 50
# A trading process that was heard of within this time trades.
LIVES_S: Final = 60.0
# What is told of each account as one number.
_NUMBERS: Final[dict[str, tuple[str, Callable[[AccountMetrics], float | None]]]] = {
    "equity": ("Money with open results, at present prices.", lambda one: one.equity),
    "cash": ("Money without open results.", lambda one: one.cash),
    "day_open": ("Equity at 00:00 UTC.", lambda one: one.day_open),
    "exposure": ("Notional of everything that is held.", lambda one: one.exposure),
    "positions": ("Positions that are held.", lambda one: one.positions),
    "stream_age_seconds": (
        "Age of the oldest among the newest prices of the account's instruments.", lambda one: one.stream_age_s,
    ),
}  # fmt: skip
# What only the trading process knows, by its word for it.
_STANDING: Final = {
    "positions_without_stop": ("without_stop", "Instruments whose stop was not seen at the last look."),
    "reconcile_differences": ("differences", "Instruments that the venue held otherwise at the last look."),
}


def account_metrics(
    watcher: AccountMetricsReader, runs: Sequence[TradeRun], beats: Sequence[LastHeartbeat]
) -> Iterator[Metric]:
    """Yield the figures of these accounts."""
    by_part = {one.part: one for one in beats if one.age_s < LIVES_S}
    readable = _gauge("readable", "0 where the plan or the log of an account cannot be read.")
    found: list[AccountMetrics] = []
    for run in runs[:MOST]:
        try:
            found.append(watcher.read(run))
        except DataError:
            readable.add_metric([run.account], 0.0)
        else:
            readable.add_metric([run.account], 1.0)
    yield readable
    yield from _states(found)
    for name, (words, value) in _NUMBERS.items():
        gauge = _gauge(name, words)
        for one in found:
            if (number := value(one)) is not None:
                gauge.add_metric([one.run.account], number)
        yield gauge
    yield from _standing(found, by_part)
    yield from _counts(found)


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vigie_trade_{name}", words, labels=["account", *labels])


def _states(found: Sequence[AccountMetrics]) -> Iterator[Metric]:
    info = _gauge("info", "Always 1; where and how an account trades.", "mode", "venue")
    state = _gauge("state", "1 for the state it is in.", "state")
    for one in found:
        info.add_metric([one.run.account, one.run.mode, one.run.venue], 1.0)
        for name in get_args(TradingState):
            state.add_metric([one.run.account, name], float(one.state == name))
    yield from (info, state)


def _standing(found: Sequence[AccountMetrics], by_part: Mapping[str, LastHeartbeat]) -> Iterator[Metric]:
    running = _gauge("running", "1 where a process that trades the account was heard of within a minute.")
    for one in found:
        running.add_metric([one.run.account], float(part_name(one.run.account) in by_part))
    yield running
    for name, (word, words) in _STANDING.items():
        gauge = _gauge(name, words)
        for one in found:
            beat = by_part.get(part_name(one.run.account))
            # Nobody knows while nobody trades: then nothing is told.
            if beat is not None and word in beat.standing:
                gauge.add_metric([one.run.account], beat.standing[word])
        yield gauge


def _counts(found: Sequence[AccountMetrics]) -> Iterator[Metric]:
    refusals = CounterMetricFamily(
        "vigie_trade_refusals", "Entries that were refused, by code.", labels=["account", "code"]
    )
    orders = CounterMetricFamily(
        "vigie_trade_orders", "Orders that have ended, by how.", labels=["account", "state"]
    )
    under_way = _gauge("orders_open", "Orders that have not ended.")
    seconds = HistogramMetricFamily(
        "vigie_trade_order_seconds", "From the written intent to the venue's answer.", labels=["account"]
    )
    for one in found:
        account = one.run.account
        for code, count in sorted(one.refusals.items()):
            refusals.add_metric([account, code], count)
        states = one.orders.states
        for state in ENDED:
            orders.add_metric([account, state], states.get(state, 0))
        under_way.add_metric([account], sum(states.values()) - sum(states.get(name, 0) for name in ENDED))
        buckets, total = _buckets(one.orders.seconds)
        seconds.add_metric([account], buckets, total)
    yield from (refusals, orders, under_way, seconds)


def _buckets(seconds: Sequence[float]) -> tuple[list[tuple[str, float]], float]:
    """Return how many took at most as long as each bound, and how long all took together."""
    within = [(str(bound), float(sum(one <= bound for one in seconds))) for bound in BOUNDS_S]
    return [*within, ("+Inf", float(len(seconds)))], sum(seconds)
