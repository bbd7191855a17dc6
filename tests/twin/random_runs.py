"""Random runs on coarse grids, so that touches, gaps and ties are frequent and every protection fires."""

from __future__ import annotations

import math
from random import Random

from tests.twin.cases import PROTECTIONS, SETTINGS
from tests.twin.records import HOUR, TwinSlot

Bar = tuple[int, float, float, float, float]
ATR = (0.5, 1.0, 1.0, 1.0, 1.03, 1.5, 2.0, 2.0, 0.1, 0.0, 6.0, 9.0, 60.0, math.nan)
TIMEFRAMES = ((1,), (1, 2), (4,), (1, 4), (4, 24), (24,))


def random_settings(random: Random) -> dict:
    """Costs and sizes; small numbers of choices, so that combinations repeat."""
    return {
        **SETTINGS,
        "capital": random.choice((10_000.0, 10_000.0, 1_500.0, 40.0)),
        "risk_fraction": random.choice((0.02, 0.01)),
        "leverage": random.choice((5.0, 5.0, 3.0, 1.5)),
        "stop_atr": random.choice((2.0, 1.0, 1.5)),
        "target_atr": random.choice((3.0, 1.0, 2.5)),
        "taker": random.choice((0.0, 0.0006, 0.001)),
        "maker": random.choice((0.0, 0.0002)),
        "slippage_bps": random.choice((0.0, 5.0, 50.0)),
        "target_execution": random.choice(("trigger", "limit")),
        "max_bars": random.choice((0, 0, 1, 2, 4)),
    }


def random_version(random: Random, valid_from: int) -> dict:
    """One version of an instrument's rules."""
    figures = random.choice((0, 0, 0, 2, 3, 4))
    lot = random.choice(("1", "0.01", "0.1", "0.001"))
    return {
        "tick": random.choice(("1", "0.1", "0.01") if figures else ("1", "0.5", "0.1", "0.25", "0.01")),
        "lot": lot,
        "min_qty": random.choice((float(lot), 5.0)),
        "max_qty": random.choice((math.inf, math.inf, 60.0)),
        "min_notional": random.choice((0.0, 5.0, 3_000.0)),
        "maintenance_rate": random.choice((0.005, 0.005, 0.05)),
        "significant_figures": figures,
        "leverage_cap": random.choice((5.0, 5.0, 3.0, 1.0)),
        "valid_from": valid_from,
    }


def random_walk(random: Random, start: int, span: int, count: int, *, holes: bool = True) -> list[Bar]:
    """Bars that move by half steps, with gaps in price and in time, and now and then a crash."""
    price, time, bars = 100.0, start, []
    crashes = random.choice((0.01, 0.01, 0.08))
    grid = random.choice((0.5, 1.0, 0.5, 0.13))
    for _ in range(count):
        if random.random() < 0.1:
            price += grid * random.randint(-6, 6)
        if random.random() < crashes:
            price *= random.choice((0.78, 1.22, 0.9))
        price = max(price, 3.0)
        close = max(price + grid * random.randint(-3, 3), 2.0)
        high = max(price, close) + grid * random.choice((0, 0, 1, 2, 4))
        low = max(min(price, close) - grid * random.choice((0, 0, 1, 2, 4)), 1.0)
        bars.append((time, price, high, low, close))
        price = close
        time += span * (random.choice((1,) * 20 + (2, 5)) if holes else 1)
    return bars


