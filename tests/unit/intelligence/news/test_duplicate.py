"""Duplicates: by address, by title, by nearly the same words; never where numbers or names differ."""

from __future__ import annotations

import pytest

from tests.unit.intelligence.news.material import item, read
from vigie.intelligence.news.steps import duplicate, entities


def compare(*items):
    """Return what the last of some items is a copy of."""
    steps = [entities.make(), duplicate.make()]
    return read(steps, items)[-1]["duplicate"].body


FIRST = item("Turkey bans payments in bitcoin from May", url="https://a.example/turkey")


def test_the_first_of_its_kind_is_a_copy_of_nothing():
    assert compare(FIRST) == {"of": "", "how": "", "likeness": 0.0}


def test_an_address_with_other_parameters_is_the_same():
    again = item(
        "Bitcoin payments: what we know", hours=1, url="https://www.a.example/turkey/amp?utm_source=x"
    )
    assert compare(FIRST, again) == {"of": FIRST.id, "how": "address", "likeness": 1.0}


def test_an_address_under_several_titles_names_no_article():
    other = item("Weather in bitcoin country", hours=1, url="https://a.example/turkey")
    third = item("A bitcoin museum opens", hours=2, url="https://a.example/turkey")
    assert compare(FIRST, other, third)["how"] == ""


@pytest.mark.parametrize(
    "title",
    [
        "TURKEY BANS PAYMENTS IN BITCOIN FROM MAY",
        "Turkey bans payments in Bitcoin, from May!",
        "Turkey bans payments in bitcoin from May - Crypto Herald",
        "Turkey bans payments in bitcoin from May | Herald",
    ],
)
def test_a_title_in_other_dress_is_the_same(title):
    assert compare(FIRST, item(title, hours=3)) == {"of": FIRST.id, "how": "title", "likeness": 1.0}


def test_a_reworded_title_is_near():
    found = compare(FIRST, item("Turkey now bans payments in bitcoin from May", hours=5))
    assert (found["of"], found["how"]) == (FIRST.id, "near")
    assert 0.6 <= found["likeness"] < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Turkey bans payments in bitcoin from May", "China bans payments in bitcoin from May"),
        ("SEC sues Binance over unregistered securities", "SEC sues Kraken over unregistered securities"),
        ("Price analysis 6/20: BTC, ETH, XRP", "Price analysis 6/22: BTC, ETH, XRP"),
        ("Layer by layer, the weekly column - Issue 6", "Layer by layer, the weekly column - Issue 8"),
        ("Bitcoin falls below 20,000 dollars this week", "Bitcoin falls below 30,000 dollars this week"),
        ("Arthur Hayes pleads guilty in New York court", "Do Kwon pleads guilty in New York court"),
        (
            "Tradolin ends trading of Bitcoin for want of volume",
            "Swapmere ends trading of Bitcoin for want of volume",
        ),
    ],
)
def test_another_number_or_name_is_another_item(one, other):
    found = compare(item(one), item(other, hours=1))
    assert found["of"] == ""
    assert found["likeness"] > 0.35


def test_capitals_of_a_headline_that_has_nothing_else_name_nobody():
    title = "Turkey Bans Payments In Bitcoin From May Says Central Bank"
    assert compare(item(title), item(title.replace("Says", "Tells"), hours=1))["how"] == "near"


def test_a_copy_after_the_window_is_no_copy():
    assert compare(FIRST, item("Turkey bans payments in bitcoin from May", hours=73))["of"] == ""


def test_a_copy_of_a_copy_leads_to_the_first():
    second = item("Turkey now bans payments in bitcoin from May", hours=1)
    third = item("Turkey now bans payments in bitcoin from next May", hours=2)
    assert compare(FIRST, second, third)["of"] == FIRST.id


def test_a_short_title_is_shared_by_chance():
    assert compare(item("Price analysis"), item("Price analysis", hours=1))["how"] != "title"


def test_what_was_read_before_changes_nothing():
    steps = [entities.make(), duplicate.make()]
    items = [
        FIRST,
        item("Solana halts", hours=100),
        item("Turkey bans payments in bitcoin from May", hours=101),
    ]
    worn = read(steps, [*items, *items])[3:]
    fresh = read([entities.make(), duplicate.make()], [*items, *items])[3:]
    assert [one["duplicate"] for one in worn] == [one["duplicate"] for one in fresh]
    read(steps, [item("Anything else at all", hours=500)])
    assert read(steps, items) == read([entities.make(), duplicate.make()], items)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("Funds lost $41 million in a week.", "Funds lost $380 million in a week."),
        ("The portal is closed for 9 hours.", "The portal is closed for 4 hours."),
        ("Developers of Cardano explain it.", "Developers of Solana explain it."),
    ],
)
def test_one_headline_over_a_text_that_tells_otherwise_is_no_copy(said, other):
    title = "What you should know about it this week"
    assert compare(item(title, said), item(title, other, hours=5, source="b"))["of"] == ""


def test_a_copy_may_leave_out_what_its_original_counts():
    first = item("Savers turn their back on Bitcoin funds", "Funds lost $41 million. That is 3 percent.")
    again = item("Savers turn their back on Bitcoin funds", "Funds lost $41 million.", hours=1, source="b")
    bare = item("Savers turn their back on Bitcoin funds", hours=2, source="c")
    assert compare(first, again)["of"] == compare(first, bare)["of"] == first.id
