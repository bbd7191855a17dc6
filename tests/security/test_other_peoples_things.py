"""Nobody reads or changes what belongs to somebody else, by any operation and by any page (IDOR).

The registry drives the tests: a new operation that takes an id must say here where such an id comes from. All of it
runs on both databases.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.databases import KINDS
from tests.security.people import Town, town
from tests.unit.intelligence.setups.closes import START, decided, lived
from tests.unit.services.plans.material import plan_of
from tests.unit.services.trading.material import BEGUN, FILE, planned
from vigie.domain.alert import (
    INBOX,
    Alert,
    AlertDelivery,
    AlertEvent,
    AlertRule,
    Channel,
    alert_id,
    delivery_id,
)
from vigie.domain.entity import Amendment
from vigie.domain.run_file_version import RunFileVersion
from vigie.domain.setup import SetupScope
from vigie.domain.time import HOUR_MS, iso
from vigie.ports.boards import StoredBoard
from vigie.ports.setups import FollowedCloses
from vigie.services.needs import bound
from vigie.services.operation import Operation, operations
from vigie.services.operation_calls import run_operation
from vigie.services.setups.folding import change_record
from vigie.services.trading.process.trading import begin_run
from vigie.services.trading.run_files.account_files import note_source
from vigie.views.web.page import pages

# Fields that hold the id of something that belongs to a person.
OWNED = {
    "watchlist",
    "token",
    "session",
    "job",
    "run",
    "user",
    "id",
    "first",
    "second",
    "runs",
    "share",
    "sweep",
    "account",
    "trade",
    "setup",
    "rule",
    "channel",
    "alert",
    "amendment",
    "board",
    "outside_trade",
    "outside_fill",
    "outside_address",
    "holding",
    "holding_batch",
    "holding_link",
    "holding_address",
    "arrival",
    "reported_statement",
}
# Such fields whose value is everybody's: catalogue ids, names of shipped strategies.
PUBLIC = {("assets.get", "id"), ("strategies.get", "id")}
# Values of other fields that a call needs to get as far as looking for the thing.
OTHERS: dict[str, Any] = {
    "asset": "bitcoin", "to": "up", "name": "x", "role": "trader", "assets": ["bitcoin"], "kind": "trades",
    "against": "", "metric": "net", "x": "", "y": "", "confirm": "hers", "slots": ["btc-usdt-perp/1h/ema_cross"],
    "on": False, "code": "00000000", "plan": {"title": "x"}, "part": {"kind": "heat"},
    "verdict": "accepted", "base": 1, "coin": "bitcoin", "quantity": "1", "host": "node.example",
}  # fmt: skip
DONE = (200, 204)
# Their `plan` is an id; that of a board is what is on it.
PLANS = "plans."


@pytest.fixture(scope="module", params=KINDS)
def place(request, tmp_path_factory) -> Town:
    opened = request.getfixturevalue(f"{request.param}_database")
    address = opened.engine.url.render_as_string(hide_password=False)
    return town(tmp_path_factory.mktemp("home"), with_bars=True, database=address)


def things(place: Town) -> dict[str, str]:
    """Make one of each thing for Ann and return the ids."""
    ann = place.caller(place.ann)
    there = [one.id for one in place.house.accounts.watchlists(place.ann.id) if one.name == "Secret plans"]
    asked = {"name": "Secret plans", "assets": ["bitcoin"]}
    listed = there[0] if there else run_operation(place.house, ann, "watchlists.create", asked).watchlist
    tokens = [one.id for one in place.house.accounts.tokens(place.ann.id)]
    asked = {"name": "hers", "scopes": ["read"]}
    token = tokens[0] if tokens else run_operation(place.house, ann, "accounts.token_create", asked).id
    place.browser(place.ann)
    job = place.house.jobs.put("backtest", {"secret": "plans"}, owner=place.ann.id)
    return {
        "watchlist": listed,
        "token": token,
        "session": place.house.accounts.sessions(place.ann.id)[0].key[:12],
        "job": job.id,
        "user": place.ann.id,
        "run": _run(place),
        "account": _account(place),
        "trade": "t0123456789abcde",
        "setup": _setup(place),
        "trade_plan": _plan(place),
        **_alerts(place),
        "amendment": _amendment(place),
        "board": _board(place),
        **_outside(place, ann),
        **_holding(place, ann),
        "reported_statement": _reported(place, ann),
        **_kept_lists(place, ann),
    }


def _kept_lists(place: Town, ann: Any) -> dict[str, str]:
    """Keep a list of emerging coins and a search of Ann's; they are known by their names, not by ids."""
    run_operation(place.house, ann, "newcomers.save", {"name": "Secret plans", "where": "flags=none"})
    run_operation(place.house, ann, "screens.save", {"name": "Secret plans", "where": "rsi_14<30"})
    return {}


