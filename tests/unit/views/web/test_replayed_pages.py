"""What was decided afterwards is marked on pages, in files and in answers, and told from what was traded."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.trading.material import BEGUN, run_file
from tests.unit.services.trading.test_replaying import begun, replayed
from tests.unit.services.trading.test_trading import go
from tests.unit.views.web.test_desk_pages import main_of
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.runs import request_builder
from vigie.services.trading.account_plans.planning import make_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.views.web.language import UserLanguage

DAYS = 12
SAID = {
    "en": ("The past of this account is being replayed: day 12 of 12", "Replayed", "replayed"),
    "fr": ("être rejoué\N{NO-BREAK SPACE}: jour 12 sur 12", "Rejoué", "rejoué"),
}


@pytest.fixture(scope="module")
def replaying(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replaying")
    house = houses.house(folder / "home", clock=JumpingClock(BEGUN))
    stores = provide(house, TradingStores)
    replayed(stores, begun(house, stores, folder, days=DAYS))
    return house


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Give the house of an account that was replayed, and traded from then on."""
    folder = tmp_path_factory.mktemp("live")
    house = houses.house(folder / "home", clock=JumpingClock(BEGUN))
    stores = provide(house, TradingStores)
    replayed(stores, begun(house, stores, folder, days=DAYS))
    request = request_builder.build_request(
        house.data, config=run_file(folder), own_strategies=house.results.strategies
    )
    go(house, make_plan(stores, request, account="main", mode="paper"), BEGUN + 6 * DAY_MS, [])
    return house


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["/trading", "/", "/journal", "/jobs"])
def test_a_page_says_how_far_the_past_is_replayed(replaying, language, path):
    browser = houses.Browser(replaying, language=language)
    # The account stands on Today for who trades.
    browser.post("/welcome", {"step": "persona", "persona": "trader"})
    assert SAID[language][0] in main_of(browser.get(path))


@pytest.mark.parametrize("path", ["/trading", "/", "/journal", "/jobs"])
def test_no_page_says_so_once_the_account_is_live(live, path):
    browser = houses.Browser(live, language="en")
    browser.post("/welcome", {"step": "persona", "persona": "trader"})
    assert "is being replayed" not in main_of(browser.get(path))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_curve_tells_what_was_replayed_from_what_was_traded(live, language):
    told = main_of(houses.Browser(live, language=language).get("/trading"))
    keys = re.findall(r'class="chart-key small">.*?</span>', told, re.DOTALL)
    assert len(keys) == 2
    assert SAID[language][1] in keys[1]
    rows = run_operation(live, houses.person("owner"), "trading.curve", {"account": "main"}).rows
    begun = next(row.ts for row in rows if not row.is_replayed)
    moment = UserLanguage(language).moment(begun)
    assert f"{ {'en': 'Live from', 'fr': 'En direct depuis le'}[language] } {moment}" in unescape(keys[0])
    assert [row.is_replayed for row in rows] == sorted((row.is_replayed for row in rows), reverse=True)
    assert {row.is_replayed for row in rows} == {True, False}
    times = [row.ts for row in rows]
    assert times == sorted(times)


def test_the_curve_says_in_its_files_and_answers_where_live_begins(live):
    browser = houses.Browser(live)
    file = browser.get("/api/v1/trading/curve.csv?account=main").text
    rows = list(csv.DictReader(line for line in io.StringIO(file) if not line.startswith(("#", '"#'))))
    answer = browser.call("trading.curve", account="main").json()["rows"]
    marks = [row["is_replayed"] for row in answer]
    assert [row["is_replayed"] for row in rows] == [str(mark) for mark in marks]
    assert marks == [True] * marks.count(True) + [False] * marks.count(False)
    assert 0 < marks.count(True) < len(marks)


@pytest.mark.parametrize(
    ("language", "count", "note"),
    [
        ("en", "({} replayed)", "Figures here count them"),
        ("fr", "(rejoués\u00a0: {}", "Les chiffres de cette page"),
    ],
)
def test_the_head_of_the_journal_says_how_many_trades_it_counts_were_replayed(live, language, count, note):
    browser = houses.Browser(live, language=language)
    rows = run_operation(live, houses.person("owner"), "journal.list", {"account": "main"}).rows
    told = main_of(browser.get("/journal"))
    assert count.format(sum(row.is_replayed for row in rows)) in told
    assert note in told
    alone = main_of(browser.get("/journal?replayed=without"))
    assert note not in alone
    assert count.split("{}")[0] + "0" not in alone


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_replayed_trade_is_marked_in_the_journal_and_its_file(live, language):
    browser = houses.Browser(live, language=language)
    rows = run_operation(live, houses.person("owner"), "journal.list", {"account": "main"}).rows
    past = [row.id for row in rows if row.is_replayed]
    assert 0 < len(past) < len(rows)
    told = main_of(browser.get("/journal")).partition('id="trades"')[2]
    for line in re.findall(r"<tr.*?</tr>", told, re.DOTALL)[1:]:
        (name,) = re.findall(r'href="/journal/(t[0-9a-f]{15})', line)
        assert (f">{SAID[language][2]}<" in line) == (name in past)
    assert SAID[language][2] in main_of(browser.get(f"/journal/{past[0]}?account=main"))
    file = browser.get("/api/v1/journal/list.csv?account=main").text
    lines = list(csv.DictReader(io.StringIO(file)))
    marks = {line["id"]: line["is_replayed"] for line in lines if line["id"] in {row.id for row in rows}}
    assert marks == {row.id: str(row.is_replayed) for row in rows}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_picture_of_a_replayed_trade_says_so(live, language):
    browser = houses.Browser(live, language=language)
    rows = run_operation(live, houses.person("owner"), "journal.list", {"account": "main"}).rows
    past = next(row.id for row in rows if row.is_replayed)
    traded = next(row.id for row in rows if not row.is_replayed)
    mark = f" \N{MIDDLE DOT} {SAID[language][2]}"
    for trade, is_marked in ((past, True), (traded, False)):
        picture = browser.get(f"/chart/journal.svg?account=main&trade={trade}").text
        assert (mark in picture) == is_marked
        titles = re.findall(r'data-title="([^"]*)"', browser.get(f"/journal/{trade}?account=main").text)
        assert any(title.endswith(mark) for title in titles) == is_marked


@pytest.mark.parametrize("table", ["candles", "criteria", "otherwise"])
def test_the_files_of_a_replayed_trade_say_so(live, table):
    browser = houses.Browser(live)
    rows = run_operation(live, houses.person("owner"), "journal.list", {"account": "main"}).rows
    for trade in (
        next(row for row in rows if row.is_replayed),
        next(row for row in rows if not row.is_replayed),
    ):
        file = browser.get(f"/api/v1/journal/{table}.csv?account=main&trade={trade.id}").text
        assert ("# Replayed. Decided afterwards" in file) == trade.is_replayed


def test_what_was_traded_is_counted_without_what_was_replayed(live):
    def count(replayed):
        groups = run_operation(
            live, houses.person("owner"), "journal.statistics", {"account": "main", "replayed": replayed}
        ).rows
        return sum(row.trades for row in groups), sum(row.replayed for row in groups)

    account = run_operation(live, houses.person("owner"), "trading.account", {"account": "main"})
    (every, past), (traded, none), (only, all_of_them) = count("with"), count("without"), count("only")
    assert traded == account.trades > 0
    assert (none, past, only) == (0, all_of_them, all_of_them)
    assert every == traded + only


def test_the_owner_of_a_replay_is_the_accounts(live):
    assert {run.owner for run in live.trades.runs_of(OWNER.user)} == {OWNER.user}
