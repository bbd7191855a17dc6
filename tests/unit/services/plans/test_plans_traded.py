"""A plan is traded as it was decided: on paper, over a restart, and in the account's own backtest."""

from __future__ import annotations

import html
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests import houses
from tests.houses import Browser
from tests.unit.services.plans.material import OWNER, PLANS, at, close_of, plan_of, sources
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.data.features import plan_series
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation
from vigie.services.plans import following, plan_noticing
from vigie.services.plans.arming import publish
from vigie.services.plans.figures import account_money
from vigie.services.plans.following import PlanFollower
from vigie.services.plans.plan_noticing import limit_notices, position_of
from vigie.services.plans.plan_states import PlanOutcome, _tries, outcome_of
from vigie.services.runs.run_gap import gap_record
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.accounts.present_account import present_account
from vigie.services.trading.journal import comparing
from vigie.services.trading.log.account_view import open_account_view
from vigie.services.trading.log.event_log import UnfilledEntry
from vigie.services.trading.process import beginning, trading
from vigie.trading.catalogue import PLAN

ARMED = BEGUN + 6 * HOUR_MS + 60_000
ENDED = BEGUN + 3 * DAY_MS


@pytest.fixture(scope="module")
def traded(tmp_path_factory):
    """A home in which three plans were armed between two processes, and what its account made of them."""
    folder = tmp_path_factory.mktemp("plans")
    house = at(houses.house(folder / "home"), BEGUN)
    plan, said = planned(house, folder, text=PLANS), []
    go(house, plan, ARMED, said)
    now, kept = at(house, ARMED), {}
    for instrument, values in levels(house).items():
        marked = now.plans.add(plan_of(instrument, ARMED, setup="0123456789abcdef", **values), "owner")
        kept[instrument] = now.plans.mark(marked.number, "armed", ARMED, "owner")
    run = house.trades.run("main")
    assert publish(sources(now), "main", load_plan(house.results, run.id)) == 21
    held = present_account(sources(now).logs, now.home_health, run, ARMED)
    go(house, plan, ARMED + 30 * HOUR_MS, said, begun=ARMED)
    run = go(house, plan, ENDED, said, begun=ARMED + 30 * HOUR_MS)
    return at(house, ENDED), run, kept, held


def levels(house):
    """A zone around the price, an entry at once, and a stop beyond the liquidation at the account's leverage."""
    hour = ARMED // HOUR_MS * HOUR_MS
    btc, eth, sol = (close_of(house, f"{coin}-usdt-perp", hour) for coin in ("btc", "eth", "sol"))
    return {
        "btc-usdt-perp": {
            "low": round(btc * 0.995, 1), "high": round(btc * 1.02, 1), "stop": round(btc * 0.985, 1),
            "target": round(btc * 1.04, 1),
        },
        "eth-usdt-perp": {"side": "short", "stop": round(eth * 1.01, 2), "target": round(eth * 0.99, 2)},
        "sol-usdt-perp": {"stop": round(sol * 0.7, 3), "target": round(sol * 1.1, 3)},
    }  # fmt: skip


def test_results_of_plans_have_their_currency(traded):
    house = traded[0]
    closed = run_operation(house, OWNER, "plans.list", {"state": "closed"}).rows
    assert closed
    page = Browser(house).get("/plans?state=closed").text
    assert page.count('<span class="unit">USDT</span>') == len(closed)
    told = (
        Browser(house).get(f"/plan/{closed[0].plan}").text.partition('id="outcome"')[2].partition("</dl>")[0]
    )
    assert told.count("USDT") == 2  # Planned risk and result.
    assert " BTC" in told or " ETH" in told


def test_a_plan_enters_at_the_first_close_with_its_own_levels(traded):
    house, run, kept, _ = traded
    account = trading.load_event_log(house.results, house.trades, run).account
    for instrument in ("btc-usdt-perp", "eth-usdt-perp"):
        number = next(n for n, slot in enumerate(account.slots) if slot.id.instrument == instrument)
        ended = account.trades[account.trades["slot"] == number]
        # One try each.
        assert len(ended) + int(account.slot(number)["side"] != 0) == 1
        rows = ended if len(ended) else [account.slot(number)]
        plan = kept[instrument].plan
        assert float(rows[0]["stop"]) == pytest.approx(plan.stop, abs=1e-9)
        assert float(rows[0]["target"]) == pytest.approx(plan.target, abs=1e-9)
        # The first close after it was armed.
        assert int(rows[0]["decision_ts"]) == ARMED // HOUR_MS * HOUR_MS
        assert rows[0]["side"] == plan.sign


