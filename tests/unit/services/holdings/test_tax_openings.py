"""What is carried into a year's tax file from before: kept by year and person, shown, used unless one is given."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ANN, BOB, TODAY, ask, holding_house
from vigie.domain.errors import UsageError

SALE = {"kind": "sell", "coin": "BTC", "quantity": "0.5", "day": "2025-04-01", "amount": "8000"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = holding_house(tmp_path_factory.mktemp("openings") / "home")
    ask(home, "add", coin="BTC", quantity="1", day="2025-01-01", amount="0")
    ask(home, "add", **SALE)
    return home


@pytest.fixture(autouse=True)
def _without_openings(built):
    yield
    for who in (ANN, BOB):
        built.accounts.put_settings(f"{who.user}/tax_openings", {"2024": None, "2025": None})


def file_of(built, caller=ANN, **asked):
    return ask(built, "tax", caller, **{"country": "FR", "year": 2025, **asked})


def sale_lines(told):
    return {row.line: row.exact for row in told.rows if row.part == "sale" and row.line}


def opening_rows(told):
    return [(row.line, row.exact, row.text) for row in told.rows if row.part == "entry" and not row.event]


def test_what_is_entered_is_used_shown_with_its_day_and_kept_for_that_year_on(built):
    bare = file_of(built)
    assert opening_rows(bare) == []
    kept = ask(built, "enter_openings", year=2025, opening_220="12000", opening_221="1500.5").rows
    assert [(row.year, row.opening_220, row.opening_221, row.loss_carried, row.entered) for row in kept] == [
        (2025, "12000", "1500.5", "", TODAY)
    ]
    told = file_of(built)
    line = sale_lines(told)
    assert (line["220"], line["221"], line["223"]) == ("12000", "1500.5", "10499.5")
    assert opening_rows(told) == [
        (
            "220",
            "12000",
            "Acquisition prices carried from before: entered by you on 29 August 2025 for 2025",
        ),
        ("221", "1500.5", "Capital carried from before: entered by you on 29 August 2025 for 2025"),
    ]
    assert "saisi par vous le 29 août 2025 pour 2025" in opening_rows(file_of(built, language="fr"))[0][2]
    # A year that goes on from it has it, the one before does not.
    assert len(opening_rows(file_of(built, year=2026))) == 2
    assert opening_rows(file_of(built, year=2024)) == []
    assert file_of(built, BOB).rows != told.rows
    assert ask(built, "tax_openings", BOB).rows == []


def test_one_that_is_given_counts_instead_and_an_empty_one_goes(built):
    ask(built, "enter_openings", year=2025, opening_220="12000", opening_221="1500")
    given = file_of(built, opening_220="20000")
    assert (sale_lines(given)["220"], sale_lines(given)["221"]) == ("20000", "0")
    assert opening_rows(given) == [("220", "20000", "Acquisition prices carried from before")]
    (row,) = ask(built, "enter_openings", year=2025, opening_221="").rows
    assert (row.opening_220, row.opening_221) == ("12000", "")
    assert ask(built, "enter_openings", year=2025, opening_220="").rows == []


def test_coins_that_were_held_are_missed_and_prices_that_count_twice_are_told(built, tmp_path):
    ask(built, "enter_openings", year=2025, opening_220="12000")
    told = file_of(built)
    assert [row.line for row in told.rows if row.part == "missing"] == []
    home = holding_house(tmp_path / "home")
    ask(home, "add", coin="BTC", quantity="1", day="2024-12-30", amount="9000")
    ask(home, "add", **SALE)
    assert file_of(home).missing == 0
    ask(home, "enter_openings", year=2025, opening_220="12000")
    told = file_of(home)
    (missing,) = [row for row in told.rows if row.part == "missing"]
    assert (missing.line, missing.text) == (
        "opening_coins",
        "Opening values are set, but no coins that were held before 2025: enter each as a purchase at cost 0.",
    )
    assert "opening_twice" in [row.line for row in told.rows if row.part == "flag"]


def test_germany_carries_a_loss_of_its_own(built):
    ask(built, "enter_openings", year=2024, loss_carried="500")
    told = file_of(built, country="DE")
    assert [row.exact for row in told.rows if row.line == "opening_loss"] == ["500"]
    assert opening_rows(file_of(built)) == []


@pytest.mark.parametrize("typed", ["-1", "NaN", "1e30", "much", "1,5", "0.123456789"])
@pytest.mark.parametrize("name", ["opening_220", "opening_221", "loss_carried"])
def test_what_is_no_amount_is_refused_with_what_is_accepted(built, name, typed):
    with pytest.raises(
        UsageError, match=rf"{name}: must be an amount such as 1500 or 1500.25, without a sign"
    ):
        ask(built, "enter_openings", year=2025, **{name: typed})
    assert ask(built, "tax_openings").rows == []


def test_nothing_given_is_refused(built):
    with pytest.raises(UsageError, match="give opening_220, opening_221 or loss_carried"):
        ask(built, "enter_openings", year=2025)
