"""The page Portfolio: the first line by hand, what it says of it, and what it asks and refuses, without scripts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import brotli
import pytest

from tests import houses
from tests.unit.services.holdings.material import TODAY, close_of, holding_house
from vigie.catalogue import format_day
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation

PAGE = "/portfolio"
FIRST = date.fromisoformat(houses.START)
LAST = houses.DAYS - 1


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


@pytest.fixture(params=["en", "fr"])
def browser(request, built):
    return houses.Browser(built, language=request.param)


def add(built, **values):
    return run_operation(built, OWNER, "holdings.add", values)


def text_of(answer) -> str:
    main = answer.text[answer.text.index("<main") :]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def test_the_empty_page_says_what_to_do_and_asks_name_and_quantity_first(browser):
    answer = browser.get(PAGE)
    assert {"en": "Nothing here yet", "fr": "Encore rien ici"}[browser.language] in text_of(answer)
    fields = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', answer.text[answer.text.index('id="add"') :])
    shown = [name for name in fields if name not in ("csrf", "new_id", "entry", "version")]
    assert shown[:2] == ["coin", "quantity"]
    assert '<details class="group" id="more">' in answer.text, "the rest is folded"


def test_an_amount_may_have_its_sign_and_a_refused_one_stays_as_it_was_typed(built):
    browser = houses.Browser(built, language="fr")
    line = {"coin": "bitcoin", "quantity": "0,5", "currency": "EUR", "amount": "1 234,56 €"}
    browser.post(f"{PAGE}/save", {**line, "new_id": "e" + "a" * 16})
    (row,) = run_operation(built, OWNER, "holdings.list", {}).rows
    assert row.amount == "1234.56"
    answer = browser.post(f"{PAGE}/save", {**line, "amount": "1 234,56 $", "new_id": "e" + "b" * 16})
    assert "comme 250,00" in text_of(answer)
    assert "'1 234,56 $'" in text_of(answer)
    assert 'value="1 234,56 $"' in answer.text


def test_an_amount_far_from_the_price_of_its_day_is_told_after_it_was_saved_until_it_is_corrected(
    browser, built
):
    entry = "e" + "a" * 16
    line = {"coin": "bitcoin", "quantity": "2", "day": day(10), "currency": "USD", "amount": "1234567"}
    said = text_of(browser.post(f"{PAGE}/save", {**line, "new_id": entry}))
    assert {"en": "1,234,567 USD for 2 Bitcoin", "fr": "1 234 567 USD pour 2 Bitcoin"}[
        browser.language
    ] in said
    assert f"{format_day(date.fromisoformat(day(10)), browser.language)} " in said.split("Bitcoin")[1]
    assert {"en": "Correct this line", "fr": "Corriger cette ligne"}[browser.language] in said
    (row,) = run_operation(built, OWNER, "holdings.list", {}).rows
    assert row.amount == "1234567", "it is saved"
    near = {**line, "amount": str(2 * close_of(10)), "entry": entry, "version": row.version}
    assert "USD for 2" not in text_of(browser.post(f"{PAGE}/save", near))
    told = run_operation(built, OWNER, "holdings.change", {"holding": entry, **line})
    assert told.noted.code == "import_far_amount"
    assert browser.get(f"{PAGE}?saved=e{'b' * 16}").status_code == 200


def test_the_first_line_is_two_fields_and_the_page_says_what_it_is_worth(browser, built):
    quantity = {"en": "0.5", "fr": "0,5"}[browser.language]
    answer = browser.post(f"{PAGE}/save", {"coin": "bitcoin", "quantity": quantity, "new_id": "e" + "a" * 16})
    assert answer.status_code == 200
    text = text_of(answer)
    worth = f"{0.5 * close_of(LAST):,.2f}"
    assert {"en": worth, "fr": worth.replace(",", " ").replace(".", ",")}[browser.language] in text
    assert {"en": "1 line has no cost. It is not counted as zero", "fr": "1 ligne n\u2019a pas de co\u00fbt"}[
        browser.language
    ] in text
    assert [row.quantity for row in run_operation(built, OWNER, "holdings.list", {}).rows] == ["0.5"]
    again = browser.post(f"{PAGE}/save", {"coin": "bitcoin", "quantity": quantity, "new_id": "e" + "a" * 16})
    assert {"en": "This line was there already.", "fr": "Cette ligne y \u00e9tait d\u00e9j\u00e0."}[
        browser.language
    ] in text_of(again)


def test_figures_are_a_plain_sentence_each_and_the_chart_has_three_lines(built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="USD", place="Kraken")
    add(built, coin="ETH", quantity="2", day=day(40), amount="4000", currency="USD", place="Ledger")
    answer = houses.Browser(built).get(PAGE)
    text = text_of(answer)
    worth = close_of(LAST) + 2 * close_of(LAST, "ETH")
    assert f"Your coins are worth ${worth:,.2f}" in text
    kind = "more" if worth > 44_000 else "less"
    assert f"That is ${abs(worth - 44_000):,.2f} {kind} than the $44,000.00 that you put in." in text
    told = run_operation(built, OWNER, "holdings.worth", {})
    for sentence in (
        "Time-weighted return: ",
        "Money-weighted return: ",
        "Had you never bought, you would have $44,000.00.",
    ):
        assert sentence in text
    assert f"all in Bitcoin on the same days, would be worth ${told.in_bitcoin:,.2f}." in text
    assert re.search(r"\d+% is in Bitcoin alone\. If its price halves, all of it is worth \d+% less\.", text)
    assert re.search(r"\d+% lies at Kraken\.", text)
    assert "Selling takes longest for" in text
    svg = answer.text[answer.text.index('class="chart-stage chart-stage-hero"') :]
    assert (
        svg[: svg.index("</svg></div>") if "</svg></div>" in svg else len(svg)].count('class="line series-')
        == 3
    )


def test_what_is_above_the_own_limit_is_warned_of_on_top_until_the_limit_is_raised(browser, built):
    add(built, coin="BTC", quantity="1", day=day(10), place="Kraken")
    add(built, coin="ETH", quantity="1", day=day(10), place="Ledger")
    page = browser.get(PAGE)
    said = {"en": "lies at Kraken. Your limit is 40%.", "fr": "chez Kraken. Votre limite est de 40\xa0%."}
    warned = page.text[page.text.index('id="warnings"') : page.text.index('id="headline"')]
    assert said[browser.language].replace("\xa0", " ") in re.sub(r"[\xa0\u202f]", " ", unescape(warned))
    assert "Ledger" not in warned
    refused = browser.post(f"{PAGE}/settings", {"share_limit": "0"})
    assert refused.status_code == 400
    assert 'id="warnings"' in refused.text
    answer = browser.post(f"{PAGE}/settings", {"share_limit": "100"})
    assert 'id="warnings"' not in answer.text
    refused = browser.post(f"{PAGE}/settings", {"lot_method": "cheapest"})
    assert refused.status_code == 400
    chosen = browser.post(f"{PAGE}/settings", {"lot_method": "average", "lot_queue": "all"}).text
    assert re.findall(r'<option value="(average|all)" selected', chosen) == ["average", "all"]
    assert re.search(r'name="share_limit"[^>]*value="100"|value="100"[^>]*name="share_limit"', answer.text)


def test_a_coin_without_a_price_is_told_and_left_out(built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="USD")
    add(built, coin="DOGE", quantity="100", day=day(10))
    text = text_of(houses.Browser(built).get(PAGE))
    assert "Left out, without a price of the last seven days: dogecoin." in text
    assert "Time-weighted return: not known, because a coin has no price on" in text
    assert "no price" in text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"coin": "euro", "quantity": "5"}, "euro is state money"),
        ({"coin": "nonsense", "quantity": "5"}, "nonsense is no coin that Vigie knows"),
        ({"coin": "bitcoin", "quantity": "-5"}, "quantity must be a number above 0"),
        ({"coin": "bitcoin", "quantity": ""}, "quantity must be a number above 0"),
        ({"coin": "bitcoin", "quantity": "1", "day": "2050-01-01"}, "day must be between"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_what_was_typed_stays(built, form, said):
    answer = houses.Browser(built).post(f"{PAGE}/save", {**form, "place": "my safe"})
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert 'value="my safe"' in answer.text
    assert run_operation(built, OWNER, "holdings.list", {}).rows == []


def test_a_shared_name_is_asked_with_price_and_chain_and_a_press_chooses(built):
    rows = [{"id": name, "symbol": "twin", "name": f"Twin {name}"} for name in ("twin-one", "twin-two")]
    built.facts.put_document("coingecko", "markets", built.clock.market_now(), {"rows": rows})
    browser = houses.Browser(built)
    form = {"coin": "TWIN", "quantity": "3", "new_id": "e" + "b" * 16}
    answer = browser.post(f"{PAGE}/save", form)
    assert answer.status_code == 400
    assert re.findall(r'name="chosen" value="([^"]+)"', answer.text) == ["twin-one", "twin-two"]
    assert "no price \u00b7 chain not known" in text_of(answer)
    assert browser.post(f"{PAGE}/save", {**form, "chosen": "twin-two"}).status_code == 200
    assert [row.asset for row in run_operation(built, OWNER, "holdings.list", {}).rows] == ["twin-two"]


def test_a_line_is_corrected_removed_and_brought_back_without_scripts(built):
    added = add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="USD", place="Kraken")
    browser = houses.Browser(built)
    edit = browser.get(f"{PAGE}?edit={added.entry}").text
    form = dict(re.findall(r'name="(entry|version|new_id)" value="([^"]*)"', edit[edit.index('id="add"') :]))
    assert 'value="Kraken"' in edit
    answer = browser.post(
        f"{PAGE}/save", {**form, "coin": "bitcoin", "quantity": "2", "day": day(10), "kind": "buy"}
    )
    batch = re.search(r'name="holding_batch" value="(\w+)"', answer.text)[1]
    assert [row.quantity for row in run_operation(built, OWNER, "holdings.list", {}).rows] == ["2"]
    browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    (row,) = run_operation(built, OWNER, "holdings.list", {}).rows
    assert (row.quantity, row.amount) == ("1", "40000")
    gone = browser.post(f"{PAGE}/remove", {"holding": row.entry, "version": row.version})
    assert "Nothing here yet" in text_of(gone)
    browser.post(
        f"{PAGE}/undo", {"holding_batch": re.search(r'name="holding_batch" value="(\w+)"', gone.text)[1]}
    )
    assert len(run_operation(built, OWNER, "holdings.list", {}).rows) == 1
    assert browser.get(f"{PAGE}?edit=e{'z' * 16}").status_code == 404


def test_other_events_are_typed_in_a_fold_and_told_in_words(browser, built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="USD", place="Kraken")
    form = {"coin": "bitcoin", "quantity": "0.25", "day": day(20), "place": "Kraken"}
    answer = browser.post(f"{PAGE}/save", {**form, "kind": "swap", "to_coin": "ETH", "to_quantity": "4"})
    assert {"en": "swapped → 4 ethereum", "fr": "échangé → 4 ethereum"}[browser.language] in text_of(answer)
    refused = browser.post(f"{PAGE}/save", {**form, "kind": "transfer", "to_place": "Kraken"})
    assert refused.status_code == 400
    assert '<details class="group" id="more-events" open' in refused.text, "what was typed is seen"
    entry = run_operation(built, OWNER, "holdings.list", {}).rows[0].entry
    assert re.search(r'name="to_coin"[^>]* value="ethereum"', browser.get(f"{PAGE}?edit={entry}").text)


def test_a_page_of_many_lines_is_small(built):
    for number in range(120):
        add(
            built,
            coin=("BTC", "ETH", "SOL")[number % 3],
            quantity="0.1",
            day=day(number),
            amount="100",
            currency="USD",
        )
    answer = houses.Browser(built).get(PAGE)
    assert len(brotli.compress(answer.content, quality=5)) <= 30_000
    assert len(re.findall(r"<[a-z]", answer.text)) <= 1_400
    assert "cursor=20" in answer.text
    assert text_of(houses.Browser(built).get(f"{PAGE}?cursor=20")) != text_of(answer)


def test_money_is_told_in_euros_to_who_counts_in_euros(built):
    built.accounts.put_settings(OWNER.user, {"currency": "eur"})
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="EUR")
    text = text_of(houses.Browser(built).get(PAGE))
    assert f"\u20ac{close_of(LAST) / 1.25:,.2f}" in text
    assert "\u20ac40,000.00 that you put in" in text


def test_a_new_line_offers_the_currency_of_the_portfolio(built, browser):
    def offered() -> str:
        return re.search(r'<option value="(EUR|USD)" selected', browser.get(PAGE).text)[1]

    assert offered() == {"en": "USD", "fr": "EUR"}[browser.language]
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="USD")
    assert offered() == "USD"
    built.accounts.put_settings(OWNER.user, {"currency": "eur"})
    assert offered() == "EUR"


def test_a_new_line_offers_the_currency_of_the_lines(built):
    add(built, coin="BTC", quantity="1", day=day(10), amount="40000", currency="EUR")
    assert '<option value="EUR" selected' in houses.Browser(built).get(PAGE).text


def test_no_leverage_no_order_and_no_automation_stands_on_it(built):
    add(built, coin="BTC", quantity="1")
    main = text_of(houses.Browser(built).get(PAGE)).lower()
    assert [word for word in ("leverage", "margin", "short", "stop", "robot", "autom") if word in main] == []
    assert TODAY[:4] in main


def test_portfolio_is_a_group_of_the_menu_right_after_today_for_the_beginner(built):
    def groups(persona: str) -> list[str]:
        built.accounts.put_settings(OWNER.user, {"persona": persona})
        text = houses.Browser(built).get("/help").text
        nav = text[text.index("<nav") :]
        return [path for path in re.findall(r'href="(/[a-z]*)"', nav) if path in ("/", "/markets", PAGE)]

    beginner, trader = groups("beginner"), groups("trader")
    assert beginner.index(PAGE) < beginner.index("/markets")
    assert trader.index("/markets") < trader.index(PAGE)


def test_what_prices_of_held_coins_did_in_seven_days_stands_below(built, browser):
    add(built, coin="bitcoin", quantity="1", day=day(3), amount="100")
    add(built, coin="tether", quantity="5", day=day(3))
    card = text_of(browser.get(PAGE))
    card = card[
        card.index({"en": "Moves in seven days", "fr": "Variations sur sept jours"}[browser.language]) :
    ]
    bars = houses.market().bars("BTC", "1h")
    hours = 7 * 24
    change = bars.close[-1] / bars.close[-1 - hours + 1] - 1.0
    steps = bars.close[1:][-hours + 1 :] / bars.close[:-1][-hours + 1 :] - 1.0
    for figure in (change, steps[abs(steps).argmax()]):
        written = f"{abs(figure) * 100:.2f}"
        assert {"en": written, "fr": written.replace(".", ",")}[browser.language] in card[:120]
    assert "Tether" not in card[:120]
