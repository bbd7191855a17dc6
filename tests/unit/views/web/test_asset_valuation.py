"""The valuation on an asset's page: its word, why, and what followed; nothing where there is nothing to say."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.clocks import JumpingClock
from tests.houses import Browser, house, person
from tests.unit.services.test_valuation import DAYS, FIRST, MOOD, NOW, SERIES, _bars, _facts
from vigie.data.frames import to_frame
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("valued"), with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars()))
    made.facts.append([fact for fact in _facts() if fact.series == MOOD])
    return made


@pytest.fixture(scope="module")
def browser(built):
    return Browser(built)


def _card(page: str) -> str:
    found = re.search(r'<section class="card[^>]*id="valuation".*?</section>', page, re.S)
    text = re.sub(r"<[^>]+>", " ", found[0]) if found else ""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def test_page_shows_word_reasons_components_and_what_followed(built, browser):
    page = browser.get("/asset/bitcoin")
    assert page.status_code == 200
    card = _card(page.text)
    told = run_operation(built, person(), "valuation.of", {"asset": "bitcoin"})
    says = told.says["en"]
    for text in (
        says.word,
        says.why_buy,
        says.why_sell,
        says.change,
        "Weekly RSI",
        "whole market",
        "Binance",
    ):
        assert text in card
    assert "499 earlier values; 730 are needed" in card
    followed = run_operation(built, person(), "valuation.episodes", {"asset": "bitcoin"}).followed
    many = next(entry for entry in followed if entry.median is not None)
    few = next(entry for entry in followed if entry.median is None)
    assert f"{many.state}, {many.horizon_days} days later: {many.count} episodes, median " in card
    assert f"{few.state}, {few.horizon_days} days later: {few.count} episode" in card
    assert "should" not in card.lower()
    files = re.search(r'href="([^"]*valuation/episodes\.csv[^"]*)"', page.text)[1].replace("&amp;", "&")
    assert browser.get(files).text.count("depressed") > 5


def test_page_speaks_french_and_euros(built):
    card = _card(Browser(built, language="fr").get("/asset/bitcoin").text)
    for text in ("Pourquoi acheter", "Pourquoi vendre", "Ce qui a suivi", "tout le marché", "jours après : "):
        assert text in card


def test_page_of_the_past_shows_the_valuation_of_then(browser):
    then = (FIRST + 2_000) * DAY_MS
    card = _card(browser.get(f"/asset/bitcoin?as_of={then}").text)
    assert "close of" in card
    early = _card(browser.get(f"/asset/bitcoin?as_of={(FIRST + 500) * DAY_MS}").text)
    assert "not known yet" in early
    assert "The price needs 929 days of closes; 500 are known." in early
    assert "What followed" not in early


def test_page_without_bars_says_nothing_of_a_valuation(browser):
    assert _card(browser.get("/asset/ethereum").text) == ""


def test_page_with_old_and_missing_components_names_them(tmp_path):
    made = house(tmp_path, with_bars=False, clock=JumpingClock(NOW))
    made.data.bars.upsert(SERIES, to_frame(_bars(stop=DAYS - 40)))
    made.facts.append(
        [Observation(MOOD, day * DAY_MS, day * DAY_MS, 50.0) for day in range(FIRST, FIRST + 900)]
    )
    card = _card(Browser(made).get("/asset/bitcoin").text)
    for text in ("only old values are known", "no value is known", "No newer daily close is known."):
        assert text in card


def test_page_after_a_sharp_move_says_so_and_names_the_state(tmp_path):
    made = house(tmp_path, with_bars=False, clock=JumpingClock(NOW))
    bars = _bars()
    close = bars.close.copy()
    close[-1] = close[-2] * 0.75
    made.data.bars.upsert(
        SERIES, to_frame(replace(bars, close=close, low=np.minimum(bars.low, close), _memo={}))
    )
    card = _card(Browser(made).get("/asset/bitcoin").text)
    assert "falling sharply" in card
    assert "overrides the word; the state is: " in card
