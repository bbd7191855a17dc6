"""Backtests, strategies and jobs as pages: empty, filled, running and failed, in both languages, without scripts."""

from __future__ import annotations

import re
import threading
from html import unescape

import pytest

from tests import houses
from tests.refusals import refused
from tests.unit.services.desk_material import FIRST, house_with_results
from vigie.services.operation_calls import run_operation
from vigie.services.running.job_process import describe_exit
from vigie.services.running.worker import Worker
from vigie.views.web.language import UserLanguage

MINE = houses.person()
SLOT = "binance-perp:btc-usdt-perp/4h/ema_cross"
EMPTY = (
    "/backtests",
    "/backtests/compare",
    "/strategies",
    "/strategies/ema_cross",
    "/jobs",
    "/jobs?state=failed",
)
FULL = (
    "/backtests", "/backtests/{first}", "/backtests/{first}?part=slots", "/backtests/{first}?part=trades",
    "/backtests/{second}?part=refusals", "/backtests/{first}?part=refusals", "/backtests/{first}?part=figures",
    "/backtests/{second}?part=basis", "/backtests/{sweep}", "/backtests/compare?a={first}&b={second}",
    "/backtests/new?from={second}", "/strategies", "/strategies/funding_carry", "/jobs",
)  # fmt: skip
# What would need a hole in the content security policy.
FORBIDDEN = re.compile(r"<script(?! src=)|\sstyle=|\son\w+=|javascript:")


def main_of(response):
    """Return the page between its header and its footer."""
    return response.text.partition("<main")[2].partition("</main>")[0]


@pytest.fixture
def filled(tmp_path):
    return house_with_results(tmp_path / "home")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", EMPTY)
@pytest.mark.parametrize("with_bars", [True, False])
def test_pages_of_a_new_home_say_what_will_be_here(tmp_path, language, path, with_bars):
    browser = houses.Browser(houses.house(tmp_path / "home", with_bars=with_bars), language=language)
    response = browser.get(path)
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.text
    assert response.text.count("<h1") == 1
    assert not FORBIDDEN.search(response.text)
    if not with_bars and path in ("/backtests", "/jobs"):
        assert "state-empty" in main_of(response)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_with_results_are_whole_in_both_languages(filled, language):
    house, runs = filled
    browser = houses.Browser(house, language=language)
    for path in FULL:
        response = browser.get(path.format(**runs))
        assert response.status_code == 200, path
        assert not FORBIDDEN.search(response.text), path
        assert response.text.count("<h1") == 1, path
        # Lists end before a page has too many nodes.
        assert len(re.findall(r"<[a-z]", response.text)) <= 1_400, path


@pytest.mark.parametrize("folder", ["backtests", "jobs", "journal", "watchlists", "studio"])
def test_an_address_that_nothing_can_have_is_a_page_that_is_not_there(filled, folder):
    answer = houses.Browser(filled[0], language="fr").get(f"/{folder}/nope")
    assert answer.status_code == 404
    assert re.search(r"(rien ne s’appelle|il n’y a pas de résultat) &#39;nope&#39;", answer.text)


def test_the_report_says_verdict_figures_months_and_costs(filled):
    house, runs = filled
    text = main_of(houses.Browser(house).get(f"/backtests/{runs['first']}"))
    found = run_operation(house, MINE, "backtests.get", {"run": runs["first"]})
    assert found.lead[0] in text
    assert found.verdict.sentence in text
    assert "The verdict is for " in text
    assert f'<span class="muted">{found.verdict.about}</span>' not in text
    assert text.count('class="plot') == 2
    assert "heat-" in text
    assert f"/api/v1/backtests/months.csv?run={runs['first']}" in text
    french = main_of(houses.Browser(house, language="fr").get(f"/backtests/{runs['first']}"))
    assert "Cela peut-il être de la chance\u00a0?" in french
    assert "Financement" in french


