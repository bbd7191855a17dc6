"""Arming and taking back, killed at each write: nothing is traded that no mark stands for, also without a worker."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.crash.mortal import Dead, Life
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of, plan_of, sources
from tests.unit.services.trading.material import BEGUN, planned
from vigie.data.features import plan_series
from vigie.domain.errors import Conflict, Forbidden, UsageError
from vigie.domain.time import HOUR_MS
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts.account_removal import PersonalRecords, delete_account
from vigie.services.plans import arming, following
from vigie.services.plans.arming import arm, cancel, publish
from vigie.services.plans.following import PlanFollower
from vigie.services.plans.plan_states import PlanOutcome
from vigie.services.reader_texts import say_refusal
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.process.trading import begin_run

BTC = "btc-usdt-perp"


@pytest.fixture
def begun(tmp_path):
    """A home whose account nobody trades now."""
    house = at(houses.house(tmp_path / "home"), BEGUN)
    bound(house, begin_run)(planned(house, tmp_path, text=PLANS), "owner")
    return house


@pytest.fixture
def house(begun):
    return alive(begun)


@pytest.fixture
def price(house):
    return close_of(house, BTC, BEGUN)


def kept(house, price, sign="1", **values):
    plan = plan_of(BTC, BEGUN, id="p" + sign * 16, stop=price * 0.97, target=price * 1.06, **values)
    return house.plans.add(plan, "owner")


def side(house):
    """What the trader reads: nothing else says whether a plan is traded."""
    name = plan_series(load_plan(house.results, house.trades.run("main").id).plan_key, BTC, "side")
    known = house.facts.latest([name])
    return known[name].value if name in known else 0.0


class Mortal:
    """A store whose writes a process with a life makes: it may be killed before and after each."""

    def __init__(self, inner, life, name):
        self._inner, self._life, self._name = inner, life, name

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name != self._name:
            return found

        def write(*args, **more):
            self._life.at(f"{name} before")
            answer = found(*args, **more)
            self._life.at(f"{name} after")
            return answer

        return write


def mortal(house, life):
    given = sources(house)
    return replace(given, plans=Mortal(given.plans, life, "mark"), facts=Mortal(given.facts, life, "append"))


@pytest.mark.parametrize("mode", ["paper", "demo", "live"])
def test_real_money_has_no_slots_that_trade_plans(house, tmp_path, mode):
    if mode != "live":
        assert planned(house, tmp_path, text=PLANS, mode=mode).plan_key
        return
    with pytest.raises(UsageError) as refused:
        planned(house, tmp_path, text=PLANS, mode=mode)
    assert refused.value.args[0].code == "no_plans_with_real_money"


def test_an_instrument_has_one_slot_that_trades_plans(house, tmp_path):
    twice = PLANS + '\n[[slots]]\ninstruments = ["ETH"]\ntimeframe = "4h"\nstrategy = "plan"\n'
    with pytest.raises(UsageError) as refused:
        planned(house, tmp_path, text=twice)
    assert refused.value.args[0].code == "one_plan_slot_each"


def test_slots_of_plans_begin_with_the_distances_of_their_account_and_with_no_others(house, tmp_path):
    own = PLANS.replace("[account]", "[account]\nstop_atr = 1.5\ntarget_atr = 4.0")
    slots = planned(house, tmp_path, text=own).slots
    assert [slot.params for slot in slots] == [{"stop_atr": 1.5, "target_atr": 4.0}] * 3
    for name, account in (("stop_atr", "1.5"), ("target_atr", "4")):
        with pytest.raises(
            UsageError, match=rf"{name} of the strategy plan must be {account} as in \[account\]"
        ):
            planned(house, tmp_path, text=f"{own}params = {{ {name} = 2.5 }}\n")


def test_no_plan_is_armed_in_an_account_of_real_money(tmp_path):
    """However its plan came to have such a slot: one that a demo account has, say."""
    house = at(houses.house(tmp_path / "home"), BEGUN)
    bound(house, begin_run)(replace(planned(house, tmp_path, text=PLANS), mode="live"), "owner")
    house = alive(house)
    marked = kept(house, close_of(house, BTC, BEGUN))
    with pytest.raises(UsageError) as refused:
        arm(sources(house), OWNER, marked)
    assert refused.value.args[0].code == "no_plans_with_real_money"
    assert newest(house, marked).ts_armed is None
    assert side(house) == 0.0


def newest(house, marked):
    return house.plans.numbered([marked.number])[0]


def test_whoever_is_killed_while_a_plan_is_taken_back_leaves_nothing_traded_that_is_cancelled(house, price):
    points, point = [], 0
    while True:
        point += 1
        marked = arm(sources(house), OWNER, kept(house, price, f"{point}"))
        assert side(house) == 1.0
        life = Life(point)
        try:
            cancel(mortal(house, life), OWNER, marked)
        except Dead:
            points.append(life.points[-1])
            # No worker runs: what was killed before the mark is armed still, and may be taken back again.
            if newest(house, marked).ts_cancelled is not None:
                assert side(house) == 0.0
            else:
                cancel(sources(house), OWNER, newest(house, marked))
                assert side(house) == 0.0
            continue
        break
    assert side(house) == 0.0
    assert points[:4] == ["append before", "append after", "mark before", "mark after"]


def test_whoever_is_killed_while_a_plan_is_armed_leaves_nothing_traded_that_is_not_armed(house, price):
    for point in range(1, 4):
        marked, life = kept(house, price, f"{point}"), Life(point)
        with pytest.raises(Dead):
            arm(mortal(house, life), OWNER, marked)
        assert side(house) <= float("armed" in newest(house, marked).marks)
        # A worker that comes later says what the mark says.
        PlanFollower(sources(house), say=pytest.fail).follow_once()
        assert side(house) == float("armed" in newest(house, marked).marks)
        if newest(house, marked).is_traded:
            cancel(sources(house), OWNER, newest(house, marked))


def test_a_plan_whose_cancelling_cannot_be_written_is_traded_as_before(house, price, monkeypatch):
    marked = arm(sources(house), OWNER, kept(house, price))

    def fail(*_args, **_more):
        raise Conflict("plan_marked_already", "this plan is armed or cancelled already; reload it")

    given = sources(house)
    broken = replace(given, plans=SimpleNamespace(mark=fail, armed=given.plans.armed))
    with pytest.raises(Conflict):
        cancel(broken, OWNER, marked)
    assert side(house) == 1.0


def test_no_plan_is_armed_while_another_entry_is_decided_or_may_be(house, price, monkeypatch):
    first = arm(sources(house), OWNER, kept(house, price))
    later = at(house, BEGUN + HOUR_MS + 5_000)
    close_of(later, BTC, BEGUN + HOUR_MS)
    cancel(sources(later), OWNER, first)
    second = kept(house, price, "2", until=BEGUN + 9 * HOUR_MS)
    slot = SimpleNamespace(id=SimpleNamespace(instrument=BTC))
    state = {"pending_side": 0}
    account = SimpleNamespace(
        slots=[slot], slot=lambda _n: {name: np.int8(value) for name, value in state.items()}
    )
    view = SimpleNamespace(account=account, ts=BEGUN, open_slots=[])

    class Held:
        def __init__(self, *_args):
            pass

        def __enter__(self):
            return view

        def __exit__(self, *_fault):
            return None

    monkeypatch.setattr(arming, "open_account_view", Held)
    # The account has not told of the last close, at which the first plan was armed: it may enter yet.
    with pytest.raises(Conflict, match="is about to enter"):
        arm(sources(later), OWNER, second)
    view.ts, state["pending_side"] = BEGUN + HOUR_MS, 1
    with pytest.raises(Conflict, match="is about to enter"):
        arm(sources(later), OWNER, second)
    state["pending_side"] = 0
    assert arm(sources(later), OWNER, second).is_traded


def test_a_deleted_persons_plans_are_over_for_the_trader_too(begun):
    house = begun
    marked = kept(house, close_of(house, BTC, BEGUN))
    house.plans.mark(marked.number, "armed", BEGUN, "owner")
    pinned = load_plan(house.results, house.trades.run("main").id)
    publish(sources(house), "main", pinned)
    name = plan_series(pinned.plan_key, BTC, "side")
    assert house.facts.latest([name])[name].value == 1.0
    user = SimpleNamespace(id="owner", name="owner", role="admin")
    delete_account(provide(at(house, BEGUN + 1), PersonalRecords), OWNER, user)
    assert house.facts.latest([name])[name].value == 0.0
    assert house.plans.versions("owner") == []


@pytest.mark.parametrize(
    ("change", "french"),
    [
        ({"stop": 0.0}, "le stop doit être un prix supérieur à 0"),
        ({"low": -1.0, "high": 2.0}, "le bas de la zone doit être un prix"),
        ({"further_targets": (0.0,)}, "un objectif suivant doit être un prix"),
        ({"limit_entries": (1.0,) * 6}, "la liste des entrées limites prend au plus 5 niveaux"),
    ],
)
def test_a_refused_level_is_named_in_the_readers_language(change, french):
    given = {"stop": 1.0, "target": 3.0, **change}
    with pytest.raises(UsageError) as fault:
        plan_of(BTC, BEGUN, **given)
    assert say_refusal(fault.value.args[0], "fr").startswith(french)


def test_an_idle_worker_reads_no_log_and_writes_nothing(house, price, monkeypatch):
    marked = arm(sources(house), OWNER, kept(house, price))
    follower, looks = PlanFollower(sources(house), say=pytest.fail), []

    def look(_sources, one, _now):
        looks.append(one.number)
        return PlanOutcome("armed")

    monkeypatch.setattr(following, "outcome_of", look)
    published = []
    monkeypatch.setattr(following, "publish", lambda *_args: published.append(1) or 0)
    follower.follow_once()
    assert (len(looks), len(published)) == (1, 1)
    for _ in range(3):
        assert follower.follow_once() == 0
    assert (len(looks), len(published)) == (1, 1)
    # A mark, and the hour at which the plan may expire, are looked at.
    house.plans.add(plan_of(BTC, BEGUN, id="p" + "9" * 16, stop=1.0, target=9e9), "owner")
    follower.follow_once()
    assert len(looks) == 2
    follower.sources = sources(at(house, marked.plan.until + 1))
    follower.follow_once()
    assert len(looks) == 3
    follower.follow_once()
    assert len(looks) == 3
    # A step of the account's log, too.
    monkeypatch.setattr(type(house.trades), "last_step", lambda _self, _run: 7)
    follower.follow_once()
    assert len(looks) == 4


def test_a_plan_is_cancelled_from_when_nobody_reads_it_as_armed_any_more(house, price):
    """Its account may decide a close that comes while facts are written: that entry is the plan's."""
    marked = arm(sources(house), OWNER, kept(house, price))
    clock, given = JumpingClock(BEGUN + HOUR_MS - 10), sources(house)

    class Slow:
        def __getattr__(self, name):
            return getattr(given.facts, name)

        def append(self, facts):
            clock.now = BEGUN + HOUR_MS + 40
            return given.facts.append(facts)

    slow = replace(given, facts=Slow(), data=replace(given.data, clock=clock))
    assert cancel(slow, OWNER, marked).ts_cancelled == BEGUN + HOUR_MS + 40
    assert side(house) == 0.0


