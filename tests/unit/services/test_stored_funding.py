"""Runs of pages charge the funding that was gathered, say from when, and can be run again as they were."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests import houses
from tests.unit.services.desk_material import FIRST, SWEEP, do
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.services.operation_calls import run_operation
from vigie.services.runs.folders import GIVEN_FOLDER
from vigie.services.runs.stored_funding import FUNDING_FILE
from vigie.views.web.language import UserLanguage

OWNER = houses.person("owner")
RATE = 0.0003
BEGIN = parse_time(houses.START) + 40 * DAY_MS


def settle(house, asset: str = "btc", *, until_days: int = houses.DAYS) -> None:
    times = range(BEGIN, parse_time(houses.START) + until_days * DAY_MS, 8 * HOUR_MS)
    series = f"derivatives/{houses.VENUE}:{asset}-usdt-perp/funding_fraction"
    # As venues say it: some milliseconds late.
    house.facts.append([Observation(series, ts + 7, ts + 7, RATE) for ts in times])


@pytest.fixture
def built(tmp_path):
    return houses.house(tmp_path / "home")


def result(house, run: str):
    found = run_operation(house, OWNER, "backtests.get", {"run": run})
    rows = {
        row["step"]: row["amount"]
        for row in run_operation(house, OWNER, "backtests.costs", {"run": run}).rows
    }
    return found, rows["funding"]


def test_funding_that_is_stored_is_charged_and_said(built):
    settle(built)
    order = {**FIRST, "strategies": "ema_cross"}
    found, paid = result(built, do(built, "backtest", order))
    assert any("Funding is booked at each settlement" in rule for rule in found.rules)
    trades = run_operation(built, OWNER, "backtests.trades", {"run": found.id, "limit": 20_000}).rows
    longs = [t for t in trades if t["side"] == "long" and t["slot"].startswith("btc") and t["funding"]]
    assert longs
    assert all(trade["funding"] < 0 for trade in longs)
    assert all(
        trade["funding"] == 0
        for trade in trades
        if trade["slot"].startswith("eth") or trade["exit_ts"] < BEGIN
    )
    assert paid == pytest.approx(sum(trade["funding"] for trade in trades), abs=1e-6)
    left, free = result(built, do(built, "backtest", {**order, "funding": False}))
    assert free == 0
    assert any("No funding rates were given" in rule for rule in left.rules)


def test_result_keeps_the_settlements_it_was_charged(built, tmp_path):
    settle(built)
    run = do(built, "backtest", {**FIRST, "strategies": "ema_cross"})
    folder = next((tmp_path / "home" / "runs").glob("backtest-*"))
    lines = (folder / GIVEN_FOLDER / FUNDING_FILE).read_text("ascii").splitlines()
    assert lines[:2] == ["timestamp,symbol,funding_rate", f"{BEGIN + 7},btc-usdt-perp,{RATE!r}"]
    said = (folder / "report.html").read_text("utf-8")
    assert f"{FUNDING_FILE}; not charged where it is missing: btc-usdt-perp only from 2025-02-10" in said
    page = houses.Browser(built).get(f"/backtests/{run}?part=basis").text
    charged = "stored settlements; btc-usdt-perp only from 10 Feb 2025; "
    assert f"{charged}eth-usdt-perp not at all" in page
    french = houses.Browser(built, language="fr").get(f"/backtests/{run}?part=basis").text
    assert "btc-usdt-perp seulement à partir du 10 févr. 2025" in french
    told = run_operation(built, OWNER, "backtests.get", {"run": run})
    gaps = [one.model_dump() for one in told.funding_gaps]
    assert gaps == [
        {"instrument": "btc-usdt-perp", "since": "2025-02-10", "until": ""},
        {"instrument": "eth-usdt-perp", "since": "", "until": ""},
    ]
    record = folder / "page" / "page.json"
    earlier = json.loads(record.read_text("utf-8"))
    del earlier["funding_gaps"]
    record.write_text(json.dumps(earlier), "utf-8")
    assert (
        "eth-usdt-perp none" in houses.Browser(built, language="fr").get(f"/backtests/{run}?part=basis").text
    )


def test_the_page_says_for_how_much_of_the_span_no_funding_is_charged(built):
    settle(built)
    run = do(built, "backtest", {**FIRST, "strategies": "ema_cross"})
    free = do(built, "backtest", {**FIRST, "strategies": "ema_cross", "funding": False})
    browser = houses.Browser(built)
    page = browser.get(f"/backtests/{run}").text
    share = round(100 * 40 / houses.DAYS)
    assert f"is charged only from 10 Feb 2025: {share}% of the span has none." in page
    assert "Funding of eth-usdt-perp is missing over the whole span" in page
    assert (
        "Funding was switched off: none is charged over the whole span."
        in browser.get(f"/backtests/{free}").text
    )
    listed = browser.get("/backtests").text
    assert "Funding was switched off" in listed  # the newest result
    assert "Timeframe: 4h, without funding" in listed
    none = do(built, "backtest", {**FIRST, "assets": "solana"})
    assert "No funding settlements were stored: none is charged" in browser.get(f"/backtests/{none}").text


def test_instruments_without_funding_over_the_same_time_are_named_in_one_sentence(built, tmp_path):
    settle(built)
    run = do(built, "backtest", {**FIRST, "strategies": "ema_cross"})
    record = next((tmp_path / "home" / "runs").glob("backtest-*")) / "page" / "page.json"
    kept = json.loads(record.read_text("utf-8"))
    names = [gap["instrument"] for gap in kept["funding_gaps"]]
    assert len(names) > 1
    kept["funding_gaps"] = [{**kept["funding_gaps"][0], "instrument": name} for name in names]
    record.write_text(json.dumps(kept), "utf-8")
    page = houses.Browser(built).get(f"/backtests/{run}").text
    assert page.count("is charged only from") == 1
    assert f"Funding of {', '.join(names)} is charged only from 10 Feb 2025" in page


def test_settlements_that_end_before_the_bars_are_said_to(built):
    settle(built, until_days=60)
    run = do(built, "backtest", {**FIRST, "strategies": "ema_cross"})
    pages = {language: houses.Browser(built, language=language) for language in ("en", "fr")}
    texts = {language: page.get(f"/backtests/{run}?part=basis").text for language, page in pages.items()}
    last = parse_time(houses.START) + 60 * DAY_MS - 8 * HOUR_MS
    days = {code: UserLanguage(code, "UTC").day(last) for code in pages}
    assert f"btc-usdt-perp only until {days['en']}; eth-usdt-perp not at all" in texts["en"]
    assert f"btc-usdt-perp seulement jusqu’au {days['fr']}" in texts["fr"]


def test_a_sweep_charges_it_as_well(built):
    free = do(built, "sweep", SWEEP)
    settle(built)
    charged = do(built, "sweep", SWEEP)
    best = [built.runs.get(run).summary["total_return"] for run in (free, charged)]
    assert not np.isclose(*best)


@pytest.mark.parametrize(("kind", "order"), [("backtest", FIRST), ("sweep", SWEEP)])
def test_an_order_that_is_refused_leaves_nothing_behind(built, tmp_path, kind, order):
    settle(built)
    with pytest.raises(UsageError, match="no bars"):
        do(built, kind, {**order, "start": "2030-01-01"})
    assert list((tmp_path / "home" / "runs").glob("*")) == []


def test_without_stored_settlements_nothing_is_charged_and_that_is_said(built):
    found, paid = result(built, do(built, "backtest", {**FIRST, "strategies": "ema_cross"}))
    assert paid == 0
    assert any("No funding rates were given" in rule for rule in found.rules)