@pytest.mark.parametrize(
    ("language", "questions"),
    [
        ("en", ["Did it earn?", "More than holding?", "Could it be luck?", "Do costs kill it?"]),
        (
            "fr",
            [
                "A-t-elle gagné ?",
                "Plus que conserver ?",
                "Cela peut-il être de la chance ?",
                "Les coûts la tuent-ils ?",
            ],
        ),
    ],
)
def test_a_verdict_answers_whether_it_earned_more_than_holding_by_luck_and_after_costs(
    filled, language, questions
):
    """The page of all results has the card of the newest first; its answers are the figures of that result."""
    house, runs = filled
    browser, lang = houses.Browser(house, language=language), UserLanguage(language)
    found = run_operation(house, MINE, "backtests.get", {"run": runs["second"]})
    values = {figure.key: figure.figure.value for figure in found.figures}
    cards = []
    for path in (f"/backtests/{runs['second']}", "/backtests"):
        card = unescape(main_of(browser.get(path)).partition('id="verdict-card"')[2].partition("</dl>")[0])
        pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", card, re.DOTALL)
        assert [question.replace("\u00a0", " ") for question, _ in pairs] == questions, path
        cards.append([re.sub(r"<[^>]+>", "", answer).strip() for _, answer in pairs])
    earned, holding, luck, costs = cards[0]
    assert lang.unit(values["total_return"], "change") in earned
    assert lang.unit(values["buy_hold_return"], "change") in holding
    assert lang.share(found.verdict.chance) in luck
    assert lang.unit(values["total_return"] - found.cost / values["capital"], "change") in costs
    assert cards[1] == cards[0]


def test_trades_say_their_criteria_in_the_readers_language(filled):
    house, runs = filled
    path = f"/backtests/{runs['first']}?part=trades&slot=btc-usdt-perp/4h/ema_cross&side=short"
    english = main_of(houses.Browser(house).get(path))
    assert "Fast EMA crosses below the slow" in english
    assert "crosses above" not in english
    assert "L’EMA rapide passe sous la lente" in main_of(houses.Browser(house, language="fr").get(path))


def test_what_differs_is_told_in_the_readers_language(filled):
    house, runs = filled
    path = f"/backtests/compare?a={runs['first']}&b={runs['second']}"
    for language, short in (("en", "short"), ("fr", "short")):
        page = main_of(houses.Browser(house, language=language).get(path))
        for group in ("figures", "trades"):
            names = re.findall(
                r'<th scope="row">([^<]+)</th>', page.split(f'id="{group}"')[1].split("</table>")[0]
            )
            assert len(names) == 25
            assert not any(re.search(r"\dT\d|_ratio|total\.", name) for name in names)
        # The last group is that of trades: slot, time in the reader's words, side.
        assert any(re.fullmatch(rf"\S+ \u00b7 \d.* UTC \u00b7 {short}", name) for name in names)


def test_a_sweep_tells_the_range_of_its_pbo(filled):
    house, runs = filled
    low, high = run_operation(house, MINE, "sweeps.get", {"run": runs["sweep"]}).verdict.pbo_range
    for language, told in (
        ("en", f"({low:.2f} to {high:.2f})"),
        ("fr", f"({low:.2f} à {high:.2f})".replace(".", ",")),
    ):
        assert told in main_of(houses.Browser(house, language=language).get(f"/backtests/{runs['sweep']}"))


def test_slots_name_their_venue_as_people_write_it(filled):
    table = main_of(houses.Browser(filled[0]).get("/strategies/ema_cross")).split('id="slot-table"')[1]
    assert ">Binance</td>" in table
    assert ">binance-perp</td>" not in table


def test_pages_of_trades_lead_on_and_back(filled):
    house, runs = filled
    browser = houses.Browser(house)
    first = browser.get(f"/backtests/{runs['first']}?part=trades")
    following = re.search(r'href="([^"]*cursor=25[^"]*)"', first.text)[1].replace("&amp;", "&")
    second = browser.get(following)
    assert second.status_code == 200
    rows = [re.findall(r"<tr[^>]*>\s*<th scope=.row.*?</th>", page.text, re.S) for page in (first, second)]
    assert len(rows[0]) == len(rows[1]) == 25


