"""A model that is taken back while an account holds something by it decides the exit, and enters nothing more."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from tests import houses
from tests.crash.mortal import Dead
from tests.unit.services.learning_material import trading_either_side, training_home
from tests.unit.services.trading.material import BEGUN, RunningClock, planned
from tests.unit.services.trading.test_model_accounts import FILE
from tests.unit.services.trading.test_model_accounts import house as house
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.domain import codes
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.learned import STAGES
from vigie.domain.order_caps import OrderCaps
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.fold import steps
from vigie.services.learning import promotion, training
from vigie.services.learning.account_models import find_demoted, refuse_early_models
from vigie.services.learning.model_files import model_folder
from vigie.services.needs import bound
from vigie.services.trading.accounts.account_status import get_account_status
from vigie.services.trading.flattening.flattening import flatten
from vigie.services.trading.log import holding
from vigie.services.trading.log.holding import find_held, list_holders
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process import trading as trading_service
from vigie.trading.catalogue import load, load_file
from vigie.views.cli import trade_runs

pytest.importorskip("sklearn")
END = BEGUN + 12 * DAY_MS


@asynccontextmanager
async def beating():
    yield


@pytest.fixture
def held(house, tmp_path):
    """An account that holds something by a model, until which moment it was traded, and its plan."""
    plan = planned(house, tmp_path, text=FILE)
    until = BEGUN + 2 * DAY_MS
    run = go(house, plan, until, [])
    while not load_event_log(house.results, house.trades, run).open_slots:
        before, until = until, until + 3 * HOUR_MS
        go(house, plan, until, [], begun=before)
    return house, plan, run, until


def demote(house, stage):
    parts = training_home(house)
    return promotion.demote_model(
        parts, house.audit, "u1", training.find_model(parts.models, "btc_day"), stage,
        holders=partial(list_holders, house.results, house.trades),
    )  # fmt: skip


def start(house, folder, until, said, *, is_new=False):
    """Start the account as its command does, up to where it would trade."""
    clock = type("Hand", (), {"market_now": lambda self: until, "wall_now": lambda self: until})()
    clock.sleep = lambda seconds: None
    jobs = []

    async def trade(job, *_):
        jobs.append(job)

    async def lease(trades, account, holder, *_):
        return trades.take(account, holder, for_s=30.0)

    trader = SimpleNamespace(
        app_context=house, clock=clock, url=None, speed=lambda: 1.0, collects_prices=False, caps=OrderCaps()
    )
    life = SimpleNamespace(
        say=said.append, heartbeat=SimpleNamespace(keep_beating=beating, attach_status=None)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trading_service, "trade", trade)
        patch.setattr(trading_service, "acquire_lease", lease)
        asyncio.run(
            trade_runs.trade_file(
                trader, folder / "run.toml", "paper", "main", "", life, user="", is_new=is_new
            )
        )
    return jobs[-1]


def entries_after(house, run, ts):
    return [
        one.intent
        for one in house.trades.intents(run.id)
        if one.intent.leg == "entry" and one.intent.ts_bar >= ts
    ]


def vetoes(house, run):
    return [
        veto.code
        for step in map(steps.decode_step, house.trades.steps(run.id))
        for veto in getattr(step, "vetoes", ())
    ]


@pytest.mark.parametrize("stage", ["candidate", "shadow"])
def test_it_is_led_to_its_end_by_the_same_model_and_nothing_more_is_entered(held, tmp_path, stage):
    house, plan, run, until = held
    demote(house, stage)
    assert start(house, tmp_path, until, []).run == run
    # Killed twice between the demotion and the exit.
    for begun, end in (
        (until, until + HOUR_MS),
        (until + HOUR_MS, until + 2 * HOUR_MS),
        (until + 2 * HOUR_MS, END),
    ):
        go(house, plan, end, [], begun=begun)
    chronicle = load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert not chronicle.open_slots
    assert not entries_after(house, run, until)
    assert account.trades["exit_ts"][-1] > until
    # Exits are those of who was never demoted.
    assert account.trades["exit_ts"].tolist() == backtest.trades["exit_ts"][:ended].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)
    assert len(backtest.trades) > ended
    assert codes.MODEL_DEMOTED in vetoes(house, run)
    assert any(one.code == "model_demoted" for one in chronicle.refusals)
    # Flat, it decides no more.
    with pytest.raises(UsageError, match=f"is at the stage {stage} and may not trade at paper yet"):
        start(house, tmp_path, END, [])


# `make test` has six moments; `make chaos` has one in three.
@pytest.mark.parametrize("parts", [6, pytest.param(0, marks=pytest.mark.chaos)])
def test_killed_between_its_demotion_and_the_exit_it_comes_to_the_same_end(held, tmp_path, parts):
    house, plan, run, until = held
    demote(house, "candidate")
    clock, end = house.clock, until + 30 * HOUR_MS

    def led(name, at=0):
        """Lead a copy of the home on, killed at one of its writes; return its trades and how often it wrote."""
        home, count = houses.copied(house.home, tmp_path / name, clock=clock), [0]
        whole = type(home.trades).commit

        def commit(*given, **named):
            count[0] += 1
            if count[0] == at:
                raise Dead
            return whole(*given, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(home.trades), "commit", commit)
            if at:
                with pytest.raises(Dead):
                    go(home, plan, end, [], begun=until)
            go(home, plan, end, [], begun=until)
        chronicle = load_event_log(home.results, home.trades, run)
        assert not chronicle.open_slots
        assert not entries_after(home, run, until)
        return chronicle.account.trades.tolist(), count[0]

    trades, count = led("whole")
    step = max(count // parts, 1) if parts else 3
    for at in range(1, count + 1, step):
        assert led(f"at{at}", at)[0] == trades, at


@pytest.mark.parametrize("mode", ["paper", "demo", "live"])
def test_what_is_refused_at_a_start_is_what_enters_nothing(house, mode):
    strategy = load_file(house.results.strategies / "model_btc_day.py")
    own = load("ema_cross")
    is_demoted = find_demoted(house.learned_models, [strategy, own], mode)
    for stage in STAGES:
        model = training.find_model(house.learned_models, "btc_day")
        house.learned_models.move(model, stage)
        try:
            refuse_early_models(house.learned_models, [strategy, own], mode)
        except UsageError:
            assert is_demoted("model_btc_day")
        else:
            assert not is_demoted("model_btc_day")
        assert is_demoted("model_btc_day") == (
            STAGES.index(stage) < min(STAGES.index(mode), STAGES.index("demo"))
        )
        assert not is_demoted("ema_cross")


def test_what_runs_enters_nothing_from_the_moment_on_and_again_once_it_is_back(held, tmp_path):
    house, plan, run, until = held
    demote(house, "shadow")
    go(house, plan, until + 6 * DAY_MS, [], begun=until)
    assert not entries_after(house, run, until)
    model = training.find_model(house.learned_models, "btc_day")
    house.learned_models.move(model, "paper")
    back = until + 6 * DAY_MS
    go(house, plan, back + 4 * DAY_MS, [], begun=back)
    assert entries_after(house, run, back)


def test_an_account_that_is_flat_leaves_the_file_to_go_and_is_refused(house, tmp_path):
    plan = planned(house, tmp_path, text=FILE)
    run = go(house, plan, BEGUN + HOUR_MS // 2, [])
    assert find_held(house.results, house.trades, run.account) is None
    demote(house, "candidate")
    assert not (house.results.strategies / "model_btc_day.py").exists()
    with pytest.raises(UsageError):
        start(house, tmp_path, BEGUN + HOUR_MS, [])


def test_another_version_waits_until_what_is_held_is_closed_then_takes_its_place(held, tmp_path):
    house, plan, _, until = held
    demote(house, "candidate")
    path = house.results.strategies / "model_btc_day.py"
    pinned = path.read_bytes()
    asked = training.find_experiment(house.learned_models, "btc_day")
    parts = training_home(house)
    with trading_either_side():
        second = training.train_model(parts, "btc_day", training.request_of(asked), owner="u1").model
    path_of_second = model_folder(house.home, "btc_day", 2) / "strategy.py"
    assert path_of_second.read_bytes() != pinned
    holders = partial(list_holders, house.results, house.trades)
    with pytest.raises(
        Conflict, match="account main holds a position whose exit another version of btc_day decides"
    ):
        promotion.promote_model(parts, house.audit, "u1", second, holders=holders)
    assert path.read_bytes() == pinned
    go(house, plan, END, [], begun=until)
    promotion.promote_model(parts, house.audit, "u1", second, holders=holders)
    assert path.read_bytes() == path_of_second.read_bytes()


@pytest.mark.parametrize("content", [None, b"# mine\n"])
def test_without_its_file_it_is_refused_with_a_cure_and_the_stop_is_told(held, tmp_path, content):
    house, _, run, until = held
    demote(house, "candidate")
    path = house.results.strategies / "model_btc_day.py"
    pinned, said = path.read_bytes(), []
    path.unlink() if content is None else path.write_bytes(pinned + content)
    for _ in range(2):
        with pytest.raises(
            UsageError, match=r"copy models/trading/btc_day/1/strategy\.py of the home folder there"
        ):
            start(house, tmp_path, until, said)
    (held_slot,) = load_event_log(house.results, house.trades, run).open_slots
    stop = float(load_event_log(house.results, house.trades, run).account.slot(held_slot)["stop"])
    assert any("nothing watches its stop at" in line and f"{stop:g}"[:6] in line for line in said), (
        stop,
        said,
    )
    (told,) = house.audit.after(0, kinds=["trade.ended"])
    assert "nothing watches its stop at" in str(told.text["why"])
    path.write_bytes((model_folder(house.home, "btc_day", 1) / "strategy.py").read_bytes())
    assert start(house, tmp_path, until, []).run == run


def test_while_another_process_trades_it_a_refused_start_tells_nothing(held, tmp_path):
    house, _, _, until = held
    demote(house, "candidate")
    (house.results.strategies / "model_btc_day.py").unlink()
    house.trades.take("main", "another process", for_s=30.0)
    said = []
    with pytest.raises(UsageError, match="account main holds a position"):
        start(house, tmp_path, until, said)
    assert not said
    assert not house.audit.after(0, kinds=["trade.ended"])


def test_order_that_is_filled_while_it_is_asked_is_not_taken_for_flat(held, monkeypatch):
    house, plan, run, _ = held
    logs = iter([SimpleNamespace(open_slots=[0])])
    events = []
    trades = SimpleNamespace(
        run=lambda account: run, intents=lambda run_id, open_only: events.append("orders") or []
    )
    monkeypatch.setattr(holding, "load_event_log", lambda *_: events.append("log") or next(logs))
    # Filled between the two readings, it is in neither where the log is read first.
    assert find_held(house.results, trades, plan.account) is not None
    assert events == ["orders", "log"]


def test_without_its_file_its_levels_are_shown_and_it_can_be_closed(held):
    house, plan, run, until = held
    demote(house, "candidate")
    (house.results.strategies / "model_btc_day.py").unlink()
    (shown,) = bound(house, get_account_status)("main", "owner")["positions"]
    assert float(shown["stop"]) > 0.0

    async def close():
        clock = RunningClock(until, until + DAY_MS)
        live = replace(house, clock=clock)
        house.trades.request_state(plan.account, "flat", by="owner", why="tests")
        lease = live.trades.take(plan.account, "a person", for_s=30.0, by_force=True)
        hands = asyncio.ensure_future(clock.run())
        try:
            return await flatten(trading_service.TradeJob(live, run, plan, lease, clock), print)
        finally:
            hands.cancel()

    assert asyncio.run(close()) == 1
    assert find_held(house.results, house.trades, "main") is None
