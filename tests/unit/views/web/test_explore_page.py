"""The page of columns: a form, and where somebody asked, pictures with their tables, in both languages."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.houses import VENUE, Browser, house, market
from vigie.data.frames import to_frame
from vigie.domain.ids import SeriesId

ASKED = f"/columns?instrument=BTC&venue={VENUE}&timeframe=1h&group=price&label=direction&horizon=24"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("columns"))


@pytest.mark.parametrize(
    ("language", "first", "words"),
    [
        ("en", "Choose bars", ("first 70% of the time", "chance level", "Autocorrelation", "second half")),
        (
            "fr",
            "Choisissez des bougies",
            ("premiers 70", "niveau du hasard", "Autocorrélation", "seconde moitié"),
        ),
    ],
)
def test_nothing_is_computed_until_somebody_asks_and_then_all_is_drawn(built, language, first, words):
    browser = Browser(built, language=language)
    empty = browser.get("/columns").text
    assert first in empty
    assert "look-table" not in empty
    page = browser.get(ASKED).text
    for word in words:
        assert word in page
    for name in ("information", "stability", "memory"):
        assert f'id="look-{name}-t"' in page
    # Whether a column wanders, and whether it keeps to a level, stands in the table with numbers.
    table = page.partition('id="look-table"')[2].partition("</table>")[0]
    for title in ("ADF p-value", "KPSS p-value") if language == "en" else ("Valeur p ADF", "Valeur p KPSS"):
        assert title in table
    # These bars have no gap: there is nothing to draw.
    assert 'id="look-gaps-t"' not in page


def test_each_picture_is_a_file_with_its_title_and_where_it_comes_from(built):
    browser = Browser(built)
    page = browser.get(ASKED).text
    addresses = {unescape(href) for href in re.findall(r'href="(/chart/column[^"]+[.]svg[^"]*)"', page)}
    assert sorted(re.findall(r"/chart/([a-z-]+)[.]", "".join(addresses))) == [
        "column-earlier", "column-later", "column-memory", "columns-information", "columns-stability",
    ]  # fmt: skip
    for address in addresses:
        svg = browser.get(address).text
        assert svg.startswith("<svg xmlns")
        assert "BTC" in svg
        assert "Source: " in svg
    (png,) = (one.replace(".svg", ".png") for one in addresses if "columns-information" in one)
    assert browser.get(png).content.startswith(b"\x89PNG")


def test_the_address_chooses_the_column_and_unknown_names_fall_back(built):
    browser = Browser(built)
    chosen = browser.get(f"{ASKED}&column=price.body").text
    assert '<h2 id="column-title">price.body</h2>' in chosen
    assert "/api/v1/features/column.csv" in chosen
    other = browser.get(f"{ASKED}&column=price.unknown".replace("group=price", "group=none"))
    assert other.status_code == 200
    assert '<h2 id="column-title">price.' in other.text


def test_bars_that_are_not_there_are_refused_in_words(built):
    answer = Browser(built).get("/columns?instrument=NOTHING&timeframe=1h")
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("No column of this group has a value", "`vigie collect` collects them")),
        ("fr", ("Aucune colonne de ce groupe n’a de valeur", "`vigie collect` les collecte")),
    ],
)
@pytest.mark.parametrize("group", ["derivatives", "onchain"])
def test_a_group_of_which_nothing_is_stored_says_what_is_missing_and_what_gets_it(
    built, language, words, group
):
    answer = Browser(built, language=language).get(ASKED.replace("group=price", f"group={group}"))
    assert answer.status_code == 200
    page = unescape(answer.text)
    for word in (*words, 'href="/sources"', 'id="look-table"', f"{group}."):
        assert word in page
    assert 'id="column"' not in page


def test_a_group_whose_bars_or_news_are_missing_names_its_own_command(tmp_path):
    alone = house(tmp_path, with_bars=False)
    series = SeriesId(VENUE, "btc-usdt-perp", "1h")
    alone.data.bars.upsert(series, to_frame(market().bars("BTC", "1h")))
    browser = Browser(alone)
    other = browser.get(ASKED.replace("group=price", "group=cross")).text
    assert f"`vigie data fetch {VENUE} ETH SOL --timeframe 1h`" in other
    assert "collects both" in browser.get(ASKED.replace("group=price", "group=news")).text
