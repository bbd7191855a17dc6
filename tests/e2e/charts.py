"""Where the browser's chart stands on a page, and a page with it."""

from __future__ import annotations

from typing import Any, Final

READY: Final = "[data-chart-ready]"
SURFACE: Final = "[data-chart-surface]"
LEGEND: Final = f"{READY} .chart-legend"


def opened_chart(page: Any, path: str = "/asset/bitcoin") -> Any:
    """Go to a page, wait for its chart and return the part that takes keys."""
    page.goto(path)
    page.wait_for_selector(READY)
    return page.locator(SURFACE)
