"""What a demonstration shows of setups and plans, opened at twelve hours of the day on seven days.

    python -m benchmarks.demo_openings [--write]

The world of a new demonstration is opened, looked at after 12 s, and traded 230 s later. The shipped strategies run on
its bars with the engine of the backtests; no page is asked. `make arc` asks the pages, of one opening.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.unit.sandbox.world.openings import Opening, watch_opening

from benchmarks.marked import put
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.setups.budget import USUAL_BUDGET

PAGE: Final = Path(__file__).parents[1] / "docs" / "demo.md"
NAME: Final = "demo openings"
FIRST_DAY: Final = datetime(2026, 11, 30, tzinfo=UTC)
DAYS: Final = 7
HOURS: Final = tuple(range(0, 24, 2))
LOOKED_AT_MIN: Final = 12
TRADED_AFTER_MIN: Final = 230


def run() -> str:
    """Measure; return the table."""
    first = int(FIRST_DAY.timestamp() * 1_000)
    openings = [
        watch_opening(
            first + day * DAY_MS + hour * HOUR_MS,
            looked_at_min=LOOKED_AT_MIN,
            traded_after_min=TRADED_AFTER_MIN,
        )
        for day in range(DAYS)
        for hour in HOURS
    ]
    counts = {
        "a setup of XRP is confirmed at its jump": sum(shown.is_planned for shown in openings),
        f"one of XRP then is among the first {USUAL_BUDGET} confirmed ones of the coins that are mailed": sum(
            shown.place <= USUAL_BUDGET for shown in openings
        ),
        "the plan of it is entered and comes to its stop or target": sum(
            shown.is_traded for shown in openings
        ),
        "a setup forms first and is confirmed later": sum(shown.formed > 0 for shown in openings),
        "a setup of another coin becomes void": sum(shown.invalidated > 0 for shown in openings),
        f"more than {USUAL_BUDGET} of these coins are confirmed": sum(
            shown.confirmed > USUAL_BUDGET for shown in openings
        ),
        "an entry is beyond the two positions that are allowed while the plan is open": sum(
            shown.is_refused for shown in openings
        ),
    }
    rows = [f"| {what} | {count} |" for what, count in counts.items()]
    least = _least(openings)
    return "\n".join([f"| | of {len(openings)} openings |", "|---|---|", *rows, "", least])


def _least(openings: list[Opening]) -> str:
    confirmed, place = min(shown.confirmed for shown in openings), max(shown.place for shown in openings)
    return (
        f"At least {confirmed} setups of these coins are confirmed; XRP has place {place} at the latest. "
        f"The {DAYS} days are those from {FIRST_DAY.date()} on."
    )


def main() -> int:
    """Measure, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/demo.md")
    given = parser.parse_args()
    text = run()
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
