"""Pages of plans: the form with its preview, the list, one plan in full, in both languages; refusals say why."""

from __future__ import annotations

import html
import re

import pytest

from tests import houses
from tests.houses import Browser
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of, plan_of
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.fact import Observation
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.engine.live import entry_room
from vigie.intelligence.market.words import normalize_number
from vigie.ports.plan_notices import PlanNotice
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.process.trading import begin_run

PLACE = "binance-perp:btc-usdt-perp"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    house = at(houses.house(folder / "home"), BEGUN)
    bound(house, begin_run)(planned(house, folder, text=PLANS), "owner")
    house = alive(house)
    house.facts.append([Observation(f"derivatives/{PLACE}/funding_fraction", BEGUN, BEGUN, 0.0001)])
    return house, close_of(house, "btc-usdt-perp", BEGUN)


@pytest.fixture
def house(made):
    yield made[0]
    for row in run_operation(made[0], OWNER, "plans.list", {}).rows:
        if row.state in ("draft", "armed"):
            run_operation(made[0], OWNER, "plans.cancel", {"plan": row.plan})


@pytest.fixture
def form(made):
    price = made[1]
    return {
        "place": PLACE, "side": "long", "low": f"{price * 0.99:.1f}", "high": f"{price * 1.01:.1f}",
        "stop": f"{price * 0.97:.1f}", "target": f"{price * 1.06:.1f}", "timeframe": "1h", "bars": "24",
        "leverage": "2", "account": "main", "further_targets": "", "limit_entries": "", "setup": "", "note": "",
        "capital": "10000", "plan": "", "version": "",
    }  # fmt: skip


def kept(house, browser, form, what="keep", **more) -> str:
    answer = browser.post("/plans/new", {**form, "what": what, **more}, follow=False)
    assert answer.status_code == 303, answer.text
    return re.search(r"/plan/(p[\w-]{16})", answer.headers["location"])[1]


def _form_here(page, action):
    return next(part for part in re.findall(r"<form.*?</form>", page, re.DOTALL) if action in part)


def _here(page):
    """Where a change of language leads back to."""
    return html.unescape(re.search(r'name="next" value="([^"]*)"', _form_here(page, 'name="language"'))[1])


def _typed_values(page):
    plan = _form_here(page, "plan-form")
    return {
        name: html.unescape(value) for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', plan)
    }


@pytest.mark.parametrize(
    ("language", "other", "typed", "further"),
    [
        ("en", "fr", "10,000", "1,000,000  2000000.5"),
        ("en", "fr", " $10,000 ", "1,000,000;2,000,000"),
        ("fr", "en", "10,000", "0,125 7,5"),
        ("fr", "en", "10\u202f000,5", "0,125;7,5 "),
    ],
)
def test_a_preview_keeps_its_form_and_its_numbers_in_another_language(
    house, form, language, other, typed, further
):
    browser = Browser(house, language=language)
    asked = {**form, "capital": typed, "further_targets": further, "note": "100,000", "bars": "13"}
    page = browser.post("/plans/new", {**asked, "what": "preview"}, of="/plans/new").text
    for now in (other, language, other):
        browser.language = now
        shown = browser.get(_here(page))
        page = shown.text
        assert (shown.url.path, f'lang="{now}"' in page) == ("/plans/new", True)
        values = _typed_values(page)
        assert (values["note"], values["bars"]) == ("100,000", "13")
        for name in ("capital", "further_targets", "low", "stop"):
            before = [normalize_number(part, language) for part in re.split(r"[\s;]+", asked[name])]
            if "\u202f" in asked[name]:
                before = [normalize_number(asked[name], language)]
            assert [normalize_number(part, now) for part in re.split(r"[ ;]+", values[name])] == before, name


def test_a_preview_of_a_plan_leads_back_to_that_plan_and_what_was_kept_is_not_offered_again(house, form):
    browser = Browser(house)
    plan = kept(house, browser, form)
    first = browser.post("/plans/new", {**form, "what": "preview", "note": "one"}, of="/plans/new").text
    edited = {**form, "plan": plan, "version": "1", "note": "two", "what": "preview"}
    browser.post("/plans/new", edited, of=f"/plans/new?plan={plan}")
    # The page of a preview has the address of its form.
    second = browser.post("/plans/new", {**edited, "note": "three"}, of="/plans/new").text
    assert f"plan={plan}" in _here(second)
    values = _typed_values(browser.get(_here(second)).text)
    assert (values["plan"], values["note"]) == (plan, "three")
    # Elsewhere it stays out of a form that is about nothing yet.
    token = re.search(r"refill=([\w-]+)", _here(second))[1]
    values = _typed_values(browser.get(f"/plans/new?refill={token}").text)
    assert (values["plan"], values["note"]) == ("", "")
    assert _typed_values(browser.get(_here(first)).text)["note"] == "one"
    kept(house, browser, {**form, "note": "one"})
    assert _typed_values(browser.get(_here(first)).text)["note"] == ""


