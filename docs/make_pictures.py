"""Make the pictures of the report and of the house on the web, with Chromium to look at them.

``python docs/make_pictures.py report`` runs strategies on a simulated market and writes ``docs/images/report*.png``:
the same code makes the same page. ``python docs/make_pictures.py house`` starts `vigie demo` in a folder of its own,
lets its market move for some minutes and writes ``docs/images/today*.png``, ``asset.png``, and the main pages on two
sheets, ``pages.png`` and ``pages-phone.png``. ``python docs/make_pictures.py studio`` draws a board of the Studio
from a simulated market into ``studio.png``, and its embed in articles of three widths into ``studio-embed.png``, and
in a house style into ``studio-style.png``. ``python docs/make_pictures.py lab`` trains two models on a simulated market
and looks at the lab (``lab.png``). Without a word all are made. Needs Chromium on the path and the test
dependencies; no network, no stored bars.
"""

from __future__ import annotations

import base64
import email
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import policy
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

# Started as a file, Python looks beside it alone.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.demonstrations import demonstration
from tests.e2e.houses import served
from tests.houses import VENUE as HOUSE_VENUE
from tests.houses import fill as house_folder
from tests.houses import house

from vigie import __version__
from vigie.config import SIMULATED_FILE
from vigie.domain.account import AccountSettings
from vigie.domain.ids import SlotId
from vigie.domain.time import parse_time
from vigie.engine.inputs import settlements_of
from vigie.engine.journal import decision_hash
from vigie.engine.run import PlannedSlot, Run, execute
from vigie.quant.metrics.sampling import sampled_returns
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research.report import ReportChange, ReportNotes, render_report
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.training import TrainingHome, train_model
from vigie.services.needs import provide
from vigie.services.studio.board import Board, BoardColumn, BoardLine, ChartPart, Credit, TablePart
from vigie.services.studio.readability import derived_colours, line_colours
from vigie.services.studio.style import HouseStyle
from vigie.trading import catalogue
from vigie.views.boards.page import board_png
from vigie.views.publishing.forms import export
from vigie_sandbox.market import simulate_market

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
# name, address, width, height, dots a pixel, scheme, what must be there
HOUSE = (
    ("today", "/", 1440, 900, 1, "light", "#watch tbody tr"),
    ("today-phone", "/", 390, 844, 2, "dark", "#watch tbody tr"),
    ("asset", "/asset/bitcoin", 1440, 900, 1, "light", "[data-chart-ready]"),
    ("signals", "/signals", 1440, 900, 1, "light", ".sketches svg"),
)
# Pages without prices that come by themselves.
STILL = ("signals",)
# The pages of the two sheets, with what must be there on each.
SHEET = (
    ("/", "#watch tbody tr"), ("/markets", "tbody tr"), ("/asset/ethereum", "[data-chart-ready]"),
    ("/derivatives", "tbody tr"), ("/onchain", "main .card"), ("/news", "tbody tr"),
    ("/mood", "main svg"), ("/backtests", "tbody tr"), ("/backtests/new", "#quick svg"),
    ("/trading", "main svg"), ("/journal", "tbody tr"), ("/alerts", "main form"),
)  # fmt: skip
# name, window, size of each on the sheet, how many in a row, scheme
SHEETS = (
    ("pages", (1440, 900), (480, 300), 3, "light"),
    ("pages-phone", (390, 844), (195, 422), 6, "dark"),
)
# name, address, width, height, language, part of the page or nothing for the first screen
PORTFOLIO = (
    ("portfolio", "/portfolio", 1280, 1000, "en-GB", ""),
    ("portfolio-phone", "/portfolio", 390, 844, "fr-FR", ""),
    ("tax-file", "/portfolio/tax?country=FR", 1280, 900, "fr-FR", "#sale"),
)
MOST_SHEET_BYTES = 400_000
# The history is imported, the first backtests have run, and prices have moved for a while.
MOVING_S = 180.0
MOST_BYTES = 250_000
# How often a demonstration is asked for its account, and seconds between.
ASKED, ASK_S = 60, 5.0
# Markets in which a plan is shown, the first that the account may enter.
PLANNED = ("btc-usdt-perp", "eth-usdt-perp", "sol-usdt-perp", "doge-usdt-perp", "bnb-usdt-perp")
# Columns of articles that the embed of a board is looked at in, in pixels.
EMBED_WIDTHS = (1_200, 600, 280)


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
        changes=(ReportChange("slippage_bps", "3", "5"),),
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


