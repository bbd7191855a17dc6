"""Help: commands stand as code, and words a page uses are told."""

import re
from dataclasses import replace

import pytest

from tests.houses import Browser, house
from tests.unit.services.figures_material import empty
from vigie.views.web.rendering import mark_code
from vigie_sandbox.world.scenes.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return empty(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", ["/help", "/sources", "/health", "/", "/markets", "/login"])
def test_what_is_typed_stands_as_code_and_never_in_backticks(built, language, path):
    page = Browser(built, language=language).get(path).text
    assert re.findall(r"`[^`\n]*`", page) == []


def test_a_demo_lists_every_scene_with_where_to_look(tmp_path):
    opened = house(tmp_path / "home")
    assert 'id="scenes"' not in Browser(opened).get("/help").text
    page = Browser(replace(opened, is_simulated=True)).get("/help").text
    card = page.partition('id="scenes"')[2].partition("</section>")[0]
    told = re.findall(r'<dt><code>([a-z-]+)</code></dt><dd>[^<]+<a href="(/[a-z/-]+)">', card)
    assert sorted(name for name, _ in told) == sorted(SCENARIOS)
    assert "<code>vigie sandbox scene</code>" in card
    assert "calm for twenty hours" in card
    browser = Browser(replace(opened, is_simulated=True))
    assert all(browser.get(path).status_code == 200 for _, path in told)


@pytest.mark.parametrize(("language", "title"), [("en", "Use my own data"), ("fr", "Utiliser mes données")])
def test_the_two_steps_to_own_data_stand_first_in_a_demo(tmp_path, language, title):
    opened = house(tmp_path / "home")
    for is_simulated in (True, False):
        page = Browser(replace(opened, is_simulated=is_simulated), language=language).get("/help").text
        assert page.count('id="leave-demo"') == 1
        assert (page.index('id="leave-demo"') < page.index('id="words"')) is is_simulated
        card = page.partition('id="leave-demo"')[2].partition("</section>")[0]
        assert card.count("<li><strong>") == 2
        assert (title in card) is is_simulated


def test_a_refusal_that_quotes_what_was_given_makes_no_markup():
    assert mark_code("no `<b>` in `a.b`") == "no <code>&lt;b&gt;</code> in <code>a.b</code>"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("MVRV", "Puell multiple", "R multiple", "Profit factor", "Liquidation")),
        ("fr", ("MVRV", "Multiple de Puell", "Multiple de R", "Profit factor", "Liquidation")),
    ],
)
def test_words_of_metrics_and_trades_are_told_once_with_the_command_of_a_checkout(built, language, words):
    page = Browser(built, language=language).get("/help").text
    told = re.findall(r'<dt><strong id="[a-z-]+">([^<]+)</strong>', page)
    assert all(told.count(word) == 1 for word in words)
    assert page.count("<code>.venv/bin/vigie</code>") == 1


def test_what_plain_words_say_is_told_in_help_and_linked_there(tmp_path):
    browser = Browser(house(tmp_path / "home"))
    page, told = browser.get("/asset/bitcoin").text, browser.get("/help").text
    linked = set(
        re.findall(r'href="/help#(\w+)"', page.partition('id="verdict"')[2].partition("</section>")[0])
    )
    assert {"adx", "atr"} <= linked
    assert all(f'id="{name}"' in told for name in linked)
    assert all(f">{word}</strong>" in told for word in ("ADX", "RSI", "DSR", "PBO"))
    browser.post("/settings", {"persona": "beginner", "zone": "UTC", "theme": "auto", "language": "en"})
    assert '<a href="/help#words">' in browser.get("/").text
