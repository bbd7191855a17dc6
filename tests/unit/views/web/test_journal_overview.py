"""The head of the journal: its calendar, the spread of R, the best and the worst, filters and chosen columns."""

from __future__ import annotations

import html
import re
from itertools import pairwise

import pytest

from tests.houses import Browser
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.drawing.frame import Frame
from vigie.drawing.histogram import HistogramBar, histogram_chart
from vigie.services.operation_calls import run_operation
from vigie.services.operations.journal_overview import JournalBin, bins_of, extremes_of
from vigie.views.web.chosen_columns import parse_choices, render_choices
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.journal import overview
from vigie.views.web.request_context import RequestContext


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    built, _run = house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN + DAYS * DAY_MS)
    return built


def rows_of(house, **more):
    return run_operation(house, OWNER, "journal.list", more).rows


def test_the_days_and_the_spread_count_every_trade_once(house):
    rows, told = rows_of(house), run_operation(house, OWNER, "journal.overview", {})
    assert told.trades == sum(day.trades for day in told.days) == len(rows) > 3
    assert sum(one.trades for one in told.bins) == sum(row.r is not None for row in rows)
    assert sum(day.pnl for day in told.days) == pytest.approx(sum(row.pnl for row in rows))
    assert told.best.r == max(row.r for row in rows if row.r is not None)
    assert told.worst.r == min(row.r for row in rows if row.r is not None)


@pytest.mark.parametrize(("asked", "key"), [("/journal", "pnl"), ("/journal?value=r", "r")])
def test_the_best_and_the_worst_trade_are_ranked_by_the_chosen_unit(house, asked, key):
    rows = [row for row in rows_of(house) if getattr(row, key) is not None]
    worst = min(rows, key=lambda row: getattr(row, key))
    page = Browser(house, language="en").get(asked).text
    shown = page.partition("Worst trade</h3>")[2].partition("</div>")[0]
    assert worst.id in shown
    words = re.sub(r"<[^>]+>", " ", shown).split()
    value = UserLanguage("en").fixed(getattr(worst, key))
    assert words.index(value) + 1 == words.index("R" if key == "r" else "USDT")
    assert (words.index("R") < words.index("USDT")) is (key == "r")


def test_the_worst_by_money_need_not_be_the_worst_by_r(house):
    row = rows_of(house)[0]
    small, large = (
        row.with_values(id="small", pnl=-37.0, r=-1.59),
        row.with_values(id="large", pnl=-65.0, r=-1.0),
    )
    assert [one.id for one in extremes_of([(large.r, large), (small.r, small)])] == ["large", "small"]
    assert [one.id for one in extremes_of([(large.pnl, large), (small.pnl, small)])] == ["small", "large"]
    assert extremes_of([(large.pnl, large)])[1] is None


def test_the_spread_has_no_gaps_and_holds_what_lies_beyond_its_ends():
    bins = bins_of([-9.0, -0.1, 0.0, 0.49, 12.0])
    assert [(one.low, one.high) for one in (bins[0], bins[-1])] == [(None, -3.5), (5.5, None)]
    assert {one.low: one.trades for one in bins if one.trades} == {None: 1, -0.5: 1, 0.0: 2, 5.5: 1}
    assert all(before.high == after.low for before, after in pairwise(bins))
    assert bins_of([]) == []
    assert histogram_chart([HistogramBar("<0", 2, False)], frame=Frame("x", "R", "said")).count("&lt;0") == 1


def test_a_day_of_the_calendar_leads_to_its_trades(house):
    page = Browser(house).get("/journal").text
    links = [html.unescape(one) for one in re.findall(r'href="(/journal\?[^"]*day=[^"]*)#journal"', page)]
    days = run_operation(house, OWNER, "journal.overview", {}).days
    assert 0 < len(links) <= len(days)
    shown = Browser(house).get(links[-1]).text.partition('id="journal-rows"')[2]
    assert shown.count("<tr") - 1 == days[-1].trades
    assert page.count('<table class="month">') in (1, 2, 3)
    assert '<details class="fold"><summary>As a table</summary>' in page


