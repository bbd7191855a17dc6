"""The figures of Portfolio add up to the cent: the headline's gain, what it is made of, and the coins."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.web.test_portfolio_page import day, text_of
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.portfolio.gain_words import _cents as cents_of
from vigie.views.web.pages.portfolio.gain_words import is_rounded

PAGE = "/portfolio"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def add(built, **values):
    return run_operation(built, OWNER, "holdings.add", {"currency": "USD", **values})


def amount_of(text: str) -> Decimal:
    return Decimal(text.replace("$", "").replace(",", "").replace("\u2212", "-"))


def parts_of(page: str) -> dict[str, Decimal]:
    table = page[page.index('id="adding-up"') :]
    rows = re.findall(
        r'<th scope="row">([^<]+)</th><td class="num">([^<]+)</td>', table[: table.index("</table>")]
    )
    return {unescape(name): amount_of(amount) for name, amount in rows}


def of_coins(page: str) -> Decimal:
    table = page[page.index('id="position-rows"') : page.index('id="valued"')]
    shown = re.findall(r'<span class="sub">(\u2212?\$[\d,.]+)</span>', table)
    return sum((amount_of(one) for one in shown), Decimal(0))


def headline_of(page: str) -> tuple[Decimal, Decimal, Decimal]:
    text = unescape(page)
    worth = re.search(r"Your coins are worth (\$[\d,.]+\d)", text)[1]
    gain, kind, put_in = re.search(r"That is (\$[\d,.]+\d) (more|less) than the (\$[\d,.]+\d)", text).groups()
    return amount_of(worth), amount_of(put_in), amount_of(gain) * (1 if kind == "more" else -1)


def with_a_past(built) -> None:
    add(built, coin="BTC", quantity="1.234567", day=day(10), amount="40000.55", fee="12.35", place="Kraken")
    add(built, coin="ETH", quantity="2", day=day(12), amount="4000.01", place="Kraken")
    add(
        built,
        coin="BTC",
        quantity="0.333",
        day=day(30),
        amount="15000.07",
        fee="8.01",
        place="Kraken",
        kind="sell",
    )
    add(built, coin="ETH", quantity="0.7", day=day(40), kind="swap", to_coin="SOL", to_quantity="11", fee="1.5",
        place="Kraken")  # fmt: skip
    add(built, coin="ETH", quantity="0.033", day=day(50), kind="income", sort="staking", place="Kraken")
    add(
        built,
        coin="BTC",
        quantity="0.1",
        day=day(60),
        kind="transfer",
        to_place="Safe",
        fee="3.33",
        place="Kraken",
    )
    add(built, coin="SOL", quantity="1", day=day(65), kind="loss", place="Kraken")


def test_the_gain_of_the_headline_is_the_sum_of_what_stands_on_the_page(built):
    with_a_past(built)
    page = houses.Browser(built).get(PAGE).text
    worth, put_in, gain = headline_of(page)
    assert gain == worth - put_in
    parts = parts_of(page)
    assert parts.pop("Gain") == gain
    assert sum(parts.values()) == gain
    assert parts["Gain if sold"] == of_coins(page)
    told = run_operation(built, OWNER, "holdings.gains", {})
    assert parts["Gain from sales"] == round(Decimal(told.realised), 2)
    assert parts["Fees beside trades"] == Decimal("-3.33")
    assert parts["Income"] > 0
    assert abs(parts.get("Rounding", Decimal(0))) <= Decimal("0.04"), "nothing but cents is left over"
    assert "Unknown costs and gifts" not in parts
    assert "The gain adds up: what each coin would bring if sold" in page
    assert "(partly assumed)" not in page


def test_what_has_no_cost_and_what_was_given_is_a_part_of_its_own_and_money_put_in_is_partly_assumed(built):
    with_a_past(built)
    add(built, coin="SOL", quantity="10", day=day(20))
    add(built, coin="ETH", quantity="0.5", day=day(70), kind="gift", way="out", place="Kraken")
    page = houses.Browser(built).get(PAGE).text
    _, _, gain = headline_of(page)
    parts = parts_of(page)
    assert parts.pop("Gain") == gain == sum(parts.values())
    assert parts["Unknown costs and gifts"]
    assert re.search(
        r"than the \$[\d,.]+ \(partly assumed\) that you put in", text_of(houses.Browser(built).get(PAGE))
    )
    french = text_of(houses.Browser(built, language="fr").get(PAGE))
    assert "(en partie supposés) que vous avez versés" in french


def test_a_gift_of_which_no_value_was_said_is_assumed_at_the_price_of_its_day(built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000")
    assert "(partly assumed)" not in houses.Browser(built).get(PAGE).text
    add(built, coin="ETH", quantity="1", day=day(12), kind="gift", way="in")
    assert "(partly assumed)" in houses.Browser(built).get(PAGE).text


@pytest.mark.parametrize("amount", [89_088.065, -89_088.065, 1.005, 0.125, 2.675, 0.004, -0.004])
def test_parts_have_the_cents_that_the_page_writes(amount):
    written = UserLanguage("en").fixed(amount)
    assert f"{cents_of(amount) / 100:,.2f}".replace("-", "\u2212") == written


def test_more_sold_than_was_there_is_assumed_too_and_one_part_needs_no_sum(built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000")
    page = houses.Browser(built).get(PAGE).text
    assert 'id="adding-up"' not in page
    add(built, coin="ETH", quantity="1", day=day(12), amount="2000", kind="sell")
    assert "(partly assumed)" in houses.Browser(built).get(PAGE).text


def test_what_is_realised_is_told_where_the_gain_is_not_known(built):
    with_a_past(built)
    add(built, coin="DOGE", quantity="100", day=day(10))
    text = text_of(houses.Browser(built).get(PAGE))
    assert re.search(r"Realised so far, where the cost is known: −?\$[\d,]+\.\d\d\.", text)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_notice_says_what_happened(built, language):
    browser = houses.Browser(built, language=language)
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000")
    row = run_operation(built, OWNER, "holdings.list", {}).rows[0]
    gone = browser.post(f"{PAGE}/remove", {"holding": row.entry, "version": row.version})
    assert {"en": "Removed.", "fr": "Supprimé."}[language] in text_of(gone)
    batch = re.search(r'name="holding_batch" value="(\w+)"', gone.text)[1]
    back = browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    assert {"en": "Undone.", "fr": "Annulé."}[language] in text_of(back)


def test_the_form_is_first_where_nothing_is_owned_and_one_tap_away_where_something_is(built):
    empty = houses.Browser(built).get(PAGE).text
    assert empty.index('id="f-coin"') < empty.index("Nothing here yet")
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000")
    page = houses.Browser(built).get(PAGE).text
    assert page.index('href="#f-coin"') < page.index('id="headline"')
    assert 'id="f-coin"' in page


def test_the_menu_leads_to_files_letter_and_addresses(built):
    page = houses.Browser(built).get("/help").text
    menu = page[page.index('class="site-nav"') : page.index("</nav>")]
    for path in ("files", "letter", "addresses", "tax"):
        assert f'href="{PAGE}/{path}"' in menu


def test_a_known_gain_is_told_apart_where_another_lot_of_the_coin_has_no_cost(built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="1000", place="Kraken")
    add(built, coin="BTC", quantity="1", day=day(12), place="Kraken")
    told = run_operation(built, OWNER, "holdings.worth", {"currency": "usd"})
    half = Decimal(str(told.worth)) / 2
    assert abs(Decimal(str(told.parts.unrealised)) - (half - 1000)) < Decimal("0.01")
    page = houses.Browser(built).get(PAGE).text
    parts = parts_of(page)
    assert abs(parts["Gain if sold"] - (half - 1000)) < Decimal("0.02")
    assert parts.pop("Gain") == headline_of(page)[2] == sum(parts.values())


def test_the_page_says_where_rounded_worths_add_up_to_another_sum():
    class Row:
        def __init__(self, worth):
            self.worth = worth

    assert is_rounded(Row(0.01), [Row(0.006), Row(0.006)])
    assert not is_rounded(Row(0.03), [Row(0.01), Row(0.02), Row(None)])