@contextmanager
def chromium() -> Iterator[Any]:
    """Open Chromium."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("Chromium is missing; install it, such as with apt-get install chromium")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if is_root else [])
        yield browser
        browser.close()


def report_pictures() -> None:
    """Write the pictures of the report."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "report.html"
        file.write_text(page_of(example()), encoding="utf-8")
        for name, width, height, scheme, part in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(file.as_uri() + ("#t12" if part else ""))
            page.wait_for_selector("html[data-ready]")
            target = page.locator(part) if part else page
            target.screenshot(path=str(IMAGES / f"{name}.png"))
            page.close()


@contextmanager
def demo() -> Iterator[str]:
    """Run the demonstration in a folder of its own and yield its link."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "vigie", "demo", "--port", "8190"],
            env={**os.environ, "VIGIE_HOME": str(Path(folder) / "pictures")},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            link = next((line.strip() for line in process.stdout if "/link/" in line), "")
            if not link:
                raise SystemExit("the demonstration ended before it printed its link")
            yield link
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def house_pictures() -> None:
    """Write the pictures of the house on the web, while its prices move."""
    with demo() as link, chromium() as browser:
        base = re.sub(r"/link/.*", "", link)
        door = browser.new_context(base_url=base)
        page = door.new_page()
        page.goto(link)
        page.locator("main button[name=skip]").click()
        kept = door.storage_state()
        time.sleep(MOVING_S)
        for name, path, width, height, dots, scheme, wanted in HOUSE:
            context = browser.new_context(
                base_url=base,
                storage_state=kept,
                viewport={"width": width, "height": height},
                device_scale_factor=dots,
                color_scheme=scheme,
                reduced_motion="reduce",
                locale="en-GB",
            )
            page = context.new_page()
            page.goto(path)
            page.wait_for_selector(wanted)
            live = "main" if name in STILL else "[data-stream-chip][data-state=live]"
            page.wait_for_selector(live)
            # As the market is now, and not as it was when somebody last looked.
            page.wait_for_function(
                "() => !document.querySelector('.tile .badge-warn, .asset-price .badge-warn')"
            )
            page.reload()
            page.wait_for_selector(wanted)
            page.wait_for_selector(live)
            page.wait_for_timeout(3_000)
            file = IMAGES / f"{name}.png"
            page.screenshot(path=str(file))
            if file.stat().st_size > MOST_BYTES:
                raise SystemExit(f"{file.name} must be at most {MOST_BYTES} bytes, was {file.stat().st_size}")
            context.close()
        for name, window, size, columns, scheme in SHEETS:
            context = browser.new_context(
                base_url=base,
                storage_state=kept,
                viewport={"width": window[0], "height": window[1]},
                color_scheme=scheme,
                reduced_motion="reduce",
                locale="en-GB",
            )
            sheet(context.new_page(), IMAGES / f"{name}.png", size, columns)
            context.close()


def plan_picture() -> None:
    """Write the picture of a plan before it is kept: its form, and what it comes to."""
    with demo() as link, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        page = context.new_page()
        page.goto(link)
        page.locator("main button[name=skip]").click()
        site = re.sub(r"/link/.*", "", link)
        # A market that the account may enter, once it runs.
        for number in range(ASKED):
            market = PLANNED[number % len(PLANNED)]
            page.goto(f"{site}/plans/new?place=bitget-perp:{market}&account=main")
            if page.locator("select[name=account] option[value=main]").count():
                page.locator("button[value=preview]").click()
                said = page.locator("#preview").inner_text()
                if "would be refused" not in said and "is not running" not in said:
                    break
            time.sleep(ASK_S)
        else:
            raise SystemExit("the account could enter no market")
        keep(page.screenshot(full_page=True), IMAGES / "plan.png")


def setup_pictures() -> None:
    """Write the pictures of a setup that was mailed, planned and traded: its page, its mail, and the record."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration(Path(folder) / "home", 8191) as link,
        chromium() as browser,
    ):
        shoot_setup(browser, link, Path(folder) / "home-demo")