@pytest.mark.parametrize("name", ["backtest", "backtest-falls", "sweep-map"])
def test_charts_are_pictures_with_their_source(filled, name):
    house, runs = filled
    run = runs["sweep"] if name == "sweep-map" else runs["first"]
    browser = houses.Browser(house)
    drawn = browser.get(f"/chart/{name}.svg?run={run}")
    assert drawn.status_code == 200
    assert f"Vigie {'sweep' if name == 'sweep-map' else 'backtest'} {run}" in drawn.text
    assert browser.get(f"/chart/{name}.png?run={run}").content.startswith(b"\x89PNG")
    assert browser.get(f"/chart/{name}.svg?run={runs['foreign']}").status_code == 404


def test_files_are_given_as_they_were_written(filled, tmp_path):
    house, runs = filled
    browser = houses.Browser(house)
    folder = tmp_path / "home" / house.runs.get(runs["first"]).folder
    for name in ("report.html", "trades.csv", "equity.parquet", "result.json"):
        response = browser.get(f"/backtests/{runs['first']}/files/{name}")
        assert response.content == (folder / name).read_bytes(), name
        assert response.headers["content-disposition"].startswith("attachment")
    assert browser.get(f"/backtests/{runs['first']}/files/page.json").status_code == 404
    assert browser.get(f"/backtests/{runs['foreign']}/files/trades.csv").status_code == 404


@pytest.mark.parametrize(("language", "typed"), [("en", "20,000"), ("fr", "20\u202f000,0"), ("es", "20000")])
def test_the_capital_of_a_backtest_is_read_as_its_reader_writes_numbers(tmp_path, language, typed):
    house = houses.house(tmp_path / "home")
    form = {
        "strategies": ["ema_cross"], "assets": ["bitcoin"], "timeframe": "4h", "capital": typed,
        "what": "backtest",
    }  # fmt: skip
    assert houses.Browser(house, language=language).post("/backtests/start", form).status_code == 200
    assert house.jobs.list()[0].ask["capital"] == 20_000.0


def test_a_form_without_scripts_orders_a_backtest_and_a_worker_makes_its_page(tmp_path):
    house = houses.house(tmp_path / "home")
    browser = houses.Browser(house, language="fr")
    form = {
        "strategies": ["ema_cross", "macd_cross"], "assets": ["bitcoin", "ethereum"], "timeframe": "4h",
        "last": "600", "risk_fraction": "1,5", "taker": "0,05", "slippage_bps": "7", "leverage": "3",
        "params": "ema_cross.fast=12", "what": "backtest",
    }  # fmt: skip
    response = browser.post("/backtests/start", form)
    assert response.status_code == 200
    assert response.url.path.startswith("/jobs/j")
    (job,) = house.jobs.list()
    expected = {
        "strategies": "ema_cross,macd_cross", "assets": "bitcoin,ethereum", "timeframe": "4h", "last": 600,
        "risk_fraction": 0.015, "taker": 0.0005, "slippage_bps": 7.0, "leverage": 3.0, "language": "fr",
        "params": {"ema_cross.fast": 12.0},
    }  # fmt: skip
    assert job.ask == expected
    worker = Worker(house, name="here")
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        houses.until(lambda: house.jobs.get(job.id).state == "done")
    finally:
        worker.stop()
        thread.join()
    done = browser.get(f"/jobs/{job.id}")
    (run,) = house.runs.list()
    assert f'href="/backtests/{run.id}"' in done.text
    assert "hx-trigger" not in main_of(done)
    page = main_of(browser.get(f"/backtests/{run.id}?part=basis"))
    assert "1,50" in page
    assert "7 pb" in page


def test_a_sweep_is_ordered_with_the_same_form(tmp_path):
    house = houses.house(tmp_path / "home")
    form = {
        "strategies": "ema_cross",
        "assets": "bitcoin",
        "grid": "fast=5:20:5,slow=30:60:10",
        "what": "sweep",
    }
    houses.Browser(house).post("/backtests/start", form)
    (job,) = house.jobs.list()
    assert (job.kind, job.ask["grid"]) == ("sweep", form["grid"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"capital": "much"}, "capital: must be a number"),
        ({"assets": ""}, "assets must name at least one"),
        ({"start": "soon"}, "time must be ISO 8601"),
        ({"leverage": "50"}, "leverage"),
    ],
)
def test_a_form_that_cannot_be_taken_comes_back_with_what_was_typed(tmp_path, changes, words):
    house = houses.house(tmp_path / "home")
    form = {
        "strategies": "macd_cross",
        "assets": "solana",
        "title": "<b>mine</b>",
        "what": "backtest",
        **changes,
    }
    response = houses.Browser(house).post("/backtests/start", form)
    assert response.status_code == 400
    text = main_of(response)
    assert "form-errors" in text
    assert words in text.replace("&#39;", "'")
    assert 'value="&lt;b&gt;mine&lt;/b&gt;"' in text
    assert re.search(r'value="macd_cross" checked', text)
    assert not re.search(r'value="ema_cross" checked', text)
    assert house.jobs.list() == []


