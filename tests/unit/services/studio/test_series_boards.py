"""Boards with charts of On-chain and Derivatives, and boards of a fixed time: what was known then and no more."""

from __future__ import annotations

import csv
import html
import io
import math
import zipfile

import pytest
from pydantic import ValidationError

from tests.houses import Browser, person
from tests.unit.services.figures_material import EIGHT, NOW, full
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.needs import bound
from vigie.services.studio.board_filler import fill_plan
from vigie.services.studio.plan import BoardPlan
from vigie.views.boards.page import board_svg
from vigie.views.publishing.csv_files import about_lines

ACTIVE = "onchain/bitcoin/adr_act_cnt"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return full(tmp_path_factory.mktemp("home"))


def board(built, *parts, **more):
    plan = BoardPlan.model_validate({"title": "B", "parts": list(parts), **more})
    return bound(built, fill_plan)(person(), plan)


def test_a_series_and_a_formula_are_lines_with_their_units_and_sources(built):
    ratio = "ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)"
    made = board(
        built,
        {"kind": "chart", "of": "series", "series": "market/bitcoin/price_usd", "span": "1w"},
        {"kind": "chart", "of": "series", "series": ratio, "span": "1m", "title": "Room"},
    )
    assert made.missing == ()
    price, room = made.board.parts
    assert (price.unit, price.rebased) == ("USD", False)
    assert price.lines[0].points[-1] == (NOW - DAY_MS, 100_399.0)
    assert [ts for ts, _ in price.lines[0].points] == [NOW - day * DAY_MS for day in range(7, 0, -1)]
    assert price.title.endswith("over 1 week")
    assert room.title == "Room"
    assert room.lines[0].points[-1][1] == pytest.approx((2e12 + 399e9) / 2e11)
    assert made.board.credits
    assert "Room" in board_svg(made.board)


@pytest.mark.parametrize(
    "measure", ["funding", "open_interest", "basis", "long_short", "liquidations", "volatility"]
)
def test_every_measure_of_derivatives_is_a_chart_that_can_be_drawn(built, measure):
    part = {"kind": "chart", "of": "derivatives", "measure": measure, "assets": "bitcoin", "span": "1m"}
    for language in ("en", "fr"):
        made = board(built, part, language=language)
        assert made.missing == ()
        (chart,) = made.board.parts
        assert chart.lines
        assert all(math.isfinite(value) for line in chart.lines for _, value in line.points)
        assert ("sur 1 mois" if language == "fr" else "over 1 month") in chart.title
        assert board_svg(made.board).startswith("<svg")


def test_lines_are_named_by_their_venue_and_cut_between_two_dates(built):
    part = {"kind": "chart", "of": "derivatives", "measure": "funding", "assets": "bitcoin,ethereum"}
    made = board(built, {**part, "span": "dates", "start": "2025-10-01", "end": "2025-10-03"})
    (chart,) = made.board.parts
    assert EIGHT.partition(":")[0] in [line.name for line in chart.lines]
    times = [ts for line in chart.lines for ts, _ in line.points]
    assert NOW - 10 * DAY_MS < min(times) < max(times) <= NOW - 6 * DAY_MS
    assert "2025-10-01" in chart.title


def test_a_fixed_board_shows_what_was_known_then_before_it_was_revised(built):
    part = {"kind": "chart", "of": "series", "series": ACTIVE, "span": "1w"}
    now = board(built, part).board
    assert now.parts[0].lines[0].points[-1] == (NOW - DAY_MS, 5_000.0)
    assert not now.is_fixed
    then = NOW - 2 * HOUR_MS
    fixed = board(built, part, as_of="2025-10-09T22:00:00Z").board
    assert (fixed.as_of, fixed.is_fixed) == (then, True)
    assert fixed.parts[0].lines[0].points[-1] == (NOW - DAY_MS, 1_399.0)
    # Read half a day late: at noon of a day its value before the last is the newest.
    assert board(built, part, as_of="2025-10-09T11:00:00Z").board.parts[0].lines[0].points[-1][0] == (
        NOW - 2 * DAY_MS
    )
    assert "as known on " in board_svg(fixed)
    assert any(line.startswith("as known on 2025-10-09T22:00") for line in about_lines(fixed))
    assert "tel que connu le " in board_svg(board(built, part, as_of="2025-10-09", language="fr").board)


def test_a_day_is_known_at_its_end_and_what_has_no_past_is_named(built):
    made = board(built, {"kind": "words"}, {"kind": "heat"}, as_of="2025-10-08")
    assert made.board.as_of == NOW - DAY_MS - 1
    assert "1: mood.words shows the present only; it cannot be on a" in made.missing[0]
    ahead = board(built, {"kind": "heat"}, as_of="2099-01-01")
    assert len(ahead.missing) == 1


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"kind": "chart", "of": "series"}, "a chart of series must name one"),
        ({"kind": "chart", "of": "derivatives", "measure": "basis"}, "must name its assets"),
        ({"kind": "chart"}, "must name its assets"),
    ],
)
def test_a_chart_that_names_nothing_is_refused(part, told):
    with pytest.raises(ValidationError, match=told):
        BoardPlan.model_validate({"parts": [part]})


def test_a_time_that_is_none_is_refused():
    with pytest.raises(ValidationError, match="the time of a board must be a day such as 2026-01-31"):
        BoardPlan.model_validate({"as_of": "yesterday"})


def test_a_series_that_is_not_known_is_named_and_the_others_are_drawn(built):
    made = board(
        built,
        {"kind": "chart", "of": "series", "series": "market/nothing/price_usd"},
        {"kind": "chart", "of": "series", "series": "ratio("},
        {"kind": "chart", "of": "derivatives", "measure": "basis", "assets": "solana"},
        {"kind": "chart", "of": "series", "series": ACTIVE, "span": "max"},
    )
    assert [one.partition(":")[0] for one in made.missing] == ["1", "2", "3"]
    assert len(made.board.parts) == 1


@pytest.mark.parametrize(
    ("part", "publishers"),
    [
        ({"of": "series", "series": ACTIVE, "span": "1w"}, "Coin Metrics Community"),
        ({"of": "series", "series": "market/bitcoin/price_usd", "span": "1w"}, "CoinGecko"),
        (
            {"of": "series", "series": "ratio(market/bitcoin/cap_usd,stablecoins/total/supply_usd)"},
            "CoinGecko, DefiLlama",
        ),
        ({"of": "derivatives", "measure": "funding", "assets": "bitcoin"}, "Binance, Bitget, Hyperliquid"),
        ({"of": "derivatives", "measure": "basis", "assets": "bitcoin"}, "Bitget"),
        ({"of": "derivatives", "measure": "volatility", "assets": "bitcoin"}, "Deribit"),
    ],
)
def test_the_credit_of_a_series_names_its_publishers_and_terms_stand_beside(built, part, publishers):
    browser = Browser(built)
    path = browser.post("/studio", {"preset": "empty", "add": "chart", **part}).url.path
    drawn = html.unescape(browser.get(f"{path}/board.svg").text)
    assert f"Source: {publishers} \u00b7 as of" in drawn
    with zipfile.ZipFile(io.BytesIO(browser.get(f"{path}/board.zip").content)) as held:
        told = list(csv.reader(io.StringIO(held.read("sources.csv").decode("utf-8-sig"))))
    assert [row[0] for row in told[1:]] == publishers.split(", ")
    assert all(row[2] and row[2] not in drawn for row in told[1:])
