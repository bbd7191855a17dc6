"""Figures of trading accounts for Prometheus; labels are accounts, states and codes, and all of these are few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from vigie.domain.errors import DataError
from vigie.domain.order import ENDED, TradeRun, TradingState
from vigie.ports.health import LastHeartbeat, part_name
from vigie.services.trading.accounts.account_metrics import BOUNDS_S, AccountMetrics, AccountMetricsReader

# Accounts that are told of; nobody has more.
MOST: Final = 50
# A trading process that was heard of within this time trades.
LIVES_S: Final = 60.0
# What is told of each account as one number.
_NUMBERS: Final[dict[str, tuple[str, Callable[[AccountMetrics], float | None]]]] = {
    "equity": ("Money with open results, at present prices.", lambda watched: watched.equity),
    "cash": ("Money without open results.", lambda watched: watched.cash),
    "day_open": ("Equity at 00:00 UTC.", lambda watched: watched.day_open),
    "exposure": ("Notional of everything that is held.", lambda watched: watched.exposure),
    "positions": ("Positions that are held.", lambda watched: watched.positions),
    "stream_age_seconds": (
        "Age of the oldest among the newest prices of the account's instruments.", lambda watched: watched.stream_age_s,
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
    by_part = {item.part: item for item in beats if item.age_s < LIVES_S}
    readable = _account_gauge("readable", "0 where the plan or the log of an account cannot be read.")
    watched_accounts: list[AccountMetrics] = []
    # What is decided afterwards is no trading that somebody watches.
    for run in [run for run in runs if not run.is_replayed][:MOST]:
        try:
            watched_accounts.append(watcher.read(run))
        except DataError:
            readable.add_metric([run.account], 0.0)
        else:
            readable.add_metric([run.account], 1.0)
    yield readable
    yield from _state_metrics(watched_accounts)
    for name, (help_text, value) in _NUMBERS.items():
        gauge = _account_gauge(name, help_text)
        for item in watched_accounts:
            if (number := value(item)) is not None:
                gauge.add_metric([item.run.account], number)
        yield gauge
    yield from _process_metrics(watched_accounts, by_part)
    yield from _order_metrics(watched_accounts)


def _account_gauge(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vigie_trade_{name}", help_text, labels=["account", *labels])


def _state_metrics(watched_accounts: Sequence[AccountMetrics]) -> Iterator[Metric]:
    info = _account_gauge("info", "Always 1; where and how an account trades.", "mode", "venue")
    state = _account_gauge("state", "1 for the state it is in.", "state")
    for watched in watched_accounts:
        info.add_metric([watched.run.account, watched.run.mode, watched.run.venue], 1.0)
        for name in get_args(TradingState):
            state.add_metric([watched.run.account, name], float(watched.state == name))
    yield from (info, state)


def _process_metrics(
    watched_accounts: Sequence[AccountMetrics], by_part: Mapping[str, LastHeartbeat]
) -> Iterator[Metric]:
    running = _account_gauge(
        "running", "1 where a process that trades the account was heard of within a minute."
    )
    for watched in watched_accounts:
        running.add_metric([watched.run.account], float(part_name(watched.run.account) in by_part))
    yield running
    for name, (key, help_text) in _STANDING.items():
        gauge = _account_gauge(name, help_text)
        for watched in watched_accounts:
            beat = by_part.get(part_name(watched.run.account))
            # Nobody knows while nobody trades: then nothing is told.
            if beat is not None and key in beat.standing:
                gauge.add_metric([watched.run.account], beat.standing[key])
        yield gauge


def _order_metrics(watched_accounts: Sequence[AccountMetrics]) -> Iterator[Metric]:
    refusals = CounterMetricFamily(
        "vigie_trade_refusals", "Entries that were refused, by code.", labels=["account", "code"]
    )
    orders = CounterMetricFamily(
        "vigie_trade_orders", "Orders that have ended, by how.", labels=["account", "state"]
    )
    open_orders = _account_gauge("orders_open", "Orders that have not ended.")
    seconds = HistogramMetricFamily(
        "vigie_trade_order_seconds", "From the written intent to the venue's answer.", labels=["account"]
    )
    for watched in watched_accounts:
        account = watched.run.account
        for code, count in sorted(watched.refusals.items()):
            refusals.add_metric([account, code], count)
        states = watched.orders.states
        for state in ENDED:
            orders.add_metric([account, state], states.get(state, 0))
        open_orders.add_metric([account], sum(states.values()) - sum(states.get(name, 0) for name in ENDED))
        buckets, total = _buckets(watched.orders.seconds)
        seconds.add_metric([account], buckets, total)
    yield from (refusals, orders, open_orders, seconds)


def _buckets(seconds: Sequence[float]) -> tuple[list[tuple[str, float]], float]:
    """Return how many took at most as long as each bound, and how long all took together."""
    within = [(str(bound), float(sum(value <= bound for value in seconds))) for bound in BOUNDS_S]
    return [*within, ("+Inf", float(len(seconds)))], sum(seconds)
