"""France and Germany beyond the cases of the contract, and the files of their rules."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.intelligence.holdings.stories import ask, closes, row
from vigie.intelligence.holdings.country_rules import SURENESS, read_country
from vigie.intelligence.holdings.germany import last_taxable_day

BOUGHT = row("b1", "2024-01-10", "buy", "1", cost="1000")


@pytest.mark.parametrize("name", ["france", "germany"])
def test_every_figure_and_choice_says_its_source_and_how_sure_it_is(name):
    rules = read_country(name)
    entries = [*rules.figures, *rules.choices]
    assert all(one.source and one.sureness in SURENESS for one in entries)
    assert all(
        date(rules.first_year, 1, 1) <= one.valid_from <= date(rules.last_year, 12, 31) for one in entries
    )


def test_a_figure_is_the_last_one_that_began_in_or_before_its_year():
    rules = read_country("france")
    assert [str(rules.figure("social_levies", year)) for year in (2019, 2024, 2025, 2026)] == [
        "17.2",
        "17.2",
        "18.6",
        "18.6",
    ]
    assert rules.figure("social_levies", 2018) is rules.figure("social_levies", 2027) is None
    assert rules.figure("option_for_the_scale", 2022) is None


@pytest.mark.parametrize(
    ("country", "year"), [("fr", "2018"), ("fr", "2031"), ("de", "2008"), ("de", "2031")]
)
def test_a_year_that_is_not_in_the_file_has_no_figures_and_says_so(country, year):
    events = [
        row("b1", f"{year}-01-10", "buy", "1", cost="1"),
        row("s1", f"{year}-02-10", "sell", "1", proceeds="9"),
    ]
    found = ask(events, country)[year]
    assert found["flags"] == ["no_rules"]
    assert all(
        found[key] is None for key in ("224", "3AN", "ir", "exempt", "total", "taxable") if key in found
    )


def test_france_a_sale_before_2019_uses_no_capital():
    events = [
        row("b1", "2017-01-10", "buy", "2", cost="1000"),
        row("s1", "2018-01-10", "sell", "1", proceeds="5000"),
        row("s2", "2019-02-10", "sell", "1", proceeds="5000"),
    ]
    found = ask(events, "fr")
    assert found["2018"]["sales"] == [["s1", *[None] * 10]]
    assert found["2019"]["sales"] == [["s2", *"5000 5000 0 5000 5000 5000 1000 0 1000 4000".split()]]


def test_france_no_figures_follow_a_coin_without_a_price():
    events = [
        BOUGHT,
        row("b2", "2024-01-11", "buy", "1", asset="BNB", cost="10"),
        row("s1", "2024-05-10", "sell", "0.5", proceeds="1000"),
        row("s2", "2025-05-10", "sell", "0.5", proceeds="1000"),
    ]
    found = ask(events, "fr", prices=closes(BNB_2025_05_10="10"))
    assert found["2025"]["sales"] == [["s2", *[None] * 10]]
    assert (found["2025"]["51"], found["2025"]["exempt"], found["2025"]["flags"]) == (
        None,
        None,
        ["no_price"],
    )


def test_france_a_coin_sold_out_of_another_place_is_held():
    found = ask([BOUGHT, row("s1", "2024-05-10", "sell", "1", place="B", proceeds="400")], "fr")["2024"]
    assert (found["sales"][0][1], found["flags"]) == ("400", [])


def test_france_flags_of_coins_that_leave():
    events = [
        BOUGHT,
        row(
            "x1",
            "2024-02-10",
            "swap",
            "0.1",
            to_asset="ETH",
            to_qty="1",
            value="1",
            fee={"asset": "BTC", "qty": "0.1"},
        ),
        row("f1", "2024-02-11", "fee", "0.1"),
        row("l1", "2024-02-12", "loss", "0.1"),
        row("s1", "2024-05-10", "sell", "0.6", proceeds="600"),
    ]
    found = ask(events, "fr", prices=closes(ETH_2024_05_10="400"))["2024"]
    assert found["flags"] == ["coin_fee_left", "fee_left", "loss_left"]
    assert found["sales"] == [["s1", *"1000 600 0 600 600 600 1000 0 1000 0".split()]]


def test_france_a_loss_is_neither_gain_nor_tax_and_the_scale_counts_from_2023():
    events = [BOUGHT, row("s1", "2024-05-10", "sell", "1", proceeds="500")]
    assert [ask(events, "fr")["2024"][key] for key in ("3AN", "3BN", "ir", "ps")] == ["0", "500", "0", "0"]
    early = [
        row("b1", "2022-01-10", "buy", "1", cost="1"),
        row("s1", "2022-05-10", "sell", "1", proceeds="1001"),
    ]
    assert ask(early, "fr", fr={"scale": True})["2022"]["ir"] == "128"


def test_france_places_abroad_are_listed_while_they_are_open():
    accounts = [
        {"place": "Old", "closed": "2023-12-31"},
        {"place": "Now", "opened": "2024-12-31"},
        {"place": "Next", "opened": "2025-01-01"},
        {"place": "Always"},
    ]
    assert ask([BOUGHT], "fr", fr={"accounts_abroad": accounts})["2024"]["3916-bis"] == ["Now", "Always"]


@pytest.mark.parametrize(
    ("acquired", "last"),
    [
        ((2023, 5, 10), (2024, 5, 10)),
        ((2024, 2, 29), (2025, 2, 28)),
        ((2023, 2, 28), (2024, 2, 28)),
        ((2023, 12, 31), (2024, 12, 31)),
    ],
)
def test_germany_the_last_taxable_day(acquired, last):
    assert last_taxable_day(date(*acquired)) == date(*last)


def test_germany_a_gap_costs_nothing_and_is_taxable():
    found = ask([BOUGHT, row("s1", "2025-06-10", "sell", "2", proceeds="4000")], "de")["2025"]
    assert found["sales"] == [
        ["s1", "sell", "BTC", "1", "2024-01-10", "2025-06-10", "2000", "1000", "1000", False],
        ["s1", "sell", "BTC", "1", None, "2025-06-10", "2000", "0", "2000", True],
    ]
    assert (found["taxable"], found["flags"]) == ("2000", ["gap"])


def test_germany_a_loss_waits_under_the_limit_and_a_rest_goes_on():
    events = [
        row("b1", "2023-01-10", "buy", "4", cost="8000"),
        row("s1", "2023-02-10", "sell", "1", proceeds="500"),
        row("b2", "2024-03-10", "buy", "1", asset="ETH", cost="1000"),
        row("s2", "2024-04-10", "sell", "0.5", asset="ETH", proceeds="1400"),
        row("s3", "2025-01-10", "sell", "0.5", asset="ETH", proceeds="1600"),
    ]
    found = ask(events, "de")
    assert [
        (found[year]["total"], found[year]["taxable"], found[year]["loss_carried"]) for year in found
    ] == [
        ("-1500", "0", "1500"),
        ("900", "0", "1500"),
        ("1100", "0", "400"),
    ]


def test_germany_an_unknown_gain_makes_the_year_unknown():
    sold = row("s1", "2024-02-10", "sell", "1", proceeds={"amount": "1", "cur": "USD"})
    found = ask([BOUGHT, sold], "de")["2024"]
    assert (found["total"], found["taxable"], found["loss_carried"], found["free"]) == (None, None, None, "0")


def test_germany_a_gift_without_the_givers_cost_costs_nothing():
    events = [
        row("g1", "2024-02-10", "gift", "1", way="in", value="4000", donor_at="2023-06-01T12:00:00Z"),
        row("s1", "2024-06-01", "sell", "1", proceeds="5000"),
    ]
    found = ask(events, "de")["2024"]
    assert (found["taxable"], found["flags"]) == ("5000", ["missing_cost"])
    assert found["sales"][0][4] == "2023-06-01"


def test_germany_income_of_mining_may_be_a_business():
    events = [row("i1", "2024-02-10", "income", "1", sort="mining", value="256.01")]
    found = ask(events, "de")["2024"]
    assert (found["income"], found["income_taxable"], found["flags"]) == (
        "256.01",
        "256.01",
        ["may_be_business"],
    )


def test_both_countries_reckon_in_euro_whatever_the_base():
    events = [BOUGHT, row("s1", "2024-02-10", "sell", "1", proceeds="3000")]
    rates = [
        {"cur": "USD", "day": "2024-01-10", "rate": "1.25"},
        {"cur": "USD", "day": "2024-02-10", "rate": "1.5"},
    ]
    found = ask(events, "realised", "fr", "de", rates=rates, base="USD")
    assert (found["realised"], found["fr"]["2024"]["224"], found["de"]["2024"]["total"]) == (
        "2000",
        "1200",
        "1200",
    )