def test_a_day_with_live_and_replayed_trades_says_how_many_were_replayed(house, monkeypatch):
    told = run_operation(house, OWNER, "journal.overview", {})
    day = max(told.days, key=lambda one: one.trades)
    assert day.trades > 1
    day.replayed = 1
    call = RequestContext.call

    def answer(context, name, **values):
        return told if name == "journal.overview" else call(context, name, **values)

    monkeypatch.setattr(RequestContext, "call", answer)
    page = Browser(house).get("/journal").text
    assert f", {day.trades} trades (1 replayed)</span>" in page
    day.replayed = day.trades
    assert f", {day.trades} trades ({day.trades} replayed)</span>" in Browser(house).get("/journal").text


@pytest.mark.parametrize("number", [0, -1])
def test_the_levels_of_a_trade_stand_at_its_own_times_however_late_it_is_looked_at(house, number):
    trade = rows_of(house)[number]
    chart = run_operation(house, OWNER, "journal.chart", {"account": "main", "trade": trade.id})
    times = {line.name: line.ts for line in chart.lines}
    entered = dict.fromkeys(("entry", "stop", "target"), trade.entry_ts)
    assert times == {**entered, "exit": trade.exit_ts}


def test_trades_are_narrowed_sorted_and_paged(house):
    rows = rows_of(house)
    first = rows[0]
    assert {row.side for row in rows_of(house, side=first.side)} == {first.side}
    assert {row.reason for row in rows_of(house, reason=first.reason)} == {first.reason}
    values = [row.pnl for row in rows_of(house, sort="-pnl")]
    assert values == sorted(values, reverse=True)
    page = run_operation(house, OWNER, "journal.list", {"limit": 2})
    rest = run_operation(house, OWNER, "journal.list", {"cursor": page.next_cursor})
    assert [row.id for row in [*page.rows, *rest.rows]] == [row.id for row in rows]
    assert Browser(house).get("/journal?sort=nosuch").status_code == 200
    assert Browser(house).get("/journal?cursor=x&day=y&month=z&side=q").status_code == 200


def headings(text: str) -> list[str]:
    return re.findall(r'data-column="([^"]+)"', text.partition('id="journal-rows"')[2])


def test_chosen_columns_are_in_the_address_and_stay_with_the_person(house):
    browser = Browser(house)
    browser.get("/journal")
    chosen = {"table": "journal", "columns": ["exit_ts", "pnl", "bars_held"], "next": "/journal?side=long"}
    answer = browser.post("/columns", chosen, follow=False)
    assert answer.headers["location"] == "/journal?side=long&columns=exit_ts%2Cpnl%2Cbars_held#columns"
    assert headings(Browser(house).get("/journal").text) == ["exit_ts", "pnl", "bars_held"]
    # The address wins, the row's own column is always there, and what nothing is called says nothing.
    assert headings(browser.get("/journal?columns=r,nosuch").text) == ["exit_ts", "r"]
    assert headings(browser.get("/journal?columns=nosuch").text) == ["exit_ts", "pnl", "bars_held"]
    usual = browser.post("/columns", {**chosen, "usual": "1", "next": "/journal?columns=pnl"}, follow=False)
    assert usual.headers["location"] == "/journal#columns"
    assert "instrument" in headings(browser.get("/journal").text)
    assert (
        browser.post("/columns", {**chosen, "next": "//evil.example"}, follow=False)
        .headers["location"]
        .startswith("/?")
    )
    browser.post("/columns", {"table": "journal", "usual": "1"}, follow=False)


def test_the_columns_of_several_tables_are_one_setting():
    choices = {"journal": ("pnl", "r"), "markets": ("bollinger_20_2.5_upper",)}
    assert parse_choices(render_choices(choices)) == choices
    assert parse_choices("a=;=b;;c") == {}


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [("en", "1 trade by R", "2 trades by R"), ("fr", "1 trade par R", "2 trades par R")],
)
def test_one_trade_is_told_as_one(house, language, one, several):
    context = RequestContext(house, OWNER, UserLanguage(language))
    for trades, said in ((1, one), (2, several)):
        assert (
            said
            in overview.spread_values(context, [JournalBin(low=0.0, high=1.0, trades=trades)], 0.5)["spread"]
        )


def test_the_page_reads_each_account_s_setups_once(house, monkeypatch):
    read = []
    store = type(house.setups)
    confirmed = store.confirmed
    monkeypatch.setattr(
        store, "confirmed", lambda self, scope: (read.append(scope), confirmed(self, scope))[1]
    )
    assert Browser(house).get("/journal").status_code == 200
    assert len(read) == len(set(read)) > 0