def test_the_account_buys_no_more_than_the_preview_said(traded):
    house, _, kept, held = traded
    decided, capped = ARMED // HOUR_MS * HOUR_MS + HOUR_MS, []
    for instrument in ("btc-usdt-perp", "eth-usdt-perp"):
        became = outcome_of(sources(house), kept[instrument], ENDED)
        close = close_of(house, instrument, decided)
        told = account_money(held, kept[instrument].plan, close, None)
        assert became.qty <= told.results.qty
        # The first one is alone in the account; of the second the first takes from the caps of both.
        capped.append(became.qty == pytest.approx(told.results.qty))
        assert told.results.notional <= 0.3 * 5.0 * 10_000.0 * 1.001
    assert capped[0]


def test_the_chart_of_a_plan_begins_its_levels_where_it_was_made_and_shows_its_fills(traded):
    house, _, kept, _ = traded
    hour = ARMED // HOUR_MS * HOUR_MS
    for instrument in ("btc-usdt-perp", "eth-usdt-perp"):
        marked = kept[instrument]
        told = run_operation(house, OWNER, "plans.chart", {"plan": marked.plan.id})
        became, lines = (
            outcome_of(sources(house), marked, ENDED),
            {one.name: one.values for one in told.lines},
        )
        assert lines["stop"][0] == (hour, marked.plan.stop)
        assert {price for _, price in lines["entry"]} == {became.entry}
        if became.ts_ended is not None:
            assert lines["exit"][-1] == (told.bars[-1][0], became.exit)
            assert lines["entry"][-1][0] <= became.ts_ended
        assert all(len(values) >= 4 for values in lines.values())
        # In the order of a setup's lines, so that stop and target have the same colours.
        assert list(lines)[:3] == ["entry", "stop", "target"]
    # One that was refused has neither.
    refused = run_operation(house, OWNER, "plans.chart", {"plan": kept["sol-usdt-perp"].plan.id})
    assert {one.name for one in refused.lines} == {"stop", "target"}


def test_what_became_of_each_plan_is_read_off_the_log(traded):
    house, _, kept, _ = traded
    became = {name: outcome_of(sources(house), marked, ENDED) for name, marked in kept.items()}
    for name in ("btc-usdt-perp", "eth-usdt-perp"):
        assert became[name].state in ("entered", "closed")
        assert became[name].ts_entered == ARMED // HOUR_MS * HOUR_MS + HOUR_MS
    refused = became["sol-usdt-perp"]
    assert (refused.state, refused.code) == ("refused", "liquidation_too_near")
    assert refused.ts_ended == ARMED // HOUR_MS * HOUR_MS + HOUR_MS


def test_the_account_decides_as_its_own_backtest(traded):
    house, run, _, _ = traded
    beside = gap_record(
        bound(house, comparing.run_own_backtest)(run),
        comparing.load_account_run(house.results, house.trades, run),
    )
    assert abs(float(beside["gap"])) < 1e-6


def test_published_once_and_again_after_a_crash(traded):
    house, run, kept, _ = traded
    pinned = load_plan(house.results, run.id)
    assert publish(sources(house), "main", pinned) == 0
    house.plans.mark(kept["sol-usdt-perp"].number, "refused", ENDED, "vigie")
    marked = house.plans.add(
        plan_of("sol-usdt-perp", ENDED, id="p" + "x" * 16, stop=1.0, target=9e6), "owner"
    )
    # Killed after the mark: nothing is said yet, whoever comes next says it.
    house.plans.mark(marked.number, "armed", ENDED, "owner")
    assert publish(sources(house), "main", pinned) == 7
    assert publish(sources(house), "main", pinned) == 0
    house.plans.mark(marked.number, "cancelled", ENDED, "owner")
    # Its side alone is another.
    assert publish(sources(house), "main", pinned) == 1


