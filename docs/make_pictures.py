"""Make the pictures of the report: a simulated market, a run, its page, and Chromium to look at it.

``python docs/make_pictures.py`` writes ``docs/images/report*.png``. Needs Chromium on the path and the test
dependencies; no network, no stored bars. The same code makes the same page.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from vigie import __version__
from vigie.domain.account import AccountSettings
from vigie.domain.ids import SlotId
from vigie.engine.inputs import settlements_of
from vigie.engine.journal import decision_hash
from vigie.engine.run import PlannedSlot, Run, execute
from vigie.quant.metrics.sampling import sampled_returns
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research.report import Change, ReportNotes, render_report
from vigie.sandbox.market import simulate_market
from vigie.trading import catalogue

IMAGES = Path(__file__).parent / "images"
ASSETS = ("BTC", "ETH", "SOL", "BNB")
STRATEGIES = ("macd_cross", "rsi_reversion", "ema_cross", "bollinger_squeeze", "adx_trend")
LAST = 1500
# name, width, height, scheme, part of the page or nothing for the first screen
PICTURES = (
    ("report", 1280, 1560, "light", ""),
    ("report-dark", 1280, 1560, "dark", ""),
    ("report-phone", 390, 1560, "light", ""),
    ("report-trade", 1280, 1300, "light", "#trade"),
)


def example() -> Run:
    """Return all shipped strategies of the table on four simulated assets, checks included."""
    market = simulate_market(20, list(ASSETS), 1_609_459_200_000, 1500 * 24, "1h")
    account = AccountSettings()
    plans = []
    for asset in ASSETS:
        funding = settlements_of(market.funding(asset).ts, market.funding(asset).value)
        for name in STRATEGIES:
            strategy = catalogue.load(name)
            bars = market.bars(asset, strategy.timeframe)
            bars = bars.slice(max(0, len(bars) - LAST), len(bars))
            slot = SlotId(bars.instrument, strategy.timeframe, name)
            rules = (market.asset(asset).rules,)
            plans.append(PlannedSlot(slot, bars, strategy, strategy.defaults(), rules, account, funding))
    return execute(plans, account)


def judged(run: Run) -> tuple[Verdict, str]:
    """Return the verdict on the best slot of the run, and its name."""
    days, columns = [], []
    for slot in run.slots:
        bars, first = slot.plan.bars, slot.plan.first
        ts, returns = sampled_returns(
            slot.equity, bars.ts[first:], capital=slot.summary.capital, span_ms=bars.span_ms
        )
        days.append(ts)
        columns.append(returns)
    grid = np.unique(np.concatenate(days))
    table = np.full((len(grid), len(columns)), np.nan)
    for column, (ts, returns) in enumerate(zip(days, columns, strict=True)):
        table[np.searchsorted(grid, ts), column] = returns
    best = int(np.nanargmax([slot.summary.sharpe for slot in run.slots]))
    return verdict(table, best, trials=105, seed=1), str(run.slots[best].plan.slot)


def page_of(run: Run) -> str:
    """Return the report of the example."""
    judgement, slot = judged(run)
    notes = ReportNotes(
        title="Five strategies on a simulated market",
        is_simulated=True,
        settings={
            "venue": "simulated-perp",
            "symbols": ", ".join(ASSETS),
            "strategy": ", ".join(STRATEGIES),
            "timeframe": "native",
            "last": str(LAST),
            "seed": "20",
        },
        data_fingerprint="simulated: seed 20, version 1",
        version=__version__,
        decision_hash=decision_hash(run.log),
        verdict=judgement,
        verdict_on=slot,
        changes=(Change("slippage_bps", "3", "5"),),
        previous="the run with slippage_bps 3",
        files=(
            "trades.csv",
            "summary.csv",
            "by_strategy.csv",
            "by_asset.csv",
            "equity.parquet",
            "refusals.csv",
        ),
    )
    return render_report(run, notes=notes)


def main() -> int:
    """Write the pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("Chromium is missing; install it, such as with apt-get install chromium\n")
        return 1
    IMAGES.mkdir(exist_ok=True)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page_of(example()), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if is_root else []
        )
        for name, width, height, scheme, part in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(file.as_uri() + ("#t12" if part else ""))
            page.wait_for_selector("html[data-ready]")
            target = page.locator(part) if part else page
            target.screenshot(path=str(IMAGES / f"{name}.png"))  # type: ignore[attr-defined]
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
