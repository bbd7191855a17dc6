"""How soon a browser shows a page, and how soon a changed setting has its backtest, in a running demonstration.

A demonstration runs until its account has a past, and stays while Chromium opens each of six pages again and again,
without what it kept, changes one setting of a new backtest after the other, and opens the form anew: soon after the
last backtest, and when nothing asked for one for so long that the processes of jobs have ended. First paint is the
browser's own figure (``first-contentful-paint``); a result counts from the change, or the opening, to the moment when
its figure stands on the page.
``python -m benchmarks.web_browser --write`` puts the tables into docs/web-speed.md. Linux only.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.e2e.houses import chromium
from tests.lighthouse.run import PAGES

from benchmarks.marked import put
from benchmarks.web_first import demonstration_with_past
from benchmarks.web_load import PAGE

NAME: Final = "web browser"
LOADS: Final = 20
RESULTS: Final = 20
OPENINGS: Final = 10
# Longer than the processes that run jobs stay alive without a job.
REST_S: Final = 90
# Shorter: the process is ready.
WARM_S: Final = 5
# The goals: the median of first paints, the 95th percentile of results; ms.
PAINT, RESULT = 300, 2_000
PAINTED: Final = """() => new Promise(done => {
    const read = () => {
        const [entry] = performance.getEntriesByName("first-contentful-paint");
        if (entry) done(entry.startTime); else requestAnimationFrame(read);
    };
    read();
})"""
# The result of the newest change, and none that is older or on its way.
SHOWN: Final = """before => {
    const done = document.querySelector("#quick:not([aria-busy]) input[name=before]");
    return done && done.value && done.value !== before;
}"""


def first_paints(browser: Any, site: str, kept: Any) -> dict[str, list[float]]:
    """Return the first paints of each page, ms, each in a window that keeps nothing."""
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    for _ in range(LOADS):
        for name, path in PAGES.items():
            context = browser.new_context(
                base_url=site, storage_state=kept, viewport={"width": 1_440, "height": 900}
            )
            page = context.new_page()
            page.goto(path)
            found[name].append(float(page.evaluate(PAINTED)))
            context.close()
    return found


def results(page: Any) -> list[float]:
    """Return how long each changed setting took to its result, ms."""
    page.goto("/backtests/new")
    page.wait_for_function(SHOWN, arg="")
    page.locator("#g-costs summary").click()
    times = []
    for number in range(RESULTS):
        before = page.locator("#quick input[name=before]").input_value()
        start = time.perf_counter()
        page.locator("[name=stop_atr]").fill(f"{1.5 + number / 20:.2f}")
        page.wait_for_function(SHOWN, arg=before)
        times.append((time.perf_counter() - start) * 1_000)
    return times


def first_results(page: Any, rest_s: float) -> list[float]:
    """Return how long the form took from its opening to its first result, after each rest, sorted, ms."""
    times = []
    for _ in range(OPENINGS):
        page.goto("about:blank")
        time.sleep(rest_s)
        start = time.perf_counter()
        page.goto("/backtests/new")
        page.wait_for_function(SHOWN, arg="")
        times.append((time.perf_counter() - start) * 1_000)
    return sorted(times)


def run() -> str:
    """Measure; return the tables."""
    with (
        tempfile.TemporaryDirectory(prefix="vigie-browser-") as folder,
        demonstration_with_past(Path(folder) / "home") as link,
        chromium() as browser,
    ):
        site = link.partition("/link/")[0]
        door = browser.new_context(base_url=site)
        page = door.new_page()
        page.goto(link)
        page.locator("main button[name=skip]").click()
        times = sorted(results(page))
        warm, first = first_results(page, WARM_S), first_results(page, REST_S)
        paints = first_paints(browser, site, door.storage_state())
    lines = [
        f"**First paint of pages**, {LOADS} loads each with nothing kept (goal: median below {PAINT} ms)",
        "",
        "| Page | p50, ms | p95, ms |",
        "|---|---|---|",
        *(
            f"| {name} | {median(one):.0f} | {sorted(one)[int(len(one) * 0.95)]:.0f} |"
            for name, one in paints.items()
        ),
        "",
        (
            f"**From a changed setting to its quick backtest**, {RESULTS} changes (goal: p95 below {RESULT} ms): "
            f"median {median(times):.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms, longest {times[-1]:.0f} ms."
        ),
        "",
        (
            f"**From opening the form to its first quick backtest**, {OPENINGS} openings each: where the process of "
            f"jobs is ready (goal: p95 below {RESULT} ms) median {median(warm):.0f} ms, longest {warm[-1]:.0f} ms, "
            f"else (it ended after {REST_S} s without a job) median {median(first):.0f} ms, longest {first[-1]:.0f} ms."
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
        f"{run()}\n\nMeasured on {datetime.now(UTC).date()}, Linux, {os.cpu_count()} cores that also run the "
        f"demonstration and Chromium (load {load:.1f} at the start)."
    )
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