def test_an_account_that_holds_by_a_plan_begins_again_and_by_a_file_that_is_gone_it_does_not(
    traded, monkeypatch
):
    house, run, _, _ = traded
    plan = load_plan(house.results, run.id)
    by_plan = next(planned for planned in plan.slots if planned.slot.strategy == PLAN)
    gone = replace(by_plan, slot=replace(by_plan.slot, strategy="gone_one"))
    stores, held = provide(house, TradingStores), [by_plan]
    monkeypatch.setattr(
        beginning, "find_held", lambda *asked: SimpleNamespace(plan=SimpleNamespace(slots=held))
    )
    beginning.refuse_other_files(stores, "main")
    held.append(gone)
    with pytest.raises(UsageError, match=r"gone_one\.py is missing or has changed since its entry"):
        beginning.refuse_other_files(stores, "main")


def test_the_journal_names_the_plan_and_its_setup(traded):
    house, _, kept, _ = traded
    rows = run_operation(house, OWNER, "journal.list", {"account": "main"}).rows
    assert rows
    for row in rows:
        assert row.plan == kept[row.instrument].plan.id
        assert row.setup == kept[row.instrument].plan.setup
    assert (
        run_operation(house, OWNER, "journal.trade", {"account": "main", "trade": rows[0].id}).plan_id
        == rows[0].plan
    )


def test_what_became_of_plans_is_noted_once(traded):
    house, _, kept, _ = traded
    follower = PlanFollower(sources(house), say=pytest.fail)
    assert follower.follow_once() > 0
    assert follower.follow_once() == 0
    # What has ended is planned no more: a new run on other bars would try it again.
    run = house.trades.run("main")
    key = load_plan(house.results, run.id).plan_key
    ended = {one.plan.instrument: not one.is_traded for one in house.plans.armed("main")}
    assert any(ended.values())
    for instrument, is_over in ended.items():
        series = plan_series(key, instrument, "side")
        assert (house.facts.latest([series])[series].value == 0.0) == is_over
    marks = {one.plan.id: one.marks for one in house.plans.armed("main")}
    refused = marks[kept["sol-usdt-perp"].plan.id]
    assert "refused" in refused
    assert "entered" not in refused
    told = [event for event in house.audit.after(0, limit=1_000) if event.kind.startswith("plan.")]
    for kind in ("refused", "entered", "closed"):
        noted = sorted(event.subject for event in told if event.kind == f"plan.{kind}")
        assert noted == sorted(plan for plan, of_plan in marks.items() if kind in of_plan)


def test_what_the_log_says_later_is_not_told_of_a_plan_that_was_over(traded):
    house, _, kept, _ = traded
    sol, over = kept["sol-usdt-perp"], ARMED + 60_000
    # The account refused an entry at the next close: that of the plan that was armed after this one.
    cancelled = replace(sol, marks={"armed": ARMED, "cancelled": over})
    assert outcome_of(sources(house), cancelled, ENDED).state == "cancelled"
    expired = replace(sol, plan=replace(sol.plan, until=over))
    assert outcome_of(sources(house), expired, ENDED).state == "expired"


def test_a_plan_has_not_expired_while_its_last_close_may_still_be_decided(traded):
    house, _, kept, _ = traded
    sol = kept["sol-usdt-perp"]

    def state(until: int, now: int) -> str:
        plan = replace(sol, plan=replace(sol.plan, until=until), marks={"armed": until - 1_000})
        return outcome_of(sources(house), plan, now).state

    # The log ends with this close: what was decided at it is not known yet.
    assert state(ENDED, ENDED + 2_000) == "armed"
    assert state(ENDED, ENDED + HOUR_MS + 1) == "expired"
    # The log went on after this one.
    assert state(ENDED - 2 * HOUR_MS, ENDED - 2 * HOUR_MS + 2_000) == "expired"


def test_a_plan_that_was_traded_stays_as_it_is(traded):
    house, _, kept, _ = traded
    closed = next(one for one in kept.values() if outcome_of(sources(house), one, ENDED).state == "closed")
    plan = closed.plan
    change = {
        "place": f"{plan.venue}:{plan.instrument}", "side": plan.side, "stop": plan.stop, "target": plan.target,
        "plan": plan.id, "version": 1,
    }  # fmt: skip
    with pytest.raises(Conflict, match="was traded and stays as it is"):
        run_operation(house, OWNER, "plans.change", change)