def together(finer: list[Bar], start: int, span: int) -> list[Bar]:
    """Resample finer bars; bars without any are missing."""
    groups: dict[int, list[Bar]] = {}
    for bar in finer:
        groups.setdefault((bar[0] - start) // span, []).append(bar)
    return [
        (start + at * span, rows[0][1], max(r[2] for r in rows), min(r[3] for r in rows), rows[-1][4])
        for at, rows in sorted(groups.items())
    ]


def random_funding(random: Random, bars: list[Bar], span: int) -> tuple[list[tuple[int, float]], dict]:
    """Settlements of an uneven kind, some with a mark."""
    if random.random() < 0.3:
        return [], {}
    every = random.choice((HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR, 90 * 60_000))
    funding, mark = [], {}
    time = bars[0][0] - every * random.randint(0, 3)
    while time < bars[-1][0] + span:
        funding.append((time + random.choice((0, 0, 17_000)), random.choice((1, -1, 2, -3, 12)) * 0.0001))
        if random.random() < 0.5:
            mark[time] = 100.0 + random.randint(-3, 3)
        time += every if random.random() < 0.9 else 2 * every
    return funding, mark


def flips(random: Random, count: int, share: float) -> list[bool]:
    """Signals."""
    return [random.random() < share for _ in range(count)]


def random_slot(
    random: Random,
    instrument: str,
    versions: list[dict],
    hours: int,
    *,
    detail: bool,
    count: int,
    holes: bool = False,
) -> TwinSlot:
    """One slot with bars of its own; finer bars are drawn first, then put together."""
    span, start = hours * HOUR, 24 * HOUR * random.randint(0, 1) + HOUR * hours * random.randint(0, 5)
    finer = None
    detail_ms = HOUR // 4
    if detail:
        start = start // span * span
        finer = random_walk(random, start, detail_ms, count * hours * 4, holes=False)
        bars = together(finer, start, span)
        finer = [bar for bar in finer if (bar[0] // span) % 7 != 3 and not (holes and random.random() < 0.1)]
    else:
        bars = random_walk(random, start, span, count)
    funding, mark = random_funding(random, bars, span)
    ts, first, high, low, close = (list(column) for column in zip(*bars, strict=True))
    busy = random.choice((0.1, 0.3))
    units = random.choice((ATR, ATR, ATR, (0.1, 0.5)))  # the near stops fill the leverage
    return TwinSlot(
        instrument=instrument,
        timeframe_ms=span,
        ts=ts,
        open=first,
        high=high,
        low=low,
        close=close,
        long_entry=flips(random, len(ts), busy),
        short_entry=flips(random, len(ts), busy),
        long_exit=flips(random, len(ts), 0.1),
        short_exit=flips(random, len(ts), 0.1),
        stop_unit=[random.choice(units) for _ in ts],
        target_unit=[random.choice(units) for _ in ts],
        funding=funding,
        mark=mark,
        versions=versions,
        first=random.choice((0, 0, 0, min(4, len(ts) - 1))),
        detail=finer or None,
        detail_ms=detail_ms if finer else 0,
    )


def random_versions(random: Random) -> list[dict]:
    """One to three versions of the rules."""
    count = random.choice((1, 1, 2, 3))
    return [random_version(random, at * 30 * HOUR) for at in range(count)]


def another_strategy(random: Random, slot: TwinSlot) -> TwinSlot:
    """A second slot on the very same bars and settlements."""
    count = len(slot.ts)
    units = [random.choice(ATR) for _ in slot.ts]
    return TwinSlot(
        **{
            **{name: getattr(slot, name) for name in slot.__dataclass_fields__},
            "long_entry": flips(random, count, 0.2),
            "short_entry": flips(random, count, 0.2),
            "stop_unit": units,
            "target_unit": units,
        }
    )


def isolated_run(seed: int, *, holes: bool = False) -> tuple[list[TwinSlot], dict]:
    """One slot on its own capital; with `holes`, on finer bars of which some are missing."""
    random = Random(seed)
    hours = random.choice((1, 4, 24))
    detail = random.random() < 0.3 or holes
    versions, count = random_versions(random), random.randint(2, 60)
    slot = random_slot(random, "a", versions, hours, detail=detail, count=count, holes=holes)
    return [slot], random_settings(random)


def random_protections(random: Random) -> dict:
    """All rules on, drawn so small that they fire."""
    choices = {
        "stop_guard_instrument_stops": (0, 2, 3),
        "stop_guard_account_stops": (0, 3, 5),
        "stop_guard_window_hours": (6, 24),
        "stop_guard_lock_hours": (3, 24),
        "window_drawdown_fraction": (0.0, 0.05, 0.1),
        "window_drawdown_days": (2, 5),
        "low_profit_trades": (0, 2, 4),
        "low_profit_days": (1, 5),
        "low_profit_lock_days": (1, 2),
        "cooldown_bars": (0, 1, 2),
        "cooldown_stop_bars": (2, 3),
        "loss_streak_trades": (0, 2, 4),
        "halve_after_losses": (0, 1, 2),
        "restore_after_wins": (1, 2),
        "slot_drawdown_fraction": (0.0, 0.04, 0.06),
        "global_drawdown_fraction": (0.0, 0.06, 0.1),
        "daily_loss_fraction": (0.01, 0.03),
        "daily_loss_readings": (1, 3, 1000),
        "account_drawdown_fraction": (0.0, 0.07, 0.1),
        "drawdown_unlock_days": (1, 2),
        "max_positions": (1, 2, 3, 5),
        "instrument_exposure_fraction": (0.0, 0.1, 0.3),
        "correlated_exposure_fraction": (0.0, 0.15, 0.4),
        "correlation_limit": (0.2, 0.8),
        "correlation_days": (31, 40, 90),
        "margin_fraction": (0.0, 0.3, 0.8),
        "asset_loss_risks": (0.0, 0.5, 1.0, 2.0),
        "funding_cost_limit": (0.0, 0.0002, 0.001),
    }
    assert set(choices) == set(PROTECTIONS)
    return {name: random.choice(values) for name, values in choices.items()}


def portfolio_run(seed: int) -> tuple[list[TwinSlot], dict, dict]:
    """One to six slots on one account."""
    random = Random(seed)
    timeframes = random.choice(TIMEFRAMES)
    detail = timeframes[-1] <= 4 and random.random() < 0.25
    count = random.randint(5, 80 if timeframes[0] < 24 else 70)
    slots: list[TwinSlot] = []
    for instrument in "abc"[: random.randint(1, 3)]:
        versions = random_versions(random)
        for hours in timeframes:
            length = max(2, count * timeframes[0] // hours)
            slots.append(random_slot(random, instrument, versions, hours, detail=detail, count=length))
            if random.random() < 0.3:
                slots.append(another_strategy(random, slots[-1]))
    return slots, random_settings(random), random_protections(random)


def ruin_run(seed: int) -> tuple[list[TwinSlot], dict]:
    """One slot that uses all its leverage in a market of crashes: soon there is no equity."""
    random = Random(seed)
    rules = {**random_version(random, 0), "tick": "0.01", "lot": "0.01", "min_qty": 0.01, "min_notional": 0.0}
    rules.update(max_qty=math.inf, significant_figures=0, maintenance_rate=0.005)
    slot = random_slot(random, "a", [rules], 1, detail=False, count=40)
    slot.stop_unit = slot.target_unit = [0.1] * len(slot.ts)
    for at in range(3, len(slot.ts), 5):  # opens a quarter lower or higher than the bar before closed
        factor = random.choice((0.75, 1.25))
        for prices in (slot.open, slot.high, slot.low, slot.close):
            prices[at:] = [price * factor for price in prices[at:]]
    chosen = {
        **random_settings(random),
        "leverage": 5.0,
        "risk_fraction": 0.02,
        "stop_atr": 1.0,
        "taker": 0.001,
    }
    return [slot], chosen
