"""How evenly the chart moves: ten seconds of panning over 100,000 bars in Chromium, beside a page that does nothing.

The bars come from the simulated market, in the shape of ``assets.chart``; everything else is the page as it is
served. A frame is the time between two calls of ``requestAnimationFrame``. The same drags over an empty page in the
same browser are the reference: what is slow there is the machine. ``python -m benchmarks.panning --write`` puts the
table into docs/web-speed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.e2e.charts import LEGEND, opened_chart
from tests.e2e.houses import chromium, opened, site_of

from benchmarks.marked import put
from vigie.domain.time import HOUR_MS
from vigie_sandbox.market import simulate_market

PAGE: Final = Path(__file__).parents[1] / "docs" / "web-speed.md"
NAME: Final = "panning"
BARS: Final = 100_000
SECONDS: Final = 10.0
# The goals: the 95th percentile of frames and the longest, ms.
USUAL, LONGEST = 20, 50
ZOOMS: Final = 8
# How long the strokes last.
STROKES_S: Final = (0.9, 0.3, 0.6)
END_MS: Final = 1_790_000_000_000 // HOUR_MS * HOUR_MS
RECORD: Final = """() => {
    window.frames_ = [];
    let last = performance.now();
    const step = now => { window.frames_.push(now - last); last = now; window.going_ = requestAnimationFrame(step); };
    window.going_ = requestAnimationFrame(now => { last = now; window.going_ = requestAnimationFrame(step); });
}"""


class Frames(NamedTuple):
    """Frames of one run, ms."""

    count: int
    p50: float
    p95: float
    most: float


def bars() -> str:
    """Return the answer of a chart with many bars."""
    found = simulate_market(5, ["BTC"], END_MS - BARS * HOUR_MS, BARS, "1h").bars("BTC", "1h")
    columns = (found.ts, found.open, found.high, found.low, found.close, found.volume)
    rows = [[int(ts), *map(float, values)] for ts, *values in zip(*columns, strict=True)]
    return json.dumps({"bars": rows, "lines": [], "next": None, "step_ms": HOUR_MS})


def pan(page: Any, seconds: float) -> Frames:
    """Drag towards the past, stroke by stroke, some slow and some quick; return the frames."""
    size = page.viewport_size
    left, right, y = size["width"] * 0.2, size["width"] * 0.6, size["height"] / 2
    page.mouse.move(left, y)
    page.evaluate(RECORD)
    start, stroke = time.monotonic(), 0
    while time.monotonic() - start < seconds:
        lasts, stroke = STROKES_S[stroke % len(STROKES_S)], stroke + 1
        page.mouse.move(left, y)
        page.mouse.down()
        since = time.monotonic()
        while (passed := time.monotonic() - since) < lasts:
            page.mouse.move(left + (right - left) * passed / lasts, y)
        page.mouse.up()
    times = sorted(page.evaluate("() => { cancelAnimationFrame(window.going_); return window.frames_; }"))
    return Frames(len(times), times[len(times) // 2], times[int(len(times) * 0.95)], times[-1])


def run(seconds: float) -> dict[str, Frames]:
    """Pan over an empty page and over the chart, near and with all bars in sight."""
    answer = bars()
    found = {}
    with (
        tempfile.TemporaryDirectory(prefix="vigie-panning-") as folder,
        chromium() as browser,
        site_of(Path(folder) / "home") as site,
        opened(browser, site, viewport={"width": 1_440, "height": 900}) as tab,
    ):
        page = tab.page
        page.goto("about:blank")
        found["an empty page"] = pan(page, seconds)
        page.route(
            "**/assets/chart?*", lambda route: route.fulfill(body=answer, content_type="application/json")
        )
        surface = opened_chart(page)
        surface.scroll_into_view_if_needed()
        before = page.locator(LEGEND).inner_text()
        found["the chart as it opens"] = pan(page, seconds)
        surface.focus()
        for _ in range(ZOOMS):
            page.keyboard.press("-")
        found[f"the chart after {ZOOMS} steps of zooming out"] = pan(page, seconds)
        # It moved: other bars are under the pointer.
        assert page.locator(LEGEND).inner_text() != before
        assert tab.said == [], tab.said
    return found


def told(found: dict[str, Frames]) -> str:
    """Return the table."""
    lines = [
        f"**{SECONDS:.0f} s of panning over {BARS:,} bars** (goals: p95 below {USUAL} ms, none above {LONGEST})",
        "",
        "| Panned over | frames | p50, ms | p95, ms | max, ms |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {one.count} | {one.p50:.1f} | {one.p95:.1f} | {one.most:.1f} |"
            for name, one in found.items()
        ),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/web-speed.md")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    text = (
        f"{told(run(SECONDS))}\n\nMeasured on {datetime.now(UTC).date()}, Chromium without a graphics "
        f"card, 1440 x 900, {os.cpu_count()} cores that also move the mouse and serve (load {load:.1f} at the start)."
    )
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
