"""Run Lighthouse over the pages of a demonstration whose market stands still; write docs/lighthouse.md.

Accessibility, best practices and SEO must be 100, or it fails. Performance is recorded: it depends on what else the
machine does; bytes and layout are gated by the tests.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from tests.demonstrations import demonstration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).parents[2]
DOCUMENT: Final = ROOT / "docs" / "lighthouse.md"
PROGRAM: Final = Path(__file__).parent / "node_modules" / ".bin" / "lighthouse"
BEGIN, END = "<!-- lighthouse: begin -->", "<!-- lighthouse: end -->"
PAGES: Final = {
    "Today": "/",
    "Markets": "/markets",
    "Asset": "/asset/bitcoin",
    "News": "/news",
    "Backtests": "/backtests",
    "Trading": "/trading",
    "Signals": "/signals",
    "Portfolio": "/portfolio",
}
# Asked once each, for what is gated alone.
GATED_PAGES: Final = {
    "Regulation": "/news/regulation",
    "Derivatives": "/derivatives",
    "On-chain": "/onchain",
    "Mood": "/mood",
    "Studio": "/studio",
    "Journal": "/journal",
    "Alerts": "/alerts",
    "Sources": "/sources",
    "Entity": "/entity/coin:bitcoin",
    "Portfolio letter": "/portfolio/letter",
    "Tax file": "/portfolio/tax",
    "Files of holdings": "/portfolio/files",
    "Reported by platforms": "/portfolio/reported",
    "Wallet addresses": "/portfolio/addresses",
    "Lab": "/lab",
    "Columns for models": "/columns?instrument=BTC&venue=bitget-perp&timeframe=1h",
}
FORMS: Final = {"mobile": [], "desktop": ["--preset=desktop"]}
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
GATED: Final = CATEGORIES[1:]
METRICS: Final = {
    "FCP, s": ("first-contentful-paint", 1_000),
    "LCP, s": ("largest-contentful-paint", 1_000),
    "TBT, ms": ("total-blocking-time", 1),
    "CLS": ("cumulative-layout-shift", 1),
}
PORT: Final = 18_700
WAIT_S: Final = 150
SETUP_WAIT_S: Final = 900
TRIES: Final = 3


@contextmanager
def paused() -> Iterator[str]:
    """Start a demonstration, wait until its first jobs are done, let the market stand; give its address."""
    with tempfile.TemporaryDirectory(prefix="vigie-lighthouse-") as folder:
        home = Path(folder) / "home"
        with demonstration(home, PORT) as link:
            site = link.partition("/link/")[0]
            _wait_for_runs(site)
            said = (home.with_name("home-demo") / "logs" / "sandbox.log").read_text()
            world = said.partition("world ready at ")[2].split()[0]
            subprocess.run(
                [sys.executable, "-m", "vigie", "sandbox", "clock", "--pause", "--url", world], check=True
            )
            yield site


def _wait_for_runs(site: str) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        with (
            suppress(OSError, ValueError),
            urllib.request.urlopen(f"{site}/api/v1/backtests/list", timeout=10) as answer,
        ):
            if len(json.load(answer)["rows"]) >= 2:
                return
        time.sleep(2)
    print("the first backtests are not done yet; going on without", flush=True)


def newest_story(site: str) -> str:
    """Return the address of the largest story of the day; there has to be one."""
    with urllib.request.urlopen(f"{site}/api/v1/stories/top", timeout=30) as answer:
        return f"/story/{json.load(answer)['rows'][0]['story']}"


def a_setup(site: str) -> str:
    """Return the address of the newest setup; there is one once the account's past is replayed."""
    end = time.monotonic() + SETUP_WAIT_S
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{site}/api/v1/setups/list?limit=1", timeout=30) as answer:
            rows = json.load(answer)["rows"]
        if rows:
            replayed = "&replayed=1" if rows[0]["is_replayed"] else ""
            return f"/setup/{rows[0]['setup']}?account={rows[0]['account']}{replayed}"
        time.sleep(2)
    raise SystemExit("the demonstration has no setup")


