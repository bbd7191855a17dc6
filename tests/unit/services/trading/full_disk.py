"""A process whose home is on a disk of its own that fills up; what it is told is printed as JSON.

    python -m tests.unit.services.trading.full_disk FOLDER MADE

FOLDER must be a small file system, MADE a home whose account has traded.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests import houses
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN, RunningClock
from vigie.adapters.heartbeat import BEATS_FOLDER, ProcessHeartbeat
from vigie.adapters.stores import disk_space
from vigie.domain.errors import DiskFull
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation
from vigie.wiring.app_context import open_app_context

OWNER = houses.person("owner")


def filled(folder: Path, name: str = "filling") -> None:
    """Use every byte that is left."""
    with suppress(OSError), (folder / name).open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def is_full(house) -> bool:
    """Order until there is no room for an order: what is free inside the files is used up as well."""
    for size in (100_000, 1):
        for _ in range(500):
            try:
                house.trades.request_state("main", "reducing", by="owner", why="x" * size)
            except DiskFull:
                break
        else:
            return False
    return True


def main(folder: Path, made: Path) -> dict[str, object]:
    """Fill the disk and press the page's button: where nothing is kept aside, and where something is."""
    house = house_of(made, folder / "home", BEGUN)[0]
    later = BEGUN + DAYS * DAY_MS + 1
    live = replace(house, clock=RunningClock(later, later))
    # As a server that was begun before the disk was full.
    browser = houses.Browser(live)
    kept, hidden = folder / "home" / disk_space.RESERVE, folder / "hidden"
    disk_space.keep_reserve(folder / "home")
    kept_bytes = kept.stat().st_size
    kept.rename(hidden)
    house.trades.request_state("main", "reducing", by="owner", why="tests")
    filled(folder)
    told = {"kept_bytes": kept_bytes, "is_full": is_full(house), "held": held(house)}
    told["without"] = pressed(browser), house.trades.state("main"), held(house)
    hidden.rename(kept)
    told["with"] = pressed(browser), house.trades.state("main"), held(house)
    return told | {"is_kept": kept.exists(), **left_alone(folder, house)}


def left_alone(folder: Path, house) -> dict[str, object]:
    """Fill the disk again; let nobody have the database open, and a process that trades give a sign of life."""
    pulse = ProcessHeartbeat(folder / "home", "trade-main", RunningClock(0, 0), {})
    pulse.beat()
    mark = folder / "home" / BEATS_FOLDER / "trade-main"
    os.utime(mark, (0, 0))
    house.trades.database.close()
    for name in ("filling", "filling again"):
        filled(folder, name)
    pulse._last_beat_ms = None
    pulse.beat()
    again = open_app_context(folder / "home")
    return {
        "state": again.trades.state("main"),
        "steps": sum(1 for _ in again.trades.steps(again.trades.run("main").id)),
        "beats": mark.stat().st_mtime > 0,
        "left": sorted(one.name for one in mark.parent.iterdir()),
    }


def held(house) -> int:
    """Count the open positions."""
    return len(run_operation(house, OWNER, "trading.positions", {}).rows)


def pressed(browser) -> tuple[int, bool]:
    """Press the button that closes everything; return how it was answered, and whether that names the disk."""
    answer = browser.post("/trading/order", {"account": "main", "what": "flatten", "typed": "main"})
    return answer.status_code, "disk" in answer.text


if __name__ == "__main__":
    print(json.dumps(main(*map(Path, sys.argv[1:]))))
