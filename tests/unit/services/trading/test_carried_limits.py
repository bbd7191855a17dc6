"""The limits of loss are the money's: a new run, another name, another home do not begin the day anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests import houses
from tests.unit.services.trading.material import BEGUN, BUSY, FILE, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.errors import Forbidden, TransientError, UsageError
from vigie.domain.order import Balance
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.limit_steps import LossLimit
from vigie.engine.live.fold.loss_limits import LossLimits
from vigie.ports.keys import KeyLabel, VenueKey
from vigie.ports.listed_venue import LedgerEntry
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.services.trading.gateway.overrides import load_overrides, set_own_limits
from vigie.services.trading.limits import carried_limits
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process import trading
from vigie.views.cli.main import app

TRADED = FILE.replace('strategy = "ema_cross"', f'strategy = "ema_cross"\n{BUSY}')
OTHER = TRADED.replace("capital = 10_000", "capital = 3_000")
MIDNIGHT = (BEGUN // DAY_MS + 1) * DAY_MS
KEY = VenueKey(KeyLabel("bitget", "demo", "store"), "bg_one", "secret", "pass")
OWNER = houses.person("owner")


@pytest.fixture
def house(tmp_path):
    clock = SimpleNamespace(market_now=lambda: BEGUN, wall_now=lambda: BEGUN, market_speed=lambda: 1.0)
    return houses.house(tmp_path / "home", clock=clock)


def at(house, now):
    hand = SimpleNamespace(market_now=lambda: now, wall_now=lambda: now, market_speed=lambda: 1.0)
    return replace(house, clock=hand)


class Ledger:
    """A venue that shows its ledger.

    Parameters
    ----------
    entries : LedgerEntry
        What it booked.
    """

    def __init__(self, *entries, cash="10000", equity=None):
        self.entries, self.asked = entries, []
        self.cash, self.equity = Decimal(cash), Decimal(equity or cash)

    async def ledger(self, since_ms):
        self.asked.append(since_ms)
        return [one for one in self.entries if one.ts >= since_ms]

    async def balance(self):
        return Balance("USDT", self.cash, self.equity, self.cash, BEGUN)


def begin(house, plan, *, money="", venue=None, said=None):
    """Begin a run as `vigie trade run --new-run` does."""
    carried = asyncio.run(
        bound(house, carried_limits.carry_to_new_run)(
            plan, money, venue, ([] if said is None else said).append
        )
    )
    return bound(house, trading.begin_run)(plan, "owner", carried, money)


def go_on(house, run, plan, money):
    """Go on with a run as `vigie trade run` does; return whether limits of others came."""
    carried = bound(house, carried_limits.carry_to_known_run)(run, plan, money, lambda _: None)
    lease = house.trades.take(run.account, "p", for_s=30.0, by_force=True)
    carried_limits.write_carried_limits(house.trades, lease, run, money, carried)
    house.trades.leave(lease)
    return carried is not None


def lose(house, run, share, hours=3, first=1):
    """Let a run lose a share of its equity, and see bars close after that."""
    account = load_event_log(house.results, house.trades, run).account
    equity = float(run.capital) if account is None else account.equity
    ts = BEGUN + first * HOUR_MS
    taken = [steps.CashAdjusted(ts, -share * equity, "tests", "btc-usdt-perp", ("t",))]
    for number in range(first, first + hours):
        ts = BEGUN + number * HOUR_MS
        bars = tuple(
            steps.ClosedBar(k, ts - HOUR_MS, 100.0, 101.0, 99.0, 100.0, 0, 1.0, 1.0) for k in range(3)
        )
        taken.append(steps.BarsOpened(number, ts - HOUR_MS, tuple((k, 100.0) for k in range(4))))
        taken.append(steps.BarsClosed(number, ts, bars))
    lease = house.trades.take(run.account, "p", for_s=30.0, by_force=True)
    house.trades.commit(lease, TradeChange(steps=tuple(map(steps.encode_step, taken))))
    house.trades.leave(lease)


def held(house, run, now=BEGUN + 3 * HOUR_MS):
    return load_event_log(house.results, house.trades, run).account.limits.active_until(now)


def test_a_new_run_with_other_capital_enters_nothing_on_a_day_that_was_stopped(house, tmp_path):
    plan, said = planned(house, tmp_path, text=TRADED), []
    first = begin(house, plan)
    lose(house, first, 0.05)
    assert held(house, first)["daily_loss"] == MIDNIGHT
    now = BEGUN + 3 * HOUR_MS
    other = planned(at(house, now), tmp_path, text=OTHER)
    second = begin(at(house, now), other, said=said)
    assert held(house, second) == held(house, first)
    assert f"vigie trade lift --account {plan.account}" in said[-1]
    go(house, other, MIDNIGHT + DAY_MS, [], begun=now)
    refused = [
        one for one in load_event_log(house.results, house.trades, second).refusals if one.ts < MIDNIGHT
    ]
    assert {one.code for one in refused} == {"daily_loss"}
    entered = [one.intent.ts_bar for one in house.trades.intents(second.id) if one.intent.leg == "entry"]
    assert entered
    assert min(entered) >= MIDNIGHT, "the next day is another one"
    assert bound(at(house, now), get_account_status)(plan.account, "owner")["run"] == second.id


def test_a_new_run_counts_the_stops_of_the_run_before_among_its_recent_ones(house, tmp_path):
    stops = tuple(BEGUN - hours * HOUR_MS for hours in (30, 5, 4, 3, 2))
    limits = LossLimits((LossLimit("account", "", (), stops),))
    assert limits.count_stops(BEGUN - 24 * HOUR_MS) == 4
    step = steps.LimitsInherited(BEGUN, limits.limits)
    carried = carried_limits.CarriedLimits(step, AuditNote("trade.limits_inherited", "main"))
    bound(house, trading.begin_run)(planned(house, tmp_path), "owner", carried)
    used = {row.name: row.used for row in run_operation(house, OWNER, "trading.limits", {}).rows}
    assert used["stops_of_account"] == 4


def test_another_paper_account_and_another_mode_are_other_money(house, tmp_path):
    plan = planned(house, tmp_path)
    lose(house, begin(house, plan), 0.05)
    elsewhere = begin(house, planned(house, tmp_path, account="other"))
    assert load_event_log(house.results, house.trades, elsewhere).account is None
    demo = replace(planned(house, tmp_path, mode="demo"), venue="bitget-perp")
    begun = begin(house, demo, money=KEY.fingerprint, venue=Ledger())
    assert not held(house, begun)
    back = begin(house, planned(house, tmp_path))
    assert "daily_loss" in held(house, back), "the run of the other mode in between changed nothing"


def demo(house, tmp_path, account="main", text=FILE):
    return replace(planned(house, tmp_path, account=account, mode="demo", text=text), venue="bitget-perp")


def test_at_a_venue_limits_follow_the_key_whatever_the_account_is_called(house, tmp_path):
    money, other = KEY.fingerprint, replace(KEY, key="bg_two").fingerprint
    plan = demo(house, tmp_path)
    first = begin(house, plan, money=money, venue=Ledger())
    set_own_limits(house.accounts, house.audit, first, plan.protections, positions=2, loss=0.01)
    lose(house, first, 0.12)
    assert {"daily_loss", "account_drawdown", "global_drawdown"} <= set(held(house, first))
    later = at(house, BEGUN + 3 * HOUR_MS)
    renamed = begin(later, demo(later, tmp_path, "renamed", OTHER), money=money, venue=Ledger())
    assert held(house, renamed) == held(house, first)
    assert load_overrides(house.accounts, renamed).daily_loss_fraction == 0.01, (
        "the owner's tighter limits, too"
    )
    strange = begin(later, demo(later, tmp_path, "strange"), money=other, venue=Ledger())
    assert not held(house, strange)


def test_an_account_that_goes_on_takes_what_another_name_lost_meanwhile_once(house, tmp_path):
    money = KEY.fingerprint
    plan = demo(house, tmp_path)
    first = begin(house, plan, money=money, venue=Ledger())
    lose(house, first, 0.01)
    later = at(house, BEGUN + 3 * HOUR_MS)
    assert not go_on(later, first, plan, money)
    second = begin(later, demo(later, tmp_path, "second"), money=money, venue=Ledger())
    lose(later, second, 0.035, first=4)
    now = BEGUN + 6 * HOUR_MS
    assert "daily_loss" in held(house, second, now)
    assert "daily_loss" not in held(house, first, now)
    assert go_on(at(house, now), first, plan, money)
    assert held(house, first, now) == held(house, second, now)
    assert not go_on(at(house, now), first, plan, money), "what is known is not taken again"
    taken = [steps.decode_step(one) for one in house.trades.steps(first.id)]
    seen = [dict(one.seen) for one in taken if isinstance(one, steps.LimitsInherited)]
    assert seen[1:] == [{first.id: 8, second.id: 8}]


def test_entries_that_were_decided_before_limits_came_must_pass_them(house, tmp_path):
    money, plan = KEY.fingerprint, demo(house, tmp_path)
    first = begin(house, plan, money=money, venue=Ledger())
    lose(house, first, 0.05)
    later = at(house, BEGUN + 3 * HOUR_MS)
    second = begin(later, demo(later, tmp_path, "second"), money=money, venue=Ledger())
    fold = load_event_log(house.results, house.trades, second).replay
    assert fold.memory.has_new_limits
    code, limit, value = fold.account.find_refusal(0, BEGUN + 4 * HOUR_MS)
    assert (code, limit) == (70, plan.protections.daily_loss_fraction)
    assert value == pytest.approx(0.05)
    lose(later, second, 0.0, first=4)
    assert not load_event_log(house.results, house.trades, second).replay.memory.has_new_limits


def test_a_run_of_an_earlier_version_has_no_key_noted_and_its_limits_hold(house, tmp_path):
    plan = demo(house, tmp_path)
    old = bound(house, trading.begin_run)(plan, "owner")
    lose(house, old, 0.05)
    later = at(house, BEGUN + 3 * HOUR_MS)
    renamed = begin(later, demo(later, tmp_path, "renamed"), money=KEY.fingerprint, venue=Ledger())
    assert "daily_loss" in held(house, renamed)


def test_a_new_home_reads_the_day_from_the_ledger_and_says_what_it_cannot_know(house, tmp_path):
    now = BEGUN + 5 * HOUR_MS
    lost = LedgerEntry(now - HOUR_MS, Decimal(-450))
    paid_out = LedgerEntry(now - HOUR_MS // 2, Decimal(-2_000), is_transfer=True)
    yesterday = LedgerEntry(BEGUN - 1, Decimal(-5_000))
    venue, said, later = Ledger(yesterday, lost, paid_out, cash="7550"), [], at(house, now)
    run = begin(later, demo(later, tmp_path), money=KEY.fingerprint, venue=venue, said=said)
    assert venue.asked == [BEGUN]
    assert held(house, run, now) == {"daily_loss": MIDNIGHT}
    assert "the loss of the day is 4.50% so far by the venue's ledger" in said[0]
    assert "the drawdown before now cannot be known" in said[0]
    told = house.audit.after(0, kinds=["trade.limits"])[-1].text
    assert (told["source"], told["day_loss"], told["limits"]) == ("ledger", 0.045, ["daily_loss"])
    # Killed before its first instant it comes back to the same: it is written with the run.
    assert held(house, house.trades.run(run.account), now) == {"daily_loss": MIDNIGHT}


@pytest.mark.parametrize(("equity", "is_stopped"), [("9900", False), ("9550", True)])
def test_open_positions_of_others_count_with_their_present_price(house, tmp_path, equity, is_stopped):
    run = begin(house, demo(house, tmp_path), money=KEY.fingerprint, venue=Ledger(equity=equity))
    assert ("daily_loss" in held(house, run, BEGUN)) is is_stopped


def test_what_the_venue_booked_after_the_last_run_comes_on_top(house, tmp_path):
    money = KEY.fingerprint
    first = begin(house, demo(house, tmp_path), money=money, venue=Ledger())
    lose(house, first, 0.03)
    later = at(house, BEGUN + 3 * HOUR_MS)
    by_hand = LedgerEntry(BEGUN + 3 * HOUR_MS + 1, Decimal(-150))
    known = LedgerEntry(BEGUN + HOUR_MS, Decimal(-300))
    venue = Ledger(known, by_hand, cash="9550")
    second = begin(later, demo(later, tmp_path, "second"), money=money, venue=venue)
    assert held(house, second)["daily_loss"] == MIDNIGHT
    assert load_event_log(house.results, house.trades, second).account.limits.day_loss(
        BEGUN
    ) == pytest.approx(1 - 0.97 * 9_550 / 9_700)


def test_without_the_ledger_nothing_begins(house, tmp_path):
    class Silent(Ledger):
        async def ledger(self, since_ms):
            raise TransientError("503: busy")

    with pytest.raises(TransientError):
        begin(house, demo(house, tmp_path), money=KEY.fingerprint, venue=Silent())
    assert house.trades.run("main") is None


def test_a_key_is_known_by_a_fingerprint_that_shows_nothing_of_it():
    again = VenueKey(KeyLabel("bitget", "demo", "settings"), " BG_ONE ", "another", "")
    assert again.fingerprint == KEY.fingerprint, "the account, not its agent or the place of the key"
    others = [replace(KEY, key="bg_two"), replace(KEY, label=replace(KEY.label, mode="live"))]
    assert KEY.fingerprint not in {one.fingerprint for one in others}
    assert "bg_one" not in KEY.fingerprint.lower()


def test_a_limit_is_lifted_with_a_reason_and_the_account_enters_again(house, tmp_path):
    plan = planned(house, tmp_path, text=TRADED)
    run = begin(house, plan)
    lose(house, run, 0.05)
    later = at(house, BEGUN + 3 * HOUR_MS)
    asked = {"account": plan.account, "confirm": plan.account}
    for wrong in ({**asked, "why": ""}, {**asked, "why": "so", "confirm": ""}, {**asked, "why": " "}):
        with pytest.raises(UsageError):
            run_operation(later, OWNER, "trading.lift", wrong)
    with pytest.raises(UsageError, match=r"limit must be one of .*daily_loss"):
        run_operation(later, OWNER, "trading.lift", {**asked, "why": "so", "limits": ["nothing"]})
    with pytest.raises(UsageError, match="none of account_drawdown blocks entries of account"):
        run_operation(later, OWNER, "trading.lift", {**asked, "why": "so", "limits": ["account_drawdown"]})
    with pytest.raises(Forbidden):
        run_operation(later, houses.person("owner", "viewer"), "trading.lift", {**asked, "why": "so"})
    assert not house.trades.lifts(plan.account)
    told = run_operation(later, OWNER, "trading.lift", {**asked, "why": "a wrong price, checked"})
    assert told.lifted == {"daily_loss": MIDNIGHT}
    record = house.audit.after(0, kinds=["trade.lift"])[-1]
    assert (record.actor, record.subject, record.text["why"]) == ("owner", "main", "a wrong price, checked")
    go(house, plan, MIDNIGHT, [], begun=BEGUN + 3 * HOUR_MS)
    entered = [one.intent.ts_bar for one in house.trades.intents(run.id) if one.intent.leg == "entry"]
    assert entered
    taken = [steps.decode_step(one) for one in house.trades.steps(run.id)]
    assert [one.names for one in taken if isinstance(one, steps.LimitsLifted)] == [("daily_loss",)], "once"


def test_a_lift_that_nobody_heard_is_heard_by_the_next_run_and_an_old_one_lifts_no_new_limit(house, tmp_path):
    plan = planned(house, tmp_path, text=TRADED)
    run = begin(house, plan)
    lose(house, run, 0.05)
    later = at(house, BEGUN + 3 * HOUR_MS)
    run_operation(later, OWNER, "trading.lift", {"account": "main", "confirm": "main", "why": "checked"})
    other = planned(later, tmp_path, text=OTHER)
    second = begin(later, other)
    assert "daily_loss" in held(house, second)
    go(house, other, BEGUN + 5 * HOUR_MS, [], begun=BEGUN + 3 * HOUR_MS)
    assert not held(house, second, BEGUN + 5 * HOUR_MS)
    lose(house, second, 0.05, first=6)
    last = at(house, BEGUN + 9 * HOUR_MS)
    third = begin(last, planned(last, tmp_path, text=TRADED))
    go(house, planned(last, tmp_path, text=TRADED), BEGUN + 10 * HOUR_MS, [], begun=BEGUN + 9 * HOUR_MS)
    assert "daily_loss" in held(house, third, BEGUN + 10 * HOUR_MS)


def test_the_terminal_lifts_with_a_reason_only(house, tmp_path, monkeypatch):
    plan = planned(house, tmp_path)
    lose(house, begin(house, plan), 0.05)
    later = at(house, BEGUN + 3 * HOUR_MS)
    monkeypatch.setattr("vigie.wiring.app_context.open_app_context", lambda: later)
    assert CliRunner().invoke(app, ["trade", "lift"]).exit_code == 2
    assert not house.trades.lifts("main")
    done = CliRunner().invoke(app, ["trade", "lift", "--why", "checked"])
    assert "main: lifted daily_loss" in done.output
    assert house.trades.lifts("main")[0].limits == ("daily_loss",)
    practice = replace(at(house, BEGUN + 300 * DAY_MS), is_simulated=True)
    monkeypatch.setattr("vigie.wiring.app_context.open_app_context", lambda: practice)
    assert "main: lifted daily_loss" in CliRunner().invoke(app, ["trade", "lift", "--why", "so"]).output


class Dies(BaseException):
    """The process is killed here."""


class Mortal:
    """A store whose process is killed before or after one of its writes."""

    def __init__(self, real, deaths):
        self._real, self._deaths = real, deaths

    def __getattr__(self, name):
        found = getattr(self._real, name)
        if name not in ("begin", "note_money", "commit", "put_settings", "write"):
            return found

        def write(*given, **more):
            self._deaths()
            done = found(*given, **more)
            self._deaths()
            return done

        return write


def start(house, plan, money):
    """Begin to trade an account, or go on with it, as a process does."""
    run = house.trades.run(plan.account)
    if run is None:
        return begin(house, plan, money=money, venue=Ledger())
    go_on(house, run, plan, money)
    return run


def killed_at(house, point, plan, money):
    """Start a process that is killed before or after one of its writes; return whether it lived that long."""
    left = [point]

    def die():
        left[0] -= 1
        if left[0] < 0:
            raise Dies

    stores = {name: Mortal(getattr(house, name), die) for name in ("trades", "accounts", "results")}
    try:
        start(replace(house, **stores), plan, money)
    except Dies:
        return True
    return False


@pytest.mark.parametrize("is_known", [False, True])
def test_a_process_that_is_killed_at_any_write_of_a_beginning_leaves_no_way_around_a_limit(
    house, tmp_path, is_known
):
    money = KEY.fingerprint
    first = begin(house, demo(house, tmp_path), money=money, venue=Ledger())
    set_own_limits(
        house.accounts,
        house.audit,
        first,
        load_plan(house.results, first.id).protections,
        positions=None,
        loss=0.01,
    )
    lose(house, first, 0.01)
    later = at(house, BEGUN + 3 * HOUR_MS)
    plans = [demo(later, tmp_path, f"second-{number}") for number in range(10)]
    if is_known:
        for plan in plans:
            start(later, plan, money)
    lose(later, first, 0.05, first=4)
    later = at(house, BEGUN + 6 * HOUR_MS)
    points = 0
    while killed_at(later, points, plans[points], money):
        run = start(later, plans[points], money)
        assert "daily_loss" in held(house, run, BEGUN + 6 * HOUR_MS)
        assert load_overrides(house.accounts, run).daily_loss_fraction == 0.01
        taken = [steps.decode_step(one) for one in house.trades.steps(run.id)]
        assert sum(isinstance(one, steps.LimitsInherited) for one in taken) == 1 + is_known, "written once"
        points += 1
    assert points == (4 if is_known else 6), "before and after each write"
