"""The page of files of holdings: preview, what is asked, confirm, undo; without scripts and in both languages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation

PAGE = "/portfolio/files"
FILES = Path(__file__).parents[3] / "data" / "holdings"
HEAD = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Label\n"


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def text_of(answer) -> str:
    main = answer.text[answer.text.index("<main") :]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def hidden(answer) -> dict[str, str]:
    plan = answer.text[answer.text.index('id="plan"') :]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', plan[: plan.index("</form>")])
    return {name: unescape(value) for name, value in found if name != "csrf"}


def rows(built) -> list[str]:
    return [row.kind for row in run_operation(built, OWNER, "holdings.list", {}).rows]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_file_is_seen_before_it_enters_and_is_undone(built, language):
    browser = houses.Browser(built, language=language)
    assert PAGE in browser.get("/portfolio").text
    seen = browser.post(f"{PAGE}/import", {"text": (FILES / "kraken.csv").read_text()})
    assert seen.status_code == 200
    said = {"en": "4 new lines, 0 known already, 0 changed, 3 left out", "fr": "4 nouvelles lignes"}[language]
    assert said in text_of(seen)
    assert rows(built) == []
    done = browser.post(f"{PAGE}/import", {**hidden(seen), "sure": "1"})
    assert sorted(rows(built)) == ["buy", "income", "swap", "transfer"]
    batch = re.search(r'name="holding_batch" value="(\w+)"', done.text)[1]
    browser.post("/portfolio/undo", {"holding_batch": batch})
    assert rows(built) == []


def test_a_row_that_cannot_be_read_is_told_and_may_be_left_out(built):
    browser = houses.Browser(built)
    text = f"{HEAD}2025-02-01 10:00:00,1,EUR,1,BTC,,,\n2025-02-02 10:00:00,1,EUR,NaN,BTC,,,\n"
    seen = browser.post(f"{PAGE}/import", {"text": text})
    assert "Row 3, received amount" in text_of(seen)
    assert 'name="sure"' not in seen.text
    again = browser.post(f"{PAGE}/import", {**hidden(seen), "leave_out": "3"})
    assert 'name="sure"' in again.text
    browser.post(f"{PAGE}/import", {**hidden(again), "leave_out": "3", "sure": "1"})
    assert rows(built) == ["buy"]
    wrong = browser.post(f"{PAGE}/import", {"text": text, "leave_out": "three"})
    assert wrong.status_code == 400
    assert "rows to leave out must be their numbers" in text_of(wrong)


def test_a_ticker_is_asked_and_another_file_is_read_by_its_columns(built):
    browser = houses.Browser(built)
    form = {"text": "when;what;coin;n\n2025-02-01;buy;NOPE;1\n", "column_time": "when", "column_kind": "what",
            "column_coin": "coin", "column_quantity": "n"}  # fmt: skip
    seen = browser.post(f"{PAGE}/import", form)
    assert 'name="coin_NOPE"' in seen.text
    assert 'name="sure"' not in seen.text
    again = browser.post(f"{PAGE}/import", {**hidden(seen), "coin_NOPE": "solana"})
    browser.post(f"{PAGE}/import", {**hidden(again), "sure": "1"})
    assert rows(built) == ["buy"]


def test_hostile_cells_are_shown_as_text_and_nothing_enters(built):
    browser = houses.Browser(built)
    script = "<script>alert(1)</script>"
    seen = browser.post(
        f"{PAGE}/import", {"text": f"{HEAD}{script},1,EUR,1,{script},,,{script}\n", "place": script}
    )
    assert script not in seen.text
    assert "&lt;script&gt;" in seen.text
    assert browser.post(f"{PAGE}/import", {"text": "a,b\n1,2\n"}).status_code == 400
    assert rows(built) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_proposed_transfer_is_joined_undone_and_refused(built, language):
    browser = houses.Browser(built, language=language)
    sent, came = "2025-03-01 10:00:00,0.5,BTC,,,,,\n", "2025-03-01 11:00:00,,,0.4998,BTC,,,\n"
    for place, row in (("Kraken", sent), ("<b>Safe", came)):
        given = {"text": HEAD + row, "place": place, "dry_run": False}
        run_operation(built, OWNER, "holdings.import", given)
    assert f"{PAGE}#transfers" in browser.get("/portfolio").text
    seen = browser.get(PAGE)
    said = {"en": "0.5 Bitcoin left Kraken on", "fr": "0,5 Bitcoin\xa0: sortis de Kraken le"}[language]
    assert said in text_of(seen).replace("Bitcoin :", "Bitcoin\xa0:")
    assert "<b>Safe" not in seen.text
    found = dict(re.findall(r'name="(holding|arrival)" value="(\w+)"', seen.text))
    done = browser.post(f"{PAGE}/transfer", {**found, "what": "join"})
    assert rows(built) == ["transfer"]
    batch = re.search(r'name="holding_batch" value="(\w+)"', done.text)[1]
    listed = browser.get(PAGE)
    said = {"en": "0.4998 Bitcoin from Kraken to", "fr": "0,4998 Bitcoin de Kraken à"}[language]
    assert said in text_of(listed)
    assert f'name="holding_batch" value="{batch}"' in listed.text
    undone = browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    assert {"en": "Undone.", "fr": "Annulé."}[language] in text_of(undone)
    assert 'id="joined"' not in undone.text
    assert rows(built) == ["transfer", "transfer"]
    browser.post(f"{PAGE}/transfer", {**found, "what": "refuse"})
    assert 'id="transfers"' not in browser.get(PAGE).text
    none = {"en": "Nothing is clear", "fr": "Rien n’est clair"}[language]
    assert none in text_of(browser.post(f"{PAGE}/transfers", {}))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_of_many_transfers_twenty_are_shown_and_those_joined_together_are_undone_together(built, language):
    browser = houses.Browser(built, language=language)
    days = [f"2025-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29, 4)][:21]
    sent = "".join(f"{day} 10:00:00,0.5,BTC,,,,,\n" for day in days)
    came = "".join(f"{day} 11:00:00,,,0.4998,BTC,,,\n" for day in days)
    for place, file in (("Kraken", sent), ("Ledger", came)):
        run_operation(
            built, OWNER, "holdings.import", {"text": HEAD + file, "place": place, "dry_run": False}
        )
    more = {"en": "1 more follow", "fr": "1 autres"}[language]
    assert more in text_of(browser.get(PAGE))
    browser.post(f"{PAGE}/transfers", {})
    first = browser.get(PAGE)
    said = {"en": "Undo all 21", "fr": "Annuler les 21"}[language]
    assert text_of(first).count(said) == 20
    assert text_of(browser.get(f"{PAGE}?cursor=20")).count(said) == 1
    batch = re.search(r'name="holding_batch" value="(\w+)"', first.text)[1]
    browser.post(f"{PAGE}/undo", {"holding_batch": batch})
    assert len(rows(built)) == 42
