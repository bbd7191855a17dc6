"""One moment for a row and for the end of a line: the newest price that Markets shows, and the changes until then.

Takes what `assets.compare` and `markets.list` answer; asks nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from vigie.domain.time import HOUR_MS
from vigie.services.market_data.asset_history import RANGE_MS

_CHANGES: Final = {"24h": "change_24h", "1w": "change_7d", "1m": "change_30d"}
# A price that is so much older than the newest bar is of a source that has ended: the bars say more.
_MAX_LAG_MS: Final = HOUR_MS
# Charts in browsers tell times apart by seconds.
_MIN_STEP_MS: Final = 1_000
_BASE: Final = 100.0

Points = list[tuple[int, float]]
OperationCall = Callable[..., Any]


def current_rows(
    run_operation: OperationCall, compared: Sequence[Any], unit: str
) -> dict[str, Mapping[str, Any]]:
    """Return the row of each asset as Markets lists it, where it has a price in the same money."""
    names = list(dict.fromkeys(entry.asset for entry in compared))
    if not names:
        return {}
    result = run_operation("markets.list", assets=",".join(names), limit=len(names))
    money = next((entry.unit for entry in result.columns if entry.name == "price_usd"), "usd")
    if money != unit:
        return {}
    return {row["asset"]: row for row in result.rows if row["price_usd"] is not None and row["ts_event"]}


def extend_to_now(
    comparison: Any, rows: Mapping[str, Mapping[str, Any]], *, shift: int = 0
) -> dict[str, Any]:
    """Return what becomes different in a comparison whose lines end with the price that their row states.

    A line whose row is of another instrument, or of long before its last bar, stays as it is.

    Parameters
    ----------
    rows : mapping
        As from `current_rows`.
    shift : int
        By how much the times of the lines are before the ends of their bars.
    """
    compared, lines, origins = [], [], []
    for compared_asset, line, origin in zip(
        comparison.compared, comparison.lines, comparison.origins, strict=True
    ):
        row = rows.get(compared_asset.asset)
        if (
            row is None
            or not line.values
            or not compared_asset.last
            or not _is_continued(row, compared_asset, line.values, shift)
        ):
            compared.append(compared_asset)
            lines.append(line)
            origins.append(origin)
            continue
        stated_change = _stated_change(row, comparison.range, comparison.unit)
        points = _extend_points(line.values, row, compared_asset.last, stated_change, comparison.range, shift)
        # What a dollar is on a line that counts from 100, whose first value may be another one now.
        factor = _BASE / points[0][1] if comparison.mode == "rebased" else 1.0
        price = float(row["price_usd"])
        base = price * points[0][1] / points[-1][1]
        change = price / base - 1.0 if stated_change is None else stated_change
        compared.append(compared_asset.model_copy(update={"base": base, "last": price, "change": change}))
        line_points = [(ts, float(f"{value * factor:.9g}")) for ts, value in points]
        lines.append(line.model_copy(update={"values": line_points}))
        origins.append(origin.model_copy(update={"ts_event": int(row["ts_event"])}))
    return {"compared": compared, "lines": lines, "origins": origins}


def _stated_change(row: Mapping[str, Any], span: str, unit: str) -> float | None:
    # Changes that Markets states are of dollars.
    return row[_CHANGES[span]] if span in _CHANGES and unit == "usd" else None


def _is_continued(row: Mapping[str, Any], compared: Any, points: Points, shift: int) -> bool:
    """Tell whether a row says how a line goes on."""
    is_same = row["instrument"] == compared.place
    return is_same and points[-1][0] + shift - int(row["ts_event"]) <= _MAX_LAG_MS


def _extend_points(
    points: Points, row: Mapping[str, Any], last: float, change: float | None, span: str, shift: int
) -> Points:
    ts, price = int(row["ts_event"]) - shift, float(row["price_usd"])
    scale = points[-1][1] / last
    extended = [*(point for point in points if point[0] <= ts - _MIN_STEP_MS), (ts, price * scale)]
    if change is None:
        return extended
    start = ts - RANGE_MS[span]
    return [
        (start, price / (1.0 + change) * scale),
        *(point for point in extended if point[0] >= start + _MIN_STEP_MS),
    ]
