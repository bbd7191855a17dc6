"""The page of alerts: rules made and changed without a script, channels, inbox, log, leaving by one request."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest

from tests.channels import reopened
from tests.clocks import StandingClock
from tests.houses import KEY, Browser, person
from tests.unit.services.alerting.material import (
    ADDRESS,
    HIM,
    NOW,
    URL,
    channel,
    mailbox,
    mailing,
    read,
    rule,
)
from vigie.domain.alert import BRIEF, LETTER, AlertEvent, AlertRule, Channel
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.dispatch import dispatch_events
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.own_rules import own_rule_name
from vigie.services.alerting.rule_parsing import rule_row
from vigie.services.alerting.signing import unsubscribe_token
from vigie.services.demo_world import PRICE_RULE, RISE_RULE
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts import account_removal
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.alerts import words

SENTENCE = {"tiers": "regulator", "assets": "BTC", "pace": "at_once", "channels": ["inbox"]}


@pytest.fixture
def served():
    with mailbox() as found:
        yield found


@pytest.fixture
def place(tmp_path, served):
    return mailing(tmp_path / "home", served[1])


@pytest.fixture
def browser(place):
    return Browser(place)


def test_a_first_visit_shows_five_ready_rules_and_one_is_taken_with_one_press(place, browser):
    page = browser.get("/alerts").text
    assert page.count("Add rule: ") == 5
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("Add rule")[0])
    )
    assert "Regulators on Bitcoin" in browser.post("/alerts", fields).text
    (made,) = place.alerts.rules(OWNER.user)
    assert made.when == {"tier": ("regulator",), "assets": ("bitcoin",)}
    assert "Add rule: " not in browser.get("/alerts").text
    assert bound(place, dispatch_read_items)([read()]) == 1


@pytest.mark.parametrize("words", ["", "custody"])
def test_a_kind_of_rule_that_there_is_none_of_is_refused(browser, place, words):
    answer = browser.post("/alerts", {**SENTENCE, "kind": " ", "words": words})
    assert answer.status_code == 400
    assert "kind" in answer.text.split('role="alert"')[1].split("</div>")[0]
    assert place.alerts.rules(OWNER.user) == []


def test_a_rule_is_a_sentence_in_both_languages(place):
    Browser(place).post("/alerts", {**SENTENCE, "topics": "etf", "words": '"spot fund" NOT futures'})
    said = (
        "When a regulator publishes about Bitcoin, funds (ETF), “&#34;spot fund&#34; NOT futures”, "
        "notify me immediately"
    )
    assert said in Browser(place).get("/alerts").text
    french = Browser(place, language="fr").get("/alerts").text
    assert "Quand un régulateur publie sur Bitcoin" in french


def test_sentences_name_coins_and_entities_as_every_page_does(place):
    long = [f"org:{'a-long-name-that-nobody-lists-' * 2}{at}" for at in range(20)]
    put = {"tiers": ["regulator"], "assets": ["bitcoin"], "entities": ["org:sec", *long], "pace": "at_once"}
    run_operation(place, OWNER, "alerts.put", {"name": "Mine", "channels": ["inbox"], **put})
    page = Browser(place).get("/alerts").text
    name = run_operation(place, OWNER, "entities.names", {"entities": "org:sec"}).names["org:sec"]
    assert f"about Bitcoin, {name}, a long name that nobody lists" in page
    assert "org:a-long" not in page


def test_what_is_refused_keeps_what_was_typed(place, browser):
    answer = browser.post("/alerts", {**SENTENCE, "words": '("no end', "name": "Mine"})
    assert answer.status_code == 400
    assert 'value="Mine"' in answer.text
    assert browser.post("/alerts", {**SENTENCE, "assets": "nosuchcoinatall"}).status_code in (400, 404)
    assert browser.post("/alerts", {**SENTENCE, "quiet_from": "22:00"}).status_code == 400
    assert browser.post("/alerts", {**SENTENCE, "channels": ["c0"]}).status_code == 404
    assert place.alerts.rules(OWNER.user) == []


def test_a_dry_run_makes_nothing(place, browser):
    answer = browser.post("/alerts", {**SENTENCE, "try": "1"})
    assert "It would have reported 0 events" in answer.text
    assert place.alerts.rules(OWNER.user) == []


def test_a_rule_is_changed_and_two_tabs_do_not_overwrite_each_other(place, browser):
    kept = rule(place)
    page = browser.get(f"/alerts?rule={kept.id}").text
    assert f'name="revision" value="{kept.revision}"' in page
    form = {**SENTENCE, "rule": kept.id, "revision": str(kept.revision), "name": "First"}
    assert browser.post("/alerts", form).status_code == 200
    assert browser.post("/alerts", {**form, "name": "Second"}).status_code == 409
    assert place.alerts.rule(OWNER.user, kept.id).name == "First"


def test_a_rule_that_tells_the_same_is_refused_with_the_way_to_the_one_that_is_there(place, browser):
    kept = rule(place, name="Mine")
    for page in (browser, Browser(place, language="fr")):
        answer = page.post("/alerts", {**SENTENCE, "name": "Once more"})
        assert answer.status_code == 409
        assert 'value="Once more"' in answer.text
        assert f'href="/alerts?rule={kept.id}#rule"' in answer.text
        shown = answer.text.partition("<main")[2]
        assert kept.id not in re.sub(r"<[^>]+>", "", shown)
    assert "cette règle existe déjà\u00a0: Mine\u00a0; modifiez-la" in answer.text
    problem = browser.order("alerts.put", name="x", tiers=["regulator"], assets=["BTC"])
    assert (problem.status_code, problem.headers["content-type"]) == (409, "application/problem+json")
    assert kept.id in problem.json()["detail"]
    assert place.alerts.rules(OWNER.user) == [kept]


def test_a_rule_of_which_another_one_tells_all_says_so(place, browser):
    narrow = rule(place, name="Narrow")
    wide = rule(place, name="Wide", when={"tier": ("regulator", "media")})
    said = "“%s” already covers all of this on the same channel."
    page = browser.get("/alerts").text
    assert said % "Wide" in page
    assert said % "Narrow" not in page
    assert (
        "\u00a0» couvre déjà tout cela, sur le même canal"
        in Browser(place, language="fr").get("/alerts").text
    )
    for apart in (replace(wide, is_on=False), replace(wide, when={**wide.when, "topics": ("hack",)})):
        place.alerts.put_rule(apart)
        assert said % "Wide" not in browser.get("/alerts").text
    place.alerts.put_rule(replace(wide, channels=("c0",)))
    assert said % "Wide" not in browser.get("/alerts").text
    assert place.alerts.rule(OWNER.user, narrow.id) == narrow


def ruled(kind: str, name: str = "", **when: list[str]) -> dict[str, Any]:
    made = AlertRule(name, "", name, kind, {one: tuple(values) for one, values in when.items()})
    return rule_row(made)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (ruled("price", assets=["bitcoin"], subject=["price>9"], turn=["enters"]),
         ruled("price", assets=["bitcoin", "ethereum"], subject=["price>9"])),
        (ruled("price", assets=["bitcoin"], subject=["price>9"]), ruled("screener", subject=["price>9", "price>8"])),
        (ruled("screener", subject=["price>9"], followed=["yes"]), ruled("screener", subject=["price>9"])),
        (ruled("desk", subject=["halt"]), ruled("desk")),
        (ruled("holding", subject=["share"]), ruled("holding")),
        (ruled("desk", subject=["halt"]), ruled("desk", subject=["halt", "job"])),
        (ruled("peg", subject=["0.01"], turn=["leaves"]), ruled("peg", subject=["0.01"])),
        (ruled("spike", assets=["bitcoin"], subject=["items>3"]),
         ruled("spike", assets=["bitcoin", "ethereum"], subject=["items>3"])),
        (ruled("register", turn=["added"]), ruled("register")),
        (ruled("emerging", subject=["clean"]), ruled("emerging")),
        (ruled("emerging"), ruled("emerging", turn=["enters", "leaves"])),
        (ruled("item", warned=["yes"]), ruled("item")),
    ],
)  # fmt: skip
def test_a_rule_beside_news_is_told_by_a_wider_one_where_that_can_be_said(narrow, wide):
    wide = {**wide, "rule": "w", "name": "Wide"}
    assert words.covering_rule(narrow, [narrow, wide]) == "Wide"
    assert words.covering_rule(wide, [narrow, wide]) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ruled("price", assets=["bitcoin"], subject=["price>9"]),
         ruled("price", assets=["bitcoin"], subject=["price>8"])),
        (ruled("peg", subject=["0.01"]), ruled("peg", subject=["0.02"])),
        (ruled("emerging", turn=["leaves"]), ruled("emerging")),
        (ruled("emerging", subject=["age_hours<=72"]), ruled("emerging")),
        (ruled("desk", subject=["halt"]), ruled("item")),
        (ruled("screener", subject=["price>9"]), ruled("price", assets=["bitcoin"], subject=["price>9"])),
    ],
)  # fmt: skip
def test_rules_that_tell_of_other_moments_are_not_said_to_tell_the_same(one, other):
    other = {**other, "rule": "w", "name": "Other"}
    assert words.covering_rule(one, [one, other]) == ""


def test_the_form_narrows_a_rule_to_firms_that_are_warned_of(place, browser):
    browser.post("/alerts", {**SENTENCE, "warned": "1"})
    (kept,) = place.alerts.rules(OWNER.user)
    assert kept.when["warned"] == ("yes",)
    page = browser.get("/alerts").text
    assert "a firm on a warning list" in page.partition('id="rules"')[2]
    form = browser.get(f"/alerts?rule={kept.id}").text
    assert re.search(r'name="warned" value="1" checked', form)


def test_a_deleted_rule_does_not_come_back_beside_one_that_tells_the_same(place, browser):
    kept = rule(place)
    browser.post("/alerts/change", {"rule": kept.id, "to": "delete"})
    assert browser.post("/alerts", SENTENCE).status_code == 200
    assert browser.post("/alerts/change", {"rule": kept.id, "to": "restore"}).status_code == 409
    assert len(place.alerts.rules(OWNER.user)) == 1


def test_a_rule_is_not_changed_into_another_one_and_twins_of_before_take_other_names(place, browser):
    first, other = rule(place), rule(place, when={"tier": ("regulator",)})
    same = {**SENTENCE, "rule": other.id, "revision": str(other.revision)}
    assert browser.post("/alerts", same).status_code == 409
    twin = place.alerts.put_rule(replace(first, id="", revision=0))
    named = {**SENTENCE, "rule": twin.id, "revision": str(twin.revision), "name": "Second"}
    assert browser.post("/alerts", named).status_code == 200
    assert place.alerts.rule(OWNER.user, twin.id).name == "Second"


@pytest.mark.parametrize(("to", "back"), [("off", "on"), ("mute", "unmute"), ("delete", "restore")])
def test_pausing_muting_and_deleting_can_be_taken_back(place, browser, to, back):
    kept = rule(place)
    page = browser.post("/alerts/change", {"rule": kept.id, "to": to}).text
    assert f'name="to" value="{back}"' in page
    assert place.alerts.rule(OWNER.user, kept.id) != kept
    browser.post("/alerts/change", {"rule": kept.id, "to": back})
    found = place.alerts.rule(OWNER.user, kept.id)
    assert replace(found, revision=kept.revision) == kept


def test_an_address_gets_nothing_but_a_code_until_it_is_confirmed(place, browser, served):
    browser.post("/alerts/channels", {"address": HIM})
    (mine,) = place.alerts.channels(OWNER.user)
    (got,) = served[0].mails
    code = re.search(r"\d{8}", got["Subject"])[0]
    assert code in got.get_body(("plain",)).get_content()
    assert browser.post("/alerts/channel", {"channel": mine.id, "test": "1"}).status_code == 400
    assert browser.post("/alerts/channel", {"channel": mine.id, "code": "00000"}).status_code == 400
    assert "Address confirmed." in browser.post("/alerts/channel", {"channel": mine.id, "code": code}).text
    assert "Test message sent" in browser.post("/alerts/channel", {"channel": mine.id, "test": "1"}).text
    assert served[0].mails[-1]["Subject"] == "[Vigie] Test message"
    browser.post("/alerts/channel", {"channel": mine.id, "remove": "1"})
    assert place.alerts.channels(OWNER.user) == []


def test_a_removed_address_comes_back_confirmed_within_the_hour_and_to_its_owner_only(place, browser):
    mine = place.alerts.put_channel(Channel("", OWNER.user, "mail", HIM, is_confirmed=True))
    page = browser.post("/alerts/channel", {"channel": mine.id, "remove": "1"}).text
    assert place.alerts.channels(OWNER.user) == []
    (word,) = re.findall(r'name="receipt" value="([^"]+)"', page)
    with pytest.raises(UsageError, match="add it again"):
        run_operation(place, person("somebody"), "alert_channels.restore", {"receipt": word})
    body, _, sign = word.partition(".")
    for other in (f"{body}.{sign[:-1]}", f"{body[4:]}.{sign}", "é.", "."):
        assert browser.post("/alerts/channel", {"receipt": other}).status_code == 400
    now = place.clock.wall_now()
    late = replace(place, clock=StandingClock(now + HOUR_MS + MINUTE_MS))
    assert Browser(late).post("/alerts/channel", {"receipt": word}).status_code == 400
    assert "Change undone." in browser.post("/alerts/channel", {"receipt": word}).text
    # Rules that named it find it under the same id.
    assert place.alerts.channels(OWNER.user) == [mine]
    place.alerts.remove_channel(OWNER.user, mine.id)


def test_a_mail_that_is_not_taken_is_said_with_its_cure_and_leaves_no_address(place, browser, served):
    served[0].rcpt = "550 no such user"
    answer = browser.post("/alerts/channels", {"address": HIM})
    assert answer.status_code == 400
    assert "answered 550" in answer.text
    assert "check the address" in answer.text
    assert place.alerts.channels(OWNER.user) == []

    def none():
        raise ConfigError("no mail server is set: set VIGIE_SMTP_URL, such as smtps://user:secret@host:465")

    bare = replace(place, notifiers=reopened(place.notifiers, "mail", none))
    assert "VIGIE_SMTP_URL" in Browser(bare).post("/alerts/channels", {"address": HIM}).text
    assert "définissez-le" in Browser(bare, language="fr").post("/alerts/channels", {"address": HIM}).text


def test_codes_are_not_sent_without_end(place, browser, served):
    answers = [browser.post("/alerts/channels", {"address": HIM}).status_code for _ in range(12)]
    assert answers == [200] * 10 + [400] * 2
    assert len(served[0].mails) == 10


def test_the_inbox_the_log_and_the_level_show_what_was_told(place, browser):
    mail = channel(place)
    kept = rule(place, mail.id)
    bound(place, dispatch_read_items)([read("1", title="<b>First</b>")])
    DeliveryWorker(place).send_due()
    place.alerts.put_rule(replace(kept, ts_muted_until=NOW + 10**9))
    bound(place, dispatch_read_items)([read("2", title="Second")])
    page = browser.get("/alerts").text
    assert "&lt;b&gt;First&lt;/b&gt;" in page
    assert f'href="{URL}"' in page
    alert = re.search(r'name="alert" value="([0-9a-f]{24})"', page)[1]
    assert "Publication to delivery" in page
    assert '<td class="num">31 s</td>' in page
    assert page.count("Information, not investment advice.") == 1
    assert "Mark all as read" in page
    assert "You are up to date." not in page
    browser.post("/alerts/read", {"alert": alert, "to": "read"})
    log = browser.get("/alerts/log").text
    assert "the rule was muted" in log
    assert HIM in log
    assert "la règle était en sourdine" in Browser(place, language="fr").get("/alerts/log").text
    browser.post("/alerts/read", {})
    assert place.alerts.count_unread(OWNER.user) == 0
    page = browser.get("/alerts").text
    assert "Mark all as read" not in page
    assert "You are up to date." in page
    level = {one["stage"]: one for one in browser.call("alert_log.level").json()["rows"]}
    assert level["seen"]["p50_s"] == 31.0
    assert level["processed"]["p95_s"] == 8.0
    assert level["all"]["count"] == 1


def test_a_correction_is_called_one_once_and_titles_bear_their_language(place):
    rule(place)
    found = {"language": {"language": "en"}, "story": {"story": "s1"}}
    bound(place, dispatch_read_items)(
        [read("1", "unconfirmed", title="Correction: Vexley pays", found=found)]
    )
    bound(place, dispatch_read_items)([read("1", "corrected", title="Correction: Vexley pays", found=found)])
    bound(place, dispatch_read_items)(
        [read("2", "unconfirmed", title="Vexley says", found={**found, "story": {"story": "s2"}})]
    )
    bound(place, dispatch_read_items)(
        [read("2", "corrected", title="Vexley says", found={**found, "story": {"story": "s2"}})]
    )
    for path, part in (("/alerts", 'id="inbox"'), ("/alerts", 'id="log"'), ("/alerts/log", "<h1>")):
        page = Browser(place, language="fr").get(path).text.partition(part)[2].partition("</section>")[0]
        assert page.count('lang="en">Correction: Vexley pays</a>') == 2
        assert page.count(">Rectificatif</span>") == 1, path


@pytest.mark.parametrize("path", ["/alerts", "/alerts/log"])
def test_in_the_simulated_world_a_page_of_alerts_says_whose_clock_its_times_are_of(place, path):
    said = "times are this machine's, not the simulated market's"
    assert said not in unescape(Browser(place).get(path).text)
    assert said in unescape(Browser(replace(place, is_simulated=True)).get(path).text)


def test_news_that_several_rules_told_is_one_notification_with_their_names(place):
    rule(place)
    rule(place, name="Custody", when={"assets": ("bitcoin",)})
    bound(place, dispatch_read_items)([read("1", title="Told twice"), read("2", title="Another")])
    rows = run_operation(place, OWNER, "notifications.list", {}).rows
    assert sorted(row.title for row in rows) == ["Another", "Told twice"]
    assert {frozenset(row.rules.split("\n")) for row in rows} == {
        frozenset({"Regulators on Bitcoin", "Custody"})
    }
    page = Browser(place, language="fr").get("/notifications").text
    assert page.count(">Told twice<") == 1
    assert "Custody" in page
    assert "Régulateurs sur Bitcoin" in page


def test_what_was_held_back_is_not_unread_in_the_inbox_and_says_why(place, browser):
    kept = rule(place)
    place.alerts.put_rule(replace(kept, ts_muted_until=NOW + 10**9))
    bound(place, dispatch_read_items)([read("1", title="Held")])
    page = browser.get("/alerts").text
    inbox = page.partition('id="inbox"')[2].partition("</section>")[0]
    assert "Held" in inbox
    assert "<strong>" not in inbox
    assert "not sent" in inbox
    assert "the rule was muted" in inbox
    assert "Mark as" not in inbox


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "confirmed by a primary source"), ("fr", "confirmé par une source primaire")],
)
def test_only_news_is_confirmed_by_a_primary_source(place, language, mark):
    kept = replace(rule(place), id="", name="Setups", kind="setup", when={}, language=language)
    kept = place.alerts.put_rule(kept)
    confirmed = AlertEvent(
        "setup", "main/0123456789abcdef", "Confirmed: BNB long", NOW, NOW, status="confirmed"
    )
    bound(place, dispatch_events)([confirmed])
    page = Browser(place, language=language)
    inbox = page.get("/alerts").text.partition('id="inbox"')[2].partition("</section>")[0]
    assert "Confirmed: BNB long" in inbox
    assert mark not in inbox
    (entry,) = feedparser.parse(page.get(feed_address(page, kept)).content).entries
    assert mark not in entry.description
    bound(place, dispatch_read_items)([read("1", title="News")])
    inbox = page.get("/alerts").text.partition('id="inbox"')[2].partition("</section>")[0]
    assert inbox.count(mark) == 1


def feed_address(browser, kept):
    page = browser.get(f"/alerts?rule={kept.id}").text
    return re.search(r"<code>https://vigie\.example\.org(/feeds/[^<]+)</code>", page)[1]


@pytest.mark.parametrize("name", ["Regulators on Bitcoin", "Régulateurs et Bitcoin", "Mine"])
def test_a_rule_that_was_taken_ready_bears_its_name_in_the_visitors_language(place, name):
    english, french = (words.ready_names(visit)["bitcoin"] for visit in (speaking("en"), speaking("fr")))
    rule(place, name=french if name.startswith("Rég") else name)
    for language, own in (("en", english), ("fr", french)):
        page = Browser(place, language=language).get("/alerts").text
        assert f"<strong>{name if name == 'Mine' else own}</strong>" in unescape(page)


def test_rules_of_the_demonstration_bear_french_names_on_french_pages():
    assert words.rule_name(speaking("fr"), PRICE_RULE) == "Bitcoin ou Ethereum baisse de 5\u00a0%"
    assert words.rule_name(speaking("fr"), RISE_RULE) == "Solana monte de 10\u00a0%"
    assert words.rule_name(speaking("en"), RISE_RULE) == RISE_RULE


@pytest.mark.parametrize("kind", [BRIEF, LETTER])
def test_a_rule_of_which_there_is_one_bears_its_name_in_the_visitors_language(kind):
    english, french = own_rule_name(kind, "en"), own_rule_name(kind, "fr")
    assert english != french
    assert [words.rule_name(speaking("fr"), name) for name in (english, french)] == [french, french]
    assert [words.rule_name(speaking("en"), name) for name in (english, french)] == [english, english]


def speaking(language):
    lang = UserLanguage(language)
    return SimpleNamespace(lang=lang, text=lang.text)


def test_the_link_of_a_mail_ends_it_without_signing_in_and_opening_it_does_not(place):
    mail = channel(place)
    kept = rule(place, mail.id)
    path = f"/unsubscribe/{kept.id}/{mail.id}/{unsubscribe_token(place.notifiers, kept.id, mail.id)}"
    stranger = Browser(place, is_owner=False)
    assert "Unsubscribe" in stranger.get(path).text
    assert place.alerts.any_rule(kept.id) == kept
    stranger.token = "of no page"
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}, follow=False).status_code == 200
    assert place.alerts.any_rule(kept.id).channels == ("inbox",)
    assert stranger.post(path, follow=False).status_code == 200


def one_click(body):
    """Return where a mail program posts to leave, and what, by the bytes of a mail alone (RFC 2369, 8058)."""
    head = body.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields = {}
    for line in re.sub(rb"\n[ \t]+", b" ", head).split(b"\n"):
        name, _, value = line.partition(b":")
        fields.setdefault(name.decode("ascii").lower(), []).append(value.strip().decode("ascii"))
    (leave,), (post,) = fields["list-unsubscribe"], fields["list-unsubscribe-post"]
    return re.fullmatch(r"<(https://[^<>\s]+)>", leave)[1], dict([post.split("=")])


async def program_posts(place, url, language, **sent):
    """Post as a mail program does: no cookie, no token of a form, no page it came from."""
    app = create_app(
        place, AppOptions(KEY, lambda word: False, hosts=(urlsplit(ADDRESS).hostname,), is_secure=True)
    )
    heads = {"accept-language": language} if language else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), headers=heads) as client:
        return await client.post(url, **sent)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Unsubscribed. This rule sends nothing more to"), ("fr", "n\u2019envoie plus rien")],
)
@pytest.mark.parametrize("pace", ["at_once", "digest"])
@pytest.mark.parametrize("form", ["data", "files"])
def test_a_mail_program_leaves_with_one_click_by_the_bytes_of_the_mail(
    place, served, pace, language, said, form
):
    mail = channel(place)
    kept = rule(place, mail.id, pace=pace, language=language)
    bound(place, dispatch_read_items)([read()])
    place.clock.now += DAY_MS
    assert DeliveryWorker(place).send_due() == 1
    (body,) = served[0].raw
    url, what = one_click(body)
    assert what == {"List-Unsubscribe": "One-Click"}
    assert url.startswith(f"{ADDRESS}/unsubscribe/")
    sent = (
        {"data": what} if form == "data" else {"files": {name: (None, text) for name, text in what.items()}}
    )
    spoiled = f"{url[:-1]}{'0' if url[-1] != '0' else '1'}"
    assert asyncio.run(program_posts(place, spoiled, language, **sent)).status_code == 404
    assert place.alerts.any_rule(kept.id).channels == ("inbox", mail.id)
    answer = asyncio.run(program_posts(place, url, language, **sent))
    assert answer.status_code == 200
    assert said in unescape(answer.text)
    assert f'<html lang="{language}"' in answer.text
    assert "session" not in answer.headers.get("set-cookie", "")
    assert place.alerts.any_rule(kept.id).channels == ("inbox",)
    bound(place, dispatch_read_items)([read("18", title="A second one")])
    place.clock.now += DAY_MS
    assert DeliveryWorker(place).send_due() == 0


def test_a_link_that_is_not_whole_ends_nothing(place):
    mail = channel(place)
    kept = rule(place, mail.id)
    word = unsubscribe_token(place.notifiers, kept.id, mail.id)
    stranger = Browser(place, is_owner=False)
    for path in (f"{kept.id}/{mail.id}/{word[:-1]}", f"{kept.id}/inbox/{word}", f"a0/{mail.id}/{word}"):
        assert stranger.post(f"/unsubscribe/{path}", follow=False).status_code == 404
        assert "This link is incomplete" in stranger.get(f"/unsubscribe/{path}").text
    assert place.alerts.any_rule(kept.id) == kept


def test_metrics_tell_deliveries_and_how_long_they_took(place, browser):
    rule(place, channel(place).id)
    bound(place, dispatch_read_items)([read()])
    text = browser.get("/metrics").text
    assert 'vigie_alert_deliveries{channel="mail",state="waiting"} 1.0' in text
    DeliveryWorker(place).send_due()
    text = browser.get("/metrics").text
    assert 'vigie_alert_deliveries{channel="mail",state="sent"} 1.0' in text
    assert 'vigie_alert_delivery_seconds{channel="mail",quantile="0.95"} 1.0' in text
    assert 'vigie_alert_stage_seconds{quantile="0.5",stage="seen"} 31.0' in text
    assert HIM not in text


def test_who_leaves_takes_rules_and_addresses_along(place):
    kept = rule(place, channel(place).id)
    user = place.accounts.add("ann", "x", "viewer")
    place.alerts.put_rule(replace(kept, id="", owner=user.id))
    exported = bound(place, account_removal.export)(user)
    assert [one["name"] for one in exported["alerts"]["rules"]] == [kept.name]
    bound(place, account_removal.delete_account)(OWNER, user)
    assert place.alerts.rules(user.id) == []
    assert place.alerts.rules(OWNER.user) == [kept]


def test_rules_beside_news_are_made_with_their_own_form_and_read_as_sentences(place, browser):
    french = Browser(place, language="fr")
    forms = (
        ("price", {"assets": "BTC", "where": "price>1e5", "turns": "enters"},
         "Price: Bitcoin, price above $100,000, becomes true"),
        ("screener", {"where": "change_24h>0.05,volume_24h>1e6"},
         "Screener: 24 h change above 5% and 24 h volume above $1M"),
        ("peg", {"where": "0.02"}, "Stablecoin peg: 0.02"),
        ("spike", {"assets": "ETH", "where": "items>3"}, "News spike: Ethereum, items&gt;3"),
        ("emerging", {"subjects": "clean", "turns": "enters,leaves"},
         "Emerging coins: without risk flags, enter or leave"),
        ("register", {"turns": "added", "words": "nordhaven"}, "Public register: added, nordhaven"),
        ("desk", {"subjects": ["halt", "loss"]}, "System events: halt, daily loss limit"),
        ("holding", {"subjects": ["valuation", "share"]},
         "What you own: valuation of a coin, share above my limit"),
    )  # fmt: skip
    for kind, fields, sentence in forms:
        page = browser.get(f"/alerts?kind={kind}").text
        assert all(f'name="{name}"' in page for name in fields), kind
        made = browser.post("/alerts", {"kind": kind, "pace": "at_once", "channels": ["inbox"], **fields})
        assert f"{sentence}: notify me immediately (the bell in Vigie)." in made.text, kind
        (rule,) = [one for one in place.alerts.rules(OWNER.user) if one.kind == kind]
        changed = browser.get(f"/alerts?rule={rule.id}").text
        assert f'name="kind" value="{kind}"' in changed
    assert "Prix\u00a0: Bitcoin, prix au-dessus de 100 000 $, devient vrai\u00a0: me prévenir" in re.sub(
        "[\u00a0\u202f](?![:])", " ", french.get("/alerts").text
    )
    refused = french.post("/alerts", {"kind": "price", "assets": "BTC", "where": "nosuch>1"})
    assert refused.status_code == 400
    assert 'value="nosuch&gt;1"' in refused.text


def test_the_feed_of_a_rule_is_read_by_who_holds_its_address_and_by_nobody_else(place, browser):
    kept = rule(place, daily_budget=1)
    bound(place, dispatch_read_items)(
        [read("1", title='<b>Bitcoin</b> & "more"\x07'), read("2", title="Held back")]
    )
    address = feed_address(browser, kept)
    stranger = Browser(place, is_owner=False)
    answer = stranger.get(address)
    assert answer.headers["content-type"].startswith("application/rss+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    (entry,) = feed.entries
    assert (entry.title, entry.link) == ('<b>Bitcoin</b> & "more"', URL)
    assert feed.feed.title == "[Vigie] Regulators on Bitcoin"
    other = rule(place)
    assert stranger.get(f"{address[:-1]}{'0' if address[-1] != '0' else '1'}").status_code == 404
    assert stranger.get(address.replace(kept.id, other.id)).status_code == 404
    browser.post("/alerts/change", {"rule": kept.id, "to": "delete"})
    assert stranger.get(address).status_code == 404