def _alerts(place: Town) -> dict[str, str]:
    """Keep a rule, an address and an alert of Ann's, once."""
    store, owner, now = place.house.alerts, place.ann.id, place.house.clock.wall_now()
    channels = store.channels(owner)
    channel = channels[0] if channels else store.put_channel(Channel("", owner, "mail", "ann@example.org"))
    rules = store.rules(owner)
    rule = rules[0] if rules else store.put_rule(AlertRule("", owner, "Secret plans", "item"))
    told = AlertEvent("item", "s1", "Secret plans", now, now, facts={"tier": "regulator"})
    alert = Alert(alert_id("a0", told), rule.id, owner, told, now)
    inbox = AlertDelivery(delivery_id(alert.id, INBOX), alert.id, INBOX, "sent", now, ts_done=now)
    store.add([(alert, [inbox])])
    return {"rule": rule.id, "channel": channel.id, "alert": alert.id}


def _amendment(place: Town) -> str:
    """Keep a name that Ann added, once."""
    names = place.house.names
    there = [one.id for one in names.amendments() if one.author == place.ann.id]
    made = Amendment("", "alias", "org:sec", "Her name of it", "", place.ann.id)
    return there[0] if there else names.amend(made).id


def _board(place: Town) -> str:
    """Keep a board of Ann's, once and not deleted."""
    there = place.house.accounts.boards(place.ann.id)
    plan = {"title": "Secret plans", "parts": []}
    return (there[0] if there else place.house.accounts.put_board(StoredBoard("", place.ann.id, plan))).id


def _account(place: Town) -> str:
    """Begin a paper account of Ann's, once."""
    if place.house.trades.run("hers") is None:
        home = Path(str(place.house.home))
        then = SimpleNamespace(market_now=lambda: BEGUN, wall_now=lambda: BEGUN, market_speed=lambda: 1.0)
        plan = planned(replace(place.house, clock=then), home, account="hers")
        bound(place.house, begin_run)(plan, place.ann.id)
    _run_file(place)
    return "hers"


def _run_file(place: Town) -> None:
    """Let a changed run file of Ann's account wait."""
    house, home = place.house, Path(str(place.house.home))
    run, file = house.trades.run("hers"), home / "hers.toml"
    versions = house.run_files.versions(place.ann.id, "hers")
    if len(versions) == 1 and not versions[0].is_ended:
        return
    house.run_files.forget(place.ann.id)
    file.write_text(FILE)
    note_source(house.results, run.id, file)
    after = FILE.replace("10_000", "9_000")
    house.run_files.add(RunFileVersion("hers", 1, place.ann.id, "r1", FILE, after, place.ann.id), [])


def _setup(place: Town) -> str:
    """Keep a setup of Ann's account, once."""
    run = place.house.trades.run(_account(place))
    (change,) = lived([decided(0)])
    closes = FollowedCloses(SetupScope("hers"), run.id, str(change.slot), (), (change_record(change),))
    place.house.setups.record(closes)
    return change.setup


def _plan(place: Town) -> str:
    """Keep a plan of Ann's, once."""
    plan = plan_of(
        "btc-usdt-perp", START, owner=place.ann.id, account="hers", stop=1.0, target=9e6, until=4 * 10**12
    )
    if not place.house.plans.versions(place.ann.id, plan.id):
        place.house.plans.add(plan, place.ann.id)
    return plan.id


def _outside(place: Town, ann: Any) -> dict[str, str]:
    """Keep a trade that Ann made elsewhere after her setup was confirmed; a test may have removed it."""
    asked = {
        "venue": "binance-perp", "instrument": "BTCUSDT", "side": "buy", "price": "60000", "quantity": "1",
        "time": iso(START + HOUR_MS),
    }  # fmt: skip
    run_operation(place.house, ann, "outside.add", asked)
    (trade,) = run_operation(place.house, ann, "outside.list", {}).rows
    store, ann_id = place.house.outside, place.ann.id
    address = store.add_address(
        ann_id, "hyperliquid-perp", place.house.address_seal.seal("0x" + "1" * 40), "m"
    )
    return {"outside_trade": trade.id, "outside_fill": trade.id, "outside_address": address.id}


