"""What is read in a made-up language: gives by its place what stands outside of brackets."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.test_pages import addresses
from tests.houses import Browser, house
from tests.made_up_language import bare_words
from tests.newsrooms import told_house
from tests.unit.services.figures_material import full
from tests.unit.views.web.test_today_page import with_a_past

Bare = dict[str, list[str]]


def pages(folder: Path, language: str) -> Bare:
    """Read every page of a home with bars that opens by itself."""
    browser = Browser(house(folder / "home"), language=language)
    return {path: bare_words(browser.get(path).text, language) for path in addresses()}


def today(folder: Path, language: str) -> Bare:
    """Read Today for each kind of visitor: with bars, with figures, with news, and with something that changed."""
    homes = {
        "bars": house(folder / "bars"),
        "figures": full(folder / "figures"),
        "news": told_house(folder / "news"),
        "past": with_a_past(folder / "past"),
    }
    found = {}
    for name, opened in homes.items():
        browser = Browser(opened)
        for persona in ("", "trader", "journalist", "beginner"):
            given = {"persona": persona, "zone": "UTC", "theme": "auto", "language": language}
            assert browser.post("/settings", given).status_code == 200
            found[f"{name} {persona}"] = bare_words(browser.get("/").text, language)
    return found