def test_a_preview_of_a_refused_entry_says_so_and_weighs_no_results(house, form):
    page = Browser(house).post("/plans/new", {**form, "what": "preview", "capital": "1", "account": ""}).text
    assert "The entry would be refused now: there is no result to weigh." in page
    assert "too few for a rate" not in page
    assert "include the expected funding" not in page


@pytest.mark.parametrize(
    ("wrong", "english", "french"),
    [
        ({"stop": "here"}, "One problem to fix", "Un point à corriger"),
        ({"stop": "here", "low": "there", "bars": "0"}, "3 problems to fix", "3 points à corriger"),
    ],
)
def test_a_form_counts_the_problems_that_it_lists(house, form, wrong, english, french):
    for language, heading in (("en", english), ("fr", french)):
        page = Browser(house, language=language).post("/plans/new", {**form, **wrong, "what": "preview"}).text
        listed = page.partition('class="form-errors"')[2].partition("</ul>")[0]
        assert f"<h2>{heading}</h2>" in listed
        assert listed.count("<li>") == len(wrong)


def test_the_ticket_to_trade_by_hand_is_in_the_readers_language(house, form):
    price = float(form["target"])
    levels = {"limit_entries": f"{price * 0.93:.1f}", "further_targets": f"{price * 1.5:.1f}"}
    plan = kept(house, Browser(house), {**form, **levels})
    for language, words in (
        ("en", ("[Ll]ong btc-usdt-perp at binance-perp", "Entry [\\d,.]+ to ", "Further target ",
                "Limit entry ", "Leverage 2×")),
        ("fr", ("[Ll]ong btc-usdt-perp sur binance-perp", "Entrée de [\\d\u202f,]+ à ", "Autre objectif ",
                "Entrée à cours limité ", "Levier 2×", "Valable jusqu’au ")),
    ):  # fmt: skip
        page = Browser(house, language=language).get(f"/plan/{plan}").text
        ticket = re.search(r'id="ticket".*?</p>', page, re.DOTALL)[0]
        text = "\n".join(re.findall(r'<code class="wrap">(.*?)</code>', ticket))
        assert all(re.search(word, text) for word in words), text
        link = re.search(
            r'<a href="(https://www.binance.com/[^"]*)" rel="([^"]*)" referrerpolicy="([^"]*)"', page
        )
        assert link[1] == f"https://www.binance.com/{language}/futures/BTCUSDT"
        assert "noreferrer" in link[2].split()
        assert link[3] == "no-referrer"
        if language == "fr":
            assert not re.search(r"\d\.\d|entry|stop \d|until", text), text


def hidden(page: str) -> dict[str, str]:
    """What a page sends with a confirmation."""
    names = ("worst_loss", "entry", "order", "previewed")
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in names}


def test_a_home_without_plans_says_what_one_is(tmp_path):
    page = Browser(houses.house(tmp_path / "home", with_bars=False)).get("/plans").text
    assert "No plans yet" in page
    assert 'href="/plans/new"' in page


def test_the_form_begins_with_what_its_address_suggests(house, made):
    page = Browser(house).get(f"/plans/new?place={PLACE}&side=short&account=main").text
    stop, target = (
        float(re.search(rf'name="{name}"[^>]*value="([\d.]+)"', page)[1]) for name in ("stop", "target")
    )
    assert target < made[1] < stop
    # The button of the page Plans names no market: the form begins with its first one, and with its levels.
    bare = Browser(house).get("/plans/new").text
    first = re.search(r'<select[^>]*name="place".*?value="([^"]+)"', bare, re.S)[1]
    named = Browser(house).get(f"/plans/new?place={first}").text
    for name in ("low", "high", "stop", "target"):
        levels = [re.search(rf'name="{name}"[^>]*value="([\d.]+)"', page)[1] for page in (bare, named)]
        assert levels[0] == levels[1]
    said = Browser(house).get("/plans/new?place=binance-perp:doge-usdt-perp&timeframe=4h").text
    assert "too few stored bars" in said
    said = Browser(house, language="fr").get("/plans/new?place=binance-perp:doge-usdt-perp&timeframe=4h").text
    assert "too few stored bars" not in said


