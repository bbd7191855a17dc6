"""One whole first visit, from the printed link to a report: in both languages, by keys alone, narrow, unscripted."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import polars as pl
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import LINK, faults_of, served, tab
from tests.houses import house, until
from vigie.domain.quote import Quote
from vigie.services.running.worker import Worker
from vigie.views.web.language import UserLanguage

pytestmark = pytest.mark.browser
WAIT = 60_000
ASSETS = {"btc": 50_000.0, "eth": 2_500.0, "sol": 120.5}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TOOLS = "[data-chart-tools] .chart-tools-opener"
SURFACE = "[data-chart-surface]"
# The ring may be around what the focused link stands for: a whole tile, one of a few choices.
FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return "";
    const box = one.getBoundingClientRect();
    const isRinged = [one, one.closest(".tile"), one.parentElement, one.querySelector("rect")].some((part) => {
        if (!part) return false;
        const style = getComputedStyle(part);
        const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
        return isOutlined || (part.tagName === "rect" && parseFloat(style.strokeWidth) >= 2);
    });
    const isSeen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return isRinged && isSeen ? "seen" : `${one.outerHTML.slice(0, 160)} ringed ${isRinged} seen ${isSeen}`;
}"""


@contextmanager
def working(built):
    """Run a worker beside the test, as `vigie up` does."""
    worker = Worker(built, name="of-a-visit")
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(30)


@pytest.fixture
def site(tmp_path):
    built = house(tmp_path / "home")
    now = built.clock.wall_now()
    built.quotes.put(
        Quote("binance-perp", f"{name}-usdt-perp", now, now, last, change_24h=0.012, volume_24h=5e7)
        for name, last in ASSETS.items()
    )
    with served(built) as opened, working(built):
        yield opened


class Guest:
    """Somebody who has never been here, with a mouse.

    Parameters
    ----------
    page : Page
    lang : UserLanguage
    has_scripts : bool
    """

    def __init__(self, page, lang, *, has_scripts=True):
        self.page, self.lang, self.has_scripts = page, lang, has_scripts

    def press(self, selector):
        """Use a link, a button or a box."""
        self.page.locator(selector).first.click()

    def choose(self, selector, value):
        """Choose one of a list."""
        self.page.locator(selector).select_option(value)

    def write(self, selector, text):
        """Fill a field."""
        self.page.locator(selector).fill(text)

    def tick(self, selector, wanted=True):
        """Set a box."""
        self.page.locator(selector).set_checked(wanted)

    def visit(self, path):
        """Go to another page of the menu."""
        entry = self.page.locator(f".site-header a[href='{path}']").first
        if not entry.is_visible():
            listed = self.page.locator(f"details.menu:has(a[href='{path}']) > summary").first
            if listed.is_visible():
                listed.click()
            else:
                # On a phone what does not fit the bar is behind More.
                self.press(".site-nav a[href='/search']")
                entry = self.page.locator(f"#found a[href='{path}']").first
        entry.click()
        self.arrived(path)

    def search(self, words, path):
        """Go to what has a name; without scripts by the table of prices."""
        if self.has_scripts:
            self.page.keyboard.press("Control+k")
            self.page.keyboard.type(words)
            self.page.locator("[role=option]", has_text=re.compile(words, re.I)).first.wait_for()
            self.page.keyboard.press("Enter")
        else:
            self.page.goto("/markets")
            self.press(f"main table a[href^='{path}']")
        self.arrived(path)

    def draw(self):
        """Draw a level with two clicks."""
        # On a phone one button holds the tools.
        if self.page.locator(TOOLS).first.is_visible():
            self.press(TOOLS)
        self.press(
            ".chart-draw button[aria-label='"
            + {"en": "Horizontal line", "fr": "Ligne horizontale"}[self.here]
            + "']"
        )
        surface = self.page.locator(SURFACE).first
        box = surface.bounding_box()
        surface.click(position={"x": box["width"] / 2, "y": box["height"] / 3})

    def arrived(self, path):
        """Every page one lands on has one heading, one language, and fits its window."""
        self.page.wait_for_url(re.compile(re.escape(path) + r"(\?.*)?(#.*)?$"), timeout=WAIT)
        expect(self.page.locator("h1")).to_have_count(1, timeout=WAIT)
        assert self.page.locator("html").get_attribute("lang") == self.here
        assert (
            self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            <= 0
        )

    @property
    def here(self):
        """The language of what is read."""
        return self.lang.language


