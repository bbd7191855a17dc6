"""The screener's page: conditions that stand in the address, searches that are kept, all without a script."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.houses import Browser, house
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.markets.screen_form import condition_fields, typed_where


@pytest.fixture
def browser(tmp_path):
    return Browser(house(tmp_path / "home"))


def main_of(answer):
    return answer.text.partition("<main")[2].partition("</main>")[0]


def test_an_added_condition_stands_in_the_address_beside_the_others(browser):
    path = "/markets/screener?where=price%3E1&sort=-price&field=change_24h&operator=%3E&bound=-90+%25"
    answer = browser.get(path, follow=False)
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query == {"where": ["price>1,change_24h>-0.9"], "sort": ["-price"]}
    assert browser.get(answer.headers["location"]).status_code == 200


def test_a_refused_condition_is_told_and_those_before_stay(browser):
    page = main_of(browser.get("/markets/screener?where=price%3E1&field=change_24h&operator=%3E&bound=much"))
    assert "form-errors" in page
    assert 'name="where" value="price&gt;1"' in page


def test_a_search_is_kept_listed_removed_and_brought_back(browser):
    page = main_of(browser.post("/markets/screener/keep", {"name": "Dear ones", "where": "price>1"}))
    assert re.search(
        r'href="/markets/screener\?where=price%3E1[^"]*" aria-current="true">Dear ones</a>', page
    )
    gone = browser.post("/markets/screener/remove", {"name": "Dear ones"})
    page = main_of(gone)
    assert "Search Dear ones removed." in page
    assert "Saved searches" not in page
    fields = dict(re.findall(r'type="hidden" name="(name|where|sort)" value="([^"]*)"', page))
    back = main_of(browser.post("/markets/screener/keep", {**fields, "where": "price>1"}))
    assert "Dear ones</a>" in back


def test_a_name_that_is_taken_is_told_beside_the_form(browser):
    browser.post("/markets/screener/keep", {"name": "Dear ones", "where": "price>1"})
    answer = browser.post("/markets/screener/keep", {"name": "Dear ones", "where": "price>2"})
    assert answer.status_code == 409
    assert "Dear ones" in main_of(answer)
    assert 'name="where" value="price&gt;2"' in main_of(answer)


def test_who_may_only_read_is_offered_no_keeping(tmp_path):
    visitor = Browser(house(tmp_path / "home"), is_owner=False)
    page = main_of(visitor.get("/markets/screener?where=price%3E1"))
    assert "/markets/screener/keep" not in page


@pytest.mark.parametrize(
    ("where", "is_live"), [("volume_24h>1", True), ("change_24h>-0.9", False), ("price>1", False)]
)
def test_a_list_keeps_the_numbers_that_made_it(browser, where, is_live):
    page = main_of(browser.get(f"/markets/screener?where={where.replace('>', '%3E')}"))
    assert 'id="found' in page
    assert (":change_24h" in page) == is_live


def test_conditions_are_fields_that_one_may_change(browser):
    page = main_of(browser.get("/markets/screener?where=change_24h%3E-0.9,price%3E1"))
    assert page.index('id="result"') < page.index('id="conditions"')
    assert 'name="c0_bound" value="-90 %"' in page
    assert 'name="c1_bound" value="1"' in page
    changed = browser.get(
        "/markets/screener?c0_field=change_24h&c0_operator=%3C&c0_bound=5+%25&c1_field=price&c1_operator=%3E&c1_bound="
        "&field=rsi_14&operator=%3C&bound=",
        follow=False,
    )
    assert parse_qs(urlsplit(changed.headers["location"]).query) == {"where": ["change_24h<0.05"]}


def test_the_last_condition_is_taken_away_by_emptying_it(browser):
    answer = browser.get(
        "/markets/screener?sort=-price&c0_field=price&c0_operator=%3E&c0_bound=+", follow=False
    )
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"sort": ["-price"]}


@pytest.mark.parametrize("where", ["change_24h>0.03", "price>sma_200", "volume_24h>10000000", "rsi_14<29.5"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_form_that_nobody_changed_says_the_same_conditions(where, language):
    (typed,) = condition_fields(where)
    sent = {"c0_field": typed.field, "c0_operator": typed.operator, "c0_bound": typed.bound}
    assert typed_where(sent, UserLanguage(language)) == where
