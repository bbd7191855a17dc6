"""A row of a board is of one moment, that of its price; lines end there; Markets says the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, house, market, person
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, MINUTE_MS, parse_time
from vigie.services.asking import ask
from vigie.services.studio.filling import filled
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
    made = house(tmp_path_factory.mktemp("home"), clock=StandingClock(NOW))
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
    made = filled(crashed, person(), PLAN)
    assert made.missing == ()
    listed = {row["name"]: row for row in ask(crashed, person(), "markets.list", {"assets": PAIR}).rows}
    for name, *cells in made.board.parts[3].rows:
        row = listed[name.rpartition(" (")[0]]
        assert cells == [row["price_usd"], row["change_24h"], row["change_7d"], row["change_30d"]]
        assert all(change < -0.2 for change in cells[1:])


def test_lines_end_with_the_price_and_the_change_of_the_row(crashed):
    made = filled(crashed, person(), PLAN).board
    rows = {name.rpartition(" (")[0]: cells for name, *cells in made.parts[3].rows}
    symbols = {"BTC": "Bitcoin", "ETH": "Ethereum"}
    for place, chart in enumerate(made.parts[:3]):
        assert len(chart.lines) == 2
        for line in chart.lines:
            ts, change = line.points[-1]
            assert ts == NOW - 1_000
            name = symbols.get(line.name, line.name)
            assert change == pytest.approx(rows.get(name, rows.get("Ether"))[place + 1])


def test_a_fixed_board_keeps_to_the_closes_that_were_known(crashed):
    then = datetime.fromtimestamp((NOW - DAY_MS) / 1000, UTC).strftime("%Y-%m-%dT%H:%M")
    plan = PLAN.model_copy(update={"as_of": then})
    made = filled(crashed, person(), plan).board
    for chart in made.parts[:3]:
        assert all(line.points[-1][0] <= NOW - DAY_MS for line in chart.lines)