def test_no_leverage_stays_none_from_the_form_to_the_plan(house, form):
    plan = kept(house, Browser(house), form, account="", leverage="")
    told = run_operation(house, OWNER, "plans.read", {"plan": plan})
    assert told.leverage is None
    turned = {"account": "", "leverage": "", "side": "short", "stop": form["target"], "target": form["stop"]}
    said = Browser(house).post("/plans/new", {**form, **turned, "what": "keep"})
    assert said.status_code == 400
    assert "a short needs borrowed coins" in said.text


def test_the_preview_says_what_it_comes_to_and_keeps_nothing(house, form):
    page = Browser(house).post("/plans/new", {**form, "what": "preview"}).text
    assert "What it comes to" in page
    assert 'id="in-account"' in page
    assert "If the target comes first" in page
    assert 'value="arm"' in page
    assert run_operation(house, OWNER, "plans.list", {"state": "open"}).rows == []


@pytest.mark.parametrize(
    ("language", "standing", "binding"),
    [
        (
            "en",
            "The account has not started: with its starting capital.",
            "This limit decides the size: Risk per trade.",
        ),
        (
            "fr",
            "Le compte n’a pas commencé\u00a0: avec son capital de départ.",
            "Cette limite fixe la taille\u00a0: Risque par trade.",
        ),
    ],
)
def test_the_preview_says_what_of_its_account_it_counts_with(house, form, language, standing, binding):
    page = Browser(house, language=language).post("/plans/new", {**form, "what": "preview"}).text
    assert standing in page
    assert page.count("data-standing") == 1
    assert binding in page
    assert page.count('aria-current="true" data-limit="risk"') == 1
    alone = Browser(house, language=language).post("/plans/new", {**form, "account": "", "what": "preview"})
    assert "data-standing" not in alone.text
    assert "data-limit" not in alone.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "A limit of loss is reached"), ("fr", "Une limite de perte est atteinte")],
)
@pytest.mark.parametrize(("lost", "is_said"), [(540.0, True), (399.0, False)])
def test_a_limit_of_loss_that_is_reached_and_refuses_nothing_yet_says_so(
    house, form, monkeypatch, language, sentence, lost, is_said
):
    room = entry_room.loss_room("daily_loss", 400.0, lost)
    monkeypatch.setattr(entry_room, "loss_rooms", lambda *_: [room])
    page = Browser(house, language=language).post("/plans/new", {**form, "what": "preview"}).text
    assert 'data-limit="daily_loss"' in page
    assert (sentence in page) == is_said


@pytest.mark.parametrize(
    ("language", "without", "included"),
    [
        ("en", "without funding. Expected funding is that of ", "expected funding of 30 bars: "),
        (
            "fr",
            "sans financement. Règlements attendus en 30",
            "financement attendu de 30 bougies",
        ),
    ],
)
def test_the_preview_says_which_results_include_funding_and_of_how_long(
    house, form, language, without, included
):
    browser = Browser(house, language=language)
    page = browser.post("/plans/new", {**form, "what": "preview"}).text
    assert page.count(without) == 2  # In the account and by hand.
    assert page.count(included) == 1


@pytest.mark.parametrize(
    ("language", "refused", "until"),
    [
        ("en", "on bars of 1h, not 4h: choose 1h", "Decided on bars of 1h; the last close that enters"),
        ("fr", "sur des bougies de 1h et non de 4h", "Décidé sur des bougies de 1h"),
    ],
)
def test_bars_that_are_not_the_accounts_are_refused_before_anything_is_kept(
    house, form, language, refused, until
):
    browser = Browser(house, language=language)
    for what in ("preview", "keep", "arm"):
        answer = browser.post("/plans/new", {**form, "timeframe": "4h", "what": what})
        assert answer.status_code == 400
        assert refused in answer.text
        # What was typed stays.
        choice = re.search(r'<select[^>]*name="timeframe".*?</select>', answer.text, re.S)[0]
        assert re.findall(r'value="([^"]*)"[^>]*selected', choice) == ["4h"]
    assert run_operation(house, OWNER, "plans.list", {"state": "open"}).rows == []
    assert until in browser.post("/plans/new", {**form, "what": "preview"}).text
    levels = {name: float(form[name]) for name in ("low", "high", "stop", "target")}
    asked = {"place": PLACE, "side": "long", "timeframe": "4h", "bars": 24, **levels}
    by_hand = run_operation(house, OWNER, "plans.preview", asked)
    assert by_hand.timeframe == "4h"
    assert 23 * 4 * HOUR_MS < by_hand.until - BEGUN <= 24 * 4 * HOUR_MS