class Typist(Guest):
    """Somebody without a mouse: Tab, Enter, Space, arrows; the focus is always somewhere, and seen."""

    def reach(self, selector, most=220):
        """Press Tab until something has the focus."""
        is_there = "selector => document.activeElement?.matches(selector) ?? false"
        if self.page.evaluate(is_there, selector):
            return
        for _ in range(most):
            self.page.keyboard.press("Tab")
            told, is_reached = self.page.evaluate(
                f"selector => [({FOCUS})(), ({is_there})(selector)]", selector
            )
            # After the last stop the focus leaves for the browser's own bar once.
            assert told in ("seen", ""), told
            if is_reached:
                return
        raise AssertionError(f"{selector} is not reached by {most} times Tab")

    def press(self, selector):
        self.reach(selector)
        self.page.keyboard.press("Enter")

    def choose(self, selector, value):
        self.reach(selector)
        options = self.page.locator(f"{selector} option").evaluate_all("all => all.map(one => one.value)")
        chosen = self.page.locator(selector).input_value()
        step = "ArrowDown" if options.index(value) > options.index(chosen) else "ArrowUp"
        for _ in range(abs(options.index(value) - options.index(chosen))):
            self.page.keyboard.press(step)
        assert self.page.locator(selector).input_value() == value

    def write(self, selector, text):
        self.reach(selector)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def tick(self, selector, wanted=True):
        if self.page.locator(selector).is_checked() != wanted:
            self.reach(selector)
            self.page.keyboard.press("Space")

    def visit(self, path):
        self.page.keyboard.press("Tab")
        self.press(".skip-link") if self.page.evaluate(
            "document.activeElement.matches('.skip-link')"
        ) else None
        entry = self.page.locator(f".site-header a[href='{path}']").first
        if not entry.is_visible():
            self.press(f"details.menu:has(a[href='{path}']) > summary")
        self.press(f".site-header a[href='{path}']")
        self.arrived(path)

    def draw(self):
        # On a phone one button holds the tools.
        if self.page.locator(TOOLS).first.is_visible():
            self.press(TOOLS)
        self.press(
            ".chart-draw button[aria-label='"
            + {"en": "Horizontal line", "fr": "Ligne horizontale"}[self.here]
            + "']"
        )
        self.reach(SURFACE)
        self.page.keyboard.press("ArrowLeft")
        self.page.keyboard.press("Enter")


def welcomed(guest):
    """Begin at the doors, where the link leads: choose the language, go through one, name two assets."""
    page = guest.page
    # The link leads there until somebody went through a door.
    if not page.url.endswith("/welcome"):
        page.goto("/welcome")
    with page.expect_navigation():
        guest.press(f"main button[name=language][value={guest.here}]")
    guest.arrived("/welcome")
    guest.press("main button[name=persona][value=beginner]")
    page.wait_for_url("**/welcome?step=assets")
    for asset in ("solana", "bitcoin"):
        guest.tick(f"main input[name=asset][value={asset}]")
    guest.press("main .form-actions .button-primary")
    if guest.has_scripts:
        guest.arrived("/")
        # The tour covers nothing of what comes: who does not want it leaves.
        guest.press(".tour .button-quiet")
    else:
        guest.arrived("/tour")
        guest.press("a.brand")
    guest.arrived("/")
    names = page.locator("#watch tbody th a").all_inner_texts()
    assert sorted(names) == ["Bitcoin", "Solana"]
    assert page.locator("main a[href='/welcome']").count() == 0


