"""A bank's product is worth its underlying less its fee; a name of several coins counts nothing until one is chosen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import houses
from tests.unit.services.holdings.material import ask, close_of, holding_house
from vigie.domain.errors import Conflict, UsageError
from vigie.wiring.connectors import owned_coins

FIRST = date.fromisoformat(houses.START)
LAST = houses.DAYS - 1
FEE = 0.015
CERTIFICATE = {
    "coin": "bitcoin", "quantity": "0.04", "place": "Orvane", "product": "Orvane Bitcoin",
    "product_form": "security", "yearly_fee": "1.5", "spread": "1", "currency": "USD",
}  # fmt: skip


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


@pytest.fixture
def twins(built):
    rows = [
        {"id": f"twin-{name}", "symbol": "twin", "name": f"Twin {name}", "current_price": price}
        for name, price in (("one", 3.86), ("two", 0.04))
    ]
    built.facts.put_document("coingecko", "markets", built.clock.market_now(), {"rows": rows})
    return built


def test_a_product_is_worth_its_underlying_less_the_fee_since_its_first_purchase(built):
    ask(built, "add", **CERTIFICATE, day=day(10), amount="2000")
    ask(built, "add", coin="BTC", quantity="0.04", day=day(10), amount="2000", currency="USD")
    coin, product = sorted(ask(built, "positions").rows, key=lambda row: row.product_form)
    factor = (1 - FEE) ** ((LAST - 10) / 365)
    assert product.worth == pytest.approx(0.04 * close_of(LAST) * factor, abs=1e-6)
    assert coin.worth == pytest.approx(0.04 * close_of(LAST))
    assert (product.name, product.underlying, product.product_form) == (
        "Orvane Bitcoin",
        "bitcoin",
        "security",
    )
    assert (product.yearly_fee, product.spread) == (FEE, 0.01)
    assert float(product.quantity) == pytest.approx(0.04 * factor, abs=1e-8)
    assert product.price == pytest.approx(close_of(LAST)), "the price is the coin's"
    (share,) = [share for share in ask(built, "worth").shares if share.kind == "coin"]
    assert (share.name, share.share) == ("Bitcoin", 1.0), "both depend on the same coin"
    (row,) = [row for row in ask(built, "list").rows if row.product]
    assert (row.name, row.quantity, row.yearly_fee, row.product_form) == (
        "Orvane Bitcoin",
        "0.04",
        FEE,
        "security",
    )


def test_a_product_that_is_bought_twice_is_sold_at_the_quantity_that_is_shown_without_a_gap(built):
    ask(built, "add", **CERTIFICATE, day=day(10), amount="2000")
    ask(built, "add", **CERTIFICATE, day=day(100), amount="2000")
    held = float(ask(built, "positions").rows[0].quantity)
    before = 0.04 * (1 - FEE) ** (90 / 365) + 0.04
    assert held == pytest.approx(before * (1 - FEE) ** ((LAST - 100) / 365), abs=1e-8)
    ask(built, "add", **{**CERTIFICATE, "quantity": f"{held:.8f}"}, kind="sell", amount="5000", day=day(LAST))
    assert [note.code for note in ask(built, "worth").notes] == []
    assert all(float(row.quantity) < 1e-8 for row in ask(built, "positions").rows)
    assert all(row.gain is not None for row in ask(built, "gains").rows)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"product_form": ""}, "needs its name, and whether it is a digital asset or a security"),
        ({"product": ""}, "needs its name"),
        ({"yearly_fee": "51"}, "yearly fee must be between 0 and 50 per cent, such as 1.5, was '51'"),
        ({"spread": "-1"}, "spread must be between 0 and 50"),
        ({"yearly_fee": "NaN"}, "was 'NaN'"),
    ],
)
def test_a_product_without_a_form_or_with_a_fee_that_cannot_be_is_refused(built, given, said):
    with pytest.raises(UsageError, match=said):
        ask(built, "add", **{**CERTIFICATE, **given})
    assert ask(built, "list").rows == []


def test_a_shared_name_counts_nothing_until_its_coin_is_chosen_and_undoing_opens_it_again(twins):
    added = ask(twins, "add", coin="TWIN", quantity="400", may_stay_open=True)
    assert (added.asset, added.name, added.added) == ("", "TWIN", 1)
    told, (row,) = ask(twins, "worth"), ask(twins, "list").rows
    assert (told.open_lines, told.worth, told.no_price, row.typed, row.asset) == (1, 0.0, [], "TWIN", "")
    assert ask(twins, "positions").rows == []
    for country in ("FR", "DE"):
        missing = [one for one in ask(twins, "tax", country=country, year=2025).rows if one.part == "missing"]
        assert [(one.line, one.event, "TWIN" in one.text) for one in missing] == [
            ("open_line", row.entry, True)
        ]
    prices = [(coin.asset, coin.price_usd) for coin in ask(twins, "coins", coin=row.typed).rows]
    assert prices == [("twin-one", 3.86), ("twin-two", 0.04)]
    with pytest.raises(UsageError, match="bitcoin is no coin with the name or ticker TWIN"):
        ask(twins, "resolve", holding=row.entry, asset="bitcoin")
    with pytest.raises(Conflict, match="changed meanwhile"):
        ask(twins, "resolve", holding=row.entry, asset="twin-two", version="0" * 16)
    chosen = ask(twins, "resolve", holding=row.entry, asset="twin-two", version=row.version)
    assert [(position.asset, position.quantity) for position in ask(twins, "positions").rows] == [
        ("twin-two", "400")
    ]
    assert ask(twins, "worth").open_lines == 0
    with pytest.raises(UsageError, match="is chosen; correct the line instead"):
        ask(twins, "resolve", holding=row.entry, asset="twin-one")
    ask(twins, "undo", holding_batch=chosen.batch)
    assert ask(twins, "worth").open_lines == 1


def test_a_name_of_one_coin_never_stays_open(built):
    assert ask(built, "add", coin="BTC", quantity="1", may_stay_open=True).asset == "bitcoin"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_keeps_a_shared_name_for_later_and_one_click_chooses_it(twins, language):
    browser = houses.Browser(twins, language=language)
    asked = browser.post("/portfolio/save", {"coin": "TWIN", "quantity": "400", "new_id": "e" + "a" * 16})
    assert 'name="later"' in asked.text
    kept = browser.post(
        "/portfolio/save", {"coin": "TWIN", "quantity": "400", "new_id": "e" + "a" * 16, "later": "1"}
    )
    said = {"en": "1 line is not counted", "fr": "1 ligne n’est pas comptée"}[language]
    assert said in kept.text
    entry = "e" + "a" * 16
    assert f'value="{entry}"' in kept.text
    assert 'name="asset" value="twin-two"' in kept.text
    chosen = browser.post("/portfolio/resolve", {"holding": entry, "asset": "twin-two"})
    assert chosen.status_code == 200
    assert said not in chosen.text
    assert 'id="choose"' not in chosen.text


def test_prices_are_collected_of_owned_coins_that_the_list_of_coins_has(twins):
    for coin in ("bitcoin", "twin-two", "TWIN"):
        ask(twins, "add", coin=coin, quantity="1", may_stay_open=True)
    assert owned_coins(twins) == ["twin-two"], "the list of this home has the twins alone"