def test_a_plan_is_kept_changed_armed_and_cancelled(house, form):
    browser = Browser(house)
    plan = kept(house, browser, form, note="<b>mine</b>")
    page = browser.get(f"/plan/{plan}?done=kept").text
    assert "Draft" in page
    assert "&lt;b&gt;mine&lt;/b&gt;" in page
    changing = browser.get(f"/plans/new?plan={plan}").text
    assert f'name="plan" value="{plan}"' in changing
    assert kept(house, browser, {**form, "plan": plan, "version": "1", "bars": "12"}) == plan
    assert (
        browser.post("/plan/arm", {"plan": plan}, follow=False).headers["location"]
        == f"/plan/{plan}?done=armed"
    )
    second = browser.post("/plans/new", {**form, "what": "arm"})
    assert "one at a time" in second.text
    assert (
        browser.post("/plan/cancel", {"plan": plan}, follow=False).headers["location"]
        == f"/plan/{plan}?done=cancelled"
    )
    assert "Cancelled" in browser.get("/plans?account=main&state=cancelled").text


@pytest.mark.parametrize("timeframe", ["5m", "2h"])
def test_the_form_of_a_change_begins_with_all_that_the_plan_says(house, timeframe):
    made = {"place": PLACE, "side": "long", "stop": 900.0, "target": 9e5, "timeframe": timeframe, "bars": 200}
    plan = run_operation(house, OWNER, "plans.make", {**made, "leverage": 2.5}).newest.plan
    page = Browser(house).get(f"/plans/new?plan={plan}").text
    assert re.search(r'name="bars"[^>]*value="200"', page)
    for name, value in (("timeframe", timeframe), ("leverage", "2.5")):
        choice = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)[0]
        assert re.findall(r'value="([^"]*)"[^>]*selected', choice) == [value]


