"""The tour: five steps on pages that exist, few words, the largest move that has a story."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests import houses
from tests.newsrooms import told_house
from tests.unit.services.desk_material import house_with_results
from tests.unit.views.web.test_desk_pages import main_of
from vigie.domain.asset import WATCHED
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation
from vigie.views.web import tour
from vigie.views.web.language import texts
from vigie.views.web.pages.tour import charts as tour_charts

# Of all five steps together, titles included.
MOST_WORDS = 110


class Asked:
    """A context that answers what the tour asks."""

    def __init__(self, rows, persona=None, language="en"):
        self.rows, self.persona, self.said, self.query, self.priced = rows, persona, texts(language), {}, None
        self.lang = type("Lang", (), {"unit": staticmethod(lambda value, _: f"{value:+.2%}")})

    def text(self, english):
        return self.said.get(english, english)

    def call(self, name, **inputs):
        if name == "stories.prices":
            price = 1.0 if self.priced in (None, inputs["story"]) else None
            found = next(
                row for rows in self.rows.values() for row in rows if row["story"] == inputs["story"]
            )
            rows = [dict.fromkeys(("price", "before_1d", "before_1h", "after_1h", "after_1d"), price)]
            rows[0]["asset"] = found["asset"]
        else:
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


def test_a_story_without_prices_around_it_gives_way_to_one_with_some():
    context = Asked({"24h": [row("bitcoin", 0.02, "s1"), row("solana", -0.08, "s2")]})
    context.priced = "s1"
    assert tour.largest_move(context).story == "s1"
    context.priced = "none"
    assert tour.largest_move(context).story == "s2"


def test_every_step_tells_the_story_of_the_first():
    one, other = "a" * 20, "b" * 20
    context = Asked({"24h": [row("solana", -0.08, one)]})
    first = tour.tour_steps(context, tour.largest_move(context))[0]
    # Another story moved more meanwhile.
    context.rows["24h"].append(row("bitcoin", 0.5, other))
    context.query = dict(parse_qsl(urlsplit(first.after).query))
    second = tour.current_step(context)
    assert (second.number, second.path) == (2, "/asset/solana#chart")
    assert second.after.startswith(f"/story/{one}?")
    # It is no story of the week any more.
    context.rows, context.query = {}, {**context.query, "tour": "1"}
    assert "Solana" in tour.current_step(context).text
    context.query["about"] = "solana:<script>"
    assert tour.current_step(context).after.startswith("/asset/bitcoin?")


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


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    opened, _ = house_with_results(tmp_path_factory.mktemp("results") / "home")
    return opened


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return told_house(tmp_path_factory.mktemp("told") / "home")


@pytest.mark.parametrize("persona", ["trader", "journalist", "beginner"])
@pytest.mark.parametrize("kind", ["house", "filled", "told"])
def test_each_step_shows_a_part_that_its_page_has(request, kind, persona):
    browser = houses.Browser(request.getfixturevalue(kind))
    browser.post("/welcome", {"step": "persona", "persona": persona})
    page = browser.get("/tour").text
    steps = [unescape(link) for link in re.findall(r'<h2>\d\. <a href="([^"]*)"', page)]
    assert len(steps) == 5
    for address in steps:
        part = urlsplit(address).fragment
        assert f' id="{part}"' in browser.get(address).text, address


def test_a_step_about_a_story_shows_its_timeline(told):
    browser = houses.Browser(told)
    row = next(row for row in run_operation(told, OWNER, "stories.top", {"period": "1w", "least": 1}).rows)
    third = browser.get(f"/?tour=2&about=bitcoin:{row.story}").text
    address = unescape(re.search(r'href="(/story/[^"]*tour=3[^"]*)"', third)[1])
    assert ' id="spread"' in browser.get(address).text


@pytest.mark.parametrize("persona", ["trader", "journalist", "beginner"])
def test_each_step_leads_to_the_next_on_a_page_that_answers(house, persona):
    browser = houses.Browser(house)
    browser.post("/welcome", {"step": "persona", "persona": persona})
    address, seen = "/?tour=1", []
    while address:
        response = browser.get(address)
        assert response.status_code == 200, address
        shown = response.text.split('<section class="tour"')[1].split("</section>")[0]
        assert "Next<" not in shown, "the pages have a button of that name"
        seen.append(re.search(r"step (\d) of 5", shown)[1])
        links = [unescape(link) for link in re.findall(r'href="([^"]*tour=\d[^"]*)"', shown)]
        address = next((link for link in links if f"tour={len(seen) + 1}" in link), "")
    assert seen == ["1", "2", "3", "4", "5"]
    assert 'class="tour"' not in browser.get("/?tour=6").text
    assert 'class="tour"' not in browser.get("/").text


def test_a_card_of_the_tour_tells_each_once_and_marks_what_is_cut():
    context = SimpleNamespace(lang=SimpleNamespace(language="en", zone="UTC"))
    step = tour.TourStep(4, "The test", "", "/backtests")
    long = "macd_cross ema_cross rsi_reversion bollinger_squeeze · BTC ETH SOL BNB 4h"
    said = [f"{long}: +1%", f"{long}: +1%", "Short: +2%", f"{long}: +3%", "Last: +4%"]
    drawn = str(tour_charts._card(context, step, said))
    lines = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)[1:]
    assert len(lines) <= tour_charts.MOST_LINES
    assert {"Short: +2%", "Last: +4%"} <= set(lines)
    assert sum(line.startswith("macd_cross") for line in lines) == 2
    assert [line for line in lines if line.endswith("…")]
    description = re.search(r"<desc[^>]*>([^<]*)</desc>", drawn)[1]
    assert unescape(description) == " · ".join(dict.fromkeys(said))


def test_without_scripts_the_tour_is_one_page_with_five_pictures(house):
    browser = houses.Browser(house)
    response = browser.post("/welcome", {"step": "assets", "plain": "1"})
    assert response.url.path == "/tour"
    page = main_of(response)
    assert page.count("<figure>") == 5
    assert len(re.findall(r'href="[^"]*tour=[1-5]#', page)) == 6
    drawn = [one.partition("</figure>")[0] for one in page.split("<figure>")[1:]]
    assert [one.count("<svg ") > 0 and 'role="img"' in one for one in drawn] == [True] * 5
    # Each says to those who do not see it what it is of, by ids of its own.
    assert [f'<title id="tour-{number}-t">' in one for number, one in enumerate(drawn, 1)] == [True] * 5
    fourths = {}
    for persona in ("trader", "journalist", "beginner"):
        browser.post("/welcome", {"step": "persona", "persona": persona})
        fourths[persona] = main_of(browser.get("/tour")).split("<figure>")[4].partition("</figure>")[0]
    assert len(set(fourths.values())) == 3
    assert "Write down what you own" in fourths["beginner"]
    assert 'href="/tour"' in browser.get("/help").text
