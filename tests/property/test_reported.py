"""Statements of platforms: own figures add up to the events, no order matters, importing twice is importing once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.asset import WATCHED
from vigie.domain.errors import UsageError
from vigie.domain.reported import ReportedStatement, place_key, sort_reported
from vigie.domain.time import parse_time
from vigie.intelligence.holdings.events import read_events
from vigie.intelligence.holdings.own_categories import category_lines
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.reconciliation import reconcile
from vigie.services.holdings.file_table import FileStyle
from vigie.services.holdings.reported_file import ReportedForm, read_reported

PRICES = PriceTable([], [], "EUR")
FORM = ReportedForm(2026, "Kraken", WATCHED, {}, {}, FileStyle(parse_time("2027-05-01")))
HEAD = "asset,category,type,units,amount,currency,transactions"
MORE = {
    "buy": {"cost": "10"}, "sell": {"proceeds": "10"}, "swap": {"to_asset": "btc", "to_qty": "1", "value": "9"},
    "transfer": {"to_place": "Safe"}, "income": {"sort": "staking"}, "gift": {"way": "out"}, "fee": {}, "loss": {},
}  # fmt: skip
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(sorted(MORE)), st.sampled_from(["Kraken", "kraken ", "Elsewhere", ""]),
        st.integers(1, 10**20), st.sampled_from([2025, 2026]),
    ),
    max_size=12,
)  # fmt: skip
FIGURES = st.lists(
    st.tuples(
        st.sampled_from(["BTC", "ETH"]), st.sampled_from(["fiat_in", "CryptoTransferOut", "RRPT"]),
        st.sampled_from(["", "CARF501"]), st.integers(0, 99),
    ),
    max_size=8, unique_by=lambda figure: figure[:3],
)  # fmt: skip


def events_of(drawn):
    told = [
        {
            "id": f"e{number}", "at": f"{year}-06-01T00:00:00Z", "kind": kind, "place": place, "asset": "eth",
            "qty": f"{Decimal(units).scaleb(-18):f}", **MORE[kind],
        }
        for number, (kind, place, units, year) in enumerate(drawn)
    ]  # fmt: skip
    return read_events(told, datetime(2027, 1, 1, tzinfo=UTC))[0]


@settings(max_examples=40)
@given(EVENTS, st.randoms())
def test_own_figures_add_up_to_the_events_in_any_order(drawn, random):
    events = events_of(drawn)
    mixed = list(events)
    random.shuffle(mixed)
    statement = ReportedStatement("r", "Kraken", 2026, 0)
    found = reconcile(statement, events, PRICES)
    assert found == reconcile(statement, mixed, PRICES)
    lines = [
        line
        for event in events
        for line in category_lines(event, PRICES)
        if line.category and place_key(line.place) == "kraken" and line.day.year == 2026
    ]
    assert Counter(line.event for line in lines) == Counter(line.event for one in found for line in one.own)
    assert sum(one.units[1] for one in found) == sum(line.units for line in lines)
    sold = [event.quantity for event in events if event.kind == "sell" and event.at.year == 2026
            and place_key(event.place) == "kraken"]  # fmt: skip
    assert sum(one.units[1] for one in found if one.category == "fiat_out") == sum(sold)


def rows_of(figures):
    text = "\n".join(
        [HEAD, *(f"{asset},{word},{sort},{units},1.5,EUR,2" for asset, word, sort, units in figures)]
    )
    file = read_reported(text, FORM)
    assert not file.refused
    return [row for _, row in file.rows]


@settings(max_examples=40)
@given(FIGURES, st.randoms())
def test_the_order_of_a_file_does_not_matter_and_twice_is_once(figures, random):
    rows = rows_of(figures)
    mixed = list(figures)
    random.shuffle(mixed)
    kept = {(place_key(row.place), row.year, row.key): row for row in rows}
    assert kept == {(place_key(row.place), row.year, row.key): row for row in rows_of(mixed)}
    again = sort_reported(kept, rows_of(mixed))
    assert (again.new, again.changed, len(again.known)) == ([], [], len(rows))


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=4))
def test_no_text_crashes_the_reader(cells):
    text = "\n".join([HEAD, *(",".join(row) for row in cells)])
    try:
        file = read_reported(text, FORM)
    except UsageError:
        return
    assert all(row.units >= 0 for _, row in file.rows)
