"""Sources: what is late or broken first, with what misses it and what happens next; then all by kind, folded."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.houses import Browser
from tests.unit.services.figures_material import full
from vigie.adapters.connectors import notes_with_own
from vigie.views.web.page import pages


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return full(tmp_path_factory.mktemp("home"))


def hero_of(page: str) -> str:
    return page.partition('class="card hero"')[2].partition("</section>")[0]


def text_of(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


@pytest.mark.parametrize(
    ("language", "sentence", "missing"),
    [
        (
            "en",
            "2 of 3 sources are late or broken: CoinGecko, Bitget.",
            "Old or missing on Today , Mood .",
        ),
        (
            "fr",
            "2 sources sur 3 sont en retard ou en panne : CoinGecko, Bitget.",
            "Ancien ou manquant sur Aujourd’hui , Humeur .",
        ),
    ],
)
def test_what_is_late_stands_first_with_the_pages_that_miss_it(built, language, sentence, missing):
    hero = text_of(hero_of(Browser(built, language=language).get("/sources").text))
    assert sentence in hero.replace(" ", " ").replace(" ", " ")
    assert missing in hero.replace("\u00a0", " ")
    assert "CoinGecko: too many" in hero


def test_each_late_source_says_since_when_and_what_happens_next(built):
    hero = text_of(hero_of(Browser(built).get("/sources").text))
    assert "never answered" in hero or "nothing since" in hero
    assert "Vigie asks again after pauses that double, up to 15 min." in hero
    assert "Vigie goes on asking every" in hero


def test_all_that_answer_are_counted_and_none_is_named(built):
    before = built.quotes.health()
    built.quotes.put_health(
        [replace(one, state="live", errors=0, error="", mode="schedule") for one in before]
    )
    hero = hero_of(Browser(built).get("/sources").text)
    built.quotes.put_health(before)
    assert f"All {len(before)} sources answer." in hero
    assert "<ol" not in hero


def test_kinds_are_folded_with_their_counts_and_one_opens_by_its_address(built):
    folded = Browser(built).get("/sources").text
    assert folded.count('aria-expanded="false"') == 3
    assert 'id="connectors"' not in folded
    counts = dict(
        re.findall(r'id="kind-(\w+)-title">.*?<span class="meta"><span>(\d+)</span>', folded, re.DOTALL)
    )
    assert sum(map(int, counts.values())) == len(built.directory.notes())
    for name, count in counts.items():
        page = Browser(built).get(f"/sources?part={name}").text
        table = page.partition('id="connectors"')[2].partition("</table>")[0]
        assert table.count('<th scope="row"') == int(count)
        assert page.count('aria-expanded="true"') == 1


@pytest.mark.parametrize("is_simulated", [True, False])
def test_every_source_names_pages_that_are_there(tmp_path, is_simulated):
    known = pages()
    for note in notes_with_own(tmp_path, is_simulated=is_simulated):
        assert note.pages, note.id
        assert set(note.pages) <= known.keys(), note.id