def read_markets(guest):
    """Sort the prices, and compare every file with what is on the screen."""
    page = guest.page
    guest.visit("/markets")
    # Largest first, then the smallest.
    for order in (["Bitcoin", "Ethereum", "Solana"], ["Solana", "Ethereum", "Bitcoin"]):
        guest.press("#prices a.sort[data-column=price_usd]")
        expect(page.locator("#prices tbody th a")).to_have_text(order)
    assert "sort=" in page.url
    page.reload()
    expect(page.locator("#prices tbody th a")).to_have_text(["Solana", "Ethereum", "Bitcoin"])
    shown = {
        row.locator("th a").inner_text(): row.locator("td").first.inner_text().strip()
        for row in page.locator("#prices tbody tr").all()
    }
    for kind, read in (
        ("CSV", csv),
        ("JSON", json_rows),
        ("XLSX", xlsx),
        ("Parquet", pl.read_parquet),
    ):
        # With scripts the list closes once a file of it was taken.
        if not page.locator(f".exports a[href*='/markets/list.{kind.lower()}']").first.is_visible():
            guest.press("details:has(.exports a[href*='/markets/list.']) > summary")
        with page.expect_download() as fetched:
            guest.press(f".exports a[href*='/markets/list.{kind.lower()}']")
        frame = read(io.BytesIO(fetched.value.path().read_bytes()))
        prices = dict(zip(frame["name"].to_list(), frame["price_usd"].to_list(), strict=True))
        assert {name: guest.lang.unit(float(value), "usd") for name, value in prices.items()} == shown, kind


def csv(body):
    """Read the rows; what follows them says where they are from."""
    rows = [
        line for line in body.read().decode("utf-8-sig").splitlines() if not line.lstrip('"').startswith("#")
    ]
    return pl.read_csv("\n".join(rows).encode(), infer_schema_length=None)


def json_rows(body):
    return pl.DataFrame(json.load(body)["rows"], infer_schema_length=None)


