"""Derivatives as operations: what can be compared, what is left out of sums, what was known then."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.houses import person
from tests.unit.services.figures_material import EIGHT, HOURLY, NOW, OLD, THIRD, empty, full, quote
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.services.operation_calls import run_operation

TABLES = [
    "derivatives.funding", "derivatives.spreads", "derivatives.open_interest", "derivatives.basis",
    "derivatives.long_short", "derivatives.liquidations", "derivatives.volatility",
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return full(tmp_path_factory.mktemp("home"))


def asked(built, name, **values):
    return run_operation(built, person(), name, values)


def row_of(answer, place):
    return next(row for row in answer.rows if row["place"] == place)


# --- funding


def test_rates_of_venues_that_settle_differently_are_made_comparable(built):
    found = asked(built, "derivatives.funding")
    eight, hourly = row_of(found, EIGHT), row_of(found, HOURLY)
    assert (eight["per_8h"], eight["per_year"]) == (0.0008, pytest.approx(0.0008 * 1095))
    assert (hourly["per_8h"], hourly["per_year"]) == (pytest.approx(0.00016), pytest.approx(0.00002 * 8760))
    assert eight["spread_8h"] == pytest.approx(0.0008 - 0.00016)
    assert eight["next_ts"] == NOW + HOUR_MS
    assert (eight["state"], row_of(found, THIRD)["state"]) == ("expected", "settled")


def test_a_rate_outside_its_own_history_is_marked_and_one_inside_is_not(built):
    found = asked(built, "derivatives.funding")
    assert (row_of(found, EIGHT)["outlier"], row_of(found, EIGHT)["percentile"]) == ("high", 1.0)
    assert row_of(found, HOURLY)["outlier"] == ""
    assert row_of(found, OLD)["percentile"] is None
    assert found.unusual == 1


def test_the_middle_leaves_old_rates_out(built):
    found = asked(built, "derivatives.funding")
    assert row_of(found, OLD)["is_stale"]
    assert found.median.source == "3 perpetuals"
    fresh = sorted(row["per_8h"] for row in found.rows if not row["is_stale"])
    assert found.median.value == pytest.approx(fresh[1])


def test_settled_rates_say_how_far_settlements_lie_apart(built):
    third = row_of(asked(built, "derivatives.funding"), THIRD)
    assert (third["hours"], third["next_ts"], third["history"]) == (8.0, NOW + 8 * HOUR_MS, 119)
    past = asked(built, "derivatives.funding", as_of=NOW - HOUR_MS)
    assert row_of(past, HOURLY)["hours"] == 1.0
    assert {row["state"] for row in past.rows} == {"settled"}


def test_spreads_are_highest_less_lowest_of_an_asset(built):
    rows = asked(built, "derivatives.spreads").rows
    assert [(row["asset"], row["venues"]) for row in rows] == [("bitcoin", 3)]
    assert rows[0]["highest_venue"] == "bitget-perp"
    assert rows[0]["spread_8h"] == pytest.approx(rows[0]["highest_8h"] - rows[0]["lowest_8h"])


# --- open interest


def test_open_interest_is_added_up_in_dollars_of_each_quote_currency(built):
    found = asked(built, "derivatives.open_interest")
    assert row_of(found, EIGHT)["usd"] == pytest.approx(1_071.0 * 101.0)
    assert row_of(found, HOURLY)["usd"] == pytest.approx(500.0 * 100.0 * 0.9)
    assert found.total_usd.value == pytest.approx(1_071.0 * 101.0 + 45_000.0)


def test_an_old_value_is_shown_and_left_out_of_the_sum(built):
    found = asked(built, "derivatives.open_interest")
    assert (row_of(found, OLD)["is_stale"], row_of(found, OLD)["share"], found.left_out) == (True, None, 1)
    by_asset = asked(built, "derivatives.open_interest", by="asset")
    assert [row["asset"] for row in by_asset.rows] == ["bitcoin"]
    assert (by_asset.rows[0]["coins"], by_asset.rows[0]["share"]) == (1_571.0, pytest.approx(1.0))


def test_the_change_of_open_interest_is_of_coins(built):
    row = row_of(asked(built, "derivatives.open_interest"), EIGHT)
    assert row["change_24h"] == pytest.approx(1_071.0 / 1_047.0 - 1.0)


# --- the rest


def test_basis_is_mark_less_index_over_index(built):
    row = row_of(asked(built, "derivatives.basis"), EIGHT)
    assert (row["basis"], row["outlier"], row["percentile"]) == (pytest.approx(0.01), "high", 1.0)


def test_long_share_comes_from_the_ratio(built):
    row = row_of(asked(built, "derivatives.long_short"), THIRD)
    assert (row["ratio"], row["long_share"]) == (pytest.approx(1.71), pytest.approx(1.71 / 2.71))


def test_liquidations_are_a_lower_bound_with_the_share_that_was_listened_to(built):
    row = row_of(asked(built, "derivatives.liquidations"), THIRD)
    assert (row["long_24h_usd"], row["short_24h_usd"], row["total_24h_usd"]) == (3_600.0, 1_800.0, 5_400.0)
    assert row["long_1h_usd"] == 1_300.0
    assert row["heard"] == pytest.approx(3 / 24)


def test_volatility_stands_against_what_it_was_a_day_before(built):
    row = asked(built, "derivatives.volatility").rows[0]
    assert (row["asset"], row["dvol"], row["change_24h"]) == (
        "bitcoin",
        pytest.approx(47.1),
        pytest.approx(2.4),
    )
    assert row["realised_30d"] is None


@pytest.mark.parametrize(
    ("measure", "lines"),
    [
        ("funding", 3), ("open_interest", 1), ("basis", 1), ("long_short", 1), ("liquidations", 2), ("volatility", 1),
    ],
)  # fmt: skip
def test_every_measure_has_lines_over_time(built, measure, lines):
    found = asked(built, "derivatives.history", measure=measure, asset="BTC", days=7)
    assert len(found.lines) == lines
    assert all(NOW - 7 * DAY_MS <= row["ts"] <= NOW for row in found.rows)


@pytest.mark.parametrize(("days", "step"), [(1, 1), (7, 1), (30, 2), (90, 6), (365, 24), (1_500, 96)])
def test_forced_closings_are_sums_over_spans_that_are_told_and_over(built, days, step):
    found = asked(built, "derivatives.history", measure="liquidations", asset="bitcoin", days=days)
    assert found.step_ms == step * HOUR_MS
    end = NOW // found.step_ms * found.step_ms
    assert all(row["ts"] % found.step_ms == 0 and row["ts"] < end for row in found.rows)
    # One bucket of 150 each five minutes, none of the span in progress.
    assert sum(row["value"] for row in found.rows) == 150.0 * sum(
        NOW - part * 5 * MINUTE_MS < end for part in range(36)
    )


# --- as of


@settings(max_examples=12, deadline=None, derandomize=True)
@given(at=st.integers(NOW - 50 * DAY_MS, NOW), name=st.sampled_from(TABLES))
def test_nothing_later_than_the_instant_is_ever_shown(built, at, name):
    first = asked(built, name, as_of=at)
    assert all((row.get("ts_event") or 0) <= at for row in first.rows)
    assert first.model_dump_json() == asked(built, name, as_of=at).model_dump_json()
    lines = asked(built, "derivatives.history", measure="funding", asset="bitcoin", as_of=at)
    assert all(row["ts"] <= at for row in lines.rows)


def test_quotes_of_now_are_not_known_in_the_past(built):
    found = asked(built, "derivatives.open_interest", as_of=NOW - DAY_MS)
    assert [(row["place"], row["coins"]) for row in found.rows] == [(EIGHT, 1_047.0)]
    assert asked(built, "derivatives.basis", as_of=NOW - DAY_MS).rows[0]["mark"] is None


# --- short, empty, wrong


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_house_gives_empty_tables(tmp_path, name):
    found = asked(empty(tmp_path / "home"), name)
    assert (found.rows, found.total) == ([], 0)


def test_a_venue_that_says_little_has_holes_not_errors(tmp_path):
    built = empty(tmp_path / "home")
    built.quotes.put([quote(EIGHT, funding_rate=0.0001), quote("binance-spot:btc-usdt-spot")])
    row = asked(built, "derivatives.funding").rows[0]
    assert (row["hours"], row["percentile"], row["next_ts"]) == (8.0, None, None)
    assert asked(built, "derivatives.open_interest").total_usd.value is None


def test_a_contract_of_a_thousand_coins_is_the_same_asset_and_says_so(tmp_path):
    built = empty(tmp_path / "home")
    one, many, small = (
        "binance-perp:1000pepe-usdt-perp", "bitget-perp:pepe-usdt-perp", "hyperliquid-perp:kpepe-usdc-perp",
    )  # fmt: skip
    given = {"funding_rate": 0.0001, "funding_hours": 8.0}
    built.quotes.put([
        quote(one, last=0.01, mark=0.01, open_interest=5_000_000.0, **given),
        quote(many, last=0.00001, mark=0.00001, open_interest=5_000_000_000.0, **given),
        quote(small, last=0.01, mark=0.01, open_interest=1_000_000.0, **given),
    ])  # fmt: skip
    found = asked(built, "derivatives.open_interest")
    assert {row["place"]: (row["asset"], row["symbol"], row["coins"], row["usd"]) for row in found.rows} == {
        one: ("pepe", "PEPE \u00d7 1000", 5e9, pytest.approx(50_000.0)),
        many: ("pepe", "PEPE", 5e9, pytest.approx(50_000.0)),
        small: ("pepe", "PEPE \u00d7 1000", 1e9, pytest.approx(10_000.0)),
    }
    (whole,) = asked(built, "derivatives.open_interest", by="asset").rows
    assert (whole["asset"], whole["symbol"], whole["coins"]) == ("pepe", "PEPE", 11e9)
    (spread,) = asked(built, "derivatives.spreads").rows
    assert (spread["asset"], spread["venues"], spread["spread_8h"]) == ("pepe", 3, pytest.approx(0.0))


def test_rows_are_sorted_and_cut_as_asked(built):
    found = asked(built, "derivatives.funding", sort="-per_8h", limit=2)
    assert found.rows[0]["place"] == EIGHT
    assert (len(found.rows), found.total) == (2, 4)
    with pytest.raises(UsageError, match="sort must be one of"):
        asked(built, "derivatives.funding", sort="nothing")
    with pytest.raises(NotFound, match="no asset 'nothing'"):
        asked(built, "derivatives.funding", assets="nothing")
