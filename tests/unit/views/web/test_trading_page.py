"""The page of a trading account: both languages, who may trade and who may not, no scripts."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests import houses
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN
from tests.unit.views.web.test_desk_pages import FORBIDDEN, main_of
from vigie.domain import codes
from vigie.domain.time import MINUTE_MS
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.operations import trading as trading_desk
from vigie.services.trading.accounts import account_status as standing_module
from vigie.services.trading.accounts import figures
from vigie.services.trading.accounts.account_status import get_account_status, next_close
from vigie.services.trading.accounts.live_rows import live_rows
from vigie.services.trading.log.account_view import open_account_view
from vigie.services.trading.log.event_log import EntryRefusal
from vigie.views.cli.trade_status import print_status
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.trading import page, words

PARTS = ("", "trades", "days", "orders", "refusals", "slots", "limits", "events")
SLOT = "btc-usdt-perp/4h/macd_cross"
OWNER = houses.person("owner")
HELD = {
    "slot": SLOT, "instrument": "btc-usdt-perp", "timeframe": "4h", "strategy": "macd_cross", "side": "long",
    "qty": "0.5", "entry": 100.0, "entry_ts": BEGUN, "mark": None, "notional": None, "pnl": None,
    "pnl_fraction": None, "stop": "90", "stop_distance": None, "target": "110", "liquidation": 81.0,
    "liquidation_distance": None, "is_stop_passed": False, "settles_ts": None,
    "stop_move": None, "target_move": None, "liquidation_move": None, "decides_ts": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def house(traded_home, tmp_path_factory):
    return house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN)[0]


def test_a_home_without_an_account_says_how_one_is_begun(tmp_path):
    browser = houses.Browser(houses.house(tmp_path / "home"))
    assert "vigie trade run my.toml --account main" in browser.get("/trading").text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "paper account on Binance"), ("fr", "compte de simulation")]
)
def test_tiles_name_the_account_that_their_figures_come_from(house, language, words):
    tiles = houses.Browser(house, language=language).get("/trading").text.split('class="tiles')[1]
    tiles = tiles.split('id="equity-chart"')[0]
    assert tiles.count('class="meta"') == tiles.count(f'class="meta"><span>{words}') == 4


@pytest.mark.parametrize(("language", "words"), [("en", "as of "), ("fr", "au ")])
def test_limits_on_the_overview_say_as_of_when_they_are(house, language, words):
    browser = houses.Browser(house, language=language)
    limits = browser.get("/trading").text.partition('id="gauges"')[2].partition("</section>")[0]
    when = browser.call("trading.account", account="main").json()["event_ts"]
    assert f"{words}{UserLanguage(language).moment(when)}" in limits


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_answers_whole(house, part, language):
    response = houses.Browser(house, language=language).get(f"/trading?part={part}")
    assert response.status_code == 200
    told = main_of(response)
    assert (
        f"<strong>{ {'en': 'Paper trading', 'fr': 'Simulation (paper trading)'}[language] }</strong>" in told
    )
    assert "<table" in told
    assert not FORBIDDEN.search(response.text)


@pytest.mark.parametrize(
    ("language", "empty", "account"),
    [
        ("en", "No active strategies", "strategies of account main"),
        ("fr", "Aucune stratégie active", "stratégies actives du compte main"),
    ],
)
def test_switches_of_backtests_and_of_an_account_say_whose_they_are(house, language, empty, account):
    browser = houses.Browser(house, language=language)
    told = main_of(browser.get("/strategies"))
    assert empty in told
    there = f'href="/trading?account=main&amp;part=slots">{account}</a>'
    assert there in told
    assert there in main_of(browser.get("/strategies/macd_cross"))
    assert 'href="/strategies#on"' in main_of(browser.get("/trading?part=slots"))
    assert (
        'href="/trading?account=main&amp;part=slots"'
        in main_of(browser.get("/trading")).split('id="live"')[0]
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "In paper trading, live quotes only value"),
        ("fr", ("En simulation, les cotations en direct ne servent")),
    ],
)
def test_a_level_that_paper_has_passed_is_said_to_fill_with_its_bar(house, monkeypatch, language, words):
    browser = houses.Browser(house, language=language)
    for rows in ([HELD], []):
        monkeypatch.setattr(figures, "open_rows", lambda *_, told=rows: told)
        assert (words in main_of(browser.get("/trading"))) == bool(rows)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "stop crossed, exit at"), ("fr", "stop franchi, sortie à")]
)
def test_a_stop_that_a_quote_has_passed_says_when_it_settles(house, monkeypatch, language, words):
    browser = houses.Browser(house, language=language)
    passed = {
        "mark": 80.0,
        "stop_distance": -0.125,
        "is_stop_passed": True,
        "settles_ts": BEGUN + 15 * MINUTE_MS,
    }
    for more in (passed, {"mark": 100.0, "stop_distance": 0.1}):
        monkeypatch.setattr(figures, "open_rows", lambda *_, told=more: [HELD | told])
        mark = figures.MarkPrice(more["mark"], BEGUN)
        monkeypatch.setattr(figures, "marks_of", lambda *_, told=mark: {"btc-usdt-perp": told})
        told = re.sub(r"\s+", " ", main_of(browser.get("/trading")))
        (hidden, said) = re.findall(rf'data-shown="true"( hidden)?>{words} (.*?)</span>', told)[0]
        assert bool(hidden) != ("is_stop_passed" in more)
        assert ("00:15 UTC" in said) == ("is_stop_passed" in more), said
        assert re.search(r"\+12[.,]50" if "is_stop_passed" in more else "[-−]10[.,]00", told)


@pytest.mark.parametrize(("language", "decided"), [("en", "decided: 90"), ("fr", "décidé : 90")])
def test_a_stop_is_shown_where_it_stands_with_the_decided_one_beside(
    house, monkeypatch, capsys, language, decided
):
    def record(kind, **text):
        house.audit.append(kind, actor="owner", subject="btc-usdt-perp", text={"account": "main", **text})

    def seen():
        page = re.sub(r"\s", " ", main_of(browser.get("/trading")))
        (row,) = bound(house, get_account_status)("main", "owner")["positions"]
        live = dict(bound(house, live_rows)("owner"))["position"]
        return row["stop"], row["stop_decided"], decided in page, live["stop_distance"]

    marked = HELD | {"mark": 100.0, "stop_distance": 0.1}
    monkeypatch.setattr(figures, "open_rows", lambda *_: [marked])
    monkeypatch.setattr(figures, "marks_of", lambda *_: {"btc-usdt-perp": figures.MarkPrice(100.0, BEGUN)})
    monkeypatch.setattr(standing_module, "list_positions", lambda _: [HELD])
    browser = houses.Browser(house, language=language)
    assert seen() == ("90", "90", False, pytest.approx(0.1))
    record("trade.stop_nearer", stop="95", meant="90", begun=BEGUN)
    assert seen() == ("95", "90", True, pytest.approx(0.05))
    print_status(bound(house, get_account_status)("main", "owner"))
    assert "stop 95 (decided: 90), target 110" in capsys.readouterr().out
    record("trade.stop_back", stop="90", begun=BEGUN)
    assert seen() == ("90", "90", False, pytest.approx(0.1))
    record("trade.stop_moved", stop="80", meant="90", begun=BEGUN)
    assert seen() == ("80", "90", True, pytest.approx(0.2))
    record("trade.stop_moved", stop="70", meant="90", begun=BEGUN - 1)
    assert seen()[0] == "80", "of another position"
    told = {"holder": "next", "token": 9, "by_force": False}
    house.audit.append("trade.lease", actor="owner", subject="main", text=told)
    assert seen() == ("90", "90", False, pytest.approx(0.1)), "another process says it again where it is so"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["paper trading on Binance, 10,000 USDT", "sell 1.5, limit order, id 71234",
                "512.25 USDT received without a Vigie trade", "tick 0.1", "opened "]),
        ("fr", ["simulation (paper trading) sur Binance, 10 000 USDT", "vente 1,5, ordre limite, identifiant 71234",
                "512,25 USDT reçus sans trade de Vigie", "tick 0,1, lot", "ouverte le "]),
    ],
)  # fmt: skip
def test_what_happened_is_said_in_the_visitors_language_with_its_numbers(house, language, said):
    def record(kind, subject, /, **text):
        house.audit.append(kind, actor="owner", subject=subject, text={"account": "main", **text})

    record("trade.unexplained_order", SLOT, order="71234", side=-1, qty="1.5", kind="limit")
    record("trade.money", "main", amount=512.25, way="came_in", money="512.25", currency="USDT")
    record("trade.rules", SLOT, tick="0.1", lot="0.001", least="0.001")
    record("trade.target_lost", SLOT, begun=BEGUN)
    page = re.sub(r"\s", " ", main_of(houses.Browser(house, language=language).get("/trading?part=events")))
    assert [one for one in said if one not in page] == []
    if language == "fr":
        overview = main_of(houses.Browser(house, language="fr").get("/trading"))
        assert "paper" not in re.sub(r"<[^>]+>|Simulation \(paper trading\)", " ", overview)
        assert not re.search(r"entered at|came in|paper on|with \d", page)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No prices from venue"), ("fr", ("Plus de prix de la plateforme"))]
)
def test_silent_prices_are_said_before_an_entry_is_refused(house, monkeypatch, language, words):
    browser = houses.Browser(house, language=language)
    for seconds, is_traded, is_said in (
        (45.0, True, True),
        (5.0, True, False),
        (None, True, False),
        (45.0, False, False),
    ):
        monkeypatch.setattr(trading_desk, "silent_s", lambda *_, told=seconds: told)
        monkeypatch.setattr(trading_desk, "is_traded", lambda *_, told=is_traded: told)
        page = main_of(browser.get("/trading"))
        assert (words in page) == is_said
        assert ("45 s" in page) == is_said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", r"Next decision in ([^,]+), at ([^:]+:\S+).*?: (\d+) strateg"),
        ("fr", r"Prochaine décision dans ([^,]+), à ([^:]+:\S+).*?: (\d+) strat"),
    ],
)
def test_the_time_to_the_next_decision_is_said_while_somebody_trades(house, monkeypatch, language, words):
    """The nearest close of a bar of a strategy that is on; nothing where nobody trades the account."""
    browser, lang = houses.Browser(house, language=language), UserLanguage(language)
    slots = run_operation(house, OWNER, "trading.slots", {"account": "main"}).rows
    closes = [next_close(house.clock.market_now(), row.timeframe) for row in slots if row.is_on]
    assert closes
    for is_traded in (True, False):
        monkeypatch.setattr(trading_desk, "is_traded", lambda *_, told=is_traded: told)
        page = re.sub(r"\s", " ", main_of(browser.get("/trading")))
        found = re.search(words, page.partition('id="positions"')[2].partition("</section>")[0])
        assert (found is not None) == is_traded
        if found is not None:
            left = min(closes) - house.clock.market_now()
            assert re.sub(r"\s", " ", lang.took(left)) == found[1].strip()
            assert re.sub(r"\s", " ", lang.clock(min(closes))) in page
            assert int(found[3]) == closes.count(min(closes))


def test_who_may_not_trade_sees_everything_and_finds_no_hand_on_it(house):
    visitor = houses.Browser(house, is_owner=False)
    for part in PARTS:
        told = main_of(visitor.get(f"/trading?part={part}&confirm=flatten"))
        assert "<table" in told
        assert "<form" not in told
        assert "confirm=stop" not in told
    before = house.trades.state("main"), house.audit.newest()
    for path, form in (
        ("/trading/order", {"account": "main", "what": "stop"}),
        ("/trading/order", {"account": "main", "what": "flatten", "typed": "main"}),
        ("/trading/switch", {"account": "main", "slots": SLOT, "to": "off"}),
        ("/trading/limits", {"account": "main", "max_positions": "1"}),
        ("/trading/lift", {"account": "main", "why": "so", "typed": "main"}),
    ):
        assert visitor.post(path, form).status_code == 403, path
    assert (house.trades.state("main"), house.audit.newest()) == before


def test_an_account_is_stopped_and_let_again_after_a_question(house):
    browser = houses.Browser(house)
    assert 'name="what" value="stop"' in browser.get("/trading?account=main&confirm=stop").text
    assert house.trades.state("main") == "active"
    told = browser.post("/trading/order", {"account": "main", "what": "stop", "why": "holidays"})
    assert "Entries are stopped" in main_of(told)
    assert house.trades.state("main") == "reducing"
    newest = house.audit.after(house.audit.newest() - 1)[0]
    assert (newest.kind, newest.text["why"]) == ("trade.state", "holidays")
    browser.post("/trading/order", {"account": "main", "what": "resume"})
    assert house.trades.state("main") == "active"


def test_the_question_leaves_the_mode_in_sight(house):
    told = main_of(houses.Browser(house).get("/trading"))
    assert "&amp;confirm=stop" in told
    assert "#" not in told.partition("confirm=stop")[2][:8]
    asked = main_of(houses.Browser(house).get("/trading?confirm=stop"))
    assert 0 <= asked.index("Paper trading") < asked.index('id="confirm"')


def test_a_rule_of_yes_or_no_shows_no_numbers(house):
    told = replace(house, is_simulated=True)
    rows = run_operation(told, OWNER, "trading.refusals", {}).rows
    assert {*codes.CODES.values()} >= words.YES_OR_NO
    page = main_of(houses.Browser(told).get("/trading?part=refusals"))
    body = page.partition("<tbody>")[2].partition("</tbody>")[0].split("</tr>")[:-1]
    shown = [row["code"] in words.YES_OR_NO for row in rows[: len(body)]]
    assert [row.count("\u2013") >= 2 for row in body] == shown


@pytest.mark.parametrize("path", ["/trading", "/journal", "/jobs"])
def test_a_simulated_home_says_which_clock_it_tells(house, path):
    told = main_of(houses.Browser(replace(house, is_simulated=True)).get(path))
    assert "times of the simulated market" in told or "the simulated market's" in told
    assert "the simulated market" not in main_of(houses.Browser(house).get(path))


@pytest.mark.parametrize("path", ["/trading?part=trades", "/journal", "/journal?by=strategy"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_amounts_of_closed_trades_stand_under_their_currency(house, path, language):
    told = main_of(houses.Browser(house, language=language).get(path))
    assert re.search(r'<h2[^>]*>[^<]*<span class="meta">USDT</span></h2>', told)


@pytest.mark.parametrize("path", ["/trading", "/journal", "/journal?by=strategy"])
def test_a_trade_has_one_french_word(house, path):
    assert "Opérations" not in main_of(houses.Browser(house, language="fr").get(path))


def test_french_names_where_the_figures_of_an_account_come_from(house):
    told = main_of(houses.Browser(house, language="fr").get("/trading?part=days"))
    cited = re.findall(r'<table[^>]* data-cite-source="([^"]*)"', told)
    assert set(cited) == {"trading de Vigie, compte de simulation sur Binance"}


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "It was reached before and holds until then"), ("fr", "Elle a été atteinte auparavant")],
)
def test_a_limit_in_force_of_which_less_is_counted_now_says_that_it_was_reached_before(
    house, monkeypatch, language, words
):
    browser = houses.Browser(house, language=language)
    paths = ("/trading", "/trading?part=limits")
    assert not any(words in browser.get(path).text for path in paths)
    until = {"loss_streak": BEGUN + 3_600_000}
    monkeypatch.setattr("vigie.services.operations.trading.find_account_limits", lambda *_, **__: until)
    used = {row.name: row.share for row in run_operation(house, OWNER, "trading.limits", {}).rows}
    assert used["loss_streak"] < 1
    for path in paths:
        assert browser.get(path).text.count(words) == 1


def test_nothing_is_closed_until_the_account_is_named(house):
    browser = houses.Browser(house)
    refused = browser.post("/trading/order", {"account": "main", "what": "flatten", "typed": "yes"})
    assert refused.status_code == 400
    assert house.trades.state("main") == "active"
    assert browser.post("/trading/order", {"account": "main", "what": "sell"}).status_code == 400


def test_a_slot_is_switched_off_and_on(house):
    browser = houses.Browser(house)
    told = browser.post("/trading/switch", {"account": "main", "part": "slots", "slots": SLOT, "to": "off"})
    assert f"Switch on: {SLOT}" in told.text
    browser.post("/trading/switch", {"account": "main", "part": "slots", "slots": SLOT, "to": "on"})
    assert all(row["is_on"] for row in run_operation(house, OWNER, "trading.slots", {}).rows)


@pytest.mark.parametrize(("language", "over"), [("en", "over the limit"), ("fr", "limite dépassée")])
@pytest.mark.parametrize("part", ["", "limits"])
def test_a_limit_that_is_passed_says_so(house, monkeypatch, part, language, over):
    def rows(used):
        share = {"name": "max_positions", "unit": "count", "limit": 2.0, "used": used, "share": used / 2.0}
        day = {"name": "daily_loss", "unit": "fraction", "limit": 0.04, "used": 0.0, "share": 0.0}
        monkeypatch.setattr(trading_desk.figures, "limit_rows", lambda *_: [share, day])
        return main_of(houses.Browser(house, language=language).get(f"/trading?part={part}"))

    assert over in rows(3.0)
    assert over not in rows(2.0)


def test_limits_are_tightened_and_a_looser_one_is_refused_with_a_reason(house):
    browser = houses.Browser(house)
    told = browser.post("/trading/limits", {"account": "main", "max_positions": "2", "daily_loss": "1,5"})
    assert told.status_code == 200
    limits = {row["name"]: row["limit"] for row in run_operation(house, OWNER, "trading.limits", {}).rows}
    assert (limits["max_positions"], limits["daily_loss"]) == (2.0, pytest.approx(0.015))
    for form in ({"max_positions": "50"}, {"daily_loss": "9"}, {"daily_loss": "much"}):
        assert browser.post("/trading/limits", {"account": "main", **form}).status_code == 400
    browser.post("/trading/limits", {"account": "main"})
    limits = {row["name"]: row["limit"] for row in run_operation(house, OWNER, "trading.limits", {}).rows}
    assert (limits["max_positions"], limits["daily_loss"]) == (5.0, 0.04)


@pytest.mark.parametrize(
    ("language", "title", "button"),
    [
        ("en", "Lift limits early", "Lift these limits"),
        ("fr", "Lever des limites avant terme", "Lever ces limites"),
    ],
)
def test_a_limit_is_lifted_on_the_page_with_a_reason_and_the_name_typed(
    house, monkeypatch, language, title, button
):
    assert title not in houses.Browser(house, language=language).get("/trading?part=limits").text
    until = {"daily_loss": BEGUN + 3_600_000, "slot_drawdown": BEGUN + 7_200_000}
    for module in ("vigie.services.operations.trading", "vigie.services.trading.limits.lifting"):
        monkeypatch.setattr(f"{module}.find_all_limits", lambda account, now: until)
    browser = houses.Browser(house, language=language)
    page = main_of(browser.get("/trading?part=limits"))
    assert title in page
    assert button in page
    asked = {"account": "main", "part": "limits", "why": "checked", "typed": "main"}
    for wrong in ({"why": ""}, {"typed": "other"}):
        assert browser.post("/trading/lift", {**asked, **wrong}).status_code == 400
    before = len(house.trades.lifts("main"))
    assert browser.post("/trading/lift", asked).status_code == 200
    assert [set(one.limits) for one in house.trades.lifts("main")[before:]] == [set(until)]
    assert "checked" in main_of(browser.get("/trading?part=events"))


@pytest.mark.parametrize(
    ("language", "told"), [("en", "Not tradable now (halted)"), ("fr", "Trading impossible actuellement (suspendu)")]
)  # fmt: skip
def test_an_entry_that_the_venue_does_not_take_is_told_with_why(house, monkeypatch, language, told):
    with bound(house, open_account_view)(house.trades.run("main")) as story:
        refused = EntryRefusal(BEGUN, SLOT, "long", "instrument_state", 0.0, 3.0)
        monkeypatch.setattr(story, "refusals", [refused])
    page = main_of(houses.Browser(house, language=language).get("/trading?part=refusals"))
    assert told in " ".join(page.split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_of_a_refusal_and_every_limit_is_told_in_words(house, language):
    lang = UserLanguage(language)
    context = SimpleNamespace(lang=lang, text=lang.text)
    refusals = {**codes.REFUSALS, **codes.VETOES}.values()
    assert [one for one in refusals if words.refusal_text(context, one) == one.replace("_", " ")] == []
    limits = [row["name"] for row in run_operation(house, OWNER, "trading.limits", {}).rows]
    assert [one for one in limits if words.limit_text(context, one) == one] == []


@pytest.mark.parametrize(
    ("language", "title", "why"),
    [("en", "Order not placed by Vigie", "buy 0.5"), ("fr", "Ordre non passé par Vigie", "achat 0,5")],
)
def test_what_is_grave_is_on_the_overview_until_somebody_has_seen_it(house, language, title, why):
    lease = house.trades.take("main", "tests", for_s=9, by_force=True)
    said = {"order": "7", "side": 1, "qty": "0.5", "kind": "limit"}
    note = AuditNote("trade.unexplained_order", "btc-usdt-perp", said)
    house.trades.commit(lease, TradeChange(notes=(note,)))
    house.trades.leave(lease)
    browser = houses.Browser(house, language=language)
    told = main_of(browser.get("/trading"))
    assert (title in told, why in told, 'action="/trading/seen"' in told) == (True, True, True)
    watched = main_of(houses.Browser(house, is_owner=False).get("/trading"))
    assert ('id="concerns"' in watched, "/trading/seen" in watched) == (True, False)
    browser.post("/trading/seen", {"account": "main"})
    assert 'id="concerns"' not in main_of(browser.get("/trading"))
    assert title in main_of(browser.get("/trading?part=events"))


def test_what_happened_goes_on_page_after_page(house, monkeypatch):
    monkeypatch.setattr(page, "MANY", 2)
    browser, path, shown = houses.Browser(house), "/trading?account=main&part=events", []
    while path:
        told = main_of(browser.get(path))
        shown.append(told.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr"))
        cursor = re.search(r"part=events&amp;cursor=(\d+)", told.rpartition("pager")[2])
        path = f"/trading?account=main&part=events&cursor={cursor[1]}" if cursor else ""
    assert sum(shown) == len(run_operation(house, OWNER, "trading.events", {"limit": 500}).rows)
    assert len(shown) > 1


def test_an_account_that_is_not_there_is_told_as_such(house):
    assert houses.Browser(house).get("/trading?account=other").status_code == 404