def _holding(place: Town, ann: Any) -> dict[str, str]:
    """Keep what left a place of Ann's and what arrived at another; a test may have removed or joined them."""
    proposed = run_operation(place.house, ann, "holdings.transfers", {}).rows
    if proposed:
        left, arrived = proposed[0].entry, proposed[0].arrival
    else:
        moved = {"coin": "bitcoin", "quantity": "0.5", "kind": "transfer", "day": "2025-01-02"}
        ways = (
            {"place": "Secret plans", "to_place": "elsewhere"},
            {"place": "elsewhere", "to_place": "Safe"},
        )
        left, arrived = (
            run_operation(place.house, ann, "holdings.add", {**moved, **way}).entry for way in ways
        )
    (row,) = run_operation(place.house, ann, "holdings.list", {"holding": left}).rows
    link = place.house.holding_links.links(place.ann.id)
    made = link[0].id if link else run_operation(place.house, ann, "holdings.share", {}).holding_link
    wallet = {"address": "0x" + "0" * 39 + "1", "label": "Secret plans"}
    address = run_operation(place.house, ann, "holdings.add_address", wallet).holding_address
    return {
        "holding": left, "holding_batch": row.batch, "arrival": arrived, "holding_link": made,
        "holding_address": address,
    }  # fmt: skip


def _reported(place: Town, ann: Any) -> str:
    """Keep what a platform reported of Ann."""
    text = "asset,category,units\nBTC,fiat_in,0.5\n"
    asked = {"text": text, "year": 2025, "place": "Secret plans", "dry_run": False}
    run_operation(place.house, ann, "holdings.import_reported", asked)
    return place.house.reported.statements(place.ann.id)[0].id


def _run(place: Town) -> str:
    """Keep a result of Ann's, with one file."""
    folder = Path(str(place.house.home)) / "runs" / "hers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trades.csv").write_text("Secret plans", "utf-8")
    kept = place.house.runs.put(
        place.ann.id, "backtest", title="Secret plans", folder="runs/hers", ask={}, summary={}
    )
    return kept.id


def concerned() -> list[Operation]:
    """Return operations that take the id of something owned; administrators' are everybody's business."""
    return [
        one
        for one in operations().values()
        if one.scope != "admin"
        # Its `rule` is a shipped strategy, no rule of alerts.
        and one.name != "models.train"
        and (any(name in OWNED for name in one.input_type.model_fields) or one.name.startswith(PLANS))
    ]


def kept(place: Town) -> Any:
    """Return everything of Ann's, to compare."""
    accounts = place.house.accounts
    return (
        accounts.watchlists(place.ann.id), [one.id for one in accounts.tokens(place.ann.id)],
        [one.key for one in accounts.sessions(place.ann.id)],
        [job.state for job in place.house.jobs.list(owner=place.ann.id)],
        accounts.settings(place.ann.id), accounts.password_hash(place.ann.id),
        place.house.runs.list(owner=place.ann.id), place.house.trades.state("hers"),
        place.house.trades.holder("hers"), place.house.accounts.extra_settings(place.ann.id),
        place.house.alerts.rules(place.ann.id), place.house.alerts.channels(place.ann.id),
        place.house.alerts.count_unread(place.ann.id), place.house.names.amendments(),
        place.house.accounts.boards(place.ann.id), place.house.plans.versions(place.ann.id),
        place.house.outside.fills(place.ann.id), place.house.outside.matches(place.ann.id),
        place.house.outside.addresses(place.ann.id), place.house.holdings.records(place.ann.id),
        place.house.holding_links.links(place.ann.id), place.house.holding_addresses.addresses(place.ann.id),
        place.house.reported.statements(place.ann.id),
    )  # fmt: skip


@pytest.mark.parametrize("declared", concerned(), ids=lambda one: one.name)
def test_operation_with_somebody_elses_id_finds_nothing_and_changes_nothing(place, declared):
    ids = things(place)
    if declared.name.startswith(PLANS) or declared.name == "outside.match_plan":
        ids["plan"] = ids["trade_plan"]
    before = kept(place)
    names = [name for name in declared.input_type.model_fields if name in ids]
    assert names, f"say in `things` where an id for {declared.name} comes from"
    required = {name for name, one in declared.input_type.model_fields.items() if one.is_required()}
    values = {**declared.example, **{name: OTHERS[name] for name in required if name in OTHERS}}
    values.update({name: ids[name] for name in names})
    values = {name: value for name, value in values.items() if name in declared.input_type.model_fields}
    answer = place.browser(place.bob).ask(declared, values)
    assert answer.status_code in (403, 404), answer.text
    assert "Secret plans" not in answer.text
    assert kept(place) == before
    if "run" in names or "trade" in names:
        return  # Ann's result has no figures, her account no trade: what she would read is looked at elsewhere.
    mine = place.browser(place.ann).ask(declared, values)
    assert mine.status_code in (*DONE, 400), f"the test must reach the thing: {mine.text}"


