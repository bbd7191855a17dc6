"""One moment for a row and for the end of a line: the newest price that Markets shows, and the changes until then.

Takes what `assets.compare` and `markets.list` answer; asks nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.domain.time import HOUR_MS
from vigie.services.measuring.histories import RANGE_MS

_CHANGES: Final = {"24h": "change_24h", "1w": "change_7d", "1m": "change_30d"}
# A price that is so much older than the newest bar is of a source that has ended: the bars say more.
_BEHIND_MS: Final = HOUR_MS

Points = list[tuple[int, float]]


def rows_now(work: Any, compared: Sequence[Any], unit: str) -> dict[str, Mapping[str, Any]]:
    """Return the row of each asset as Markets lists it, where it has a price in the same money."""
    names = list(dict.fromkeys(one.asset for one in compared))
    if not names:
        return {}
    answer = work.ask("markets.list", assets=",".join(names), limit=len(names))
    money = next((one.unit for one in answer.columns if one.name == "price_usd"), "usd")
    if money != unit:
        return {}
    return {row["asset"]: row for row in answer.rows if row["price_usd"] is not None and row["ts_event"]}


def change_now(row: Mapping[str, Any] | None, span: str, compared: Any, unit: str) -> float | None:
    """Return the change over a span until the price of a row; that of the closes where there is no row."""
    told: float | None = compared.change
    if row is None:
        return told
    # Changes that Markets states are of dollars.
    stated: float | None = row[_CHANGES[span]] if unit == "usd" else None
    if stated is not None:
        return stated
    return float(row["price_usd"]) / compared.base - 1.0 if compared.base else told


def until_now(work: Any, span: str, answer: Any, series: Mapping[str, Points]) -> dict[str, Points]:
    """Return lines that end with the price their row states, and of a known change begin where it counts from."""
    rows = rows_now(work, answer.compared, answer.unit)
    found = dict(series)
    for one in answer.compared:
        row, points = rows.get(one.asset), found.get(one.name)
        if row is None or not points or not one.last or row["instrument"] != one.place:
            continue
        found[one.name] = _ended(points, row, one.last, span, answer.unit)
    return found


def _ended(points: Points, row: Mapping[str, Any], last: float, span: str, unit: str) -> Points:
    ts, price = int(row["ts_event"]), float(row["price_usd"])
    if points[-1][0] - ts > _BEHIND_MS:
        return points
    # What a dollar is on a line that counts from 100.
    scale = points[-1][1] / last
    made = [*(point for point in points if point[0] < ts), (ts, price * scale)]
    change = row[_CHANGES[span]] if span in _CHANGES and unit == "usd" else None
    if change is None:
        return made
    start = ts - RANGE_MS[span]
    return [(start, price / (1.0 + change) * scale), *(point for point in made if point[0] > start)]