def shoot_setup(browser: Any, link: str, home: Path) -> None:
    """Wait until the demonstration's plan is over, and look at what it came of."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-GB"
    )
    page = context.new_page()
    page.goto(link)
    site = re.sub(r"/link/.*", "", link)
    plan = None
    for _ in range(ASKED * 6):
        rows = page.request.get(f"{site}/api/v1/plans/list").json()["rows"]
        plan = next((row for row in rows if row["setup"] and row["state"] == "closed"), None)
        if plan is not None:
            break
        time.sleep(ASK_S)
    if plan is None:
        raise SystemExit("no plan was traded in the demonstration")
    page.goto(f"{site}/setup/{plan['setup']}?account=main")
    page.wait_for_selector("#setup-chart canvas")
    page.wait_for_timeout(1_500)
    keep(page.screenshot(), IMAGES / "setup.png")
    page.goto(f"{site}/plan/{plan['plan']}")
    page.wait_for_selector("#plan-chart canvas")
    page.wait_for_timeout(1_500)
    keep(page.screenshot(), IMAGES / "plan-traded.png")
    page.goto(f"{site}/signals")
    keep(page.locator("#record").screenshot(), IMAGES / "record.png")
    shoot_mail(browser, plan["setup"], home / "world" / "mails")


def portfolio_pictures() -> None:
    """Write the pictures of what a person owns: the page, on a phone too, the letter's mail, the French tax file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration(Path(folder) / "home", 8192) as link,
        chromium() as browser,
    ):
        mails = Path(folder) / "home-demo" / "world" / "mails"
        for _ in range(ASKED):
            if letter := letter_in(mails):
                break
            time.sleep(ASK_S)
        else:
            raise SystemExit("no letter came to the demonstration's mailbox")
        site = re.sub(r"/link/.*", "", link)
        door = browser.new_context(base_url=site)
        page = door.new_page()
        page.goto(link)
        page.locator("main button[name=skip]").click()
        kept = door.storage_state()
        for name, path, width, height, locale, part in PORTFOLIO:
            context = browser.new_context(
                base_url=site, storage_state=kept, viewport={"width": width, "height": height},
                reduced_motion="reduce", locale=locale,
            )  # fmt: skip
            page = context.new_page()
            page.goto(path)
            page.wait_for_timeout(1_500)
            keep((page.locator(part) if part else page).screenshot(), IMAGES / f"{name}.png")
            context.close()
        page = browser.new_page(viewport={"width": 800, "height": 900})
        page.set_content(letter)
        keep(page.screenshot(), IMAGES / "letter-mail.png")


def letter_in(mails: Path) -> str:
    """Return the HTML of the newest mail with a PDF; nothing where there is none."""
    for file in sorted(mails.glob("*.mail"), reverse=True):
        mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        parts = {part.get_content_type(): part for part in mail.walk()}
        if "application/pdf" in parts:
            text: str = parts["text/html"].get_content()
            return text
    return ""


def shoot_mail(browser: Any, setup: str, mails: Path) -> None:
    """Look at the mail about a setup as a mail program shows it: its text, then its picture."""
    for file in sorted(mails.glob("*.mail")):
        mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        parts = {part.get_content_type(): part for part in mail.walk()}
        if setup not in parts["text/plain"].get_content() or "image/png" not in parts:
            continue
        picture = base64.b64encode(parts["image/png"].get_content()).decode("ascii")
        text = parts["text/html"].get_content()
        page = browser.new_page(viewport={"width": 760, "height": 400})
        page.set_content(f'{text}<img alt="" width="720" src="data:image/png;base64,{picture}">')
        page.wait_for_timeout(500)
        keep(page.screenshot(full_page=True), IMAGES / "setup-mail.png")
        page.close()
        return
    raise SystemExit(f"no mail about setup {setup}")


def keep(shot: bytes, file: Path) -> None:
    """Write a picture in few colours; small ones load quickly."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    image.quantize(160, dither=Image.Dither.NONE).save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{file.name} must be at most {MOST_BYTES} bytes, was {file.stat().st_size}")


def lab_picture() -> None:
    """Write the picture of the lab: two models, one of each bar and one of a rule's signals, beside each other."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = house_folder(Path(folder) / "home")
        (home / SIMULATED_FILE).write_text('{"simulated": true}\n', encoding="utf-8")
        built = house(home)
        asked = EvaluationRequest("BTC", venue=HOUSE_VENUE, folds=6, is_for_accounts=True)
        for name, rule in (("btc_day", ""), ("btc_breakout", "donchian_breakout")):
            parts = provide(built, TrainingHome)
            train_model(parts, name, replace(asked, rule=rule), owner="owner")
        with served(built) as site:
            context = browser.new_context(
                base_url=site.url, viewport={"width": 1280, "height": 1100}, locale="en-GB"
            )
            context.add_cookies([site.cookie])
            page = context.new_page()
            page.goto("/lab?a=btc_day/1&b=btc_breakout/1")
            page.wait_for_timeout(1_500)
            keep(page.screenshot(), IMAGES / "lab.png")
            context.close()


