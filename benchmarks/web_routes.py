"""How long it takes to find the route of a request: with the routes by folder, and with all of them in turn.

``python -m benchmarks.web_routes --write`` puts the table into docs/web-speed.md. Nothing is served: what is timed is
the comparing alone, over an empty home.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from starlette.routing import BaseRoute, Match, Route

from benchmarks.marked import put
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import open_database
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.routing import RouteIndex
from vigie.wiring.app_context import open_app_context

PAGE: Final = Path(__file__).parents[1] / "docs" / "web-speed.md"
NAME = "web routes"
ASKED: Final = {
    "Today": "/",
    "Markets": "/markets",
    "Asset": "/asset/bitcoin",
    "Backtests": "/backtests",
    "A style sheet": "/static/main.css",
    "Markets, from the API": "/api/v1/markets/list",
    "Markets, as a file": "/api/v1/markets/list.csv",
}
ROUNDS, EACH = 25, 40


def opened() -> list[Route]:
    """Return the routes of the whole application."""
    with tempfile.TemporaryDirectory(prefix="vigie-routes-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'vigie.sqlite'}")
        schema.ensure_schema(database)
        database.close()
        app = create_app(
            open_app_context(Path(folder)), AppOptions(b"a key of a benchmark: 32 bytes...", bool)
        )
        return [route for route in app.router.routes if isinstance(route, Route)]


def found(routes: Sequence[BaseRoute], path: str) -> bool:
    """Compare as the router does: with one after the other until one answers."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in routes)


def took_us(routes: Sequence[BaseRoute], path: str) -> float:
    """Return the median time the processor takes to find a route, in millionths of a second."""
    assert found(routes, path), path
    times = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        for _ in range(EACH):
            found(routes, path)
        times.append((time.thread_time() - begun) / EACH * 1e6)
    return median(times)


def table(routes: Sequence[Route]) -> str:
    """Return what was measured."""
    index = [RouteIndex(routes)]
    lines = [
        f"**Finding one of {len(routes)} routes**, CPU time in microseconds",
        "",
        "| Request | each in turn | by folder |",
        "|---|---|---|",
    ]
    for name, path in ASKED.items():
        lines.append(f"| {name} | {took_us(routes, path):.0f} | {took_us(index, path):.0f} |")
    today = datetime.now(UTC).date()
    told = (
        f"Measured on {today}, {sys.platform}, Python {sys.version_info.major}.{sys.version_info.minor}, "
        f"{os.cpu_count()} cores shared with other work: the median of {ROUNDS} rounds of {EACH} requests."
    )
    return "\n".join([*lines, "", told])


def main() -> int:
    """Measure, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/web-speed.md")
    given = parser.parse_args()
    text = table(opened())
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