def test_an_id_that_somebody_else_chose_answers_as_any_other(place):
    make, read = operations()["plans.make"], operations()["plans.read"]
    hers, free = "p" + "a" * 16, "p" + "b" * 16
    levels = {
        "place": "binance-perp:btc-usdt-perp",
        "side": "long",
        "low": 99.0,
        "high": 101.0,
        "target": 110.0,
    }
    ann, bob = (place.program(one, "read", "write") for one in (place.ann, place.bob))
    assert ann.ask(make, {**levels, "stop": 90.0, "new_id": hers}).status_code == 200
    before = kept(place)
    answers = [bob.ask(make, {**levels, "stop": 95.0, "new_id": word}) for word in (hers, free) * 2]
    assert [one.status_code for one in answers] == [200] * 4, answers[0].text
    told = [one.json()["newest"] for one in answers]
    assert [(one["plan"], one["version"]) for one in told] == [(hers, 1), (free, 1)] * 2
    assert kept(place) == before
    reading = place.program(place.bob, "read")
    assert reading.ask(make, {**levels, "stop": 95.0, "new_id": hers}).status_code == 403
    # Each reads their own.
    assert [one.ask(read, {"plan": hers}).json()["newest"]["stop"] for one in (ann, reading)] == [90.0, 95.0]


@pytest.mark.parametrize("declared", concerned(), ids=lambda one: one.name)
def test_stranger_gets_nothing_at_all(place, declared):
    assert place.browser(None).ask(declared, declared.example).status_code in (401, 422)


def test_lists_of_everything_hold_only_ones_own(place):
    things(place)
    bob = place.browser(place.bob)
    for declared in operations().values():
        if declared.scope == "read" and not any(
            one.is_required() for one in declared.input_type.model_fields.values()
        ):
            text = bob.ask(declared, declared.example).text
            assert place.ann.id not in text, declared.name
            assert "Secret plans" not in text, declared.name


# Pages whose address names what is everybody's, or the administrator's.
EVERYBODYS = {
    "asset", "asset-compare", "entity", "news_bundle", "news_evidence", "news_item", "own_feeds_file", "quote",
    "source", "story", "strategy", "studio_template", "shared", "portfolio-shared", "unsubscribe", "demo_mail_one",
    "demo_attachment", "model",
}  # fmt: skip


def owned_addresses(ids: dict[str, str]) -> dict[str, str]:
    """Return the address of each page of Ann's things, by page."""
    return {
        "watchlist": f"/watchlists/{ids['watchlist']}",
        "job": f"/jobs/{ids['job']}",
        "board": f"/studio/{ids['board']}",
        "board_file": f"/studio/{ids['board']}/board.svg",
        "backtest": f"/backtests/{ids['run']}",
        "backtest_file": f"/backtests/{ids['run']}/files/trades.csv",
        "journal_trade": f"/journal/{ids['trade']}?account=hers",
        "setup": f"/setup/{ids['setup']}",
        "plan": f"/plan/{ids['trade_plan']}",
    }


def test_pages_show_nothing_of_somebody_else(place):
    bob, addresses = place.browser(place.bob), owned_addresses(things(place))
    for page in pages().values():
        if page.name in EVERYBODYS:
            continue
        assert ("{" in page.path) == (page.name in addresses), f"whose is what {page.path} shows?"
        answer = bob.get(addresses.get(page.name, page.path))
        assert answer.status_code == 404 or page.name not in addresses, page.path
        assert "Secret plans" not in answer.text, page.path
        assert place.ann.id not in answer.text, page.path


@pytest.mark.parametrize(
    "page", ["watchlist", "job", "board", "board_file", "backtest_file", "setup", "plan"]
)
def test_the_same_pages_show_them_to_whom_they_belong(place, page):
    answer = place.browser(place.ann).get(owned_addresses(things(place))[page])
    assert answer.status_code == 200
    # Ann has changed her board meanwhile, and a job shows its steps.
    assert page in ("job", "board", "board_file", "setup", "plan") or "Secret plans" in answer.text


@pytest.mark.parametrize(
    "query",
    ["backtest.svg?run=", "backtest-falls.svg?run=", "sweep-map.png?run=", "backtests-compared.svg?b=&a="],
)
def test_no_picture_shows_results_of_somebody_else(place, query):
    run = things(place)["run"]
    answer = place.browser(place.bob).get(f"/chart/{query}{run}".replace("b=&", f"b={run}&"))
    assert answer.status_code == 404
    assert "Secret plans" not in answer.text


