"""A portfolio shared by link: per cent by coin to whoever has it, and nothing to anybody else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests import houses
from tests.clocks import StandingClock
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.adapters.stores.sql.holding_links import SqlHoldingLinks
from vigie.domain.errors import Forbidden, NotFound
from vigie.domain.person import OWNER, VISITOR
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation

PLACE = "Bank of Corvane"


@pytest.fixture
def built(tmp_path):
    home = holding_house(tmp_path / "home")
    for values in (
        {"coin": "BTC", "quantity": "0.75", "day": "2025-01-10", "amount": "12345", "place": "Kraken"},
        {"coin": "ETH", "quantity": "2", "day": "2025-02-12", "amount": "6789", "place": PLACE},
    ):
        run_operation(home, OWNER, "holdings.add", values)
    return home


def made_link(browser) -> str:
    page = browser.post("/portfolio/sharing/make")
    assert page.headers["cache-control"] == "no-store"
    return re.search(r'href="http://127.0.0.1:\d+(/portfolio/shared/[\w-]+)"', page.text)[1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_whoever_has_the_link_sees_per_cent_and_nothing_else(built, language):
    browser = houses.Browser(built, language=language)
    path = made_link(browser)
    word = path.rpartition("/")[2]
    assert len(word) >= 22, "128 bits"
    stranger = houses.Browser(built, language=language, is_owner=False)
    answer = stranger.get(path)
    assert answer.status_code == 200
    for name, value in (
        ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex, nofollow"), ("cache-control", "no-store"),
    ):  # fmt: skip
        assert answer.headers[name] == value
    text = text_of(answer)
    shares = [int(share) for share in re.findall(r"(\d+)\s?%", text)]
    assert len(shares) == 2
    assert 99 <= sum(shares) <= 101
    assert "Bitcoin" in text
    main = answer.text[answer.text.index("<main") : answer.text.index("</main")]
    for hidden in ("0.75", "0,75", "12345", "12 345", "6789", "Kraken", PLACE, "2025", "$", "€", word):
        assert hidden not in main
    # The page of links names none of their words again.
    assert word not in browser.get("/portfolio/sharing").text


def test_a_wrong_a_revoked_and_an_expired_link_show_the_same(built):
    browser, stranger = houses.Browser(built), houses.Browser(built, is_owner=False)
    revoked = made_link(browser)
    (first,) = run_operation(built, OWNER, "holdings.shared_links", {}).rows
    assert browser.post("/portfolio/sharing/end", {"link": first.holding_link}).status_code == 200
    expired = made_link(browser)
    (second,) = run_operation(built, OWNER, "holdings.shared_links", {}).rows
    assert second.ts_expires - second.ts_created == 30 * DAY_MS
    clock = StandingClock(second.ts_expires)
    links = SqlHoldingLinks(built.holding_links.database, clock)
    later = houses.Browser(replace(built, clock=clock, holding_links=links), is_owner=False)
    told = [stranger.get("/portfolio/shared/never-was"), stranger.get(revoked), later.get(expired)]
    assert [answer.status_code for answer in told] == [404] * 3
    said = "this link shows nothing: it was revoked, has expired, or never was"
    assert all(said in text_of(answer) for answer in told)
    for answer in told:
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == (
            "no-store",
            "no-referrer",
        )
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert stranger.get(expired).status_code == 200, "until it expires"


def test_only_the_digest_is_kept_and_nobody_without_the_right_makes_links(built, tmp_path):
    word = made_link(houses.Browser(built)).rpartition("/")[2]
    kept = (built.home / "vigie.sqlite").read_bytes() + (built.home / "vigie.sqlite-wal").read_bytes()
    assert word.encode() not in kept
    for name, values in (("holdings.share", {}), ("holdings.revoke_share", {"holding_link": "k" + "0" * 16})):
        with pytest.raises(Forbidden):
            run_operation(built, VISITOR, name, values)
    with pytest.raises(NotFound):
        run_operation(built, OWNER, "holdings.revoke_share", {"holding_link": "k" + "0" * 16})


def test_the_link_of_a_disabled_account_shows_nothing(built):
    bob = built.accounts.add("Bob", "hash", "trader")
    word = run_operation(built, houses.person(bob.id, "trader"), "holdings.share", {}).path.rpartition("/")[2]
    assert run_operation(built, VISITOR, "holdings.shared", {"word": word}).rows == []
    built.accounts.change(bob.id, is_disabled=True)
    with pytest.raises(NotFound):
        run_operation(built, VISITOR, "holdings.shared", {"word": word})