def test_save_and_arm_pressed_twice_is_one_plan(house, form):
    browser = Browser(house)
    page = browser.post("/plans/new", {**form, "what": "preview"}).text
    shown = dict(re.findall(r'<input type="hidden" name="(form_id)" value="([^"]+)">', page))
    sent = {**form, **shown, "what": "arm", "note": "pressed twice"}
    first, second = (browser.post("/plans/new", sent, follow=False) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    # What was changed in the form since is another plan, a draft: one at a time is armed.
    other = browser.post("/plans/new", {**sent, "bars": "9", "what": "keep"}, follow=False)
    plan = first.headers["location"].partition("?")[0]
    assert not other.headers["location"].startswith(plan)
    for one in (plan, other.headers["location"].partition("?")[0]):
        browser.post("/plan/cancel", {"plan": one.rpartition("/")[2]})


def test_an_armed_order_whose_price_left_its_levels_says_so_and_what_was_previewed(house, made, form):
    browser, order = Browser(house), {**form, "low": "", "high": ""}
    shown = hidden(browser.post("/plans/new", {**order, "what": "preview"}).text)
    plan = kept(house, browser, order, "place", **shown)
    told = run_operation(house, OWNER, "plans.read", {"plan": plan})
    house.quotes.put([Quote(houses.VENUE, "btc-usdt-perp", BEGUN, BEGUN, made[1] * 1.2)])
    pages = {
        language: Browser(house, language=language).get(f"/plan/{plan}").text for language in ("en", "fr")
    }
    house.quotes.put([Quote(houses.VENUE, "btc-usdt-perp", BEGUN, BEGUN, made[1])])
    run_operation(house, OWNER, "plans.cancel", {"plan": plan})
    assert "no close enters until it is" in pages["en"]
    assert "aucune clôture n’ouvre de position" in pages["fr"]
    assert "give a zone instead" not in pages["en"]
    (previewed,) = re.findall(r'id="previewed">(.*?)</p>', pages["en"])
    assert re.search(r"said [\d.,]+\u00a0BTC with a worst loss of \S+\u00a0USDT", previewed)
    assert f"{-told.previewed_worst_loss:,.2f}" in previewed


def test_a_plan_that_expired_says_why(house, form):
    browser = Browser(house)
    draft = kept(house, browser, {**form, "bars": "1"})
    armed = kept(house, browser, {**form, "bars": "1"}, "arm", form_id="another")
    later = Browser(at(house, BEGUN + 3 * HOUR_MS))
    assert "It was not armed by its last close" in later.get(f"/plan/{draft}").text
    assert "No entry was decided up to its last close" in later.get(f"/plan/{armed}").text


def test_an_order_at_once_is_previewed_and_confirmed(house, form):
    browser, order = Browser(house), {**form, "low": "", "high": ""}
    shown = hidden(browser.post("/plans/new", {**order, "what": "preview"}).text)
    plan = kept(house, browser, order, "place", **shown)
    assert "Armed" in browser.get(f"/plan/{plan}").text
    until = run_operation(house, OWNER, "plans.read", {"plan": plan}).newest.until
    assert until == (BEGUN // HOUR_MS + int(order["bars"])) * HOUR_MS
    # Pressed twice, it is one order.
    assert kept(house, browser, order, "place", **shown) == plan == shown["order"]
    assert len(run_operation(house, OWNER, "plans.list", {"state": "armed"}).rows) == 1
    run_operation(house, OWNER, "plans.cancel", {"plan": plan})
    # Sent once more after its end, nothing is said to enter.
    again = browser.post("/plans/new", {**order, "what": "place", **shown}, follow=False)
    assert again.headers["location"] == f"/plan/{plan}"


@pytest.mark.parametrize(
    "change",
    [{"stop": "1"}, {"low": "90", "high": "91"}, {"side": "short"}, {"note": "another"}, {"account": ""}],
)
def test_an_order_that_was_changed_after_its_preview_is_previewed_again(house, form, change):
    browser, order = Browser(house), {**form, "low": "", "high": ""}
    shown = hidden(browser.post("/plans/new", {**order, "what": "preview"}).text)
    for sent in ({**order, **change, **shown}, {**order, "worst_loss": shown["worst_loss"]}):
        answer = browser.post("/plans/new", {**sent, "what": "place"})
        assert answer.status_code == 400
        assert "the form was changed after its preview" in answer.text
    assert run_operation(house, OWNER, "plans.list", {"state": "open"}).rows == []


def test_a_version_that_its_page_did_not_show_is_not_armed(house, form):
    browser = Browser(house)
    plan = kept(house, browser, form)
    shown = browser.get(f"/plan/{plan}").text
    version = re.search(r'action="/plan/arm".*?name="version" value="(\d+)"', shown)[1]
    assert kept(house, browser, {**form, "plan": plan, "version": "1", "stop": "900"}) == plan
    answer = browser.post("/plan/arm", {"plan": plan, "version": version})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text


@pytest.mark.parametrize(
    ("language", "typed", "is_shown"),
    [("en", "9,000", 9_000), ("fr", "9\u202f000", 9_000), ("fr", "9,5", 9.5), ("en", "9000.5", 9_000.5)],
)
def test_numbers_are_read_as_their_language_writes_them(house, form, language, typed, is_shown):
    browser = Browser(house, language=language)
    further = "1,000,000 2000000" if language == "en" else ""
    plan = kept(house, browser, {**form, "stop": typed, "further_targets": further})
    told = run_operation(house, OWNER, "plans.read", {"plan": plan})
    assert told.newest.stop == is_shown
    assert told.further_targets == ([1e6, 2e6] if language == "en" else [])


@pytest.mark.parametrize(
    ("change", "english", "french"),
    [
        (
            {"stop": "nan"},
            "Stop: must be a number, was &#39;nan&#39;",
            "Stop : doit être un nombre (reçu : &#39;nan&#39;)",
        ),
        (
            {"stop": "0"},
            "stop must be a price above 0, was 0.0",
            "le stop doit être un prix supérieur à 0 ; reçu : 0,0",
        ),
        (
            {"stop": "abc"},
            "Stop: must be a number, was &#39;abc&#39;",
            "Stop : doit être un nombre (reçu : &#39;abc&#39;)",
        ),
        (
            {"low": "100", "high": "101", "stop": "102", "target": "110"},
            "this long enters from 100 to 101, with stop 102 and target 110",
            "ce plan (long) entre de 100 à 101, avec stop 102 et objectif 110",
        ),
        (
            {"bars": "-1"},
            "must be at least 1, was &#39;-1&#39;",
            "doit être au moins 1 (reçu : &#39;-1&#39;)",
        ),
        (
            {
                "place": "bitget-spot:btc-usdt-spot",
                "side": "short",
                "low": "",
                "high": "",
                "stop": "9",
                "target": "8",
            },
            "is a spot market and lends no coins: choose a long, or a perpetual contract such as btc-usdt-perp",
            "est un marché au comptant et ne prête pas de coins : choisissez un achat",
        ),
        (
            {"further_targets": "97000 nan"},
            "Further targets (2): must be a number, was &#39;nan&#39;",
            "Autres objectifs (2) : doit être un nombre (reçu : &#39;nan&#39;)",
        ),
    ],
)
def test_what_is_refused_stays_in_the_form_with_what_was_given_and_what_is_accepted(
    house, form, change, english, french
):
    for language, sentence in (("en", english), ("fr", french)):
        sent = {**form, "account": "", **change, "what": "keep", "note": "kept words"}
        answer = Browser(house, language=language).post("/plans/new", sent)
        assert answer.status_code == 400
        listed = answer.text.partition('class="form-errors"')[2].partition("</ul>")[0]
        assert sentence in re.sub(r"[\u00a0\u202f]", " ", listed)
        assert "kept words" in answer.text
        typed = {name: value for name, value in change.items() if name not in ("place", "side")}
        assert all(f'value="{value}"' in answer.text for value in typed.values() if value)
    assert run_operation(house, OWNER, "plans.list", {"state": "draft"}).rows == []


@pytest.mark.parametrize(("price", "given"), [("0", "0"), ("-5", "-5"), ("1e-300", "1e-300")])
def test_a_price_in_the_address_that_is_none_is_told_and_the_form_stays(house, price, given):
    for language, sentence in (
        ("en", "Price: must be at least 1e-15, was"),
        ("fr", "Prix : doit être au moins 0,000000000000001 (reçu :"),
    ):
        answer = Browser(house, language=language).get(f"/plans/new?place={PLACE}&price={price}")
        assert answer.status_code == 200
        assert f"{sentence} &#39;{given}&#39;" in re.sub(r"[\u00a0\u202f]", " ", answer.text)
        assert f'<option value="{PLACE}" selected' in answer.text


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        ({"account": "sold"}, "you have no trading account &#39;sold&#39; (you have: main)"),
        ({"setup": "0123456789abcdef"}, "there is no setup 0123456789abcdef"),
        ({"plan": "p0123456789abcdef", "version": "1"}, "there is no plan p0123456789abcdef"),
    ],
)
def test_what_was_typed_stays_where_an_account_a_setup_or_the_plan_was_deleted_meanwhile(
    house, form, gone, words
):
    browser = Browser(house)
    sent = {**form, **gone, "what": "keep", "note": "kept words"}
    answer = browser.post("/plans/new", sent)
    assert answer.status_code == 400
    assert words in answer.text
    assert "kept words" in answer.text
    assert f'value="{form["stop"]}"' in answer.text
    # Sent again as it stands, it is kept without what is gone.
    again = {name: _typed(answer.text, name) for name in gone}
    assert set(again.values()) == {""}
    told = run_operation(house, OWNER, "plans.read", {"plan": kept(house, browser, {**sent, **again})})
    assert told.note == "kept words"


