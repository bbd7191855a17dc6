"""The page of trades made elsewhere: form, file with a preview, proposals, removal; English and French."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house, person
from tests.unit.services.outside.test_outside_operations import AFTER, FILL, HEADER, ROWS, confirmed, plan
from vigie.domain.time import iso
from vigie.services.operation_calls import run_operation

OWNER = person("owner")
PAGE = "/journal/outside"


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False)


@pytest.fixture
def browser(built):
    return Browser(built)


def rows(built, name="fills"):
    return run_operation(built, OWNER, f"outside.{name}", {}).rows


def post(browser, what, **form):
    return browser.post(f"{PAGE}/{what}", form, follow=False)


def test_it_is_linked_from_the_journal_and_says_that_nothing_is_proven(browser):
    assert f'href="{PAGE}"' in browser.get("/journal").text
    page = browser.get(PAGE).text
    assert "Not proven yours" in page
    assert "No trades yet" in page


def test_a_fill_is_added_by_form_and_what_was_typed_stays_where_it_is_refused(built, browser):
    refused = post(browser, "add", **{**FILL, "price": "60000,10"})
    assert refused.status_code == 400
    assert "price must be a number such as 1234.5, was &#39;60000,10&#39;" in refused.text
    assert 'value="60000,10"' in refused.text
    assert rows(built) == []
    answer = post(browser, "add", **FILL)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=added")
    assert post(browser, "add", **FILL).headers["location"] == f"{PAGE}?done=known"
    unknown = post(browser, "add", **{**FILL, "instrument": "FOOBARUSDT"})
    assert unknown.headers["location"] == f"{PAGE}?done=unknown"
    page = browser.get(f"{PAGE}?done=unknown").text
    assert "Vigie does not know this coin" in page
    # Its trade and its fill.
    assert page.count("unknown coin") == 2
    page = browser.get(answer.headers["location"]).text
    assert "Added." in page
    assert "btc-usdt-perp" in page
    assert "/api/v1/outside/list.csv" in page


def test_amounts_are_typed_as_the_language_writes_them(built):
    answer = post(
        Browser(built, language="fr"),
        "add",
        **{**FILL, "price": "60 000,10", "quantity": "0,25", "fee": "1,5"},
    )
    assert answer.status_code == 303, answer.text
    (row,) = rows(built)
    assert (row.price, row.qty) == ("60000.1", "0.25")


def test_a_file_is_previewed_then_added(built, browser):
    preview = post(browser, "import", text=ROWS, zone="Europe/Paris")
    assert preview.status_code == 200
    assert "2 new fills" in preview.text
    assert 'name="sure"' in preview.text
    assert 'name="zone" value="Europe/Paris"' in preview.text
    assert rows(built) == []
    done = post(browser, "import", text=ROWS, zone="Europe/Paris", sure="1")
    assert done.headers["location"] == f"{PAGE}?done=added"
    assert [iso(row.ts) for row in rows(built)] == ["2025-06-15T16:25:01Z"] * 2


def test_a_preview_marks_a_coin_that_is_not_known(browser):
    preview = post(browser, "import", text=ROWS.replace("BTCUSDT", "FOOBARUSDT"), zone="Europe/Paris").text
    table = preview.partition("plan-caption")[2].partition("</table>")[0]
    assert table.count("foobar-usdt-perp") == table.count("unknown coin") == 2
    assert "unknown coin" not in post(browser, "import", text=ROWS, zone="Europe/Paris").text


def test_a_file_with_rows_that_cannot_be_read_says_which_and_cannot_be_added(built, browser):
    text = ROWS + "2025-06-15 18:25:01,binance-perp,BTCUSDT,<b>hold,1,1,,,\n"
    preview = post(browser, "import", text=text).text
    assert "Row 4: side must be buy or sell, was &#39;&lt;b&gt;hold&#39;" in preview
    assert 'name="sure"' not in preview
    assert post(browser, "import", text=text, sure="1").status_code == 400
    assert post(browser, "import", text="  ").status_code == 400
    assert rows(built) == []


def test_columns_of_another_file_are_named_in_the_form(built, browser):
    text = "when,pair,what,at,much\n2025-06-15 18:25:01,BTCUSDT,SELL,60000,1\n"
    named = dict(
        zip(
            ("time", "instrument", "side", "price", "quantity"),
            ("when", "pair", "what", "at", "much"),
            strict=True,
        )
    )
    columns = {f"column_{name}": column for name, column in named.items()}
    answer = post(browser, "import", text=text, venue="bitget-perp", sure="1", **columns)
    assert answer.headers["location"] == f"{PAGE}?done=added"
    assert [(row.venue, row.side) for row in rows(built)] == [("bitget-perp", "sell")]


def test_two_coins_of_one_ticker_are_chosen_in_the_preview(built, browser):
    at = built.clock.market_now()
    coins = [{"id": f"velo{n}", "symbol": "velo", "name": f"Velo {n}"} for n in (1, 2)]
    built.facts.put_document("coingecko", "markets", at, {"rows": coins})
    text = HEADER + "2025-06-15,bitget-perp,VELOUSDT,buy,1,1,,,\n"
    preview = post(browser, "import", text=text).text
    assert re.search(r'<select id="f-coin_VELO" name="coin_VELO".*velo1.*velo2', preview)
    assert 'name="sure"' not in preview
    post(browser, "import", text=text, coin_VELO="velo2", sure="1")
    assert [row.asset for row in rows(built)] == ["velo2"]


def test_a_proposed_setup_is_answered_and_a_trade_removed(built, browser):
    setup = confirmed(built, owner="owner")
    post(browser, "add", **{**FILL, "time": iso(AFTER)})
    page = browser.get(PAGE).text
    assert "Proposed setups" in page
    assert f"/setup/{setup}?account=hers" in page
    (trade,) = rows(built, "list")
    values = {"outside_trade": trade.id, "setup": setup, "account": "hers"}
    assert post(browser, "match", **values, verdict="accepted").status_code == 303
    page = browser.get(PAGE).text
    assert "Proposed setups" not in page
    assert f"<code>{setup[:8]}</code>" in page
    assert post(browser, "remove", outside_trade=trade.id).headers["location"] == f"{PAGE}?done=removed"
    assert rows(built) == []


def test_french_says_all_of_it(built, browser):
    post(browser, "add", **FILL)
    page = browser.get(f"{PAGE}?lang=fr&done=added").text
    assert "Trades faits ailleurs" in page
    for english in (
        "Not proven",
        "Added.",
        "Import a file",
        "not proven",
        "Add a fill",
        "Column:",
        "Time zone",
        "made elsewhere",
    ):
        assert english not in page


def test_what_the_address_says_wrongly_is_as_nothing(browser):
    assert browser.get(f"{PAGE}?cursor=x&fills=%D9%A3&done=hacked").status_code == 200


def test_a_plan_is_proposed_and_stands_beside_its_trade_once_it_is_accepted(built, browser):
    kept = plan(built, owner="owner").plan.id
    post(browser, "add", **{**FILL, "time": iso(AFTER)})
    page = browser.get(PAGE).text
    assert "Proposed plans" in page
    (trade,) = rows(built, "list")
    assert f'href="/plan/{kept}"' in page
    answer = post(browser, "match", outside_trade=trade.id, plan=kept, verdict="accepted")
    assert answer.headers["location"] == f"{PAGE}?done=answered"
    page = Browser(built, language="fr").get(PAGE).text
    assert "Plans proposés" not in page
    assert f'<a href="/plan/{kept}"><code>' in page


def test_an_hour_that_came_twice_is_told_before_and_after_a_fill_is_kept(built, browser):
    text = HEADER + "2024-10-27 02:30:00,binance-perp,BTCUSDT,buy,60000,0.1,,,\n"
    preview = post(browser, "import", text=text, zone="Europe/Paris")
    assert "1 row that may be read in two ways:" in preview.text
    assert "write 2024-10-27T02:30:00+01:00 if the second is meant" in preview.text
    assert 'name="sure"' in preview.text
    assert "two ways" not in post(browser, "import", text=text, zone="UTC").text
    french = browser.post(f"{PAGE}/import?lang=fr", {"text": text, "zone": "Europe/Paris"}).text
    assert "02:30:00&#39; existe deux fois à Europe/Paris" in french
    assert "1 ligne peut se lire de deux façons" in french
    answer = post(browser, "add", **{**FILL, "time": "2024-10-27 02:30:00", "zone": "Europe/Paris"})
    assert answer.headers["location"] == f"{PAGE}?done=twice"
    assert "the clocks went back then and showed it twice" in browser.get(answer.headers["location"]).text
    assert [iso(row.ts) for row in rows(built)] == ["2024-10-27T00:30:00Z"]
