"""Exposure and margin caps and the correlation they need: portfolio rules section 5."""

from __future__ import annotations

from tests.twin.protect import Protect
from tests.twin.records import Account

FEWEST_RETURNS = 30


def returns_of(closes: list[float]) -> list[float]:
    """The returns between consecutive stored closes."""
    return [closes[i] / closes[i - 1] - 1 for i in range(1, len(closes))]


def moves_together(daily: list[dict[str, float]], first: str, second: str, limit: float, days: int) -> bool:
    """Whether the correlation of two instruments is above the limit, or unknown."""
    common = [day for day in daily if first in day and second in day][-days:]
    xs = returns_of([day[first] for day in common])
    ys = returns_of([day[second] for day in common])
    if len(xs) < FEWEST_RETURNS:
        return True
    mean_x = sum_up(xs) / len(xs)
    mean_y = sum_up(ys) / len(ys)
    var_x = sum_up([(x - mean_x) * (x - mean_x) for x in xs])
    var_y = sum_up([(y - mean_y) * (y - mean_y) for y in ys])
    cov = sum_up([(x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)])
    if var_x == 0 or var_y == 0:
        return True
    return cov > 0 and cov * cov > limit * limit * var_x * var_y


def sum_up(values: list[float]) -> float:
    """A plain sum in ascending order (the built-in one may compensate)."""
    total = 0.0
    for value in values:
        total += value
    return total


def notional_of(account: Account, number: int) -> float:
    """What a slot holds at its entry price, and what it has pending at the close of its decision."""
    total = 0.0
    if account.positions[number] is not None:
        total += account.positions[number].qty * account.positions[number].entry
    if account.pending[number] is not None:
        total += account.pending[number].qty * account.pending[number].close
    return total


def exposure_caps(
    account: Account, number: int, equity: float, close: float, protect: Protect
) -> list[float]:
    """The caps as quantities: instrument, correlated group, margin."""
    rules = protect.rules
    leverage = account.settings["leverage"]
    budget = equity * leverage
    own = account.slots[number].instrument
    together, everything = 0.0, 0.0
    for other in range(len(account.slots)):
        if other == number:
            continue
        notional = notional_of(account, other)
        everything += notional
        if notional and moves_together(
            protect.daily,
            own,
            account.slots[other].instrument,
            rules["correlation_limit"],
            rules["correlation_days"],
        ):
            together += notional
    caps = []
    if rules["instrument_exposure_fraction"]:
        caps.append(max(0.0, rules["instrument_exposure_fraction"] * budget) / close)
    if rules["correlated_exposure_fraction"]:
        caps.append(max(0.0, rules["correlated_exposure_fraction"] * budget - together) / close)
    if rules["margin_fraction"]:
        left = rules["margin_fraction"] * equity - everything / leverage
        caps.append(max(0.0, left * leverage) / close)
    return caps