def _typed(page: str, name: str) -> str:
    """What a form would send of a field; of a list without a chosen value, the first."""
    if choice := re.search(rf'<select[^>]*name="?{name}\b.*?</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*\bselected', choice[0])
        return chosen[1] if chosen else re.search(r'value="([^"]*)"', choice[0])[1]
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def test_the_chart_of_a_plan_names_the_venue_whose_prices_it_draws(house, form):
    page = Browser(house).get(f"/plan/{kept(house, Browser(house), form)}").text
    assert re.findall(r"<span data-chart-source>(.*?)</span>", page) == ["Binance"]


def test_the_market_is_linked_without_a_trace(house, form):
    browser = Browser(house)
    page = browser.get(f"/plan/{kept(house, browser, form)}").text
    link = re.search(r'<a href="https://www\.binance\.com/en/futures/BTCUSDT"[^>]*>', page)[0]
    assert "noreferrer" in link
    assert "?" not in link.partition(" rel")[0]


def test_pages_speak_french(house, form):
    browser = Browser(house, language="fr")
    plan = kept(house, browser, form)
    for path in ("/plans", "/plans/new", f"/plan/{plan}"):
        assert 'lang="fr"' in browser.get(path).text
    assert "Annuler le plan" in browser.get(f"/plan/{plan}").text
    # A state, not the verb of a button.
    assert 'value="open">Non terminés</button>' in browser.get("/plans").text


