"""The page of what platforms reported: preview, keep, differences with their rows, removal; in both languages."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.web.test_portfolio_files import hidden, text_of
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation

PAGE = "/portfolio/reported"
HEAD = "asset,category,type,units,amount,currency,transactions\n"
GIVEN = {"year": "2025", "place": "Kraken", "text": HEAD + "BTC,fiat_in,,0.75,30000,EUR,2\n"}


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def kept(built) -> list[str]:
    return [row.category for row in run_operation(built, OWNER, "holdings.reported", {}).rows]


WORDS = {
    "en": ("1 new row", "only in your lines", "different", "(1 more): lines may be missing", "moved 0.25"),
    "fr": ("1 nouvelle ligne", "dans vos lignes seulement", "différent", "(1 de plus)", "déplacé"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_statement_is_seen_kept_compared_down_to_its_rows_and_removed(built, language):
    for values in (
        {"kind": "buy", "quantity": "0.5", "amount": "20000"},
        {"kind": "transfer", "quantity": "0.25", "to_place": "<b>Safe"},
    ):
        line = {"coin": "BTC", "day": "2025-02-01", "currency": "EUR", "place": "Kraken", **values}
        run_operation(built, OWNER, "holdings.add", line)
    browser = houses.Browser(built, language=language)
    assert browser.get(PAGE).status_code == 200
    for place in ("/portfolio/tax?year=2025", "/portfolio/files"):
        assert f'href="{PAGE}"' in browser.get(place).text
    seen = browser.post(f"{PAGE}/import", GIVEN)
    assert WORDS[language][0] in text_of(seen)
    assert kept(built) == []
    done = browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"})
    text = text_of(done)
    assert [word for word in WORDS[language][1:4] if word not in text] == []
    assert {"en": "30,000.00 EUR", "fr": "30\u202f000,00 EUR"}[language] in unescape(done.text), (
        "money to the cent"
    )
    assert {"en": ">0.75<", "fr": ">0,75<"}[language] in done.text.replace(" ", ""), (
        "quantities with all digits"
    )
    assert "<b>Safe" not in done.text
    linked = re.search(r'href="(/portfolio\?edit=e[\w-]{16})#add"', done.text)[1]
    assert browser.get(unescape(linked)).status_code == 200
    again = browser.post(f"{PAGE}/import", GIVEN)
    assert 'name="sure"' not in again.text, "nothing of it is new"
    statement = re.search(r'name="statement" value="(\w+)"', done.text)[1]
    browser.post(f"{PAGE}/remove", {"statement": statement})
    assert kept(built) == []
    assert browser.post(f"{PAGE}/remove", {"statement": statement}).status_code == 404


def test_rows_that_cannot_be_read_tickers_and_changes_are_asked_about(built):
    browser = houses.Browser(built)
    script = "<script>alert(1)</script>"
    bad = {**GIVEN, "text": f"{HEAD}{script},fiat_in,,1,,,\nBTC,{script},,1,,,\nBTC,fiat_in,=1,NaN,,,\n"}
    seen = browser.post(f"{PAGE}/import", bad)
    assert script not in seen.text
    assert "Row 4" in text_of(seen)
    assert 'name="sure"' not in seen.text
    named = browser.post(f"{PAGE}/import", {**GIVEN, "text": f"{HEAD}NOPE,fiat_in,,1,,,\n"})
    answered = browser.post(f"{PAGE}/import", {**hidden(named), "coin_NOPE": "solana"})
    browser.post(f"{PAGE}/import", {**hidden(answered), "sure": "1"})
    assert kept(built) == ["fiat_in"]
    changed = browser.post(f"{PAGE}/import", {**hidden(answered), "text": f"{HEAD}SOL,fiat_in,,2,,,\n"})
    assert 'name="replace_changed"' in changed.text
    refused = browser.post(f"{PAGE}/import", {**hidden(changed), "sure": "1"})
    assert refused.status_code == 409
    browser.post(f"{PAGE}/import", {**hidden(changed), "replace_changed": "on", "sure": "1"})
    (row,) = run_operation(built, OWNER, "holdings.reported", {}).rows
    assert row.reported_units == "2"
    assert browser.post(f"{PAGE}/import", {**GIVEN, "year": "now"}).status_code == 400


def test_many_rows_are_parted_into_pages_and_stay_small(built):
    words = ("fiat_in", "fiat_out", "crypto_in", "crypto_out", "transfer_in", "transfer_out", "RRPT")
    rows = [f"{coin},{word},,1,1,EUR,1" for coin in ("BTC", "ETH", "SOL", "XRP", "ADA") for word in words]
    browser = houses.Browser(built)
    seen = browser.post(f"{PAGE}/import", {**GIVEN, "text": HEAD + "\n".join(rows)})
    first = browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"}).text
    assert len(re.findall(r"<[a-z]", first[first.index("<main") :])) < 1_300
    assert "page=2" in first
    assert browser.get(f"{PAGE}?page=99").status_code == 200


@pytest.mark.parametrize(("language", "said"), [("en", "Sign in to write down"), ("fr", "Connectez-vous")])
def test_who_is_not_signed_in_is_told_what_to_do(built, language, said):
    page = houses.Browser(built, language=language, is_owner=False).get("/portfolio/reported")
    assert page.status_code == 200
    assert said in text_of(page)
    assert "/portfolio/reported/import" not in page.text
