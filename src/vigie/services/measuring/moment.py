"""One moment for a row and for the end of a line: the newest price that Markets shows, and the changes until then.

Takes what `assets.compare` and `markets.list` answer; asks nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from vigie.domain.time import HOUR_MS
from vigie.services.measuring.histories import RANGE_MS

_CHANGES: Final = {"24h": "change_24h", "1w": "change_7d", "1m": "change_30d"}
# A price that is so much older than the newest bar is of a source that has ended: the bars say more.
_BEHIND_MS: Final = HOUR_MS
# Charts in browsers tell times apart by seconds.
_APART_MS: Final = 1_000
_BASE: Final = 100.0

Points = list[tuple[int, float]]
Asking = Callable[..., Any]


def rows_now(ask: Asking, compared: Sequence[Any], unit: str) -> dict[str, Mapping[str, Any]]:
    """Return the row of each asset as Markets lists it, where it has a price in the same money."""
    names = list(dict.fromkeys(one.asset for one in compared))
    if not names:
        return {}
    answer = ask("markets.list", assets=",".join(names), limit=len(names))
    money = next((one.unit for one in answer.columns if one.name == "price_usd"), "usd")
    if money != unit:
        return {}
    return {row["asset"]: row for row in answer.rows if row["price_usd"] is not None and row["ts_event"]}


def until_now(answer: Any, rows: Mapping[str, Mapping[str, Any]], *, shift: int = 0) -> dict[str, Any]:
    """Return what becomes different in a comparison whose lines end with the price that their row states.

    A line whose row is of another instrument, or of long before its last bar, stays as it is.

    Parameters
    ----------
    rows : mapping
        As from `rows_now`.
    shift : int
        By how much the times of the lines are before the ends of their bars.
    """
    compared, lines, origins = [], [], []
    for one, line, origin in zip(answer.compared, answer.lines, answer.origins, strict=True):
        row = rows.get(one.asset)
        if row is None or not line.values or not one.last or not _goes_on(row, one, line.values, shift):
            compared.append(one)
            lines.append(line)
            origins.append(origin)
            continue
        stated = _stated(row, answer.range, answer.unit)
        points = _ended(line.values, row, one.last, stated, answer.range, shift)
        # What a dollar is on a line that counts from 100, whose first value may be another one now.
        factor = _BASE / points[0][1] if answer.mode == "rebased" else 1.0
        price = float(row["price_usd"])
        base = price * points[0][1] / points[-1][1]
        change = price / base - 1.0 if stated is None else stated
        compared.append(one.model_copy(update={"base": base, "last": price, "change": change}))
        drawn = [(ts, float(f"{value * factor:.9g}")) for ts, value in points]
        lines.append(line.model_copy(update={"values": drawn}))
        origins.append(origin.model_copy(update={"ts_event": int(row["ts_event"])}))
    return {"compared": compared, "lines": lines, "origins": origins}


def _stated(row: Mapping[str, Any], span: str, unit: str) -> float | None:
    # Changes that Markets states are of dollars.
    return row[_CHANGES[span]] if span in _CHANGES and unit == "usd" else None


def _goes_on(row: Mapping[str, Any], compared: Any, points: Points, shift: int) -> bool:
    """Tell whether a row says how a line goes on."""
    is_same = row["instrument"] == compared.place
    return is_same and points[-1][0] + shift - int(row["ts_event"]) <= _BEHIND_MS


def _ended(
    points: Points, row: Mapping[str, Any], last: float, change: float | None, span: str, shift: int
) -> Points:
    ts, price = int(row["ts_event"]) - shift, float(row["price_usd"])
    scale = points[-1][1] / last
    made = [*(point for point in points if point[0] <= ts - _APART_MS), (ts, price * scale)]
    if change is None:
        return made
    start = ts - RANGE_MS[span]
    return [
        (start, price / (1.0 + change) * scale),
        *(point for point in made if point[0] >= start + _APART_MS),
    ]