def test_a_draft_that_is_armed_while_it_is_taken_back_is_not_traded(house, price):
    marked, given = kept(house, price), sources(house)

    class ArmedFirst:
        """A store in which another request arms the draft just before it is cancelled."""

        def __getattr__(self, name):
            return getattr(given.plans, name)

        def mark(self, number, mark, *args, **more):
            assert mark == "cancelled"
            arm(given, OWNER, marked)
            assert side(house) == 1.0
            return given.plans.mark(number, mark, *args, **more)

    cancelled = cancel(replace(given, plans=ArmedFirst()), OWNER, marked)
    assert cancelled.ts_cancelled is not None
    assert side(house) == 0.0, "no worker is needed"


def test_what_is_armed_is_taken_back_with_the_right_to_trade_and_a_draft_without(house, price):
    writer = replace(OWNER, scopes=frozenset({"read", "write"}))
    armed = arm(sources(house), OWNER, kept(house, price))
    with pytest.raises(Forbidden, match="requires the scope trade"):
        run_operation(house, writer, "plans.cancel", {"plan": armed.plan.id})
    assert side(house) == 1.0
    run_operation(house, OWNER, "plans.cancel", {"plan": armed.plan.id})
    assert side(house) == 0.0
    draft = kept(house, price, sign="2")
    told = run_operation(house, writer, "plans.cancel", {"plan": draft.plan.id})
    assert told.newest.state == "cancelled"
