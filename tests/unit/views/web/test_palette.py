"""The palette finds what people type: pages, assets, strategies, and what they keep themselves."""

from __future__ import annotations

import html
import re

import pytest

from tests.houses import Browser, person
from tests.newsrooms import told_house
from tests.unit.services.desk_material import house_with_results
from vigie.domain.item import item_id
from vigie.services.operation_calls import run_operation


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made, _ = house_with_results(tmp_path_factory.mktemp("home") / "home")
    run_operation(made, person(), "watchlists.create", {"name": "\u00c9pargne longue", "assets": ["bitcoin"]})
    run_operation(made, person(), "screens.save", {"name": "Oversold ones", "where": "rsi_14<30"})
    return made


def found(browser, typed):
    items = browser.get("/palette", params={"q": typed}).json()["items"]
    return {(one["kind"], one["href"]) for one in items}


@pytest.mark.parametrize(
    ("typed", "kind", "href"),
    [
        ("screen", "Page", "/markets/screener"),
        ("btc", "Asset", "/asset/bitcoin"),
        ("macd", "Strategy", "/strategies/macd_cross"),
        ("epargne", "Watchlist", "/watchlists/"),
        ("oversold", "Saved screener search", "/markets/screener?where=rsi_14%3C30"),
        ("ema", "Result", "/backtests/"),
    ],
)
def test_what_is_typed_leads_there(built, typed, kind, href):
    assert any(one == kind and there.startswith(href) for one, there in found(Browser(built), typed))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_search_finds_without_scripts_what_the_palette_finds(built, language):
    browser = Browser(built, language=language)
    # The way there is in the head of every page, for browsers that run no scripts.
    assert '<a class="find no-js-only" href="/search">' in browser.get("/help").text
    for typed in ("", "btc", "macd", "epargne", "oversold"):
        page = browser.get("/search", params={"q": typed}).text.partition('id="found"')[2]
        shown = map(html.unescape, re.findall(r'<li(?: class="row row-between")?><a href="([^"]*)"', page))
        items = browser.get("/palette", params={"q": typed}).json()["items"]
        assert items
        assert set(shown) >= {one["href"] for one in items}
    nothing = {"en": "No results", "fr": "Aucun résultat"}[language]
    assert nothing in browser.get("/search?q=zzzzqq").text
    hostile = browser.get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in hostile
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile


def test_what_somebody_keeps_is_found_by_nobody_else(built):
    user = built.accounts.add("Bob", "hash", "viewer")
    assert run_operation(built, person(user.id, "viewer"), "screens.list", {}).rows == []
    assert run_operation(built, person(user.id, "viewer"), "watchlists.list", {}).rows == []
    built.accounts.delete(user.id)


def test_nothing_typed_lists_the_pages(built):
    assert {kind for kind, _ in found(Browser(built), "")} == {"Page"}


def test_headlines_stories_and_whom_they_name_are_found_with_how_many_there_are(tmp_path):
    made = told_house(tmp_path / "home")
    story = item_id("sec_press", "e")
    for language, kinds in (
        ("en", ("Story", "Mentioned in the news", "All results")),
        ("fr", ("Sujet", "Cité dans l’actualité", "Tous les résultats")),
    ):
        told = found(Browser(made, language=language), "Grayscale")
        assert {(kind, href) for kind, href in told if href.startswith("/story")} == {
            (kinds[0], f"/story/{story}")
        }
        assert (kinds[2], "/news?q=Grayscale") in told
        assert any(kind == kinds[1] and href.startswith("/entity/") for kind, href in told)
    items = Browser(made).get("/palette", params={"q": "Grayscale"}).json()["items"]
    assert (
        items[-1]["title"]
        == f"Grayscale: {run_operation(made, person(), 'news.search', {'q': 'Grayscale'}).total} news items"
    )
    page = Browser(made).get("/news?q=Grayscale").text
    assert "4 news items found." in page
    assert run_operation(made, person(), "news.search", {"q": "Grayscale", "limit": 1}).total == 4
    assert Browser(made).get("/palette", params={"q": "---"}).json()["isNearest"] is True


@pytest.mark.parametrize(("language", "typed"), [("en", "portfolio"), ("fr", "Portefeuille")])
def test_who_looks_for_a_portfolio_finds_its_page(built, language, typed):
    page = Browser(built, language=language).get("/search", params={"q": typed}).text
    assert 'href="/portfolio"' in page.partition('id="found"')[2]
