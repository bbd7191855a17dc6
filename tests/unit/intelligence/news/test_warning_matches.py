"""Firms on lists of warnings: found by identifier, website or whole name; a namesake is never suspected."""

import pytest

from vigie.domain.register import RegisterEntry
from vigie.intelligence.news.firms import parse_firm_name
from vigie.intelligence.news.warning_matches import build_warning_index, parse_websites

LEI = "969500ABCDEFGHIJKL42"


def row(key: str, name: str, *, lei: str = "", website: str = "", register: str = "black") -> RegisterEntry:
    return RegisterEntry(register, key, name, lei, website=website)


INDEX = build_warning_index(
    [
        row("zentor", "Zentor Markets Ltd", lei=LEI, website="https://www.zentor-markets.example/en"),
        row("plain", "Bitcoin Trading Ltd"),
        row("one", "Velora"),
        row("clone", "Tout Crypto SAS", website="tout-crypto-pro.example"),
        row("page", "Quick Gains Desk", website="https://t.me/quickgains | www.facebook.com"),
        row("known", "Ripple Labs Ltd"),
        row("bare", "Halborn Vault Partners"),
    ],
    licensed=[row("good", "Tout Crypto SARL", register="casps")],
    known={("ripple", "labs")},
)


@pytest.mark.parametrize(
    ("title", "text", "url", "expected"),
    [
        ("Zentor Markets Ltd loses its accounts", "", "", ("zentor", "name", "Zentor Markets Ltd")),
        ("Police search Zentor Markets", "", "", ("zentor", "name", "Zentor Markets")),
        ("Where is Zentor Markets Limited now?", "", "", ("zentor", "name", "Zentor Markets Limited")),
        ("A firm", f"Its LEI is {LEI}.", "", ("zentor", "lei", LEI)),
        ("A firm", "", "https://app.zentor-markets.example/x", ("zentor", "website", "app.zentor-markets.example")),
        ("A firm", "They sell at zentor-markets.example.", "", ("zentor", "website", "zentor-markets.example")),
        ("A firm", "", "https://t.me/quickgains/12", ("page", "website", "t.me/quickgains/12")),
        ("A licence of Bitcoin Trading Ltd is false", "", "", ("plain", "name", "Bitcoin Trading Ltd")),
        ("It sues Ripple Labs Ltd. in London", "", "", ("known", "name", "Ripple Labs Ltd.")),
        ("It warns", "The authority named Halborn Vault Partners. Others follow.", "",
         ("bare", "name", "Halborn Vault Partners")),
        ("La société Zentor Markets a fermé", "", "", ("zentor", "name", "Zentor Markets")),
    ],
)  # fmt: skip
def test_a_firm_is_found_with_what_shows_it(title, text, url, expected):
    assert [(one.entry.key, one.how, one.evidence) for one in INDEX.find(title, text, url)] == [expected]


@pytest.mark.parametrize(
    ("title", "text", "url"),
    [
        ("Zentor Markets GmbH opens in Berlin", "", ""),
        ("Zentor Markets Authority fines a bank", "", ""),
        ("The Old Zentor Markets was a bazaar", "", ""),
        ("zentor markets are quiet", "", ""),
        ("ZENTOR MARKETS ARE QUIET TODAY AND TOMORROW", "", ""),
        ("Bitcoin Trading slows down", "", ""),
        ("Velora rises by a tenth", "", ""),
        ("Tout Crypto obtient son agrément", "", ""),
        ("Ripple Labs wins in court", "", ""),
        ("Zentor", "Markets", ""),
        ("A firm", "", "https://t.me/somebodyelse"),
        ("A firm", "", "https://www.facebook.com/zentor"),
        ("A firm", "", "https://zentor-markets.example.net/"),
        ("A firm", f"Number {LEI}9", ""),
    ],
)
def test_a_namesake_and_a_part_of_a_name_are_nobody(title, text, url):
    assert INDEX.find(title, text, url) == []


def test_a_firm_with_a_licence_of_the_same_identifier_is_not_found_by_it():
    index = build_warning_index(
        [row("a", "Aa Bb", lei=LEI)], licensed=[row("b", "Cc", lei=LEI, register="casps")]
    )
    assert index.find("x", LEI) == []


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Foo Markets S.A.", ("foo", "markets"), "sa"),
        ("Foo Markets Sp. z o.o.", ("foo", "markets"), "spzoo"),
        ("FOO, Inc.", ("foo",), "inc"),
        ("Crypto.com Limited", ("cryptocom",), "ltd"),
        ("SA", ("sa",), ""),
    ],
)
def test_names_are_taken_apart(text, core, form):
    assert (parse_firm_name(text).core, parse_firm_name(text).form) == (core, form)


def test_a_branch_is_called_without_its_country():
    assert parse_firm_name("Coinbase Luxembourg S.A.").placeless == ("coinbase",)
    assert parse_firm_name("Europe Ltd").placeless == ("europe",)


def test_websites_of_a_cell_are_read_one_by_one():
    assert parse_websites("https://www.a.example/x, b.example | t.me/me/") == [
        ("a.example", ""), ("b.example", ""), ("t.me", "/me"),
    ]  # fmt: skip
    assert parse_websites("https://sites.google.com/view/gains, gains.wordpress.com/en") == [
        ("sites.google.com", "/view/gains"), ("gains.wordpress.com", ""),
    ]  # fmt: skip
    # Of these the query alone tells which page it is, or nothing does.
    assert parse_websites("https://play.google.com/store/apps/details?id=gains | m.facebook.com") == []
    assert parse_websites("https://www.facebook.com/profile.php?id=1") == []
    assert parse_websites("none") == []
    assert parse_websites("desk@mail.example") == []
    assert parse_websites("Foo Markets / foo-markets.example") == [("foo-markets.example", "")]
