"""A changed run file: the old run until the account is flat, then the new one, whoever is killed meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.plans.material import PLANS, plan_of
from tests.unit.services.trading.material import BEGUN, FILE, AtOnce, RunningClock
from tests.unit.services.trading.test_carried_limits import at, lose
from tests.unit.services.trading.test_trading import TELL_S, ticking
from vigie.domain.errors import Conflict, Forbidden, UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.needs import provide
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.log import event_reporting
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process import trading
from vigie.services.trading.run_files import keeping
from vigie.services.trading.run_files.editing import RunFileEdit, SlotEdit
from vigie.services.trading.run_files.taking_effect import RunFileStores, is_flat
from vigie.services.trading.run_files.versions import list_versions, reason_of
from vigie.views.cli import part_runtime, trade_runs

OWNER = houses.person("owner")
TEXT = FILE + "\n# The end.\n"
SMALLER = RunFileEdit({"risk_fraction": 0.01})


class Killed(BaseException):
    """The process is gone."""


def hand_at(now):
    return SimpleNamespace(market_now=lambda: now, wall_now=lambda: now, market_speed=lambda: 1.0)


@pytest.fixture
def house(tmp_path):
    opened = houses.house(tmp_path / "home", clock=hand_at(BEGUN))
    file = prepared(opened)
    file.parent.mkdir(parents=True)
    file.write_text(TEXT)
    return opened


def prepared(house, account="first"):
    return house.home / "accounts" / "owner" / f"{account}.toml"


def sources(house):
    return provide(house, keeping.ChangeSources)


def current(house, account="first"):
    return keeping.read_account_file(sources(house), "owner", account)


def keep(house, edit=SMALLER, account="first", **more):
    seen = current(house, account)
    return keeping.keep_change(sources(house), OWNER, seen, edit, base=seen.base, **more)


def states(house, account="first"):
    return [one.state for one in list_versions(house.run_files, house.trades, "owner", account)]


@asynccontextmanager
async def beating():
    yield


def traded(house, begun, until, said=None, *, is_new=False, mode="paper", path=None):
    """Trade the prepared account as `vigie trade run` does, until a time of the market."""

    async def process():
        asyncio.get_running_loop().set_default_executor(AtOnce())
        clock = RunningClock(begun, until)
        trader = SimpleNamespace(
            app_context=replace(house, clock=clock), clock=clock, url=None, speed=lambda: RunningClock.SPEED,
            collects_prices=False, caps=house.order_caps,
        )  # fmt: skip
        lines = [] if said is None else said
        heartbeat = SimpleNamespace(keep_beating=beating, attach_status=lambda standing: None)
        runtime = SimpleNamespace(say=lines.append, heartbeat=heartbeat)
        hands, ticks = asyncio.ensure_future(clock.run()), asyncio.ensure_future(ticking(clock))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(part_runtime, "end_event", lambda: clock.is_over)
            try:
                await trade_runs.trade_file(
                    trader, path or prepared(house), mode, "first", "", runtime, user="", is_new=is_new
                )
                await hands
            finally:
                ticks.cancel()
                hands.cancel()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_reporting, "_TELL_S", TELL_S)
        asyncio.run(process())
    return house.trades.run("first")


def risk_of(house, run):
    return load_plan(house.results, run.id).slots[0].sizing.risk_fraction


def test_a_change_waits_until_the_account_is_flat_and_begins_a_new_run_in_the_same_process(house):
    first = traded(house, BEGUN, BEGUN + DAY_MS)
    assert load_event_log(house.results, house.trades, first).open_slots, "it holds something"
    version = keep(house)
    assert states(house) == ["waiting"]
    assert prepared(house).read_text() == TEXT, "the file stays until then"
    said = []
    second = traded(house, BEGUN + DAY_MS, BEGUN + 4 * DAY_MS, said)
    assert second.id == version.run
    assert risk_of(house, first) == 0.02
    assert risk_of(house, second) == 0.01
    # The old run ended without a position: its last close came before the new one began.
    before = load_event_log(house.results, house.trades, first)
    assert not before.open_slots
    assert before.ts <= second.ts
    assert len(before.account.trades)
    ready = [line.rsplit(maxsplit=1)[-1] for line in said if line.startswith("ready:")]
    assert ready == [first.id, second.id]
    assert states(house) == ["in_effect"]
    assert prepared(house).read_text() == version.after
    assert version.after.endswith("# The end.\n")
    # Started again, the same command goes on with the new run.
    assert traded(house, BEGUN + 4 * DAY_MS, BEGUN + 4 * DAY_MS + HOUR_MS) == second
    kinds = [event.kind for event in house.audit.after(0, kinds=None) if event.kind.startswith("run_file.")]
    assert kinds == ["run_file.kept", "run_file.taken", "run_file.written"]


def test_a_change_of_a_prepared_account_takes_effect_at_its_first_start(house):
    version = keep(house)
    assert traded(house, BEGUN, BEGUN + HOUR_MS).id == version.run
    assert states(house) == ["in_effect"]


class Fate:
    """Kills the process before the n-th of its writes."""

    def __init__(self, at):
        self.at, self.calls = at, []

    def wrap(self, name, function):
        def call(*given, **named):
            self.calls.append(name)
            if len(self.calls) == self.at:
                raise Killed
            return function(*given, **named)

        return call


class _Wrapped:
    def __init__(self, inner, **replaced):
        self._inner, self._replaced = inner, replaced

    def __getattr__(self, name):
        return self._replaced.get(name) or getattr(self._inner, name)


def dying(house, fate):
    return replace(
        house,
        run_files=_Wrapped(house.run_files, mark=fate.wrap("mark", house.run_files.mark)),
        trades=_Wrapped(house.trades, begin=fate.wrap("begin", house.trades.begin)),
        results=replace(house.results, write=fate.wrap("write", house.results.write)),
    )


async def _only_begun(job, *_):
    """Stand in for trading: what is tested is what happens before it."""
    await asyncio.sleep(0)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_before_any_write_either_the_old_or_the_new_version_runs(tmp_path, request, monkeypatch, kind):
    address = request.getfixturevalue(f"{kind}_database").engine.url.render_as_string(hide_password=False)
    monkeypatch.setattr(trading, "trade", _only_begun)
    begun, fate = [], Fate(0)
    for number in range(1, 99):
        house = houses.house(tmp_path / f"home-{number}", clock=hand_at(BEGUN), database=address)
        house.trades.forget("owner")
        house.run_files.forget("owner")
        # As the demonstration's: known by what its run noted alone.
        file = house.home / "trading.toml"
        file.write_text(TEXT)
        old, version = traded(house, BEGUN, BEGUN + HOUR_MS, path=file), keep(house)
        fate = Fate(number)
        try:
            traded(dying(house, fate), BEGUN + HOUR_MS, BEGUN + 2 * HOUR_MS, path=file)
            break
        except Killed:
            present = house.trades.run("first").id
        begun.append(present == version.run)
        assert present in (old.id, version.run)
        assert file.read_text() in (version.before, version.after if begun[-1] else version.before)
        said: list[str] = []
        again = traded(house, BEGUN + 2 * HOUR_MS, BEGUN + 3 * HOUR_MS, said, path=file)
        assert (again.id, states(house)) == (version.run, ["in_effect"])
        assert file.read_text() == version.after
        assert sum(line.startswith("ready:") for line in said) == 1
        assert [run.id for run in house.trades.runs_of("owner")] == [old.id, version.run], "never a third"
    # The version is noted as taken, the new run gets its source, its plan, and begins; then the file follows.
    assert fate.calls == ["mark", "write", "write", "begin", "write", "mark"]
    assert begun == [False] * 4 + [True] * 2


def test_latched_limits_survive_a_change_also_one_that_loosens_them(house, monkeypatch):
    prepared(house).write_text(
        TEXT + "[protections]\naccount_drawdown_fraction = 0.05\ndaily_loss_fraction = 0.02\n"
    )
    monkeypatch.setattr(trading, "trade", _only_begun)
    first = traded(house, BEGUN, BEGUN + HOUR_MS)
    lose(house, first, 0.11)
    now = BEGUN + 4 * HOUR_MS
    later = at(house, now)
    held = load_event_log(house.results, house.trades, first).account.limits.active_until(now)
    assert {"daily_loss", "account_drawdown", "global_drawdown"} <= set(held)
    looser = RunFileEdit(
        protections={
            "account_drawdown_fraction": 0.5, "global_drawdown_fraction": 0.5, "daily_loss_fraction": 0.04,
            "drawdown_unlock_days": 1,
        },
        slots=[SlotEdit(1, ("BTC",), "macd_cross", "4h"), SlotEdit(None, ("SOL",), "ema_cross", "1h")],
    )  # fmt: skip
    preview = keeping.preview_change(sources(later), current(later), looser)
    assert sum("a change lifts nothing" in note for note in preview.notes) == len(held)
    version = keep(later, looser)
    second = traded(later, now, now + HOUR_MS)
    assert second.id == version.run
    assert load_event_log(house.results, house.trades, second).account.limits.active_until(now) == held
    monkeypatch.undo()
    assert traded(later, now + HOUR_MS, now + 3 * DAY_MS) == second
    log = load_event_log(house.results, house.trades, second)
    assert held.items() >= log.account.limits.active_until(now + 3 * DAY_MS).items() > set()
    assert not [one for one in house.trades.intents(second.id) if one.intent.leg == "entry"]
    assert log.refusals
    assert {one.code for one in log.refusals} <= {"daily_loss", "account_drawdown", "global_drawdown"}


def test_what_is_cancelled_or_replaced_before_it_takes_effect_never_runs(house, monkeypatch):
    monkeypatch.setattr(trading, "trade", _only_begun)
    first = traded(house, BEGUN, BEGUN + HOUR_MS)
    keep(house)
    replaced_by = keep(house, RunFileEdit({"risk_fraction": 0.015}))
    assert states(house) == ["replaced", "waiting"]
    assert "risk_fraction = 0.015" in replaced_by.after
    assert replaced_by.before == TEXT
    keeping.cancel_change(sources(house), OWNER, current(house))
    assert states(house) == ["replaced", "cancelled"]
    with pytest.raises(Conflict, match="no change of account first waits"):
        keeping.cancel_change(sources(house), OWNER, current(house))
    assert traded(house, BEGUN + HOUR_MS, BEGUN + 2 * HOUR_MS) == first
    assert prepared(house).read_text() == TEXT


def test_a_version_that_cannot_begin_is_refused_with_its_reason_and_the_run_before_goes_on(
    house, monkeypatch
):
    monkeypatch.setattr(trading, "trade", _only_begun)
    first = traded(house, BEGUN, BEGUN + HOUR_MS)
    version = keep(house)
    real, said = trade_runs._Process.trade, []

    async def refuse(self, version, *, is_new):
        if version is not None:
            raise UsageError("strategy_gone", "the strategy is gone")
        await real(self, version, is_new=is_new)

    monkeypatch.setattr(trade_runs._Process, "trade", refuse)
    assert traded(house, BEGUN + HOUR_MS, BEGUN + 2 * HOUR_MS, said) == first
    assert any("cannot be traded, the run before goes on: the strategy is gone" in line for line in said)
    assert states(house) == ["refused"]
    kept = house.run_files.versions("owner", "first")[0]
    assert reason_of(kept.marks["refused"]).code == "strategy_gone"
    assert prepared(house).read_text() == version.before


def test_a_file_changed_by_hand_is_refused_as_ever_and_no_version_takes_effect_over_it(house, monkeypatch):
    monkeypatch.setattr(trading, "trade", _only_begun)
    first = traded(house, BEGUN, BEGUN + HOUR_MS)
    keep(house)
    by_hand = TEXT.replace("capital = 10_000", "capital = 9_000")
    prepared(house).write_text(by_hand)
    assert current(house).is_hand_changed
    with pytest.raises(UsageError, match="with another plan; changed: capital"):
        traded(house, BEGUN + HOUR_MS, BEGUN + 2 * HOUR_MS)
    assert house.trades.run("first") == first
    assert prepared(house).read_text() == by_hand
    # What is changed from there on is a change of the file as it is now.
    version = keep(house, RunFileEdit({"risk_fraction": 0.01}))
    assert version.before == by_hand
    assert traded(house, BEGUN + 2 * HOUR_MS, BEGUN + 3 * HOUR_MS).id == version.run


def test_of_two_who_change_the_same_version_the_second_is_refused(house):
    seen = current(house)
    keep(house)
    with pytest.raises(Conflict, match="was changed meanwhile"):
        keeping.keep_change(sources(house), OWNER, seen, RunFileEdit({"leverage": 2.0}), base=seen.base)
    assert states(house) == ["waiting"]


def test_an_old_version_taken_as_a_draft_is_a_new_version(house):
    first = keep(house)
    keep(house, RunFileEdit({"risk_fraction": 0.005}))
    third = keep(house, RunFileEdit({"leverage": 2.0}), draft=first.version)
    assert third.version == 3
    assert "risk_fraction = 0.01\n" in third.after
    assert states(house) == ["replaced", "replaced", "waiting"]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (RunFileEdit({"leverage": 50.0}), "leverage must be in"),
        (RunFileEdit({"risk_fraction": float("nan")}), "risk_fraction must be in"),
        (RunFileEdit(protections={"max_positions": 9}), "max_positions must be in"),
        (RunFileEdit(protections={"daily_loss_fraction": 0.2}), "daily_loss_fraction must be in"),
        (RunFileEdit(slots=[]), "at least one slot"),
        (RunFileEdit(slots=[SlotEdit(None, ("NOPE",), "ema_cross", "1h")]), "NOPE"),
        (RunFileEdit(slots=[SlotEdit(None, ("BTC",), "no_such", "1h")]), "no_such"),
        (RunFileEdit(slots=[SlotEdit(0, ("BTC",), "ema_cross", "1h", params={"fast": 0})]), "ema_cross.fast"),
        (RunFileEdit(), "this is what account first trades already"),
        (TEXT.replace('"binance-perp"', '"bitget-perp"'), "venue and mode of an account stay"),
        (TEXT.replace('[venue]', '[venue]\nmode = "live"'), "venue and mode of an account stay"),
        *(
            (f"{TEXT}[data]\n{name} = {value}\n", f"{name} of .data. names files of the machine")
            for name, value in (
                ("bars", '["/etc/passwd"]'), ("instruments", '"/dev/zero"'), ("funding", '"a"'), ("mark", '"a"'),
            )
        ),
        ("capital = [", "is not valid TOML"),
        (f"[account]\ncapital = {'9' * 5_000}\n", "is not valid TOML"),
        (f"{'a.' * 2_000}a = 1\n", "nests tables too deeply"),
        (TEXT.replace("capital = 10_000", "capital = inf"), "capital must be"),
        (TEXT.replace("[venue]", f"max_bars = {'9' * 22}\n[venue]"), "max_bars must be"),
        (TEXT.replace("capital", "kapital"), "no such key"),
    ],
)  # fmt: skip
def test_what_a_start_would_refuse_is_refused_before_anything_is_kept(house, edit, said):
    with pytest.raises(Exception, match=said):
        keep(house, edit)
    assert house.run_files.versions("owner") == []
    assert prepared(house).read_text() == TEXT


def test_real_money_and_files_elsewhere_are_not_changed_here(house, tmp_path, monkeypatch):
    monkeypatch.setattr(trading, "trade", _only_begun)
    elsewhere = tmp_path / "my.toml"
    elsewhere.write_text(TEXT)
    prepared(house).unlink()
    run = traded(house, BEGUN, BEGUN + HOUR_MS, path=elsewhere)
    with pytest.raises(UsageError, match=rf"is traded from {elsewhere}, which is not in the home folder"):
        keep(house)
    live = replace(run, id="live-run", account="real", mode="live")
    house.trades.begin(live)
    with pytest.raises(Forbidden, match="trades real money"):
        keep(house, account="real")
    assert house.run_files.versions("owner") == []


def test_flat_means_no_position_and_no_order_under_way(house):
    run = traded(house, BEGUN, BEGUN + DAY_MS)
    stores = provide(house, RunFileStores)
    assert is_flat(stores, "first") is False
    assert is_flat(stores, "unknown") is True
    log = load_event_log(house.results, house.trades, run)
    assert keeping.open_positions(sources(house), current(house).file) == len(log.open_slots) > 0


def test_an_armed_plan_that_a_change_would_leave_untraded_is_named(house):
    prepared(house).write_text(PLANS)
    traded(house, BEGUN, BEGUN + 2 * HOUR_MS)
    plans = {}
    for coin in ("btc", "eth", "sol"):
        kept = house.plans.add(
            plan_of(f"{coin}-usdt-perp", BEGUN, account="first", stop=1.0, target=9e6), "owner"
        )
        plans[coin] = house.plans.mark(kept.number, "armed", BEGUN, "owner")
    # One that has entered is closed before the change takes effect.
    house.plans.mark(plans["eth"].number, "entered", BEGUN, "vigie")
    fewer = PLANS.replace('"BTC", "ETH", "SOL"', '"SOL"')
    told = keeping.preview_change(sources(house), current(house), fewer).notes
    assert [one for one in told if "would be refused" in one] == [
        f"plan {plans['btc'].plan.id} of btc-usdt-perp is armed and would be refused: no slot of plan is left for it"
    ]
    less = keeping.preview_change(sources(house), current(house), SMALLER).notes
    assert not [one for one in less if "would be refused" in one]
    riskier = PLANS.replace("[account]", "[account]\nrisk_fraction = 0.0075")
    told = keeping.preview_change(sources(house), current(house), riskier).notes
    assert [one.partition(" is armed")[0] for one in told if "sized anew" in one] == [
        f"plan {plans[coin].plan.id} of {coin}-usdt-perp" for coin in ("btc", "sol")
    ]
    assert "sized anew: 0.75 % at risk" in next(one for one in told if "sized anew" in one)