def test_a_plan_cancelled_long_ago_is_followed_no_more_but_stays_taken_back(traded, monkeypatch):
    house, run, _, _ = traded
    plan = plan_of("sol-usdt-perp", ENDED, id="p" + "y" * 16, stop=1.0, target=9e6)
    number = house.plans.add(plan, "owner").number
    house.plans.mark(number, "armed", ENDED, "owner")
    pinned = load_plan(house.results, run.id)
    publish(sources(at(house, ENDED + 1)), "main", pinned)
    # Killed before facts say so, and nobody followed for days.
    house.plans.mark(number, "cancelled", ENDED + 2, "owner")
    looked: list[int] = []

    def look(_sources, marked, _now):
        looked.append(marked.number)
        return PlanOutcome("armed")

    monkeypatch.setattr(following, "outcome_of", look)
    PlanFollower(sources(at(house, ENDED + DAY_MS)), say=pytest.fail).follow_once()
    assert number not in looked
    series = plan_series(pinned.plan_key, "sol-usdt-perp", "side")
    assert house.facts.latest([series])[series].value == 0.0


def test_an_order_not_filled_is_that_of_the_plan_that_was_armed_at_its_close(traded, monkeypatch):
    house, _, kept, _ = traded
    sol, close = kept["sol-usdt-perp"], BEGUN + 16 * HOUR_MS
    with open_account_view(sources(house).logs, house.trades.run("main")) as view:
        slot = next(str(one.id) for one in view.account.slots if one.id.instrument == sol.plan.instrument)
        monkeypatch.setattr(view, "unfilled", [UnfilledEntry(close + 5_000, slot)])
        before = replace(sol, marks={"armed": close - HOUR_MS, "cancelled": close + 2_000})
        after = replace(sol, marks={"armed": close + 3_000})
        found = [next(_tries(view, one), None) for one in (before, after)]
    assert found[0].code == "not_filled"
    assert found[1] is None


HOSTILE = 'Bitget 40762: <script>alert(1)</script> "too much" {{ 7 * 7 }} '


@pytest.mark.parametrize(
    ("why", "english", "french"),
    [
        (HOSTILE + "x" * 200, "The venue refused the order: nothing was", "La plateforme a refusé l’ordre"),
        (
            "the signal is too old; the venue took no order: 40200",
            "it was too late for it",
            "il était trop tard",
        ),
        ("never reached the venue", "The order never reached the venue.", "n’est jamais arrivé"),
        ("", "What the venue said of it is not known.", "On ne sait pas ce que la plateforme"),
    ],
)
def test_the_page_of_a_plan_says_what_the_venue_said_of_its_order(traded, monkeypatch, why, english, french):
    house, _, kept, _ = traded
    sol = kept["sol-usdt-perp"]
    close = -(-sol.marks["armed"] // HOUR_MS) * HOUR_MS
    with open_account_view(sources(house).logs, house.trades.run("main")) as view:
        slot = next(str(one.id) for one in view.account.slots if one.id.instrument == sol.plan.instrument)
        monkeypatch.setattr(view, "refusals", [])
        monkeypatch.setattr(view, "unfilled", [UnfilledEntry(close, slot, why)])
    told = run_operation(at(house, ENDED), OWNER, "plans.read", {"plan": sol.plan.id})
    assert (told.newest.code, told.words) == ("not_filled", why)
    browser = houses.Browser(at(house, ENDED))
    for language, meaning in (("en", english), ("fr", french)):
        page = browser.get(f"/plan/{sol.plan.id}?lang={language}").text
        outcome = page.partition('id="outcome"')[2].partition("</section>")[0]
        assert meaning in outcome
        assert ("<q>" in outcome) == bool(why)
        assert (
            f"<q>{html.escape(why)}</q>".replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in outcome
            or not why
        )
        assert "<script>alert" not in page


def test_what_a_position_is_watched_by_is_read_off_its_accounts_log(traded, monkeypatch):
    house, _, kept, _ = traded
    btc, hour = kept["btc-usdt-perp"], ARMED // HOUR_MS * HOUR_MS
    assert position_of(sources(house), btc, ENDED) is None
    entered = replace(btc, marks={**btc.marks, "entered": hour + HOUR_MS})
    outcome = outcome_of(sources(house), btc, ENDED)
    assert position_of(sources(house), entered, ENDED) == (outcome if outcome.state == "entered" else None)
    assert list(limit_notices(sources(house), "main", ENDED)) == []
    monkeypatch.setattr(plan_noticing, "LIMIT_SHARE", 0.0)
    told = {one.facts["risk"]: one for one in limit_notices(sources(house), "main", ENDED)}
    assert set(told) <= set(plan_noticing.LOSS_LIMITS)
    assert told["daily_loss"].key == f"risk/daily_loss/{ENDED // DAY_MS}"
