"""What a demonstration's past has in it once it is replayed, counted where a person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vigie.domain.time import DAY_MS
from vigie.services.demo_world import ACCOUNT

if TYPE_CHECKING:
    from tests.arc.run import Demonstration

# What a past has at least.
TRADES: Final = 60
BACKTESTS: Final = 6
WEEK_DAYS: Final = 7


def first_week(demo: Demonstration) -> str:
    """Return how far the past is replayed, once that is a week or all of it."""
    if not _account(demo):
        return ""
    progress = demo.ask(f"trading/account?account={ACCOUNT}")["replay"]
    if progress is None:
        return "all of it"
    days = (progress["reached"] - progress["start"]) / DAY_MS
    return f"{days:.0f} days" if days >= WEEK_DAYS else ""


def whole_past(demo: Demonstration) -> str:
    """Return over how many days the account's replayed past lies, once it decides as the market goes."""
    if not any(not row["is_replayed"] for row in _account(demo)):
        return ""
    curve = demo.rows(f"trading/curve?account={ACCOUNT}")
    points = [point["ts"] for point in curve if point["is_replayed"]]
    return f"{(points[-1] - points[0]) / DAY_MS:.0f} days" if points else ""


def _account(demo: Demonstration) -> list[dict[str, Any]]:
    """Return the row of the demonstration's own account; nothing before it exists."""
    return [row for row in demo.rows("trading/accounts") if row["account"] == ACCOUNT]


def closed_trades(demo: Demonstration) -> str:
    """Return how many trades the past closed, where they are enough."""
    trades = len(demo.rows("journal/list?replayed=only"))
    return f"{trades}" if trades >= TRADES else ""


def backtests(demo: Demonstration) -> str:
    """Return how many backtests are kept, where they are enough."""
    runs = len(demo.rows("backtests/list?limit=100"))
    return f"{runs}" if runs >= BACKTESTS else ""


def news(demo: Demonstration) -> str:
    """Return how many news items are known, once some are older than thirty days."""
    known, recent = (demo.ask(f"news/list?limit=1&period={period}")["total"] for period in ("", "1m"))
    return f"{known}, {known - recent} of them older than 30 days" if known > recent else ""


def parts_of_the_index(demo: Demonstration) -> str:
    """Return the parts of the index of fear and greed, once each has a value."""
    rows = demo.rows("mood/parts")
    return (
        ", ".join(row["part"] for row in rows)
        if rows and all(row["value"] is not None for row in rows)
        else ""
    )
