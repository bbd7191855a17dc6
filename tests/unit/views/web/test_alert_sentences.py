"""A rule about news reads as a sentence that leaves nothing out, and its form has every condition of it."""

from __future__ import annotations

import html
import re

import pytest

from tests.houses import Browser, house
from vigie.domain.person import OWNER

TAKEN = {"kind": "item", "channels": ["inbox"], "pace": "at_once"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"), with_bars=False)


@pytest.fixture
def rules(built):
    for one in built.alerts.rules(OWNER.user):
        Browser(built).post("/alerts/change", {"rule": one.id, "to": "delete"})
    return lambda: built.alerts.rules(OWNER.user)


def form_of(text):
    return html.unescape(text.partition('id="rule"')[2].partition("</form>")[0])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "a media outlet (CoinDesk) publishes about hacks (only in French, repeated by others, negative), notify me",
        ),
        (
            "fr",
            "(CoinDesk) publie sur les piratages (seulement en français, repris par d’autres, négatif)",
        ),
    ],
)
def test_a_sentence_says_every_condition_of_its_rule(built, rules, language, said):
    asked = {
        **TAKEN, "tiers": "media", "topics": "hack", "sources": "coindesk", "languages": "fr",
        "statuses": "repeated", "sentiments": "negative",
    }  # fmt: skip
    Browser(built).post("/alerts", asked)
    page = html.unescape(Browser(built, language=language).get("/alerts").text)
    assert said in re.sub(r"[\u00a0\u202f]", " ", page)


def test_a_source_alone_is_who_publishes(built, rules):
    Browser(built).post("/alerts", {**TAKEN, "sources": "decrypt,coindesk"})
    assert (
        "When Decrypt or CoinDesk publishes about any crypto topic, notify me"
        in Browser(built).get("/alerts").text
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "about hacks (only confirmed by a primary source or repeated by others), notify me"),
        ("fr", "(seulement confirmé par une source primaire ou repris par d’autres)"),
    ],
)
def test_a_ready_rule_says_what_it_asks_for_before_it_is_taken(built, rules, language, said):
    assert said in html.unescape(Browser(built, language=language).get("/alerts?ready=1").text)


def test_the_form_has_how_far_to_believe_the_language_and_the_tone(built, rules):
    chosen = {"languages": "fr", "statuses": "confirmed", "sentiments": "negative"}
    Browser(built).post("/alerts", {**TAKEN, **chosen})
    (made,) = rules()
    assert made.when == {"language": ("fr",), "status": ("confirmed",), "sentiment": ("negative",)}
    form = form_of(Browser(built).get(f"/alerts?rule={made.id}").text)
    for name, value in chosen.items():
        # Once: a hidden one beside the one that is seen would win or be joined to it.
        assert form.count(f'name="{name}"') == 1
        assert re.search(rf'name="{name}".*?<option value="{value}" selected', form, re.DOTALL)
    kept = {"rule": made.id, "revision": str(made.revision)}
    Browser(built).post("/alerts", {**TAKEN, **kept, "statuses": "", "languages": "", "topics": "hack"})
    assert rules()[0].when == {"topics": ("hack",)}


def test_several_values_that_a_program_chose_stay_together_in_the_form(built, rules):
    Browser(built).post("/alerts", {**TAKEN, "statuses": "confirmed,repeated"})
    form = form_of(Browser(built).get(f"/alerts?rule={rules()[0].id}").text)
    assert '<option value="confirmed,repeated" selected' in form


def test_several_values_stay_chosen_where_a_form_is_refused(built, rules):
    page = Browser(built).post("/alerts", {**TAKEN, "statuses": "confirmed,repeated", "words": '("no end'})
    assert page.status_code == 400
    assert '<option value="confirmed,repeated" selected' in form_of(page.text)


@pytest.mark.parametrize(
    "query", ["language=fr&status=confirmed", "first_hand=1&status=confirmed&language=fr"]
)
def test_a_list_of_news_brings_its_language_and_reliability_along(built, rules, query):
    page = Browser(built).get(f"/news?{query}").text
    link = html.unescape(re.search(r'href="(/alerts\?[^"]*)"[^>]*>Create an alert', page)[1])
    form = form_of(Browser(built).get(link).text)
    assert re.search(r'name="languages".*?<option value="fr" selected', form, re.DOTALL)
    assert re.search(r'name="statuses".*?<option value="confirmed" selected', form, re.DOTALL)
    wanted = "regulator,primary" if "first_hand" in query else ""
    assert re.search(rf'name="tiers".*?<option value="{wanted}" selected', form, re.DOTALL)


def test_a_rule_about_setups_may_ask_for_a_total_and_says_so(built, rules):
    asked = {"kind": "setup", "channels": ["inbox"], "pace": "at_once", "sides": "long", "least_total": "0.5"}
    Browser(built).post("/alerts", asked)
    assert [rule.when for rule in rules()] == [{"side": ("long",), "least_total": ("0.5",)}]
    page = html.unescape(Browser(built).get("/alerts").text)
    assert "a total of 0.5 or more" in page
    form = form_of(Browser(built).get(f"/alerts?rule={rules()[0].id}").text)
    assert '<option value="0.5" selected>' in form
    assert "un total d’au moins 0,5" in html.unescape(Browser(built, language="fr").get("/alerts").text)
    for given in ("2", "x"):
        Browser(built).post("/alerts", {**asked, "least_total": given})
    assert len(rules()) == 1
