"""What stands in the menu, by who looks: groups, their pages, the bar of a phone, what the account leads to."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.houses import Browser, house
from vigie.views.web import menu
from vigie.views.web.menu import GROUPS, ORDER, SYSTEM
from vigie.views.web.page import pages

BELOW = {
    "/markets": "/markets", "/asset/bitcoin": "/markets", "/derivatives/basis": "/markets",
    "/news/regulation": "/news", "/strategies": "/backtests", "/journal": "/trading",
}  # fmt: skip
PERSONAS = ("", "trader", "journalist", "beginner")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


def header(built, persona: str) -> str:
    browser = Browser(built)
    browser.post("/settings", {"persona": persona, "zone": "UTC", "theme": "auto", "language": "en"})
    return browser.get("/").text.partition('<header class="site-header">')[2].partition("</header>")[0]


def groups(text: str) -> list[str]:
    """Return the addresses of the groups, in order."""
    nav = text.partition('class="site-nav"')[2].partition("</nav>")[0]
    return re.findall(r'<li[^>]*><a href="([^"]*)"[^>]*><svg', nav)


@pytest.mark.parametrize("persona", PERSONAS)
def test_everybody_has_the_same_groups_in_an_order_of_their_own(built, persona):
    found = groups(header(built, persona))
    # The last one leads to all pages.
    assert sorted(found) == sorted(
        ["/", "/portfolio", "/signals", "/markets", "/news", "/backtests", "/trading", "/search"]
    )
    assert found[0] == "/"
    assert found[-1] == "/search"


def test_a_beginner_has_nothing_of_trading_in_the_bar_and_a_trader_has_it_there(built):
    assert groups(header(built, "beginner"))[:4] == ["/", "/portfolio", "/markets", "/news"]
    assert "/trading" in groups(header(built, "trader"))[:4]


@pytest.mark.parametrize("group", [name for name in GROUPS if name != "today"])
def test_a_group_without_a_page_that_is_built_and_allowed_is_not_there(built, monkeypatch, group):
    """Nothing of it is left: neither its name nor one of its links; what is allowed to nobody is as not built."""
    whole = pages()
    members = {page.path for page in whole.values() if page.group == group}
    left = {name: page for name, page in whole.items() if page.group != group}
    barred = {
        name: replace(page, scope="nobody") if page.group == group else page for name, page in whole.items()
    }
    assert members & set(groups(header(built, "")))
    for known in (left, barred):
        monkeypatch.setattr(menu, "pages", lambda known=known: known)
        found = header(built, "")
        assert len(groups(found)) == len(GROUPS), groups(found)
        assert members & set(re.findall(r'href="([^"]*)"', found)) == set()


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_is_two_interactions_away(built, persona):
    """A group's list or the account's is opened, then a link of it: nothing lies deeper."""
    text = header(built, persona)
    linked = set(re.findall(r'<a(?: class="[^"]*")? href="([^"]*)"', text))
    wanted = {
        page.path
        for page in pages().values()
        if page.is_in_menu
        and "{" not in page.path
        and "." not in page.path
        and page.folder != "demo"
        and page.group != "alerts"
    }
    assert wanted - linked == set()
    assert "/notifications" in linked
    behind_bell = Browser(built).get("/notifications").text.partition("<main")[2]
    paths = {page.path for page in pages().values() if page.group == "alerts" and "{" not in page.path}
    assert {path for path in paths - {"/notifications"} if f'href="{path}"' not in behind_bell} == set()


def test_every_page_is_on_the_page_that_a_phone_calls_more(built):
    page = Browser(built).get("/search").text.partition('id="found"')[2]
    shown = set(re.findall(r'<a href="([^"]*)"', page))
    wanted = {
        page.path
        for page in pages().values()
        if page.is_in_menu and "{" not in page.path and "." not in page.path and page.folder != "demo"
    }
    assert wanted - shown == set()


def test_a_page_below_a_group_marks_it(built):
    browser = Browser(built)
    for path, group in BELOW.items():
        nav = browser.get(path).text.partition('class="site-nav"')[2].partition("</nav>")[0]
        # What is not in the bar of a phone is behind More there.
        more = ["/search"] if group in ("/trading", "/backtests") else []
        found = re.findall(r'<li[^>]*><a href="([^"]*)" aria-current="(?:page|true)"><svg', nav)
        assert found == [group, *more], path


def test_pages_of_the_demonstration_are_named_only_there(built):
    assert 'href="/demo/mail"' not in header(built, "")
    assert 'href="/demo/mail"' in header(replace(built, is_simulated=True), "")


def test_each_folder_stands_in_one_group_that_the_menu_knows():
    known = {*GROUPS, "alerts", "system"}
    assert {page.group for page in pages().values()} <= known
    placed = [folder for _title, _icon, folders in GROUPS.values() for folder in folders] + list(SYSTEM)
    assert len(placed) == len(set(placed))
    assert set(placed) <= {page.folder for page in pages().values()}
    assert all(sorted(order) == sorted(GROUPS) for order in ORDER.values())
