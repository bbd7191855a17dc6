"""What a demonstration's past has in it once it is replayed, counted where a person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.arc.run import Demonstration

_DAY_MS: Final = 86_400_000
_WEEK_MS: Final = 7 * _DAY_MS
# What a past has at least.
TRADES: Final = 60
BACKTESTS: Final = 6
NEWS_DAYS: Final = 30


def first_week(demo: Demonstration) -> str:
    """Return how far the past is replayed, once that is a week or all of it."""
    for row in demo.rows("trading/accounts"):
        if row["account"] == "main":
            progress = demo.ask("trading/account?account=main")["replay"]
            if progress is None:
                return "all of it"
            days = (progress["reached"] - progress["start"]) / _DAY_MS
            return f"{days:.0f} days" if days * _DAY_MS >= _WEEK_MS else ""
    return ""


def whole_past(demo: Demonstration) -> str:
    """Return over how many days the account's replayed past lies, once it decides as the market goes."""
    for row in demo.rows("trading/accounts"):
        if row["account"] == "main" and not row["is_replayed"]:
            points = [
                point["ts"] for point in demo.rows("trading/curve?account=main") if point["is_replayed"]
            ]
            return f"{(points[-1] - points[0]) / _DAY_MS:.0f} days" if points else ""
    return ""


def closed_trades(demo: Demonstration) -> str:
    """Return how many trades the past closed, where they are enough."""
    trades = len(demo.rows("journal/list?replayed=only"))
    return f"{trades}" if trades >= TRADES else ""


def backtests(demo: Demonstration) -> str:
    """Return how many backtests are kept, where they are enough."""
    runs = len(demo.rows("backtests/list?limit=100"))
    return f"{runs}" if runs >= BACKTESTS else ""


def news(demo: Demonstration) -> str:
    """Return how many news are known, and over how many days they were published."""
    cursor, stated = "", []
    while True:
        page = demo.ask(f"news/list?limit=200&cursor={cursor}")
        stated += [row["ts_published"] for row in page["rows"] if row["ts_published"] is not None]
        cursor = page["next_cursor"]
        if not cursor:
            break
    days = (max(stated) - min(stated)) / _DAY_MS if stated else 0.0
    return f"{len(stated)} over {days:.0f} days" if days >= NEWS_DAYS else ""


def parts_of_the_index(demo: Demonstration) -> str:
    """Return the parts of the index of fear and greed, once each has a value."""
    rows = demo.rows("mood/parts")
    return (
        ", ".join(row["part"] for row in rows)
        if rows and all(row["value"] is not None for row in rows)
        else ""
    )