def report(url: str, form: str, categories: Sequence[str] = CATEGORIES) -> dict[str, Any]:
    """Run Lighthouse once."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None or not PROGRAM.exists():
        raise SystemExit("lighthouse needs Chromium on PATH and `npm ci` in tests/lighthouse")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = "--headless=new --disable-gpu --disable-dev-shm-usage" + (" --no-sandbox" if is_root else "")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        words = [
            str(PROGRAM), url, "--quiet", "--output=json", f"--output-path={out}", f"--chrome-flags={flags}",
            f"--only-categories={','.join(categories)}", *FORMS[form],
        ]  # fmt: skip
        environ = {**os.environ, "CHROME_PATH": chromium}
        for _ in range(TRIES):
            done = subprocess.run(
                words, env=environ, check=False, stderr=subprocess.PIPE, text=True, timeout=180
            )
            # The browser's trace is empty now and then; Lighthouse asks for another run itself.
            if not done.returncode or "run Lighthouse again" not in done.stderr:
                break
        if done.returncode:
            said = done.stderr[-2_000:]
            raise SystemExit(f"lighthouse ended with {done.returncode} on {url} ({form}):\n{said}")
        found: dict[str, Any] = json.loads(out.read_text("utf-8"))
        return found


def faults(found: dict[str, Any]) -> list[str]:
    """Return what kept the gated categories below 100."""
    lines = []
    for category in GATED:
        for one in found["categories"][category]["auditRefs"]:
            audit = found["audits"][one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 1:
                items = json.dumps(audit.get("details", {}).get("items", [])[:3])[:600]
                lines.append(f"{category}: {one['id']}: {audit['title']} {items}")
    return lines


def main() -> int:
    """Run everything, write the table, fail where a gated score is below 100."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--form", choices=[*FORMS], action="append")
    parser.add_argument("--site", help="ask this address instead of a new demonstration")
    given = parser.parse_args()
    if given.site:
        return measure(given.site, given.runs, given.form or list(FORMS))
    with paused() as site:
        return measure(site, given.runs, given.form or list(FORMS))


def measure(site: str, runs: int, forms: list[str]) -> int:
    """Measure every page."""
    rows, wrong, load = [], [], os.getloadavg()[0]
    pages = {**PAGES, "Setup": a_setup(site)}
    for form in forms:
        for name, path in pages.items():
            found = [report(site + path, form) for _ in range(runs)]
            scores = {
                one: median(100 * (each["categories"][one]["score"] or 0) for each in found)
                for one in CATEGORIES
            }
            figures = {
                title: median(each["audits"][audit]["numericValue"] for each in found) / unit
                for title, (audit, unit) in METRICS.items()
            }
            wrong += _missed(found, f"{form} {name}")
            cells = [f"{scores[one]:.0f}" for one in CATEGORIES]
            cells += [f"{value:.0f}" if "ms" in title else f"{value:.2f}" for title, value in figures.items()]
            rows.append(f"| {name} | {form} | {' | '.join(cells)} |")
            print(rows[-1], flush=True)
        for name, path in {**GATED_PAGES, "Story": newest_story(site)}.items():
            found = [report(site + path, form, GATED)]
            cells = [f"{100 * (found[0]['categories'][one]['score'] or 0):.0f}" for one in GATED]
            wrong += _missed(found, f"{form} {name}")
            rows.append(f"| {name} | {form} | | {' | '.join(cells)} |{' |' * len(METRICS)}")
            print(rows[-1], flush=True)
    print("\n".join(wrong))
    _write(rows, runs, load)
    return 1 if wrong else 0


def _missed(found: Sequence[dict[str, Any]], page: str) -> list[str]:
    """Return what is said where a gated score is below 100."""
    if all(median(one["categories"][each]["score"] or 0 for one in found) == 1 for each in GATED):
        return []
    return [f"{page}: {line}" for line in faults(found[-1]) or ["below 100"]]


def _write(rows: list[str], runs: int, load: float) -> None:
    titles = ["Page", "Form", "Performance", "Accessibility", "Best practices", "SEO", *METRICS]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *rows]
    told = (
        f"Median of {runs} on {datetime.now(UTC).date()}, Lighthouse 12.8.2, {os.cpu_count()} processors "
        f"shared with other work (load {load:.1f} at the beginning)."
    )
    page = DOCUMENT.read_text("utf-8")
    head, _, rest = page.partition(BEGIN)
    text = "\n".join([*lines, "", told])
    DOCUMENT.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
