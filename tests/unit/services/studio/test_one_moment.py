"""A row of a board is of one moment, that of its price; lines end there; Markets says the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house, market, person
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, MINUTE_MS, iso, parse_time
from vigie.services.market_data.current_prices import current_rows
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.studio.board_filler import BoardFiller, fill_plan
from vigie.services.studio.plan import BoardPlan

# After the last bar that closed, long before the next one of four hours does.
NOW = parse_time(START) + DAYS * DAY_MS + 40 * MINUTE_MS
PAIR = "bitcoin,ethereum"
PLAN = BoardPlan.model_validate({
    "title": "B",
    "parts": [
        *({"kind": "chart", "assets": PAIR, "span": span} for span in ("24h", "1w", "1m")),
        {"kind": "table", "assets": PAIR, "table": "compared"},
    ],
})  # fmt: skip


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    """A market whose price has just halved, which no closed bar knows."""
    return _crashed(tmp_path_factory.mktemp("home"))


def _crashed(folder):
    made = house(folder, clock=StandingClock(NOW))
    for name in ("BTC", "ETH"):
        bars = market().bars(name, "1h")
        known = int((bars.ts + bars.span_ms <= NOW).sum())
        price = float(bars.close[known - 1]) / 2
        day = float(bars.close[known - 25])
        told = Quote(
            "binance-perp", bars.instrument, NOW - 1_000, NOW - 900, price, change_24h=price / day - 1
        )
        made.quotes.put([told])
    return made


def test_a_row_is_of_the_moment_of_its_price_and_what_markets_lists(crashed):
    made = bound(crashed, fill_plan)(person(), PLAN)
    assert made.missing == ()
    listed = {
        row["name"]: row for row in run_operation(crashed, person(), "markets.list", {"assets": PAIR}).rows
    }
    for name, *cells in made.board.parts[3].rows:
        row = listed[name.rpartition(" (")[0]]
        assert cells == [row["price_usd"], row["change_24h"], row["change_7d"], row["change_30d"]]
        assert all(change < -0.2 for change in cells[1:])


def test_lines_end_with_the_price_and_the_change_of_the_row(crashed):
    made = bound(crashed, fill_plan)(person(), PLAN).board
    rows = {name.rpartition(" (")[0]: cells for name, *cells in made.parts[3].rows}
    symbols = {"BTC": "Bitcoin", "ETH": "Ethereum"}
    for place, chart in enumerate(made.parts[:3]):
        assert len(chart.lines) == 2
        for line in chart.lines:
            ts, change = line.points[-1]
            assert ts == NOW - 1_000
            name = symbols.get(line.name, line.name)
            assert change == pytest.approx(rows.get(name, rows.get("Ether"))[place + 1])


def test_a_board_is_of_one_reading_though_the_market_goes_on_between_its_parts(tmp_path, monkeypatch):
    crashed = _crashed(tmp_path)
    bars = market().bars("BTC", "1h")
    asked = []

    def goes_on(self, name, **values):
        # A price that moves with each question, as in a flash crash; whoever measures anew sees it.
        asked.append(name)
        price = 10_000.0 - 100.0 * len(asked)
        at = NOW - 800 + len(asked)
        crashed.quotes.put([
            Quote("binance-perp", bars.instrument, at, at, price, change_24h=-0.5 - len(asked) / 1000)
        ])  # fmt: skip
        crashed.asset_metrics._cache.clear()
        return plain_read(self, name, **values)

    plain_read = BoardFiller.query
    monkeypatch.setattr(BoardFiller, "query", goes_on)
    made = bound(crashed, fill_plan)(person(), PLAN).board
    assert len(asked) > 3
    row = next(row for row in made.parts[3].rows if "BTC" in row[0])
    for place, chart in enumerate(made.parts[:3]):
        line = next(one for one in chart.lines if one.name in ("BTC", "Bitcoin"))
        assert line.points[-1][1] == pytest.approx(row[place + 2])
        assert line.points[-1][0] == made.as_of


def test_a_table_says_what_its_chart_ends_with_where_a_row_is_of_long_before(crashed, monkeypatch):
    # The venue that quotes has been silent for a day: lines go on with closes, and so does the table.
    def silent(ask, compared, unit):
        rows = current_rows(ask, compared, unit)
        return {name: {**row, "ts_event": row["ts_event"] - DAY_MS} for name, row in rows.items()}

    monkeypatch.setattr("vigie.services.operations.asset_comparison.current_rows", silent)
    made = bound(crashed, fill_plan)(person(), PLAN).board
    rows = {name.partition("(")[2][:-1]: cells for name, *cells in made.parts[3].rows}
    for place, chart in enumerate(made.parts[:3]):
        for line in chart.lines:
            assert line.points[-1][1] == pytest.approx(rows[line.name][place + 1], abs=1e-6)


def test_a_fixed_board_keeps_to_the_closes_that_were_known(crashed):
    then = datetime.fromtimestamp((NOW - DAY_MS) / 1000, UTC).strftime("%Y-%m-%dT%H:%M")
    plan = PLAN.model_copy(update={"as_of": then})
    made = bound(crashed, fill_plan)(person(), plan).board
    for chart in made.parts[:3]:
        assert all(line.points[-1][0] <= NOW - DAY_MS for line in chart.lines)


@pytest.mark.parametrize("mode", ["rebased", "absolute"])
def test_a_comparison_ends_with_the_price_that_markets_lists(crashed, mode):
    listed = {
        row["asset"]: row for row in run_operation(crashed, person(), "markets.list", {"assets": PAIR}).rows
    }
    for span, name in (("24h", "change_24h"), ("1w", "change_7d"), ("1m", "change_30d"), ("1y", None)):
        found = run_operation(
            crashed,
            person(),
            "assets.compare",
            {"assets": PAIR, "range": span, "mode": mode, "until": "now"},
        )
        for one, line in zip(found.compared, found.lines, strict=True):
            row = listed[one.asset]
            assert one.last == row["price_usd"]
            if name:
                assert one.change == pytest.approx(row[name])
            (_, began), (last, ended) = line.values[0], line.values[-1]
            assert (last, ended / began - 1) == (NOW - 1_000, pytest.approx(one.change))
            assert began == pytest.approx(100.0 if mode == "rebased" else one.base)
            assert all(after[0] - before[0] >= 1_000 for before, after in pairwise(line.values))
        # Without being asked for, and in the rows, it is closes.
        bare = run_operation(
            crashed, person(), "assets.compare", {"assets": PAIR, "range": span, "mode": mode}
        )
        assert bare.rows == found.rows
        assert bare.lines[0].values[-1][0] == bare.rows[0]["ts"] < last


def test_the_page_of_a_comparison_says_until_when_and_tells_its_chart_the_same(crashed):
    page = Browser(crashed).get("/asset/bitcoin/compare?with=ethereum&range=1w").text
    legend = page.partition('id="legend"')[2].partition("</table>")[0]
    listed = run_operation(crashed, person(), "markets.list", {"assets": PAIR}).rows
    assert "up to the price of" in legend
    for row in listed:
        assert f"{abs(row['change_7d']) * 100:.2f}" in legend
    (data,) = re.findall(r'/api/v1/assets/compare\?[^"]*points=[^"]*', page)
    assert "until=now" in data
    past = Browser(crashed).get(f"/asset/bitcoin/compare?as_of={iso(NOW - DAY_MS)}").text
    assert "up to the price of" not in past
