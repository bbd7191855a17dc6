"""A rule is a sentence one completes: its blanks, the address that holds them, and what it would have told."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

from tests.databases import HandClock
from tests.houses import START, Browser, house
from tests.unit.services.alerting.material import read, rule
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.markets.bounds import normalize_bound

TOLD = {"HX-Request": "true", "HX-Target": "section#told"}
FALLS = {
    "kind": "price",
    "pace": "at_once",
    "assets": "BTC",
    "field": "change_24h",
    "operator": "<",
    "bound": "-3 %",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    clock = HandClock()
    clock.now = parse_time(START) + 200 * DAY_MS
    return house(tmp_path_factory.mktemp("home") / "home", clock=clock)


def editor_of(text: str) -> str:
    return html.unescape(text.partition('id="rule"')[2].partition("</form>")[0])


def chosen_of(form: str, name: str) -> str:
    part = form.partition(f'name="{name}"')[2].partition("</select>")[0]
    return re.search(r'<option value="([^"]*)" selected', part)[1]


def test_an_address_fills_every_blank_of_the_sentence(built):
    form = editor_of(
        Browser(built)
        .get(f"/alerts?{urlencode({**FALLS, 'pace': 'digest', 'cool_down_minutes': '60'})}")
        .text
    )
    assert [chosen_of(form, name) for name in ("field", "operator", "pace")] == ["change_24h", "<", "digest"]
    assert re.search(r'name="bound"[^>]* value="−3 %"', form)
    assert re.search(r'name="assets"[^>]* value="BTC"', form)
    assert re.search(r'name="cool_down_minutes" value="60"', form)
    # What the blank holds is not said a second time by the conditions below it.
    assert re.search(r'name="where"[^>]* value=""', form)


@pytest.mark.parametrize(
    "where", ["price<60000", "change_24h<-0.05", "rsi_14<30", "volume_24h>1500000", "price>0.00012"]
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_kept_condition_comes_back_through_its_blanks_unchanged(built, where, language):
    browser = Browser(built, language=language)
    form = editor_of(browser.get(f"/alerts?{urlencode({'kind': 'screener', 'where': where})}").text)
    asked = {name: chosen_of(form, name) for name in ("field", "operator")}
    asked["bound"] = re.search(r'name="bound"[^>]* value="([^"]+)"', form)[1]
    browser.post(
        "/alerts", {"kind": "screener", "channels": ["inbox"], "pace": "at_once", "where": "", **asked}
    )
    made = [one for one in built.alerts.rules(OWNER.user) if one.kind == "screener"]
    assert [one.when["subject"] for one in made] == [(where,)]
    for one in made:
        run_operation(built, OWNER, "alerts.set", {"rule": one.id, "becomes": "delete"})


@pytest.mark.parametrize(
    ("language", "typed", "read_as"),
    [("en", "60,000", "60000"), ("en", "$1,250,000.5", "1250000.5"), ("en", "0,005", "0.005"), ("en", "−5 %", "-0.05"),
     ("fr", "60 000", "60000"), ("fr", "1,234", "1.234")],
)  # fmt: skip
def test_commas_part_thousands_where_a_point_parts_decimals(language, typed, read_as):
    assert normalize_bound(typed, language) == read_as


def test_several_conditions_stay_written_where_one_blank_cannot_hold_them(built):
    form = editor_of(Browser(built).get("/alerts?kind=screener&where=price>1,rsi_14<30").text)
    assert re.search(r'name="where"[^>]* value="price>1,rsi_14<30"', form)
    assert re.search(r'name="bound"[^>]* value=""', form)


def test_the_preview_alone_is_answered_and_says_why_there_is_none(built):
    browser = Browser(built)
    told = browser.get("/alerts?kind=price&pace=at_once", headers=TOLD).text
    assert "Fill in the blanks" in told
    assert "<form" not in told
    said = html.unescape(browser.get(f"/alerts?{urlencode({**FALLS, 'bound': 'much'})}", headers=TOLD).text)
    assert 'id="told"' in said
    assert "much" in said
    french = Browser(built, language="fr").get("/alerts?kind=item&pace=at_once&words=(%22no", headers=TOLD)
    assert french.status_code == 200


@pytest.mark.parametrize(
    ("typed", "kept"), [("-5", "-0.05"), ("-5 %", "-0.05"), ("-0.05", "-0.05"), ("12", "0.12")]
)
def test_a_change_of_one_or_more_is_per_cent_with_or_without_the_sign(built, typed, kept):
    Browser(built).post("/alerts", {**FALLS, "bound": typed, "channels": ["inbox"], "where": ""})
    made = [one for one in built.alerts.rules(OWNER.user) if one.kind == "price"]
    assert [one.when["subject"] for one in made] == [(f"change_24h<{kept}",)]
    for one in made:
        run_operation(built, OWNER, "alerts.set", {"rule": one.id, "becomes": "delete"})


def test_a_rule_that_an_address_fills_is_looked_back_on_as_it_will_be(built):
    # Regulators, whom a new rule on news begins with, narrow no rule on prices.
    asked = {"kind": "price", "assets": "bitcoin", "where": "change_24h<-0.05"}
    by_address = Browser(built).get(f"/alerts?{urlencode(asked)}", headers=TOLD).text
    by_blanks = (
        Browser(built)
        .get(
            f"/alerts?{urlencode({**FALLS, 'assets': 'bitcoin', 'bound': '-5 %', 'turns': 'enters'})}",
            headers=TOLD,
        )
        .text
    )
    assert re.search(r"reported \d+ event", by_address)[0] == re.search(r"reported \d+ event", by_blanks)[0]


def test_a_preview_names_whom_a_publisher_in_the_sentence_stands_for(built):
    asked = urlencode({"kind": "item", "pace": "at_once", "sources": "SEC"})
    text = html.unescape(Browser(built).get(f"/alerts?{asked}", headers=TOLD).text)
    named = re.search(r"It watches these publishers: ([^.]*)\.", text)
    assert named, text
    titles = {note.title for note in built.directory.news()}
    assert len(titles) > 20
    assert set(named[1].split(", ")) < titles


def test_a_preview_has_the_value_at_each_occasion_and_the_mail_about_the_newest(built):
    bars = built.bar_reader.newest(built.bar_reader.instruments()["bitcoin"], "1h")
    level = round(float(sorted(bars.close[-24 * 80 :])[24 * 40]))
    asked = {"kind": "price", "assets": ["BTC"], "subjects": [f"price>{level}"], "turns": ["enters"]}
    answer = run_operation(built, OWNER, "alerts.preview", {**asked, "name": "Above", "language": "fr"})
    assert sum(answer.per_day) == answer.count > 0
    assert len(answer.per_day) == answer.days
    assert all(one.field == "price" and one.value > level for one in answer.examples)
    assert answer.message.subject.startswith("[Vigie")
    assert "Above" in answer.message.text
    assert "Bitcoin : prix au-dessus" in re.sub("[\u00a0\u202f]", " ", answer.message.text)
    assert "/unsubscribe/" not in answer.message.text
    blanks = {
        "kind": "price",
        "pace": "at_once",
        "assets": "BTC",
        "field": "price",
        "bound": str(level),
        "turns": "enters",
    }
    told = html.unescape(Browser(built).get(f"/alerts?{urlencode(blanks)}", headers=TOLD).text)
    assert re.search(
        r'<svg class="days"[^>]*aria-label="Alerts per day, the last 90 days: on \d+ of them', told
    )
    assert f"It would have reported {answer.count} event" in told
    assert UserLanguage("en").unit(answer.examples[0].value, "price") in told


def test_what_others_wrote_stays_text_in_the_mail_of_a_preview(built):
    bound(built, dispatch_read_items)([read("7", title="<img src=x>")])
    answer = run_operation(built, OWNER, "alerts.preview", {"kind": "item", "name": "<b>mine</b>"})
    told = Browser(built).get("/alerts?kind=item&pace=at_once&name=%3Cb%3Emine", headers=TOLD).text
    assert "<b>mine" not in told
    assert answer.message is None or "<b>mine</b>" in answer.message.text


def test_the_page_has_the_newest_of_the_log_with_channel_and_reason(built):
    kept = rule(built)
    run_operation(built, OWNER, "alerts.set", {"rule": kept.id, "becomes": "mute", "mute": "week"})
    bound(built, dispatch_read_items)([read("8", title="Told in the log")])
    log = Browser(built).get("/alerts").text.partition('id="log"')[2].partition("</section>")[0]
    assert "Told in the log" in log
    assert "the rule was muted" in log
    assert 'href="/alerts/log"' in log


def test_a_refused_rule_is_not_looked_back_on_as_if_it_was_another(built):
    page = Browser(built).post("/alerts", {**FALLS, "channels": ["inbox"], "bound": "much"})
    assert page.status_code == 400
    assert 'hx-trigger="load"' not in page.text.partition('id="told"')[2].partition(">")[0]