def xlsx(body):
    """Read the first sheet as a spreadsheet does: words by their number, numbers as they are."""
    with zipfile.ZipFile(body) as book:
        words = ["".join(one.itertext()) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{SHEET}row"):
        cells = {}
        for cell in row:
            value = cell.findtext(f"{SHEET}v")
            column = cell.attrib["r"].rstrip("0123456789")
            cells[column] = words[int(value)] if cell.attrib.get("t") == "s" else float(value)
        rows.append(cells)
    return pl.DataFrame([{name: row.get(at) for at, name in rows[0].items()} for row in rows[1:]])


def screened(guest):
    """Add a condition; its address brings the same rows back."""
    page = guest.page
    guest.press("main .tabs a[href='/markets/screener']")
    guest.arrived("/markets/screener")
    guest.choose("#f-field", "price")
    guest.write("#f-bound", {"en": "1000", "fr": "1 000,0"}[guest.here])
    guest.press("#conditions .editor-foot button")
    page.wait_for_url("**where=price*")
    expect(page.locator("#conditions details[id^='condition-']:not(#condition-new)")).to_have_count(1)
    found = page.locator("#found tbody th a")
    assert sorted(found.all_inner_texts()) == ["Bitcoin", "Ethereum"]
    there = page.url
    page.goto(there)
    assert sorted(found.all_inner_texts()) == ["Bitcoin", "Ethereum"]


def drawn(guest):
    """Look at an asset over another range; what is drawn there is there again after a reload."""
    page = guest.page
    guest.search("bitcoin", "/asset/bitcoin")
    if guest.has_scripts:
        page.wait_for_selector("[data-chart-ready]", timeout=WAIT)
    guest.press("#chart .segments a[href*='range=1y']")
    page.wait_for_url("**range=1y*")
    if not guest.has_scripts:
        assert page.locator("#chart .chart-stage > svg").is_visible()
        return
    page.wait_for_selector("[data-chart-ready]", timeout=WAIT)
    with page.expect_response(lambda answer: answer.request.method == "PUT") as told:
        guest.draw()
    assert told.value.status == 200
    page.reload()
    page.wait_for_selector("[data-chart-ready]", timeout=WAIT)
    kept = page.evaluate("fetch('/asset/bitcoin/drawings').then(answer => answer.json())")
    assert [one["kind"] for one in kept["drawings"]] == ["horizontal"]


def tried(guest):
    """Order a backtest, watch it to its end and read its report."""
    page = guest.page
    guest.visit("/backtests")
    guest.press("main .page-head a[href='/backtests/new']")
    for box in page.locator("#order input[name=strategies]:checked").all():
        guest.tick(f"#order input[name=strategies][value={box.get_attribute('value')}]", wanted=False)
    guest.tick("#order input[name=strategies][value=ema_cross]")
    for box in page.locator("#order input[name=assets]:checked").all():
        guest.tick(f"#order input[name=assets][value={box.get_attribute('value')}]", wanted=False)
    guest.tick("#order input[name=assets][value=bitcoin]")
    guest.choose("#order select[name=timeframe]", "4h")
    guest.press("#order button[name=what][value=backtest]")
    page.wait_for_url(re.compile(r"/jobs/[^/]+$"), timeout=WAIT)
    result = page.locator("#job a.button[href^='/backtests/']")
    if guest.has_scripts:
        expect(result).to_be_visible(timeout=WAIT)
    else:
        until(lambda: result.count() or not page.reload())
    guest.press("#job a.button[href^='/backtests/']")
    page.wait_for_url(re.compile(r"/backtests/[^/]+$"))
    assert page.locator("h1").count() == 1
    assert page.locator("#verdict").inner_text()
    run = urlsplit(page.url).path.rsplit("/", 1)[1]
    guest.press(".tabs a[href*='part=trades']")
    page.wait_for_url("**part=trades*")
    rows = page.locator("table.table tbody tr").count()
    guest.press("details:has(a[href*='/backtests/trades.csv']) > summary")
    with page.expect_download() as fetched:
        guest.press(f"a[href*='/backtests/trades.csv'][href*='{run}']")
    frame = csv(io.BytesIO(fetched.value.path().read_bytes()))
    # Rows in sight and of all, where these are more.
    total = max(map(int, re.findall(r"\d+", page.locator(".table-foot span").first.inner_text())))
    assert 0 < rows <= total == len(frame)


def settled(guest):
    """Change a setting and take it back."""
    page = guest.page
    guest.visit("/settings")
    before = page.locator("#f-currency").input_value()
    guest.choose("#f-currency", "eur")
    guest.press("#look .form-actions button")
    page.wait_for_url("**saved=*")
    assert "saved" in parse_qs(urlsplit(page.url).query)
    assert page.locator("#f-currency").input_value() == "eur"
    guest.press("[data-undo] button")
    page.wait_for_function(
        "before => document.querySelector('#f-currency')?.value === before", arg=before
    ) if guest.has_scripts else until(lambda: page.locator("#f-currency").input_value() == before)


STEPS = (welcomed, read_markets, screened, drawn, tried, settled)


def let_in(page):
    """Use the link that was printed."""
    page.goto(f"/link/{LINK}")
    page.wait_for_url(re.compile(r"/(welcome)?$"))
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(("language", "width"), [("en-GB", 1280), ("fr-FR", 320)])
def test_a_first_visit_leads_from_the_link_to_a_report_in_a_wide_window_and_a_narrow_one(
    browser, site, language, width
):
    size = {"width": width, "height": 720}
    with tab(browser, site, is_owner=False, locale=language, viewport=size) as opened:
        let_in(opened.page)
        guest = Guest(opened.page, UserLanguage(language[:2]))
        for step in STEPS:
            step(guest)
        assert faults_of(opened.page) == []


def test_a_first_visit_needs_no_script(browser, site):
    with tab(browser, site, is_owner=False, locale="en-GB", java_script_enabled=False) as opened:
        let_in(opened.page)
        guest = Guest(opened.page, UserLanguage("en"), has_scripts=False)
        for step in STEPS:
            step(guest)
        # Nothing was posted twice by going back: each form led on to an address of its own.
        opened.page.go_back()
        assert opened.page.locator("h1").count() == 1


def test_a_first_visit_needs_no_mouse(browser, site):
    with tab(browser, site, is_owner=False, locale="en-GB") as opened:
        page = opened.page
        let_in(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('.skip-link')")
        assert page.evaluate(FOCUS) == "seen"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        guest = Typist(page, UserLanguage("en"))
        for step in STEPS:
            step(guest)


def test_help_and_palette_give_the_focus_back(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/markets")
        page.wait_for_selector("[data-state=live]")
        page.locator("#prices a.sort").first.focus()
        for key, name in (("?", "Shortcuts"), ("Control+k", "Search pages, assets, news")):
            page.keyboard.press(key)
            box = page.get_by_role("dialog", name=name)
            expect(box).to_be_visible()
            assert page.evaluate("document.querySelector('dialog:modal').contains(document.activeElement)")
            if key == "?":
                # The keys of the page, what it is for, and where more is told.
                expect(box).to_contain_text(page.locator("meta[name=description]").get_attribute("content"))
                expect(box.get_by_role("link", name="Help")).to_have_attribute("href", "/help")
            page.keyboard.press("Escape")
            expect(box).not_to_be_visible()
            assert page.evaluate("document.activeElement.matches('#prices a.sort')")
            assert page.evaluate(FOCUS) == "seen"
