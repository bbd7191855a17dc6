"""Reads the published cases of the fill model and compares results with them."""

from __future__ import annotations

import json
import math

from tests.twin.cases import FOLDER, MONEY, SIDES, VERSION, Case
from tests.twin.records import REFUSALS, TwinResult, TwinSlot


def shared_cases() -> list[dict]:
    """Read the cases of the fill model as they were published."""
    return json.loads((FOLDER / "fill_model.json").read_text(encoding="utf-8"))


def shared_case(raw: dict) -> Case:
    """Turn one published case into slots and settings; its defaults are those of the fill model."""
    settings = dict(raw["settings"])
    version = {**VERSION, "tick": settings.pop("tick"), "lot": settings.pop("lot")}
    version["min_qty"] = float(settings.pop("min_qty", version["lot"]))
    for key in ("max_qty", "min_notional", "maintenance_rate"):
        version[key] = settings.pop(key, version[key])
    mark = {int(time): price for time, price in settings.pop("mark", [])}
    count = range(len(raw["bars"]))
    units = [math.nan if value is None else value for value in raw["atr"]]
    first, high, low, close = (list(column) for column in zip(*raw["bars"], strict=True))
    slot = TwinSlot(
        instrument="a",
        timeframe_ms=raw["timeframe_ms"],
        ts=list(raw["bar_ts"]),
        open=first,
        high=high,
        low=low,
        close=close,
        long_entry=[i in raw["long_entry"] for i in count],
        short_entry=[i in raw["short_entry"] for i in count],
        long_exit=[i in raw["long_exit"] for i in count],
        short_exit=[i in raw["short_exit"] for i in count],
        stop_unit=units,
        target_unit=list(units),
        funding=[(int(time), rate) for time, rate in raw["funding"]],
        mark=mark,
        versions=[version],
    )
    return Case(raw["name"], "isolated", [], raw["why"], [slot], settings, None)


def shared_differences(raw: dict, result: TwinResult) -> list[str]:
    """Compare a result with a published case; integers and prices exactly, money within 1e-7."""
    found = []
    if len(result.trades) != len(raw["trades"]):
        found.append(f"{len(result.trades)} trades instead of {len(raw['trades'])}")
    refusals = [[refusal[0], REFUSALS[refusal[3]]] for refusal in result.refusals]
    if refusals != raw["refusals"]:
        found.append(f"refusals {refusals} instead of {raw['refusals']}")
    for number, (expected, trade) in enumerate(zip(raw["trades"], result.trades, strict=False)):
        for key, value in expected.items():
            got = trade[key]
            if key == "side":
                value = SIDES[value]
            is_money = key in ("fees", "funding", "pnl", "return_pct", "equity")
            if not (abs(got - value) < MONEY if is_money else got == value):
                found.append(f"trade {number} {key}: {got} instead of {value}")
    return found
