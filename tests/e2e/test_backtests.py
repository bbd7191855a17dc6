"""Backtests in a real browser: no faults of accessibility, ordered without scripts, watched live with them."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

from tests import houses
from tests.e2e.houses import IS_EDITOR, OVER, faults_of, served, tab, tabs
from tests.unit.services.desk_material import FIRST, house_with_results
from vigie.services.operation_calls import run_operation
from vigie.services.running.worker import Worker

pytestmark = pytest.mark.browser
SLOT = "binance-perp:btc-usdt-perp/4h/ema_cross"
SHOWN = (
    "/backtests", "/backtests/new", "/backtests/{first}", "/backtests/{first}?part=slots",
    "/backtests/{first}?part=trades",
    "/backtests/{second}?part=refusals", "/backtests/{first}?part=figures", "/backtests/{second}?part=basis",
    "/backtests/{sweep}", "/backtests/compare?a={first}&b={second}", "/strategies", "/strategies/ema_cross",
    "/strategies/ema_cross?switched=" + SLOT + "&to=on", "/jobs", "/jobs/{running}", "/jobs/{failed}",
    "/jobs/files?files={file}&venue=other-spot",
)  # fmt: skip


@pytest.fixture(scope="module")
def used(browser):
    with tabs(browser) as use:
        yield use


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Serve a house with results, a running job, a failed one and a slot that is on."""
    house, runs = house_with_results(tmp_path_factory.mktemp("filled") / "home")
    me = houses.person()
    run_operation(house, me, "strategies.switch", {"slots": [SLOT]})
    names = dict(runs)
    for name in ("failed", "running"):
        names[name] = run_operation(house, me, "backtests.start", FIRST).id
        house.jobs.take("elsewhere", ["backtest"], stale_ms=10_000_000)
    house.jobs.finish(names["failed"], "elsewhere", "failed", message="no bars are stored")
    house.jobs.beat(names["running"], "elsewhere", progress=0.4, message="trading 4 of 10")
    text = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-01,1.5,2,1,1,1,9\n2024-01-02,1,2,1,1,1,9\n,1,2,1,1,1,9\n"
    names["file"] = run_operation(
        house, me, "jobs.put_file", {"text": text, "symbol": "BTCUSD", "timeframe": "1d"}
    ).file
    with served(house) as site:
        yield site, names


@contextmanager
def worker_of(house):
    worker = Worker(house, name="here")
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


@pytest.mark.parametrize(("language", "scheme", "width"), [("en-GB", "dark", 1280), ("fr-FR", "light", 320)])
@pytest.mark.parametrize("path", SHOWN)
def test_no_part_of_a_result_has_faults_of_accessibility(used, filled, path, language, scheme, width):
    site, names = filled
    size = {"width": width, "height": 800}
    with used(site, locale=language, color_scheme=scheme, viewport=size) as opened:
        opened.page.goto(path.format(**names))
        assert faults_of(opened.page) == []
        assert opened.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert opened.page.evaluate(OVER) == []


def test_a_backtest_is_ordered_and_read_without_scripts(browser, tmp_path):
    house = houses.house(tmp_path / "home")
    with served(house) as site, tab(browser, site, java_script_enabled=False, locale="en-GB") as opened:
        page = opened.page
        page.goto("/backtests/new")
        page.get_by_role("checkbox", name="macd_cross").check()
        page.get_by_label("Last N bars").fill("400")
        page.get_by_label("Timeframe").select_option("4h")
        page.get_by_role("button", name="Run backtest").click()
        assert "Waiting for a worker." in page.inner_text("main")
        (job,) = house.jobs.list()
        with worker_of(house):
            houses.until(lambda: house.jobs.get(job.id).state == "done")
        page.get_by_role("link", name="Refresh").click()
        page.get_by_role("link", name="Open the result").click()
        assert "Could it be luck?" in page.inner_text("main")


def test_the_editor_follows_the_keyboard(browser, tmp_path):
    house = houses.house(tmp_path / "home")
    with worker_of(house), served(house) as site, tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/backtests/new")
        headline = page.locator("#quick").get_by_text("holding")
        headline.wait_for()
        assert page.evaluate(IS_EDITOR, ["#quick", "#order"])
        page.locator("#g-costs summary").focus()
        page.keyboard.press("Enter")
        field = page.get_by_label("Slippage")
        field.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("40")
        page.locator("#quick").get_by_text("Before the change").wait_for()
        # The result is read out, the keyboard stays where it was, and the address holds what is shown.
        assert page.evaluate("document.activeElement.id") == field.get_attribute("id")
        assert page.locator("#quick [role=status]").inner_text()
        page.keyboard.press("Control+A")
        page.keyboard.type("x")
        page.locator("#quick").get_by_text("slippage_bps: must be a number").wait_for()
        # The browser tells of the refused form, and of nothing else.
        assert ["400" in text for text in opened.said] == [True]
        opened.said.clear()
        assert headline.is_visible()
        page.keyboard.press("Control+A")
        page.keyboard.type("30")
        page.wait_for_function("() => !document.querySelector('#quick .field-error, #quick[aria-busy]')")
        page.reload()
        assert headline.is_visible()
        assert page.get_by_label("Slippage").input_value() == "30"
        page.get_by_label("Slippage").press("Enter")
        page.wait_for_url("**/jobs/j*")


def test_the_editor_without_scripts_is_a_form(browser, tmp_path):
    house = houses.house(tmp_path / "home")
    with worker_of(house), served(house) as site, tab(browser, site, java_script_enabled=False) as opened:
        page = opened.page
        page.goto("/backtests/new")
        page.get_by_label("Last N bars").fill("600")
        page.get_by_role("button", name="Quick result").click()
        houses.until(lambda: house.jobs.list()[0].state == "done")
        page.goto(page.url)
        assert "holding" in page.inner_text("#quick")
        assert page.get_by_label("Last N bars").input_value() == "600"


def test_a_running_job_moves_by_itself_until_its_result_is_offered(browser, tmp_path):
    house = houses.house(tmp_path / "home")
    job = run_operation(house, houses.person(), "backtests.start", FIRST)
    house.jobs.take("w", ["backtest"], stale_ms=60_000)
    with served(house) as site, tab(browser, site, locale="fr-FR") as opened:
        page = opened.page
        page.goto(f"/jobs/{job.id}")
        assert float(page.get_by_role("progressbar").get_attribute("value")) == 0.0
        house.jobs.beat(job.id, "w", progress=0.5, message="trading 5 of 10")
        page.get_by_text("50,00").wait_for()
        page.get_by_text("simulation des trades : 5 sur 10").wait_for()
        house.jobs.finish(job.id, "w", "done", message="done", answer={"run": "r1"})
        page.get_by_role("link", name="Voir le résultat").wait_for()
        assert page.locator("progress").count() == 0
