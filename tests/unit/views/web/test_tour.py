"""The tour: five steps on pages that exist, few words, the largest move that has a story."""

from __future__ import annotations

import re

import pytest

from tests import houses
from tests.unit.views.web.test_desk_pages import main_of
from vigie.domain.asset import WATCHED
from vigie.views.web import tour
from vigie.views.web.language import texts

# Of all five steps together, titles included.
MOST_WORDS = 110


class Asked:
    """A context that answers what the tour asks."""

    def __init__(self, rows, persona=None, language="en"):
        self.rows, self.persona, self.said = rows, persona, texts(language)
        self.lang = type("Lang", (), {"unit": staticmethod(lambda value, _: f"{value:+.2%}")})

    def text(self, english):
        return self.said.get(english, english)

    def call(self, name, **inputs):
        rows = self.rows.get(inputs["period"], [])
        return type("Table", (), {"rows": rows})


def row(asset, change, story="s1"):
    return {"asset": asset, "change_since": change, "story": story}


def test_the_largest_move_that_has_a_story_is_taken():
    rows = [row("bitcoin", 0.02, "s1"), row("solana", -0.08, "s2"), row("ethereum", None, "s3"), row("", 0.5)]
    move = tour.largest_move(Asked({"24h": rows}))
    assert (move.asset, move.story, move.change) == ("solana", "s2", -0.08)
    earlier = tour.largest_move(Asked({"1w": [row("ethereum", 0.01, "s4")]}))
    assert (earlier.asset, earlier.story) == ("ethereum", "s4")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("persona", [None, "trader", "journalist", "beginner"])
@pytest.mark.parametrize("rows", [{}, {"24h": [row("solana", -0.08)]}])
def test_the_tour_is_short_and_says_when_no_move_has_a_story(rows, persona, language):
    context = Asked(rows, persona, language)
    steps = tour.tour_steps(context, tour.largest_move(context))
    assert [step.number for step in steps] == [1, 2, 3, 4, 5]
    said = " ".join(f"{step.title} {step.text}" for step in steps)
    assert len(re.findall(r"[^\W\d_]+(?:[’'][^\W\d_]+)?", said)) <= MOST_WORDS
    named = "Solana" if rows else WATCHED[0].name
    assert named in steps[0].text
    assert bool(rows) == ("−8" in steps[0].text or "-8" in steps[0].text)
    assert steps[2].path == ("/story/s1#spread" if rows else "/news#stories")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return houses.house(tmp_path_factory.mktemp("tour") / "home")


@pytest.mark.parametrize("persona", ["trader", "journalist", "beginner"])
def test_each_step_leads_to_the_next_on_a_page_that_answers(house, persona):
    browser = houses.Browser(house)
    browser.post("/welcome", {"step": "persona", "persona": persona})
    address, seen = "/?tour=1", []
    while address:
        response = browser.get(address)
        assert response.status_code == 200, address
        shown = response.text.split('<section class="tour"')[1].split("</section>")[0]
        seen.append(re.search(r"step (\d) of 5", shown)[1])
        links = re.findall(r'href="([^"]*tour=\d[^"]*)"', shown)
        address = next((link for link in links if f"tour={len(seen) + 1}" in link), "")
    assert seen == ["1", "2", "3", "4", "5"]
    assert 'class="tour"' not in browser.get("/?tour=6").text
    assert 'class="tour"' not in browser.get("/").text


def test_without_scripts_the_tour_is_one_page_with_five_pictures(house):
    browser = houses.Browser(house)
    response = browser.post("/welcome", {"step": "assets", "plain": "1"})
    assert response.url.path == "/tour"
    page = main_of(response)
    assert page.count("<figure>") == 5
    assert len(re.findall(r'href="[^"]*tour=[1-5]#', page)) == 6
    assert 'href="/tour"' in browser.get("/help").text