def test_what_is_read_again_comes_without_the_rest_of_its_page(filled):
    house, _ = filled
    job = run_operation(house, MINE, "backtests.start", FIRST)
    house.jobs.take("w", ["backtest"], stale_ms=1_000)
    house.jobs.beat(job.id, "w", progress=0.4, message="trading 4 of 10")
    browser = houses.Browser(house)
    for path, part in ((f"/jobs/{job.id}", "job"), ("/backtests", "going"), ("/jobs", "jobs")):
        head = {"hx-request": "true", "hx-target": f"div#{part}"}
        alone = browser.get(path, headers=head)
        assert alone.text.strip().startswith(f'<div id="{part}"')
        assert alone.text.strip().endswith("</div>")
        assert alone.text.strip() in browser.get(path).text
        assert "HX-Target" in alone.headers["vary"]


def test_a_part_that_no_page_has_comes_with_all_that_is_main(filled):
    house, _ = filled
    browser = houses.Browser(house)
    whole = browser.get("/backtests").text
    for target in ("main#main", "div#span-news", "div#__class__", "div", ""):
        alone = browser.get("/backtests", headers={"hx-request": "true", "hx-target": target}).text.strip()
        assert alone.startswith('<main id="main"')
        assert alone.endswith("</main>")
        assert alone in whole
    assert "site-header" in browser.get("/backtests", headers={"hx-target": "div#going"}).text


def test_names_of_strategies_break_between_their_words(filled):
    browser = houses.Browser(filled[0])
    assert ">macd_<wbr>cross</a>" in main_of(browser.get("/strategies"))
    assert "macd_<wbr>cross,<wbr> ema_<wbr>cross" in main_of(browser.get("/jobs"))


def test_a_job_that_runs_is_live_and_can_be_stopped(filled):
    house, _ = filled
    job = run_operation(house, MINE, "backtests.start", FIRST)
    house.jobs.take("w", ["backtest"], stale_ms=1_000)
    house.jobs.beat(job.id, "w", progress=0.4, message="trading 4 of 10")
    for path in (f"/jobs/{job.id}", "/backtests", "/jobs"):
        text = main_of(houses.Browser(house).get(path))
        assert f'data-live="job:{job.id}:progress"' in text
        assert "hx-trigger" in text
        assert "Refresh" in text
    browser = houses.Browser(house, language="fr")
    assert "simulation des trades\u00a0: 4 sur 10" in browser.get(f"/jobs/{job.id}").text
    response = browser.post("/jobs/cancel", {"job": job.id})
    assert response.url.path == f"/jobs/{job.id}"
    assert house.jobs.get(job.id).wants_cancel


def test_a_failed_job_says_why_and_leads_to_the_form_as_it_was(filled):
    house, _ = filled
    job = run_operation(house, MINE, "backtests.start", {**FIRST, "title": "Once more"})
    house.jobs.take("w", ["backtest"], stale_ms=1_000)
    house.jobs.finish(job.id, "w", "failed", message="there was <not> enough memory")
    browser = houses.Browser(house)
    text = main_of(browser.get(f"/jobs/{job.id}"))
    assert "there was &lt;not&gt; enough memory" in text
    again = browser.get(re.search(r'href="(/backtests/new\?from_job[^"#]*)', text)[1])
    assert 'value="Once more"' in again.text
    assert "checked" in again.text


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (describe_exit(-9), "le système a tué son processus, sans doute faute"),
        (describe_exit(-11), "son processus a été arrêté par SIGSEGV ; voyez le journal"),
        (describe_exit(3), "son processus s’est terminé avec le code 3 ; voyez le"),
        ("slots must be at most 1,000, were 2", "slots must be at most 1,000, were 2"),
        (
            refused("internal_error_ended"),
            "une erreur interne y a mis fin ; le journal donne",
        ),
    ],
)
def test_a_failed_job_says_why_in_french(filled, english, french):
    house, _ = filled
    job = run_operation(house, MINE, "backtests.start", FIRST)
    house.jobs.take("w", ["backtest"], stale_ms=1_000)
    house.jobs.finish(job.id, "w", "failed", message=english)
    assert french in main_of(houses.Browser(house, language="fr").get(f"/jobs/{job.id}")).replace(
        "\u00a0", " "
    )


