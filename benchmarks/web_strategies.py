"""How long the first visit of a strategy's page takes, beside what its criteria take to be compiled.

``python -m benchmarks.web_strategies --write`` puts the table into docs/web-speed.md. Each strategy has a process
of its own, in which nothing was compiled before and nothing that was compiled is kept on disk; the home is empty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.marked import put

PAGE: Final = Path(__file__).parents[1] / "docs" / "web-speed.md"
NAME = "web strategies"
STRATEGIES: Final = ("ema_cross", "macd_cross", "quiet_pullback", "supertrend_flip")
GOAL_MS: Final = 500


def measured(name: str, folder: Path) -> dict[str, Any]:
    """Return how long the first answer took, and until when the criteria were known, in milliseconds."""
    import httpx

    from vigie.adapters.stores.sql import schema
    from vigie.adapters.stores.sql.database import open_database
    from vigie.services.operation import operations
    from vigie.views.web.app import AppOptions, create_app
    from vigie.wiring.app_context import open_app_context

    database = open_database(f"sqlite:///{folder / 'vigie.sqlite'}")
    schema.ensure_schema(database)
    database.close()
    house = open_app_context(folder)
    app = create_app(house, AppOptions(b"a key of a benchmark: 32 bytes...", bool))
    operations()

    def ask(path: str) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
                return await client.get(path)

        return asyncio.run(once())

    # Templates and texts are read by the first page of all, whichever that is.
    assert ask("/help").status_code == 200
    path = f"/strategies/{name}"
    begun = time.perf_counter()
    first = ask(path)
    answered = time.perf_counter()
    assert first.status_code == 200
    house.descriptions.get_page(name, house.results.strategies)
    known = time.perf_counter()
    second = ask(path)
    ended = time.perf_counter()
    assert 'hx-trigger="load' not in second.text
    return {
        "first": (answered - begun) * 1e3, "known": (known - begun) * 1e3, "second": (ended - known) * 1e3,
    }  # fmt: skip


def apart(name: str) -> dict[str, Any]:
    """Measure in a process of its own with nothing compiled."""
    with tempfile.TemporaryDirectory(prefix="vigie-strategies-") as folder:
        around = {**os.environ, "VIGIE_CACHE_DIR": f"{folder}/compiled", "VIGIE_HOME": f"{folder}/home"}
        Path(folder, "home").mkdir()
        call = [sys.executable, "-m", "benchmarks.web_strategies", "--one", name, "--home", f"{folder}/home"]
        done = subprocess.run(call, env=around, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table() -> str:
    """Return what was measured."""
    lines = [
        f"**First visit of a strategy's page, nothing compiled** (goal: at most {GOAL_MS} ms), milliseconds",
        "",
        "| Strategy | first answer | criteria known | first answer as a share of that | second answer |",
        "|---|---|---|---|---|",
    ]
    for name in STRATEGIES:
        one = apart(name)
        share = one["first"] / one["known"]
        lines.append(
            f"| `{name}` | {one['first']:.0f} | {one['known']:.0f} | {share:.2f} | {one['second']:.0f} |"
        )
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    told = (
        f"Measured on {datetime.now(UTC).date()}, {sys.platform}, Python "
        f"{sys.version_info.major}.{sys.version_info.minor}, {os.cpu_count()} cores shared with other work{load}: "
        "one process per strategy, one visit each."
    )
    return "\n".join([*lines, "", told])


def main() -> int:
    """Measure, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/web-speed.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(given.one, given.home)))
        return 0
    text = table()
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