def test_no_picture_shows_trades_of_somebody_else(place):
    there = f"/chart/journal.svg?account=hers&trade={things(place)['trade']}"
    assert place.browser(place.bob).get(there).status_code == 404


def test_palette_finds_nothing_of_somebody_else(place):
    things(place)
    assert "Secret plans" in place.browser(place.ann).get("/palette?q=secret").text
    assert "Secret plans" not in place.browser(place.bob).get("/palette?q=secret").text


FORMS = [
    ("/watchlists/change", {"name": "mine now"}),
    ("/watchlists/change", {"add": "bitcoin"}),
    ("/watchlists/change", {"remove": "bitcoin"}),
    ("/watchlists/share", {}),
    ("/watchlists/move", {"to": "up"}),
    ("/watchlists/delete", {}),
    ("/markets/emerging/remove", {"name": "Secret plans"}),
    ("/markets/screener/remove", {"name": "Secret plans"}),
    ("/studio/save", {"title": "mine now"}),
    ("/studio/delete", {}),
    ("/studio/restore", {}),
    ("/account/tokens/revoke", {}),
    ("/account/sessions", {}),
    ("/admin/users/change", {"role": "admin"}),
    ("/admin/users/reset", {}),
    ("/admin/tokens/revoke", {}),
    ("/trading/order", {"what": "stop"}),
    ("/trading/order", {"what": "flatten", "typed": "hers"}),
    ("/trading/switch", {"slots": "btc-usdt-perp/1h/ema_cross", "to": "off"}),
    ("/trading/limits", {"max_positions": "1"}),
    ("/journal/write", {"note": "mine now"}),
    ("/alerts", {"tiers": "media", "name": "mine now"}),
    ("/alerts/change", {"to": "delete"}),
    ("/alerts/read", {}),
    ("/alerts/channel", {"remove": "1"}),
    ("/alerts/channel", {"test": "1"}),
    ("/alerts/channel", {"code": "12345678"}),
]


@pytest.mark.parametrize(("path", "form"), FORMS)
def test_form_with_somebody_elses_id_changes_nothing(place, path, form):
    ids = things(place)
    before = kept(place)
    answer = place.browser(place.bob).post(path, **{**ids, **form})
    assert answer.status_code in (403, 404)
    assert kept(place) == before


@pytest.mark.parametrize("path", ["/plan/arm", "/plan/cancel"])
def test_form_with_somebody_elses_plan_changes_nothing(place, path):
    plan, before = things(place)["trade_plan"], kept(place)
    assert place.browser(place.bob).post(path, plan=plan).status_code in (403, 404)
    assert kept(place) == before


@pytest.mark.parametrize(
    "path", ["/trading?account=hers", "/journal?account=hers", "/chart/trading.svg?account=hers"]
)
def test_an_account_of_somebody_else_is_not_there(place, path):
    things(place)
    assert place.browser(place.bob).get(path).status_code == 404
    assert place.browser(place.ann).get(path).status_code == 200
    assert not re.search(r"\bhers\b", place.browser(place.bob).get("/trading").text)


def test_results_of_others_are_not_compared_and_drawings_are_ones_own(place):
    run, bob, ann = things(place)["run"], place.browser(place.bob), place.browser(place.ann)
    assert bob.get("/api/v1/backtests/compare", params={"a": run, "b": run}).status_code == 404
    save = operations()["assets.save_drawings"]
    drawn = ann.ask(save, {**save.example, "asset": "bitcoin"})
    assert drawn.status_code == 200, drawn.text
    theirs = bob.get("/api/v1/assets/drawings", params={"asset": "bitcoin"}).json()
    assert theirs["drawings"] == []


def test_fields_that_name_things_are_known_here():
    """A new kind of id must be looked at: fields whose pattern is that of an id belong to `OWNED`."""
    # An item of news is what a source published, a story what several did: nobody's. Imports are all administrators'.
    known = OWNED | {"cursor", "share", "a", "b", "actor", "item", "story", "receipt"}
    for one in operations().values():
        for name, described in one.input_type.model_json_schema().get("properties", {}).items():
            pattern = described.get("pattern", "")
            if "[0-9a-f]" in pattern:
                assert name in known, f"{one.name}.{name}"


def test_restoring_under_somebody_elses_id_does_not_take_the_list_over(place):
    ids = things(place)
    answer = place.browser(place.bob).post(
        "/watchlists/restore", deleted=ids["watchlist"], name="x", assets=""
    )
    assert answer.status_code == 404
    assert place.house.accounts.watchlist(place.bob.id, ids["watchlist"]) is None
    assert place.house.accounts.watchlist(place.ann.id, ids["watchlist"]).name == "Secret plans"