def test_a_result_is_removed_and_taken_back(filled):
    house, runs = filled
    browser = houses.Browser(house)
    gone = browser.post("/backtests/delete", {"run": runs["first"]})
    assert "data-undo" in gone.text
    assert browser.get(f"/backtests/{runs['first']}").status_code == 404
    back = browser.post("/backtests/restore", {"run": runs["first"]})
    assert back.url.path == f"/backtests/{runs['first']}"
    assert back.status_code == 200


def test_slots_are_switched_by_a_form_and_switched_back(tmp_path):
    house = houses.house(tmp_path / "home")
    browser = houses.Browser(house)
    form = {"slots": [SLOT], "to": "on", "next": "/strategies/ema_cross?timeframe=4h"}
    done = browser.post("/strategies/switch", form)
    assert done.url.path == "/strategies/ema_cross"
    assert "1 strategy switched on." in done.text
    listed = browser.get("/strategies")
    assert "btc-usdt-perp" in main_of(listed)
    order = re.search(r'name="slots" value="([^"]*)"><button[^>]*button-primary', listed.text)
    assert order[1] == SLOT
    assert f'name="slots" value="{SLOT}"' in browser.get("/backtests", params={"slots": SLOT}).text
    undo = {"slots": SLOT, "to": "off", "is_undo": "1", "next": "//evil.example/strategies"}
    back = browser.post("/strategies/switch", undo)
    assert back.url.path == "/strategies"
    assert run_operation(house, MINE, "strategies.slots", {"state": "on"}).rows == []


def test_forms_of_others_and_readers_without_the_link_change_nothing(filled):
    house, runs = filled
    browser = houses.Browser(house)
    browser.token = "made up"
    for path in (
        "/backtests/start",
        "/backtests/delete",
        "/jobs/cancel",
        "/strategies/switch",
        "/jobs/import",
    ):
        assert browser.post(path, {"run": runs["first"], "slots": SLOT, "to": "on"}).status_code == 403, path
    reader = houses.Browser(house, is_owner=False)
    assert reader.get(f"/backtests/{runs['first']}").status_code == 200
    assert reader.post("/backtests/delete", {"run": runs["first"]}).status_code == 403
    assert house.runs.get(runs["first"]) is not None
    assert 'action="/backtests/start' not in reader.get("/backtests/new").text


def test_nobody_opens_anothers_pages(filled):
    house, runs = filled
    browser = houses.Browser(house)
    job = house.jobs.put("backtest", FIRST, owner="somebody")
    assert browser.get(f"/backtests/{runs['foreign']}").status_code == 404
    assert browser.get(f"/backtests/compare?a={runs['first']}&b={runs['foreign']}").status_code == 404
    reader = houses.Browser(house, is_owner=False)
    assert reader.get(f"/jobs/{job.id}").status_code == 404


def test_tables_are_exported_by_the_links_of_their_pages(filled):
    house, runs = filled
    browser = houses.Browser(house)
    seen = set()
    for path in FULL:
        text = browser.get(path.format(**runs)).text
        for href in re.findall(r'href="(/api/v1/[^"]*\.csv[^"]*)"', text):
            seen.add(href.replace("&amp;", "&"))
    assert len(seen) >= 12
    for href in seen:
        response = browser.get(href)
        assert response.status_code == 200, href
        assert response.headers["content-type"].startswith("text/csv")
