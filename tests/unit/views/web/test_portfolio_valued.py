"""Portfolio says of each coin that is held whether it is stretched, and what moved the worth."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest

from tests import houses
from tests.unit.services.holdings.material import close_of, holding_house
from vigie.domain.fact import Observation
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation

FIRST = date.fromisoformat(houses.START)
LAST = houses.DAYS - 1


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def add(built, **values):
    return run_operation(built, OWNER, "holdings.add", {"currency": "USD", **values})


def day(number: int) -> str:
    return (FIRST + timedelta(number)).isoformat()


def with_years(built, asset: str) -> None:
    """Closes of eleven hundred days that swing, so that there are states, and what followed them."""
    end = built.clock.market_now() // DAY_MS * DAY_MS
    built.facts.append(
        Observation(
            f"onchain/{asset}/price_usd", end - back * DAY_MS, end - back * DAY_MS,
            1_000.0 * (2.0 + (((1_100 - back) * 37) % 101) / 101 + (1_100 - back) / 400),
        )
        for back in range(1, 1_101)
    )  # fmt: skip


def test_each_coin_that_is_held_has_its_valuation_watched_or_not_and_a_stablecoin_has_none(built):
    rows = [{"id": "lumar", "symbol": "lumar", "name": "Lumar", "current_price": 2.0}]
    built.facts.put_document("coingecko", "markets", built.clock.market_now(), {"rows": rows})
    for asset in ("bitcoin", "lumar"):
        with_years(built, asset)
    for coin in ("bitcoin", "lumar", "tether", "ethereum"):
        add(built, coin=coin, quantity="1", day=day(10), amount="1000")
    page = houses.Browser(built).get("/portfolio").text
    card = page[page.index('id="valued"') : page.index('id="lines"')]
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card)))
    assert text.count("Why buy") == text.count("Why sell") == text.count("What would change it") == 2
    assert re.search(r"(no earlier|\d+) episode", text)
    assert "Ethereum: not known yet" in text
    assert "The price needs 929 days of closes; " in text, "a short history says so"
    assert "No valuation: Tether." in text
    assert "should" not in text


@pytest.mark.parametrize("span", ["day", "week", "month", "all"])
def test_what_moved_it_is_in_sum_the_change_over_each_span(built, span):
    add(built, coin="BTC", quantity="0.5", day=day(10), amount="1000")
    add(built, coin="ETH", quantity="2", day=day(20), amount="1000")
    told = run_operation(built, OWNER, "holdings.attribution", {"span": span, "currency": "usd"})
    assert sum(row.change for row in told.rows) == pytest.approx(told.change)
    if span == "all":
        worth = run_operation(built, OWNER, "holdings.worth", {"currency": "usd"})
        assert told.change == pytest.approx(worth.gain)
    else:
        before = LAST - {"day": 1, "week": 7, "month": 30}[span]
        moved = {row.asset: row.change for row in told.rows}
        assert moved["bitcoin"] == pytest.approx(0.5 * (close_of(LAST) - close_of(before)))
        assert moved["ethereum"] == pytest.approx(2 * (close_of(LAST, "ETH") - close_of(before, "ETH")))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_what_moved_it_and_leads_to_other_spans(built, language):
    add(built, coin="BTC", quantity="0.5", day=day(10), amount="1000")
    page = houses.Browser(built, language=language).get("/portfolio").text
    card = page[page.index('id="moved"') :][:6_000]
    assert re.search({"en": r"You (lost|gained)", "fr": r"Vous avez (perdu|gagné)"}[language], card)
    assert "moved=month" in card
    assert "moved=week" not in card, "where one is"


def test_as_many_episodes_are_told_as_there_were_and_none_in_words(built):
    """Closes that rise for three years and fall for the last one: it is depressed now, and was never before."""
    end = built.clock.market_now() // DAY_MS * DAY_MS
    built.facts.append(
        Observation(
            "onchain/bitcoin/price_usd", end - back * DAY_MS, end - back * DAY_MS,
            1_000.0 * (1.0 + (1_500 - max(back, 300)) / 600 - 1.5 * max(0, 300 - back) / 300 + 0.01 * (back * 37 % 11)),
        )
        for back in range(1, 1_501)
    )  # fmt: skip
    add(built, coin="bitcoin", quantity="1", day=day(10), amount="1000")
    told = run_operation(built, OWNER, "valuation.episodes", {"asset": "bitcoin"})
    counts = {(entry.state, entry.horizon_days): entry.count for entry in told.followed}
    page = houses.Browser(built).get("/portfolio").text
    card = page[page.index('id="valued"') : page.index('id="lines"')]
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card)))
    said = {int(days): rest for days, rest in re.findall(r"(\d+) days later: (no earlier|\d+) episode", text)}
    state = run_operation(built, OWNER, "valuation.of", {"asset": "bitcoin"}).state
    assert state == "depressed"
    assert counts[state, 365] == 0
    assert counts[state, 30] > 0
    assert said == {
        days: str(counts[state, days]) if counts[state, days] else "no earlier" for days in (30, 91, 365)
    }
    letter = run_operation(built, OWNER, "holdings.letter", {"span": "week"})
    (row,) = [row for row in letter.rows if row.part == "valuation"]
    assert f"Earlier episodes, 30 days apart: {counts[state, 30]}" in row.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_state_is_said_in_plain_words_the_first_time_on_the_page_and_in_the_letter(built, language):
    with_years(built, "bitcoin")
    with_years(built, "ethereum")
    for coin in ("bitcoin", "ethereum"):
        add(built, coin=coin, quantity="1", day=day(10), amount="1000")
    browser = houses.Browser(built, language=language)
    page = browser.get("/portfolio").text
    card = page[page.index('id="valued"') : page.index('id="lines"')]
    said = {
        "en": {"stretched": "high against its own past", "depressed": "low against its own past"},
        "fr": {
            "tendu": "haut par rapport à son propre passé",
            "déprimé": "bas par rapport à son propre passé",
        },
    }[language]
    body = unescape(re.sub(r"<[^>]+>", "", card[card.index("<details") :]))
    named = [word for word in said if word in body]
    assert named
    for word in named:
        first = re.search(rf"\b{word}\b(?!e)[^()]*\(([^)]*)\)", body)
        assert first is not None, word
        assert said[word] in body
    letter = unescape(browser.get("/portfolio/letter").text)
    part = letter[letter.index('id="valuation"') : letter.index('id="comes"')]
    for word, meaning in said.items():
        assert part.count(meaning) == min(1, len(re.findall(rf": {word}", part)))
