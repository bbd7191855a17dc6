"""The editor of a backtest: quick results by a worker, compared with the one before, counted as trials."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager

import pytest

from tests import houses
from vigie.services.needs import provide
from vigie.services.running.work import COMPILING, quick
from vigie.services.running.worker import Worker
from vigie.services.runs.run_orders import OrderSources, RunOrder, order_to_request

FORM = {"strategies": "ema_cross", "assets": "bitcoin", "timeframe": "4h", "last": "600"}


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


def result_of(text):
    return re.search(r'<section class="card hero" id="quick".*?</section>', text, re.DOTALL)[0]


def words_of(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def order(browser, house, **changes):
    """Post the form, wait for the worker, and return the page it leads to."""
    response = browser.post("/backtests/quick", {**FORM, **changes})
    job = re.search(r"quick=(j[0-9a-f]+)", str(response.url))[1]
    houses.until(lambda: house.jobs.get(job).state == "done")
    return job, browser.get(response.url.path + "?" + response.url.query.decode()).text


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """Try two settings one after the other and return what was shown."""
    house = houses.house(tmp_path_factory.mktemp("editor") / "home")
    browser = houses.Browser(house)
    with worker_of(house):
        first, before = order(browser, house)
        second, after = order(browser, house, before=first, slippage_bps="40")
    return house, browser, (first, before), (second, after)


def test_a_setting_shows_its_result_and_keeps_itself_in_the_form(tried):
    _, _, (_, before), (_, after) = tried
    for text in (before, after):
        assert re.search(r"[+−][\d.]+%, holding [+−]?[\d.]+%", words_of(result_of(text)))
        assert re.search(r'name="last" [^>]*value="600"|value="600"[^>]* name="last"', text)
        assert "aria-busy" not in result_of(text)


def test_a_change_is_told_beside_what_was_before_it(tried):
    _, _, (_, before), (_, after) = tried
    assert "was " not in words_of(result_of(before))
    told = words_of(result_of(after))
    assert re.search(r"Costs −[\d.]+% was −[\d.]+%", told)
    costs, earlier = re.search(r"Costs −([\d.]+)% was −([\d.]+)%", told).groups()
    assert float(costs) > float(earlier)
    assert "Before the change" in told


def test_a_loss_is_called_a_loss_and_not_luck(tried):
    house, _, _, (second, after) = tried
    answer = house.jobs.get(second).answer
    assert answer["figures"]["total_return"] < 0
    assert answer["is_luck"]
    told = words_of(result_of(after))
    assert "It lost money" in told
    assert "Could be luck" not in told
    assert "a quick result covers the newest year; a backtest covers all stored bars" in words_of(after)


def test_another_market_is_no_result_before_a_change(tmp_path):
    house = houses.house(tmp_path / "home")
    browser = houses.Browser(house)
    with worker_of(house):
        first, _ = order(browser, house)
        _, after = order(browser, house, before=first, assets="ethereum")
    told = words_of(result_of(after))
    assert "ETH" in told
    assert " was " not in told
    assert "Before the change" not in told


def test_each_quick_result_is_a_trial_and_no_saved_result(tried):
    house, browser, (first, _), (second, _) = tried
    results = [house.jobs.get(job).answer for job in (first, second)]
    # Another cost is another variant of the same history.
    assert [result["trials"] for result in results] == [1, 2]
    assert house.runs.list() == []
    assert list((house.home / "runs").glob("*")) == []
    assert first not in browser.get("/jobs").text
    assert [row["kind"] for row in browser.get("/api/v1/jobs/list?kind=quick").json()["rows"]] == [
        "quick"
    ] * 2


def test_what_cannot_be_taken_is_said_beside_the_last_result(tried):
    _, browser, (first, _), _ = tried
    response = browser.post("/backtests/quick", {**FORM, "before": first, "leverage": "much"})
    assert response.status_code == 400
    told = words_of(result_of(response.text))
    assert "leverage: must be a number" in told.replace("&#39;", "'")
    assert "%, holding" in told
    assert 'value="much"' in response.text


def test_the_next_change_stops_what_still_waits(tmp_path):
    house = houses.house(tmp_path / "home")
    browser = houses.Browser(house)
    browser.post("/backtests/quick", FORM)
    browser.post("/backtests/quick", {**FORM, "last": "500"})
    newer, older = house.jobs.list()
    assert (newer.state, older.state) == ("queued", "cancelled")
    page = browser.get(f"/backtests/new?quick={newer.id}").text
    assert "Waiting for a worker." in result_of(page)
    assert 'aria-busy="true"' in result_of(page)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "compiling its code, which takes up to a minute"), ("fr", "compilation de son code, une minute")],
)
def test_a_result_that_waits_for_the_compiler_says_so(tmp_path, language, said):
    house = houses.house(tmp_path / "home")
    browser = houses.Browser(house, language=language)
    browser.post("/backtests/quick", FORM)
    job = house.jobs.take("w", ("quick",), stale_ms=10**12)
    house.jobs.beat(job.id, "w", progress=0.0, message=COMPILING)
    page = browser.get(f"/backtests/new?quick={job.id}").text
    assert said in result_of(page)
    assert 'aria-busy="true"' in result_of(page)


def test_only_the_first_market_is_tried():
    order = RunOrder(
        strategies="ema_cross,macd_cross", assets="bitcoin,ethereum", timeframe="4h,1d", mode="portfolio"
    )
    narrowed = quick.one_market(order)
    expected = ("ema_cross", "bitcoin", "4h", "isolated")
    assert (narrowed.strategies, narrowed.assets, narrowed.timeframe, narrowed.mode) == expected
    slots = ["v:a-usdt-perp/4h/ema_cross", "v:b-usdt-perp/4h/ema_cross"]
    assert quick.one_market(RunOrder(slots=slots)).slots == slots[:1]


@pytest.mark.parametrize(
    ("changes", "bars"),
    [({}, 2190), ({"timeframe": "1d"}, 365), ({"last": 300}, 300), ({"start": "2024-03-01"}, None)],
)
def test_a_year_of_bars_is_tried_unless_a_period_is_named(tried, changes, bars):
    order = RunOrder(strategies="ema_cross", assets="bitcoin", **changes)
    sources = provide(tried[0], OrderSources)
    assert quick.over_a_year(order, order_to_request(sources, order)).last == bars


def test_a_job_of_another_kind_is_no_quick_result(tried):
    house, browser, _, _ = tried
    job = house.jobs.put("backtest", {"strategies": "ema_cross"}, owner=houses.person().user)
    text = result_of(browser.get(f"/backtests/new?quick={job.id}&before=nothing").text)
    assert "Change a setting" in text


@pytest.mark.parametrize("path", ["/backtests/start", "/backtests/quick"])
def test_a_refused_setting_is_told_in_the_readers_language(tried, path):
    browser = houses.Browser(tried[0], language="fr")
    dates = {"start": "2025-06-01", "end": "2025-05-01"}
    refused = browser.post(path, {**FORM, **dates})
    assert refused.status_code == 400
    assert "le début doit précéder la fin" in refused.text
