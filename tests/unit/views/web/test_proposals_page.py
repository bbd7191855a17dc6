"""Proposed names: told by three publishers, accepted or rejected by one click, taken back; hostile text is text."""

from __future__ import annotations

import re

import pytest

from tests.databases import HandClock
from tests.houses import Browser, house, person
from tests.newsrooms import EVENT, read_all
from vigie.domain.item import Sighting
from vigie.domain.time import HOUR_MS
from vigie.ports.source_fetches import SourceFetch
from vigie.services.operation_calls import run_operation

HOSTILE = "<script>alert(1)</script>"


def tell(opened, source, key, title, text):
    said = Sighting(source, key, f"https://{source}.test/{key}", title, text, ts_published=EVENT)
    opened.items.take(SourceFetch(source, EVENT + HOUR_MS, (said,)))


@pytest.fixture
def built(tmp_path):
    opened = house(tmp_path, clock=HandClock(EVENT + 48 * HOUR_MS))
    tell(
        opened, "decrypt", "a", "Bitcoin broker Zorvex raises money", f"Funds came to Zorvex {HOSTILE} today."
    )
    tell(opened, "coindesk", "a", "Swedish police visit the broker Zorvex over Bitcoin", "It was early.")
    tell(opened, "journalducoin", "a", "Le courtier Zorvex dépose le bilan, Bitcoin recule", "Une faillite.")
    tell(opened, "decrypt", "b", "Bitcoin firm Melvo opens an office", "A small one.")
    tell(opened, "decrypt", "c", "Bitcoin firm Melvo hires a lawyer", "From abroad.")
    tell(opened, "coindesk", "b", "Bitcoin firm Melvo closes the office", "It was small.")
    read_all(opened)
    return opened


def names(opened):
    return [one.name for one in run_operation(opened, person(), "entities.proposals", {}).proposals]


def test_three_publishers_propose_a_name_with_their_sentences(built):
    found = run_operation(built, person(), "entities.proposals", {}).proposals
    assert [(one.name, one.publishers, one.items) for one in found] == [("Zorvex", 3, 3)]
    assert {one.sentence for one in found[0].quotes} == {
        "Bitcoin broker Zorvex raises money",
        "Swedish police visit the broker Zorvex over Bitcoin",
        "Le courtier Zorvex dépose le bilan, Bitcoin recule",
    }


@pytest.mark.parametrize(
    ("language", "heading", "undone"),
    [("en", "Proposed names", "Undone."), ("fr", "Noms proposés", "Annulé.")],
)
def test_one_click_makes_it_an_entity_and_one_takes_that_back(built, language, heading, undone):
    browser = Browser(built, language=language)
    page = browser.get("/entities/proposed").text
    assert f"<h1>{heading}</h1>" in page
    assert 'lang="fr">Le courtier Zorvex' in page
    done = browser.post("/entities/decide", {"what": "accept", "name": "Zorvex", "kind": "org"})
    assert done.status_code == 200
    assert "/entity/org:zorvex" in done.text
    assert names(built) == []
    read_all(built)
    assert run_operation(built, person(), "entities.read", {"entity": "org:zorvex"}).items == 3
    amendment = re.search(r'name="amendment" value="(n[0-9a-f]+)"', done.text)[1]
    assert undone in browser.post("/entities/decide", {"what": "undo", "amendment": amendment}).text
    read_all(built)
    assert names(built) == ["Zorvex"]


def test_a_rejected_name_is_not_proposed_again_until_that_is_taken_back(built):
    browser, before = Browser(built), built.items.count()
    browser.post("/entities/decide", {"what": "reject", "name": "Zorvex"})
    assert names(built) == []
    tell(built, "theblock", "a", "Lawyers of the broker Zorvex speak about Bitcoin", "They are many.")
    read_all(built)
    assert (names(built), built.items.count()) == ([], before + 1)
    rejected = run_operation(built, person(), "entities.proposals", {}).rejected
    assert [one.name for one in rejected] == ["Zorvex"]
    browser.post("/entities/decide", {"what": "undo", "amendment": rejected[0].amendment})
    assert names(built) == ["Zorvex"]


def test_what_is_not_proposed_is_refused_and_what_is_hostile_is_text(built):
    browser = Browser(built)
    answer = browser.post("/entities/decide", {"what": "accept", "name": HOSTILE})
    assert answer.status_code == 400
    assert HOSTILE not in answer.text
    assert browser.post("/entities/decide", {"what": "", "name": "Zorvex"}).status_code == 400
    tell(built, "theblock", "a", f"Bitcoin people praise Zorvex{HOSTILE} again", "So it is.")
    read_all(built)
    page = browser.get("/entities/proposed").text
    assert HOSTILE not in page
    assert "Zorvex&lt;script&gt;" in page


def test_an_id_that_is_taken_or_in_other_letters_gets_one_of_its_own():
    from vigie.services.operations.entity_proposals import new_entity_id

    assert new_entity_id("org", "Zorvex & Söhne", ()) == "org:zorvex-sohne"
    assert new_entity_id("org", "Zorvex", {"org:zorvex", "org:zorvex-2"}) == "org:zorvex-3"
    assert re.fullmatch(r"person:x[0-9a-f]{12}", new_entity_id("person", "Зорвекс", ()))
