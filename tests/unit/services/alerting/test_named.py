"""Rules name whom they are about as people do; whom nobody knows is refused, who was merged is told of still."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from tests.databases import HandClock
from tests.houses import Browser
from tests.unit.services.alerting.material import mailing, read, rule
from vigie.domain.alert import AlertRule
from vigie.domain.entity import Amendment
from vigie.domain.errors import NotFound
from vigie.domain.person import OWNER, SCOPES_OF, Caller
from vigie.domain.register import RegisterEntry
from vigie.domain.time import DAY_MS
from vigie.ports.registers import RegisterSnapshot
from vigie.services.alerting.dispatch import dispatch_events
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.watching import registers
from vigie.services.alerting.watching.event_texts import make_event
from vigie.services.alerting.wording import mark_title, reason_text, words_of
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation

ME = Caller(OWNER.user, OWNER.role, SCOPES_OF["admin"])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return mailing(tmp_path_factory.mktemp("home"), "smtp://127.0.0.1:9", HandClock())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"entities": ["SEC", "org:sec", "securities and exchange commission"]}, {"entities": ("org:sec",)}),
        ({"entities": ["Banque centrale européenne"]}, {"entities": ("org:ecb",)}),
        ({"entities": ["Bitcoin", "btc"]}, {"entities": ("coin:bitcoin",)}),
        ({"entities": ["Trump"]}, {"entities": ("person:donald-trump",)}),
        ({"entities": ["org:of-my-own"]}, {"entities": ("org:of-my-own",)}),
        ({"sources": ["CoinDesk", "coindesk", "esma_casps"]}, {"source": ("coindesk", "esma_casps")}),
    ],
)
def test_a_rule_takes_names_and_keeps_what_they_stand_for(place, given, kept):
    made = run_operation(place, ME, "alerts.put", {"name": "Mine", **given})
    held = place.alerts.rule(OWNER.user, made.rule)
    assert held.when == kept
    run_operation(place, ME, "alerts.set", {"rule": made.rule, "becomes": "delete"})


@pytest.mark.parametrize(
    ("given", "says"),
    [({"entities": ["Nobody Ltd"]}, "no entity 'Nobody Ltd'"), ({"sources": ["Coin Desk"]}, (
        "there is no news source"
))],
)  # fmt: skip
@pytest.mark.parametrize("name", ["alerts.put", "alerts.preview"])
def test_whom_nobody_knows_is_refused_instead_of_waited_for(place, name, given, says):
    named = {"name": "Mine"} if name == "alerts.put" else {}
    with pytest.raises(NotFound, match=says):
        run_operation(place, ME, name, {**named, **given})


@pytest.mark.parametrize(
    ("language", "named", "unnamed"),
    [
        ("en", "because of your rule “Orvane”.", "because of one of your rules."),
        ("fr", "en raison de votre règle «\u00a0Orvane\u00a0».", "en raison de l’une de vos règles."),
    ],
)
def test_a_mail_by_a_rule_without_a_name_quotes_none(language, named, unnamed):
    by_name = AlertRule("a1", OWNER.user, "Orvane", "item")
    assert reason_text(words_of(language), by_name).endswith(named)
    for nothing in ("", "?"):
        assert reason_text(words_of(language), replace(by_name, name=nothing)).endswith(unnamed)


@pytest.mark.parametrize(("way", "old"), [("entities", "org:sec"), ("followed", "org:esma")])
def test_who_was_merged_is_told_of_under_the_name_that_a_rule_has(place, way, old):
    if way == "followed":
        run_operation(place, ME, "entities.follow", {"entity": old, "watchlist": ""})
    made = rule(place, when={"entities": (old,)} if way == "entities" else {"followed": ("yes",)})
    named = {"entities": {"found": [{"id": "org:valmer"}], "assets": []}}
    assert bound(place, dispatch_read_items)([read(f"{way} before", found=named)]) == 0
    place.names.amend(Amendment("", "merge", old, "", "org:valmer", OWNER.user))
    assert bound(place, dispatch_read_items)([read(f"{way} after", found=named)]) == 1
    run_operation(place, ME, "alerts.set", {"rule": made.id, "becomes": "delete"})


FIRM = RegisterEntry("esma_casps", "g", "Grayscale Europe SA", country="FR")
OTHER = RegisterEntry("esma_casps", "t", "Tout Crypto SAS", country="FR")


@pytest.mark.parametrize("given", [{"entities": ["Grayscale"]}, {"followed": True}])
def test_a_change_of_a_register_is_told_to_who_asks_for_its_firm(tmp_path, given):
    place = mailing(tmp_path / "home", "smtp://127.0.0.1:9", HandClock())
    if "followed" in given:
        run_operation(place, ME, "entities.follow", {"entity": "org:grayscale", "watchlist": ""})
    now = place.clock.market_now()
    place.registers.take(RegisterSnapshot("esma_casps", now - 2 * DAY_MS, [OTHER]))
    run_operation(place, ME, "alerts.put", {"name": "Mine", "kind": "register", **given})
    assert bound(place, registers.look)() == 0
    place.registers.take(RegisterSnapshot("esma_casps", now + DAY_MS, [OTHER, replace(OTHER, key="u"), FIRM]))
    assert bound(place, registers.look)() == 1
    (told,) = place.alerts.list_deliveries(OWNER.user)
    assert "Grayscale Europe SA added" in told.alert.happening.title
    place.registers.take(RegisterSnapshot("esma_casps", now + 2 * DAY_MS, [OTHER]))
    assert bound(place, registers.look)() == 1, "also where the row is gone"
    past = replace(place, clock=HandClock(now + 3 * DAY_MS))
    assert run_operation(past, ME, "alerts.preview", {"kind": "register", **given}).count == 2


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Public register: Grayscale, my watchlists: notify me"),
        ("fr", "Registre public : Grayscale, mes listes de suivi : me prévenir"),
    ],
)
def test_the_form_of_registers_asks_whom_and_its_sentence_says_it(place, language, said):
    browser = Browser(place, language=language)
    assert {'name="entities"', 'name="followed"'} <= set(
        re.findall(r'name="(?:entities|followed)"', browser.get("/alerts?kind=register").text)
    )
    form = {
        "kind": "register",
        "entities": "Grayscale",
        "followed": "1",
        "channels": "inbox",
        "pace": "at_once",
    }
    page = browser.post("/alerts", form).text
    assert said in re.sub(r"[\u00a0\u202f]", " ", html.unescape(page))
    (made,) = [one for one in place.alerts.rules(OWNER.user) if one.kind == "register"]
    assert made.when == {"entities": ("org:grayscale",), "followed": ("yes",)}
    run_operation(place, ME, "alerts.set", {"rule": made.id, "becomes": "delete"})


def test_a_screen_is_narrowed_to_what_is_on_watchlists(tmp_path):
    place = mailing(tmp_path / "home", "smtp://127.0.0.1:9", HandClock())
    run_operation(place, ME, "entities.follow", {"entity": "org:sec", "watchlist": ""})
    held = {one for each in place.accounts.watchlists(OWNER.user) for one in each.assets}
    browser = Browser(place)
    assert 'name="followed"' in browser.get("/alerts?kind=screener").text
    form = {"kind": "screener", "where": "change_24h<-0.05", "followed": "1", "channels": "inbox"}
    page = browser.post("/alerts", {**form, "pace": "at_once"}).text
    assert "Screener: my watchlists, 24 h change below −5%" in html.unescape(page)

    def fallen(asset: str) -> int:
        said = {"name": asset, "where": "it fell"}
        facts = {"subject": "change_24h<-0.05", "assets": [asset], "turn": "enters"}
        return bound(place, dispatch_events)(
            [make_event("screener", "enters", asset, said, 1, status=asset, **facts)]
        )

    assert fallen("a-coin-of-nobody") == 0
    assert fallen(min(held)) == 1


def test_a_register_that_a_program_named_is_said_and_kept_where_the_form_is_sent(place):
    given = {"name": "Mine", "kind": "register", "sources": ["esma_casps"], "turns": ["added"]}
    made = run_operation(place, ME, "alerts.put", given)
    browser = Browser(place)
    page = html.unescape(browser.get(f"/alerts?rule={made.rule}").text)
    assert "Public register: ESMA register of crypto-asset service providers, added: notify me" in page
    form = page.partition('id="rule"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    assert browser.post("/alerts", {**fields, "turns": "ended", "channels": "inbox"}).status_code == 200
    kept = place.alerts.rule(OWNER.user, made.rule)
    assert kept.when == {"source": ("esma_casps",), "turn": ("ended",)}
    run_operation(place, ME, "alerts.set", {"rule": made.rule, "becomes": "delete"})


@pytest.mark.parametrize("way", [{}, {"try": "1"}])
@pytest.mark.parametrize(
    ("field", "said"),
    [("entities", "no entity"), ("sources", "no news source"), ("assets", "no asset")],
)
def test_a_name_that_nobody_has_leaves_what_was_typed_in_the_form(place, field, said, way):
    browser = Browser(place)
    form = {"kind": "item", "channels": "inbox", "pace": "at_once", "words": "custody", **way}
    answer = browser.post("/alerts", {**form, field: "Nobody Ltd"})
    page = html.unescape(answer.text)
    assert answer.status_code == 400
    assert f"there is {said} 'Nobody Ltd'" in page
    assert re.search(rf'name="{field}"[^>]*value="Nobody Ltd"', page)
    assert re.search(r'name="words"[^>]*value="custody"', page)
    assert browser.post("/alerts", {**form, "rule": "a0", field: "Nobody Ltd"}).status_code == 404


def test_whom_a_rule_names_is_told_among_however_many_rows_that_changed(tmp_path):
    place = mailing(tmp_path / "home", "smtp://127.0.0.1:9", HandClock())
    now = place.clock.market_now()
    place.registers.take(RegisterSnapshot("esma_casps", now - 2 * DAY_MS, [OTHER]))
    run_operation(place, ME, "alerts.put", {"name": "Mine", "kind": "register", "entities": ["Grayscale"]})
    assert bound(place, registers.look)() == 0
    others = [replace(OTHER, key=f"k{number}") for number in range(300)]
    place.registers.take(RegisterSnapshot("esma_casps", now + DAY_MS, [OTHER, FIRM, *others]))
    assert bound(place, registers.look)() == 1


def chosen_options(form: str) -> dict[str, str]:
    """Return what the lists of a form have chosen, which for a browser is the first where nothing is marked."""
    chosen = {}
    for name, options in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        chosen[name] = next((html.unescape(value) for value, mark in values if mark), values[0][0])
    return chosen


@pytest.mark.parametrize(
    ("kind", "subject"), [("screener", "change_24h<-0.05"), ("price", "price>100000"), ("register", "")]
)
def test_what_a_program_asks_for_is_kept_where_the_form_of_its_rule_is_sent(place, kind, subject):
    asked = {
        "assets": ["bitcoin"], "entities": ["org:sec"], "words": "custody", "followed": True,
        "subjects": [subject] if subject else [],
    }  # fmt: skip
    made = run_operation(place, ME, "alerts.put", {"name": "Mine", "kind": kind, **asked})
    before = place.alerts.rule(OWNER.user, made.rule).when
    assert {"assets", "entities", "words", "followed"} <= before.keys()
    browser = Browser(place)
    page = browser.get(f"/alerts?rule={made.rule}").text.partition('id="rule"')[2].partition("</form>")[0]
    inputs = [
        one for one in re.findall("<input ([^>]*)>", page) if "checkbox" not in one or " checked" in one
    ]
    fields = [dict(re.findall('([a-z_]+)="([^"]*)"', html.unescape(one))) for one in inputs]
    sent = {one["name"]: one.get("value", "") for one in fields} | chosen_options(page)
    sent |= {"pace": "digest", "channels": "inbox"}
    assert browser.post("/alerts", sent).status_code == 200
    kept = place.alerts.rule(OWNER.user, made.rule)
    assert (kept.pace, kept.when) == ("digest", before)
    run_operation(place, ME, "alerts.set", {"rule": made.rule, "becomes": "delete"})


@pytest.mark.parametrize(
    "title",
    [
        "Correction: Vexley pays",
        "Rectificatif : Vexley paiera",
        "Rectificatif\N{NO-BREAK SPACE}: Vexley paiera",
    ],
)
def test_a_title_that_calls_itself_a_correction_is_called_one_once(title):
    for language in ("en", "fr"):
        assert mark_title(words_of(language), "correction", title) == title
    assert mark_title(words_of("en"), "correction", "Vexley pays") == "Correction: Vexley pays"
