"""Compares two results: times, prices, lots and codes exactly, money within 1e-7."""

from __future__ import annotations

from tests.twin.cases import MONEY
from tests.twin.records import TwinResult

AMOUNTS = ("fees", "funding", "pnl", "return_pct", "equity", "mae_pct", "mfe_pct")


def near(one: float, other: float) -> bool:
    """Whether two amounts are equal as far as books go; large ones relative to their size."""
    return one == other or abs(one - other) <= MONEY * max(1.0, abs(one) / 1e4)


def unequal(twin: TwinResult, kernel: TwinResult) -> list[str]:
    """Say what differs, the first of each kind."""
    found = []
    for name in ("decisions", "trades", "refusals", "equity"):
        ours, theirs = getattr(twin, name), getattr(kernel, name)
        if len(ours) != len(theirs):
            found.append(f"{name}: {len(ours)} on the twin, {len(theirs)} on the kernel")
        for at, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            if not same(name, one, other):
                found.append(f"{name} {at}: twin {one}, kernel {other}")
                break
    return found


def same(name: str, one: tuple | dict, other: tuple | dict) -> bool:
    """Compare one row."""
    if name == "decisions":
        return one == other
    if name == "refusals":
        return one[:4] == other[:4] and near(one[4], other[4]) and near(one[5], other[5])
    if name == "equity":
        return one[0] == other[0] and near(one[1], other[1])
    exact = set(one) - set(AMOUNTS)
    return all(one[key] == other[key] for key in exact) and all(near(one[key], other[key]) for key in AMOUNTS)
