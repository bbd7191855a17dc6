"""The tax file of a year: every figure with its derivation, what is missing first, and years without rules."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal

import pytest

from tests.unit.services.holdings.material import BOB, ask, close_of, holding_house
from vigie.domain.errors import UsageError
from vigie.services.operation_calls import run_operation
from vigie.views.api.exports import export

DAY_OF_SALE = 90


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = holding_house(tmp_path_factory.mktemp("tax") / "home")
    for kind, coin, quantity, day, amount, place in (
        ("buy", "BTC", "1", "2025-01-10", "10000", "Kraken"),
        ("buy", "ETH", "2", "2025-01-11", "", "=cmd|' /C calc'!A0"),
        ("sell", "BTC", "0.5", "2025-04-01", "8000", "Kraken"),
        ("sell", "BTC", "0.25", "2025-05-01", "2000", "Kraken"),
    ):
        fee = "8" if day == "2025-04-01" else ""
        ask(
            home, "add", kind=kind, coin=coin, quantity=quantity, day=day, amount=amount, fee=fee, place=place
        )
    return home


def file_of(built, **asked):
    return ask(built, "tax", **{"country": "FR", "year": 2025, **asked})


def amounts(told, part, event=None):
    rows = [row for row in told.rows if row.part == part and event in (None, row.event)]
    return {row.line: row.exact for row in rows if row.line}


def test_france_each_line_follows_from_those_before_it_down_to_the_entries(built):
    told = file_of(built)
    sales = list(dict.fromkeys(row.event for row in told.rows if row.part == "sale"))
    assert len(sales) == 2
    used = Decimal(0)
    for event in sales:
        line = {name: Decimal(text) for name, text in amounts(told, "sale", event).items()}
        coins = [row for row in told.rows if row.part == "sale" and row.event == event and not row.line]
        assert {row.asset for row in coins} == {"bitcoin", "ethereum"}
        assert sum(Decimal(row.exact) for row in coins) == line["212"]
        assert line["215"] == line["218"] == line["213"] - line["214"]
        assert (line["220"], line["221"], line["223"]) == (10000, used, 10000 - used)
        taken = (line["223"] * line["217"] / line["212"]).quantize(Decimal("1E-8"))
        assert line["gain"] == line["218"] - taken
        used += taken
    entries = [row for row in told.rows if row.part == "entry"]
    assert [(row.line, row.event in sales) for row in entries] == [
        ("220", False),
        ("221", True),
        ("221", True),
    ]
    assert sum(Decimal(row.exact) for row in entries if row.line == "221") == used
    first = amounts(told, "sale", sales[0])
    # Ethereum counts at the close of the day of the sale, in euros.
    worth = Decimal(8000) / Decimal("0.5") + 2 * Decimal(str(close_of(DAY_OF_SALE, "ETH"))) / Decimal("1.25")
    assert float(first["212"]) == pytest.approx(float(worth), abs=0.01)


def test_france_sums_are_those_of_the_sales_and_say_how_sure_they_are(built):
    told = file_of(built)
    sums = amounts(told, "sums")
    gains = sum(Decimal(row.exact) for row in told.rows if row.part == "sale" and row.line == "gain")
    assert (sums["51"], Decimal(sums["224"])) == ("9992", gains)
    assert Decimal(sums["ps"]) == (gains * Decimal("0.186")).quantize(Decimal(1))
    sure = {row.line: row.sureness for row in told.rows if row.line in ("ps", "3AN", "212", "gain")}
    assert set(sure.values()) == {"chosen"}, "what follows from 212 is no surer than it"
    levies = next(row.text for row in told.rows if row.line == "ps")
    assert levies.startswith("Social levies at 18.6% (rate: likely; law 2025-1403")
    assert all(row.source for row in told.rows if row.sureness)


def test_what_is_missing_stands_first_after_the_warning(built):
    told = file_of(built)
    parts = list(dict.fromkeys(row.part for row in told.rows))
    assert parts[:3] == ["warning", "missing", "sums"]
    assert "Not advice" in told.rows[0].text
    lacks = [(row.line, row.asset) for row in told.rows if row.part == "missing"]
    assert lacks == [("missing_cost", "ethereum")]
    assert told.missing == 1
    assert file_of(built, language="fr").rows[0].text.startswith("Ceci n\u2019est pas un conseil")


def test_a_sale_without_a_price_of_a_held_coin_has_no_figures_and_names_the_coin(tmp_path):
    home = holding_house(tmp_path / "home")
    ask(home, "add", coin="ETH", quantity="1", day="2024-05-01", amount="1")
    ask(home, "add", coin="BTC", quantity="1", day="2024-05-01", amount="1")
    ask(home, "add", kind="sell", coin="BTC", quantity="0.5", day="2024-05-02", amount="9")
    told = file_of(home, year=2024)
    assert [(row.line, row.asset) for row in told.rows if row.part == "missing"] == [("no_price", "ethereum")]
    assert amounts(told, "sums")["224"] == ""
    later = file_of(home, year=2025)
    assert [row.line for row in later.rows if row.part == "missing"] == ["no_price"], "it holds on"
    ask(home, "add", kind="sell", coin="BTC", quantity="3", day="2025-05-02", amount="9")
    assert [row.line for row in file_of(home).rows if row.part == "missing"] == ["no_price", "gap"]


def test_places_are_told_abroad_or_asked(built):
    told = file_of(built, abroad="Kraken; Empty Exchange")
    places = [row.text for row in told.rows if row.part == "place"]
    assert places[:2] == ["3916-bis: account abroad at Kraken", "3916-bis: account abroad at Empty Exchange"]
    assert "account abroad?" in places[2]


def test_germany_each_part_names_its_lot_and_the_limit(built):
    told = file_of(built, country="DE")
    bought = next(row.entry for row in ask(built, "list").rows if row.day == "2025-01-10")
    sales = [row for row in told.rows if row.part == "sale"]
    assert [row.exact for row in sales] == ["7992", "5000", "2992", "2000", "2500", "-500"]
    assert bought in sales[1].text
    assert "taxable, bought on 10 January 2025" in sales[2].text
    sums = amounts(told, "sums")
    assert (sums["total"], sums["limit"], sums["taxable"]) == ("2492", "1000", "2492")


@pytest.mark.parametrize(("country", "year"), [("FR", 2018), ("FR", 2027), ("DE", 2030)])
def test_a_year_without_rules_is_refused_with_a_sentence(built, country, year):
    with pytest.raises(UsageError, match=f"there are no rules of {country} for {year} here"):
        file_of(built, country=country, year=year)


def test_a_year_with_rules_and_without_lines_has_zeros(built):
    for country, line in (("FR", "224"), ("DE", "total")):
        for year in (2019, 2026):
            assert amounts(file_of(built, country=country, year=year), "sums")[line] == "0"
    theirs = [row.line for row in ask(built, "tax", BOB, year=2025).rows if row.part == "missing"]
    assert theirs == ["no_lines"], "lines of others are not in it"


def test_its_files_hold_no_formula(built):
    told = file_of(built)
    rows = list(csv.reader(io.StringIO(export(told, "csv", is_simulated=False).decode())))
    assert rows[1][0] == "warning"
    cells = [cell for row in rows[1:] for cell in row]
    hostile = [cell for cell in cells if "cmd|" in cell]
    assert hostile
    assert not [
        cell
        for cell in cells
        if cell[:1] in ("=", "+", "@") or (cell.startswith("-") and not is_number(cell))
    ]
    with zipfile.ZipFile(io.BytesIO(export(told, "xlsx", is_simulated=False))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert sheets
    assert not any("<f>" in sheet for sheet in sheets)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("country", "text"), [("FR", "Certificate on Ether"), ("DE", "Certificate on Ether")]
)
def test_a_security_is_listed_as_not_covered_and_is_in_no_figure(tmp_path, country, text):
    home = holding_house(tmp_path / "home")
    buy = {"kind": "buy", "quantity": "1", "day": "2025-01-10", "amount": "1000", "place": "Bank"}
    ask(home, "add", coin="BTC", **buy)
    ask(
        home,
        "add",
        coin="BTC",
        **{**buy, "kind": "sell", "quantity": "0.5", "day": "2025-04-01", "amount": "900"},
    )
    without = [row for row in file_of(home, country=country).rows if row.part != "rule"]
    ask(home, "add", coin="ETH", product=text, product_form="security", yearly_fee="1.5", spread="1", **buy)
    sale = {**buy, "kind": "sell", "quantity": "0.2", "day": "2025-03-01", "amount": "500"}
    ask(home, "add", coin="ETH", product=text, product_form="security", yearly_fee="1.5", spread="1", **sale)
    told = file_of(home, country=country)
    listed = [row for row in told.rows if row.part == "uncovered"]
    assert [(row.line, row.day) for row in listed] == [("buy", "2025-01-10"), ("sell", "2025-03-01")]
    assert all(text in row.text and not row.exact for row in listed)
    rest = [row for row in told.rows if row.part not in ("rule", "uncovered")]
    assert rest == without
    parts = list(dict.fromkeys(row.part for row in told.rows))
    assert parts.index("uncovered") < parts.index("sums")


def test_the_file_names_the_lots_that_it_uses_and_the_persons_own_are_among_them(built):
    def said(caller, country):
        told = ask(built, "tax", caller, country=country, year=2025)
        return [row.text for row in told.rows if row.part in ("warning", "flag")]

    assert "Lots: first in, first out, each place alone." in said(BOB, "DE")
    run_operation(built, BOB, "settings.change", {"lot_method": "lifo", "lot_queue": "all"})
    own = said(BOB, "DE")
    assert "Lots: last in, first out, over all places." in own
    assert "This method is not in the letter of the ministry." in own
    assert "One queue over all places is not in the letter of the ministry." in own
    assert any(text.startswith("France has no lots") for text in said(BOB, "FR"))


@pytest.mark.parametrize(
    ("language", "computed", "cents"),
    [
        (
            "en",
            "Computed from the exact gain; the form begins with whole euros and gives \u20ac129.",
            "they may miss their sum",
        ),
        (
            "fr",
            "Calculé sur la plus-value exacte\xa0; la déclaration part des euros entiers et donne 129\xa0\u20ac.",
            "s\u2019écarter de leur somme",
        ),
    ],
)
def test_a_tax_that_the_form_gives_otherwise_says_so_and_cents_that_do_not_add_up_are_told(
    tmp_path, language, computed, cents
):
    home = holding_house(tmp_path / "home")
    ask(home, "add", coin="BTC", quantity="1", day="2025-01-10", amount="1000")
    # 12.8 % of the gain of 1003.50 are 128.45, and of the 1,004 of the form 128.51.
    ask(home, "add", kind="sell", coin="BTC", quantity="1", day="2025-04-01", amount="2003.5")
    told = file_of(home, language=language)
    sums = {row.line: row for row in told.rows if row.part == "sums"}
    assert (sums["224"].exact, sums["3AN"].exact, sums["ir"].exact) == ("1003.5", "1004", "128")
    assert sums["ir"].text.endswith(f". {computed}")
    assert computed not in sums["ps"].text
    assert not [row for row in told.rows if row.line == "rounding"]
    ask(home, "add", coin="ETH", quantity="3", day="2025-05-01", amount="1000")
    ask(home, "add", kind="sell", coin="ETH", quantity="1", day="2025-06-01", amount="900")
    assert cents in "".join(row.text for row in file_of(home, language=language).rows if row.part == "flag")
