"""No sentence of a whole page says another number, or another way, than the figures of the same page."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house, market
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, parse_time

NOW = parse_time(START) + DAYS * DAY_MS + 600_000
CLOSE = float(market().bars("BTC", "1d").close[-1])
PLACE = "btc-usdt-perp"
# What a quote of the moment says, from a dull hour to a crash.
QUOTES = st.fixed_dictionaries(
    {
        "moved": st.one_of(st.floats(-0.01, 0.01), st.floats(-0.4, 0.6)),
        "change": st.one_of(st.floats(-0.02, 0.02), st.floats(-0.5, 0.8)),
        "spread": st.floats(0.0, 0.02),
        "volume": st.floats(4, 12).map(lambda power: 10**power),
        "funding": st.one_of(st.none(), st.floats(-0.002, 0.002)),
    }
)
# A sentence says a decimal, a figure two.
ROUNDED = 0.0551
EACH = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    # A page takes a tenth of a second: the first that fails is told as it is.
    phases=[Phase.generate],
)
DOWN = {"en": r"\bfell\b|\blower\b", "fr": r"\brecul|\bbaiss|\bperd|de moins"}
UP = {"en": r"\brose\b|\bhigher\b", "fr": r"\bprogress|\bmont|\bgagn|de plus"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("home") / "home"
    house(place, clock=StandingClock(NOW))
    return place


def page_of(home, told, language, path):
    """Draw a page at a moment with a quote, as text without scripts and drawings."""
    built = house(home, clock=StandingClock(NOW))
    last = CLOSE * (1.0 + told["moved"])
    half = last * told["spread"] / 2
    built.quotes.put(
        [
            Quote(
                "binance-perp", PLACE, NOW - 1_000, NOW - 900, last, bid=last - half, ask=last + half,
                change_24h=told["change"], volume_24h=told["volume"], funding_rate=told["funding"], funding_hours=8.0,
            )
        ]
    )  # fmt: skip
    text = html.unescape(Browser(built, language=language).get(path).text)
    return re.sub(r"<(svg|script)\b.*?</\1>", "", text, flags=re.DOTALL)


def text_of(markup):
    """Return what a person reads of a piece of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", markup).replace("\u202f", " ").replace("\xa0", " ").split())


def number(text, language):
    """Return a number as pages of a language write it."""
    plain = re.sub(r"[^\d.,−-]", "", text).replace("−", "-")
    return float(plain.replace(",", "") if language == "en" else plain.replace(",", "."))


def percents(text):
    return re.findall(r"[−+-]?\d[\d.,]*(?= ?%)", text)


def moves_of(sentences, language):
    """Return each sentence that says a way, with its sign and its first share."""
    for sentence in re.split(r"(?<=[.])\s+(?=[A-ZÀ-Ý0-9])", sentences):
        sign = -1 if re.search(DOWN[language], sentence) else 1 if re.search(UP[language], sentence) else 0
        if sign and percents(sentence):
            yield sentence, sign, number(percents(sentence)[0], language)


@pytest.mark.parametrize("language", ["en", "fr"])
@settings(EACH)
@given(told=QUOTES)
def test_sentences_of_an_asset_say_its_price_and_its_changes(home, language, told):
    page = page_of(home, told, language, "/asset/bitcoin")
    said = text_of(re.search(r'id="verdict".*?<p>(.*?)</p>', page, re.DOTALL)[1])
    price = text_of(re.search(r'id="price">.*?<span class="num"[^>]*>(.*?)</span>', page, re.DOTALL)[1])
    changes = re.search(r'<ul class="changes".*?</ul>', page, re.DOTALL)[0]
    day = number(percents(text_of(changes))[0], language)
    signs = text_of(re.search(r'<dl class="words">.*?</dl>', page, re.DOTALL)[0])
    hours = [number(found, language) for found in re.findall(r"([−+-]?\d[\d.,]*) ?% (?:in|en) 1 ?h", signs)]
    assert price in said
    told_moves = list(moves_of(said, language))
    for sentence, sign, share in told_moves:
        known = [value for value in (day, *hours) if abs(value) == pytest.approx(share, abs=ROUNDED)]
        assert [value for value in known if value * sign >= 0], f"{sentence} (a day {day}, an hour {hours})"
    # How many daily ranges a move is stands in the signs, too.
    for ranges in re.findall(r"(\d[\d.,]*) (?:times its average daily range|fois son amplitude)", said):
        assert ranges in signs


@pytest.mark.parametrize("language", ["en", "fr"])
@settings(EACH)
@given(told=QUOTES)
def test_sentences_of_today_say_the_price_and_the_change_of_its_tile(home, language, told):
    page = page_of(home, told, language, "/")
    said = text_of(re.search(r'id="summary".*?<p class="muted small">', page, re.DOTALL)[0])
    tile = re.search(r'id="tile-bitcoin".*?<div class="tile-side">', page, re.DOTALL)[0]
    price = text_of(re.search(r'<span class="num"[^>]*>(.*?)</span>', tile, re.DOTALL)[1])
    day = number(percents(text_of(tile))[0], language)
    assert price in said
    for sentence, sign, share in moves_of(said, language):
        assert share == pytest.approx(abs(day), abs=ROUNDED), sentence
        assert day * sign >= 0, sentence
        # What is called unusual lies outside of the range that is told beside it, as both are written.
        usual = [number(found, language) for found in percents(said) if found[0] in "−+-"]
        if len(usual) == 2 and (sign * share in usual or usual[0] < sign * share < usual[1]):
            raise AssertionError(said)
