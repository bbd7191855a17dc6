"""What stands in the title of an event is kept as what it is, and written in the language of who reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.houses import Browser, person
from tests.refusals import refused
from tests.unit.data.material import make_bars
from tests.unit.services.alerting.material import NOW, channel, mailing
from vigie.catalogue import languages, read_catalogue
from vigie.domain.alert import AlertEvent, AlertRule
from vigie.domain.person import OWNER
from vigie.domain.refusal import Refusal
from vigie.services.alerting.dispatch import dispatch_events
from vigie.services.alerting.mails import mail_of
from vigie.services.alerting.unread import unread_alerts
from vigie.services.alerting.watching import event_arguments as arguments
from vigie.services.alerting.watching import event_texts
from vigie.services.alerting.watching.event_arguments import STATES, EventArgument, say_argument
from vigie.services.alerting.watching.event_texts import (
    EVENT_TEXTS,
    make_event,
    make_message,
    short_title_of,
    title_of,
)
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.reader_texts import say_refusal, say_sentence
from vigie.trading import catalogue

TS = 1_750_032_000_000
# With what English and French write.
SAID = [
    (arguments.figure("-1.25"), "-1.25", "-1,25"),
    (arguments.price(61200.5), "61,200", "61\u202f200"),
    (arguments.price(None), "", ""),
    (arguments.day(TS), "16 June 2025", "16 juin 2025"),
    (arguments.week(TS), "16 to 22 June 2025", "du 16 au 22 juin 2025"),
    (arguments.word(STATES, "halted"), "halted", "suspendu"),
    (arguments.word(STATES, "unheard", otherwise="what"), "what", "what"),
]


@pytest.fixture(params=SAID, ids=lambda one: one[0].kind)
def said(request):
    return request.param


def test_a_value_is_written_as_each_language_writes_it_also_when_it_was_stored(said):
    argument, english, french = said
    stored = json.loads(json.dumps(argument.to_stored()))
    assert stored["en"] == english
    for language, text in (("en", english), ("fr", french)):
        assert argument.say(language) == say_argument(stored, language) == text


def test_conditions_and_sentences_are_read_again_in_each_language():
    where = arguments.screen("change_24h>0.05").to_stored()
    assert say_argument(where, "en") == "24 h change above 5%"
    assert "5\u00a0%" in str(say_argument(where, "fr"))
    why = arguments.sentence("%(why)s", {"why": refused("file_empty")})
    stored = json.loads(json.dumps(why.to_stored()))
    assert stored["en"] == "the file is empty"
    assert say_argument(stored, "fr") == "le fichier est vide"


def test_a_refusal_keeps_its_code_and_is_said_in_the_readers_language():
    event = make_event("desk", "job", "job/1", {"job": "sweep", "why": refused("file_empty")}, 1)
    kept = json.loads(json.dumps(event.facts["title"]))["arguments"]["why"]
    assert kept == {"code": "file_empty", "arguments": {}, "en": "the file is empty"}
    assert title_of(event, "fr").endswith("le fichier est vide")


def test_titles_that_were_stored_in_two_languages_are_said_as_they_were():
    pair = {"en": "16 June 2025", "fr": "le 16 juin 2025"}
    event = AlertEvent("letter", "week/1", "Your week: a letter about what you own, 16 June 2025", 1, 1)
    of_before = replace(event, facts={"title": {"code": "letter.week", "arguments": {"day": pair}}})
    assert title_of(of_before, "en") == event.title
    assert title_of(of_before, "fr").endswith("le 16 juin 2025")
    short = replace(of_before, facts={**of_before.facts, "short": {"en": "A", "fr": "B"}})
    assert [short_title_of(short, language) for language in ("en", "fr")] == ["A", "B"]


@pytest.mark.parametrize(
    "stored",
    [
        {"kind": "not known yet", "fields": {}, "en": "told"},
        {"kind": "not known yet", "en": "told", "fields": None},
    ],
)
def test_a_kind_of_a_later_release_is_said_in_english(stored):
    assert say_argument(stored, "fr") == "told"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    "argument",
    [
        {"kind": "screen", "fields": {"where": "no condition"}, "en": "told"},
        {"kind": "day", "fields": {}, "en": "told"},
        {"kind": "day", "fields": {"ts": "never"}, "en": "told"},
    ],
)
def test_a_title_with_a_value_that_cannot_be_read_is_said_in_english(argument, language):
    message = {"code": "letter.week", "arguments": {"day": argument}}
    event = AlertEvent("letter", "week/1", "The English title", 1, 1, facts={"title": message})
    assert title_of(event, language) == "The English title"


@given(st.text(max_size=30))
def test_no_value_ends_the_line_of_a_title(text):
    event = make_event("register", "added", "k", {"register": text, "name": f"a{text}b"}, 1)
    for language in ("en", "fr"):
        assert len(title_of(event, language).splitlines()) <= 1
        assert not set("\n\r\x00\x85\u2028") & set(title_of(event, language))


def test_a_text_without_an_event_is_kept_by_code_and_arguments():
    message = make_message("setup.title.forming", {"name": EventArgument("text", {"text": "long"})})
    assert message == {
        "code": "setup.title.forming",
        "arguments": {"name": {"kind": "text", "fields": {"text": "long"}, "en": "long"}},
    }


# As the release before wrote them: values in two languages, the short title as well.
OF_BEFORE = {
    "title": {
        "code": "setup.confirmed",
        "arguments": {
            "name": {"en": "Bitcoin long, trend 1h", "fr": "Bitcoin achat, trend 1h"},
            "criteria": {"en": "Close above", "fr": "Clôture au-dessus"},
            "cancelled": {"en": "Cancelled below 90.000", "fr": "Annulé sous 90,000"},
            "sources": {"en": "Sources: prices just now", "fr": "Sources : prix à l’instant"},
            "cause": "decided",
        },
    },
    "short": {"en": "Confirmed: Bitcoin long", "fr": "Confirmé : Bitcoin achat"},
    "owner": OWNER.user,
    "setup": "0" * 16,
    "account": "main",
    "change_number": 1,
}


def test_alerts_of_the_release_before_are_shown_with_the_sentences_that_they_have(tmp_path):
    place = mailing(tmp_path / "home", "smtp://127.0.0.1:25")
    mine = channel(place)
    for language in ("en", "fr"):
        rule = AlertRule("", OWNER.user, "Mine", "setup", channels=("inbox", mine.id), language=language)
        place.alerts.put_rule(rule)
    title = "Confirmed: Bitcoin long, trend 1h. Criteria met: Close above. Cancelled below 90.000."
    event = AlertEvent("setup", "main/1", title, NOW, NOW, status="confirmed", facts=OF_BEFORE)
    assert bound(place, dispatch_events)([event]) == 2
    assert title in Browser(place).get("/alerts").text
    assert "Annulé sous 90,000" in Browser(place, language="fr").get("/alerts").text
    mails = {
        one.rule.language: bound(place, mail_of)([one], mine) for one in place.alerts.take("t", for_ms=1)
    }
    assert mails["en"].subject.endswith("Confirmed: Bitcoin long")
    assert mails["fr"].subject.endswith("Confirmé : Bitcoin achat")
    assert title in mails["en"].text
    assert "Clôture au-dessus" in mails["fr"].text
    told = run_operation(place, person(OWNER.user), "alert_log.unread", {})
    assert (told.newest, told.newest_fr) == ("Confirmed: Bitcoin long", "Confirmé : Bitcoin achat")


def test_alerts_are_spanish_on_pages_and_english_in_mails(tmp_path):
    place = mailing(tmp_path / "home", "smtp://127.0.0.1:25")
    mine = channel(place)
    place.accounts.put_settings(OWNER.user, {"language": "es"})
    place.alerts.put_rule(AlertRule("", OWNER.user, "Mine", "peg", channels=("inbox", mine.id)))
    values = {"name": "Tether", "percent": arguments.figure("1.25"), "price": arguments.figure("0.9875")}
    assert bound(place, dispatch_events)([make_event("peg", "enters", "k", values, NOW)]) == 1
    said = "Tether se aleja un 1,25\u00a0% de su paridad de 1\u00a0$, a 0,9875\u00a0$"
    for path in ("/alerts", "/alerts/log", "/notifications"):
        assert said in Browser(place).get(f"{path}?lang=es").text.replace("&nbsp;", "\u00a0")
    assert unread_alerts(place.alerts, OWNER.user).title("es") == said
    (outgoing,) = place.alerts.take("t", for_ms=1)
    assert bound(place, mail_of)([outgoing], mine).subject.endswith(
        "Tether is 1.25% off its $1 peg, at $0.9875"
    )


def test_a_partial_catalogue_without_the_text_says_the_whole_title_in_english(monkeypatch):
    event = make_event("letter", "week", "k", {"day": arguments.day(TS)}, NOW)
    assert title_of(event, "es").startswith("Su semana")
    own = read_catalogue("es")
    without = replace(
        own, named={name: text for name, text in own.named.items() if name != "alert.letter.week"}
    )
    monkeypatch.setattr(event_texts, "read_catalogue", lambda _: without)
    assert title_of(event, "es") == event.title == "Your week: a letter about what you own, 16 June 2025"


def test_a_partial_catalogue_that_lacks_a_part_says_the_whole_title_in_english():
    told = Refusal("no_account", "there is no account {account}", account="main")
    for account, values in {
        "of a refusal": {"account": "main", "why": told},
        "of a sentence": {"account": "main", "why": arguments.sentence("Stop did not trigger", {})},
        "of a text": {"account": "main", "why": arguments.text("Stop did not trigger")},
        "of an earlier refusal": {"account": "main", "why": arguments.sentence("%(why)s", {"why": told})},
    }.items():
        event = make_event("desk", "halt", account, values, NOW)
        assert title_of(event, "es") == event.title, account
        assert event.title.startswith("Account main halted: ")
    own_words = make_event("desk", "halt", "venue", {"account": "main", "why": "EOrder:Unknown"}, NOW)
    assert title_of(own_words, "es") == "Cuenta main suspendida: EOrder:Unknown"


def test_refusals_are_wholly_in_english_where_a_language_lacks_a_part_of_them():
    limit = Refusal("one_limit", "limit {threshold} on {field}", threshold="1234.5", field="fee")
    assert say_refusal(limit, "es") == say_refusal(limit, "en") == "limit 1234.5 on fee"
    field = Refusal("field_refused", "{field}: {reason}", field="quiet_from", reason=limit)
    assert say_refusal(field, "es") == say_refusal(field, "en")
    assert say_sentence("Stop did not trigger", {}, "es") == "Stop did not trigger"
    assert say_sentence("Fast EMA above the slow", {}, "es") == "EMA rápida por encima de la lenta"


def test_spanish_names_every_criterion_of_the_strategies_that_come_along():
    bars = make_bars(300)
    names = set()
    for name in catalogue.available():
        strategy = catalogue.load(name)
        made = strategy.criteria(bars, strategy.defaults())
        sides = (made.long, made.short, (made.long_exit, made.short_exit))
        names |= {criterion.name for side in sides for criterion in side if criterion is not None}
    assert len(names) > 30
    assert names - set(read_catalogue("es").texts) == set()


def test_spanish_has_every_text_of_alerts():
    named = read_catalogue("es").named
    assert {f"alert.{code}" for code in EVENT_TEXTS["en"]} - set(named) == set()
