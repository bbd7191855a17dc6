"""Key rates and consumer prices: the newest that was known, what it was before, and the French of every word."""

import json
import re
from html import unescape
from urllib.parse import unquote

import pytest

from tests.houses import Browser, house, person
from vigie.adapters.sources.manifest import manifests
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.market_data.series import describe_series
from vigie.services.operation_calls import run_operation
from vigie.views.api.exports import export
from vigie.views.web.language import texts

RATE = "macro/euro/deposit_rate_fraction"
PRICES = "macro/euro/hicp_year_fraction"
INDEX = "macro/us/cpi_index"
FROM = {"ecb_data", "nyfed", "bls"}


def facts(now: int) -> list[Observation]:
    """Return a rate that was cut twelve days ago, and prices of three months, the last of them revised."""
    today = now // DAY_MS * DAY_MS
    rates = [
        Observation(RATE, today - back * DAY_MS, today - (back - 1) * DAY_MS, 0.02 if back > 12 else 0.0175)
        for back in range(40, 0, -1)
    ]
    prices = [
        Observation(PRICES, parse_time(about), parse_time(known), value)
        for about, known, value in (
            ("2025-05-01", "2025-07-01", 0.019),
            ("2025-06-01", "2025-08-01", 0.02),
            ("2025-07-01", "2025-08-20", 0.021),
            ("2025-07-01", "2025-08-26", 0.022),
        )
    ]
    return [*rates, *prices, Observation(INDEX, parse_time("2025-07-01"), parse_time("2025-08-14"), 323.048)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"))
    made.facts.append(facts(made.clock.market_now()))
    return made


def rows(built, **given):
    return {row["series"]: row for row in run_operation(built, person(), "macro.figures", given).rows}


def test_a_rate_says_what_it_was_before_and_since_when_it_is_what_it_is(built):
    today = built.clock.market_now() // DAY_MS * DAY_MS
    row = rows(built)[RATE]
    assert (row["value"], row["before"], row["unit"]) == (0.0175, 0.02, "fraction")
    assert (row["ts_since"], row["ts_event"], row["precision"]) == (
        today - 12 * DAY_MS,
        today - DAY_MS,
        "day",
    )
    assert (row["source"], row["is_stale"]) == ("ECB Data Portal", False)
    assert "Not what a saver gets" in row["definition"]


def test_prices_of_a_month_are_those_that_were_known_then(built):
    def at(text: str) -> tuple[float, int]:
        row = rows(built, as_of=parse_time(text))[PRICES]
        return row["value"], row["ts_event"]

    assert at("2025-07-31") == (0.019, parse_time("2025-05-01")), (
        "June is over, and nobody knows its figure yet"
    )
    assert at("2025-08-19") == (0.02, parse_time("2025-06-01"))
    assert at("2025-08-21") == (0.021, parse_time("2025-07-01"))
    assert at("2025-08-27") == (0.022, parse_time("2025-07-01"))
    assert PRICES not in rows(built, as_of=parse_time("2025-06-30"))


def test_the_figures_can_be_taken_away_with_their_licence(built):
    answer = run_operation(built, person(), "macro.figures", {})
    assert {one.source for one in answer.origins} == {"ECB Data Portal", "U.S. Bureau of Labor Statistics"}
    body = json.loads(export(answer, "json", is_simulated=False))
    assert "ECB: reuse with acknowledgement" in json.dumps(body)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Deposit facility rate", "Euro area", "1.75%", "July 2025", "Not what a saver gets")),
        ("fr", ("Taux de la facilité de dépôt", "Zone euro", "1,75", "juillet 2025", "Ni ce que touche")),
    ],
)  # fmt: skip
def test_the_figures_stand_beside_the_calendar(built, language, words):
    page = Browser(built, language=language).get("/news/regulation").text
    card = page.partition('id="figures"')[2].partition('id="licences"')[0]
    assert [word for word in words if word not in card] == []
    address = next(one for one in re.findall(r'href="([^"]*)"', card) if "deposit_rate" in one)
    assert RATE in unquote(address)
    assert Browser(built, language=language).get(unescape(address)).status_code == 200


def test_a_home_that_has_read_none_says_so(tmp_path):
    page = Browser(house(tmp_path)).get("/news/regulation").text
    assert "No data from central banks or statistics offices" in page


@pytest.mark.parametrize(("language", "area"), [("en", "Euro area"), ("fr", "Zone euro")])
def test_they_are_chosen_and_drawn_like_any_other_series(built, language, area):
    browser = Browser(built, language=language)
    listed = browser.get("/onchain/series?topic=macro").text
    assert RATE in listed
    assert area in listed
    chart = browser.get(f"/onchain/chart?f={RATE}&g={PRICES}&days=365").text
    assert "<svg" in chart
    assert area in chart
    assert f'value="{RATE}"' in browser.get("/onchain/chart").text


def test_every_word_about_them_has_its_french(built):
    names = [*built.facts.list_series("macro/"), "macro/us/fed_funds_rate_fraction", "macro/us/fed_target_low_fraction",
             "macro/us/fed_target_high_fraction", "macro/us/cpi_year_fraction"]  # fmt: skip
    told = describe_series(built.directory, names)
    assert {one.source for one in told.values()} == FROM
    said = [
        text for one in told.values() for text in (one.title, one.definition, one.delay, one.formula) if text
    ]
    said += [
        text
        for one in manifests()
        if one.id in FROM
        for feed in one.feeds
        for text in (feed.title, feed.depth)
    ]
    assert [text for text in said if text not in texts("fr")] == []
