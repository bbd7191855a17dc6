"""What rows cost as classes beside mappings: making a table, writing it as JSON, reading its cells, and memory.

``python -m benchmarks.rows`` makes tables of 500 rows of ``markets.list`` both ways, each time the least of several
rounds, and prints the ratio of classes to mappings; below one, classes are quicker or smaller.
"""

from __future__ import annotations

import timeit
import tracemalloc
from collections.abc import Callable
from typing import Any, Final

from vigie.services.operation import Table
from vigie.services.operations.markets import MarketRow
from vigie.services.rows import row_columns, row_names, table_of

COUNT: Final = 500
ROUNDS: Final = 50
VALUES: Final[dict[str, Any]] = {
    **dict.fromkeys(row_names(MarketRow), 0.05), "asset": "bitcoin", "symbol": "BTC", "name": "Bitcoin",
    "instrument": "binance-perp:btc-usdt-perp", "ts_event": 1, "is_stale": False, "spark": [1.0] * 42,
}  # fmt: skip


def _quickest(work: Callable[[], object]) -> float:
    return min(timeit.repeat(work, number=1, repeat=ROUNDS))


def _memory(work: Callable[[], object]) -> float:
    tracemalloc.start()
    kept = work()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size if kept else 0.0


def measured() -> dict[str, float]:
    """Return by step the ratio of rows as classes to rows as mappings."""
    columns = row_columns(MarketRow)

    def mappings() -> Table:
        return Table(columns=columns, rows=[dict(**VALUES) for _ in range(COUNT)])

    def classes() -> Table[MarketRow]:
        return table_of(MarketRow, [MarketRow(**VALUES) for _ in range(COUNT)])

    ways = (classes(), mappings())
    steps: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "make": (classes, mappings),
        "write as JSON": (ways[0].model_dump_json, ways[1].model_dump_json),
        "read cells": (
            lambda: [row[column.name] for row in ways[0].rows for column in columns],
            lambda: [row[column.name] for row in ways[1].rows for column in columns],
        ),
    }
    ratios = {name: _quickest(ours) / _quickest(theirs) for name, (ours, theirs) in steps.items()}
    totals = [sum(_quickest(pair[way]) for pair in steps.values()) for way in (0, 1)]
    return {**ratios, "all of it": totals[0] / totals[1], "memory": _memory(classes) / _memory(mappings)}


if __name__ == "__main__":
    for step, ratio in measured().items():
        print(f"{step:<14} {ratio:.2f}")