def sheet(page: Any, file: Path, size: tuple[int, int], columns: int) -> None:
    """Put the first screens of the main pages side by side into one picture."""
    gap, rows = 12, -(-len(SHEET) // columns)
    ground = Image.new(
        "RGB", (columns * (size[0] + gap) + gap, rows * (size[1] + gap) + gap), (128, 134, 144)
    )
    for place, (path, wanted) in enumerate(SHEET):
        page.goto(path)
        page.wait_for_selector(wanted)
        page.wait_for_timeout(1_500)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        down, right = divmod(place, columns)
        ground.paste(shot, (gap + right * (size[0] + gap), gap + down * (size[1] + gap)))
    ground.quantize(160, dither=Image.Dither.NONE).save(file, optimize=True)
    if file.stat().st_size > MOST_SHEET_BYTES:
        raise SystemExit(f"{file.name} must be at most {MOST_SHEET_BYTES} bytes, was {file.stat().st_size}")


def studio_picture() -> None:
    """Draw a board of two assets over a day, a week and a month of a simulated market."""
    market = simulate_market(11, ("BTC", "ETH"), parse_time("2026-01-01"), 31 * 24, "1h")
    parts: list[ChartPart | TablePart] = []
    changes: dict[str, list[float]] = {"BTC": [], "ETH": []}
    end = 0
    for said, hours in (("24 hours", 24), ("1 week", 7 * 24), ("1 month", 30 * 24)):
        lines = []
        for asset in changes:
            bars = market.bars(asset, "1h").slice(31 * 24 - hours - 1, 31 * 24)
            values = bars.close / bars.close[0] - 1
            end = int(bars.ts[-1]) + bars.span_ms
            lines.append(
                BoardLine(asset, tuple(zip((bars.ts + bars.span_ms).tolist(), values.tolist(), strict=True)))
            )
            changes[asset].append(float(values[-1]))
        parts.append(ChartPart(f"Over {said}", "USD", True, tuple(lines)))
    columns = (BoardColumn("Asset"), *(BoardColumn(name, "share") for name in ("24 h", "1 week", "1 month")))
    parts.append(TablePart("Changes", columns, tuple((asset, *found) for asset, found in changes.items())))
    board = Board(
        title="Bitcoin and Ethereum over 24 h, 1 week, 1 month", subtitle="", note="", alt="", shape="wide",
        language="en",
        parts=tuple(parts), credits=(Credit("Vigie", "Apache-2.0"),), as_of=end, simulated=True,
    )  # fmt: skip
    (IMAGES / "studio.png").write_bytes(board_png(board, zoom=0.75))
    embedded(board)
    ground, ink = "#fff1e5", "#33302e"
    muted, rule, axis = derived_colours(ground, ink)
    style = HouseStyle(
        colours=line_colours(["#0b4a94", "#8a3b00"], ground, ink), ground=ground, ink=ink, muted=muted, rule=rule,
        axis=axis,
        name="The Example Newsroom", font="serif",
    )  # fmt: skip
    (IMAGES / "studio-style.png").write_bytes(board_png(replace(board, style=style), zoom=0.5))


def embedded(board: Board) -> None:
    """Look at a board's embed in columns of three widths, side by side."""
    figure = export(board, "embed").decode()
    columns = "".join(f'<div style="width:{width}px">{figure}</div>' for width in EMBED_WIDTHS)
    style = "margin:16px;display:flex;gap:48px;align-items:flex-start;background:#fff"
    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": sum(EMBED_WIDTHS) + 128, "height": 600}, device_scale_factor=0.6
        )
        page.set_content(f'<!doctype html><html lang="en"><body style="{style}">{columns}</body></html>')
        page.evaluate("() => document.fonts.ready")
        page.screenshot(path=str(IMAGES / "studio-embed.png"), full_page=True)
        page.close()


def main() -> int:
    """Write the pictures that were asked for."""
    makers = {
        "report": report_pictures,
        "house": house_pictures,
        "studio": studio_picture,
        "plan": plan_picture,
        "setup": setup_pictures,
        "portfolio": portfolio_pictures,
        "lab": lab_picture,
    }
    wanted = sys.argv[1:] or list(makers)
    if set(wanted) - set(makers):
        sys.stderr.write(f"pictures must be of {' or '.join(makers)}, was {' '.join(wanted)}\n")
        return 2
    IMAGES.mkdir(exist_ok=True)
    for name in wanted:
        makers[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
