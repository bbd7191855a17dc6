"""Addresses: one form for every way to one article, none for what names no article."""

from __future__ import annotations

import pytest

from vigie.intelligence.news.reading.addresses import canonical_address

ARTICLE = "outlet.example/news/a-ban"


@pytest.mark.parametrize(
    "url",
    [
        "https://outlet.example/news/a-ban",
        "http://www.outlet.example:80/news/a-ban/",
        "https://OUTLET.example/news/a-ban?utm_source=rss&utm_medium=feed#top",
        "https://m.outlet.example/news/a-ban?fbclid=1",
        "https://outlet.example/news/a-ban/amp/",
        "https://amp.outlet.example/news/a-ban.amp",
        "https://outlet.example/amp/news/a-ban?amp=1",
        "https://www.google.com/amp/s/outlet.example/news/a-ban",
        "https://outlet-example.cdn.ampproject.org/c/s/outlet.example/news/a-ban?amp_js_v=1",
        "https://outlet.example//news/a%2Dban/index.html",
    ],
)
def test_every_way_to_an_article_is_one(url):
    assert canonical_address(url) == ARTICLE


def test_parameters_that_name_an_article_stay_in_one_order():
    first = canonical_address("https://outlet.example/?page=2&id=7&utm_campaign=x")
    assert first == canonical_address("https://outlet.example/?id=7&page=2") == "outlet.example?id=7&page=2"
    assert first != canonical_address("https://outlet.example/?id=8&page=2")


@pytest.mark.parametrize(
    "url",
    ["", "https://outlet.example", "https://outlet.example/?utm_source=a", "javascript:alert(1)", "https://[bad",
    "ftp://a.example/b",
     "https://outlet.example:99999/a", "https://outlet.example/" + "a" * 3000],
)  # fmt: skip
def test_what_names_no_article_has_no_form(url):
    assert canonical_address(url) == ""