OWN = ("The account trades with its own leverage", "Le compte utilise son propre levier")
SAME = ("The account trades with the leverage of the plan.", "Le compte utilise le levier du plan.")
FUNDED = ("The account also pays or gets funding.", "Le compte paie ou reçoit aussi le financement.")


@pytest.mark.parametrize(
    ("leverage", "said", "silent"),
    [("2", [OWN], [SAME, FUNDED]), ("5", [SAME], [OWN, FUNDED]), ("", [OWN, FUNDED], [SAME])],
)
def test_the_preview_says_where_paper_differs_from_the_plan(house, form, leverage, said, silent):
    for place, language in enumerate(("en", "fr")):
        asked = {**form, "leverage": leverage, "what": "preview"}
        page = Browser(house, language=language).post("/plans/new", asked).text
        told = page.partition('id="differs"')[2].partition("</p>")[0]
        assert [sentence[place] for sentence in said if sentence[place] not in told] == []
        assert [sentence[place] for sentence in silent if sentence[place] in told] == []


def test_another_persons_plan_is_not_there_and_is_not_told_from_none(house, made):
    stop, target = made[1] * 0.97, made[1] * 1.06
    for owner, status in (("owner", 200), ("u2", 404)):
        plan = plan_of("btc-usdt-perp", BEGUN, id=f"p{owner:_<16}", owner=owner, stop=stop, target=target)
        house.plans.add(plan, owner)
        there, nobodys = (Browser(house).get(f"/plan/{name}") for name in (plan.id, "p" + "0" * 16))
        assert (there.status_code, nobodys.status_code) == (status, 404)
        if status == 404:
            assert there.text.replace(plan.id, "") == nobodys.text.replace("p" + "0" * 16, "")


def test_the_page_lists_alerts_of_the_plan_and_says_which_were_not_sent(house, form):
    browser = Browser(house)
    plan = kept(house, browser, form)
    assert "No alerts yet." in browser.get(f"/plan/{plan}").text
    (marked,) = house.plans.versions("owner", plan)
    facts = {"level": "stop", "at": 93.5, "price": 94.0, "distance": 0.5, "within": 1.5}
    for n in range(2):
        notice = PlanNotice(marked.number, f"near/stop/{n}", "near", facts, BEGUN, BEGUN, BEGUN, BEGUN)
        house.plan_notices.keep(notice, [(BEGUN, BEGUN + 1)], 1)
    page = browser.get(f"/plan/{plan}").text
    assert "price 94.000 is 0.500000 from the stop at 93.500" in page
    assert page.count("Not sent: six were told that day") == 1
    french = Browser(house, language="fr").get(f"/plan/{plan}").text
    assert "le cours (94,000) est à 0,500000 du niveau" in french
    assert "Non envoyée\u00a0: six déjà envoyées ce jour" in french


def test_the_venue_of_ones_choice_is_set_and_the_plan_links_there(house, form):
    browser = Browser(house)
    plan = kept(house, browser, form)
    page = browser.get("/settings").text
    assert 'name="trade_venue"' in page
    try:
        settings = {
            "zone": "UTC",
            "trade_venue": "bitget-perp",
            "revision": re.search(r'name="revision" value="(\d+)"', page)[1],
        }
        assert browser.post("/settings", settings, follow=False).status_code == 303
        shown = browser.get(f"/plan/{plan}").text
        link = re.search(
            r'<a href="(https://[^"]+)" rel="([^"]+)" referrerpolicy="no-referrer">([^<]+)', shown
        )
        assert link.groups() == (
            "https://www.bitget.com/futures/usdt/BTCUSDT",
            "noopener noreferrer external",
            "Open this market at Bitget",
        )
        french = Browser(house, language="fr")
        assert "Ouvrir ce marché sur Bitget" in french.get(f"/plan/{plan}").text
        assert "Plateforme des trades manuels" in french.get("/settings").text
    finally:
        run_operation(house, OWNER, "settings.change", {"trade_venue": ""})
