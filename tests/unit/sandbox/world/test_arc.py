"""The scenes of a demonstration: from the first look on, and once its account trades, in a calm market."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, MINUTE_MS, OPENED_MS, Hand, go, small_world
from vigie.domain.account import AccountSettings, Protections, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import MAX_POSITIONS, STOP
from vigie.domain.ids import SlotId
from vigie.domain.setup import SetupChange
from vigie.engine.inputs import settlements_of
from vigie.engine.run import PlannedSlot, execute
from vigie.services.demo_world import RISK
from vigie.services.setups.folding import SlotFold
from vigie.trading import catalogue
from vigie.views.cli.demo import WORLD_SEED
from vigie.views.cli.sandbox_scenes import scene_lines
from vigie_sandbox.world.control import WorldControl
from vigie_sandbox.world.home import STATE_FILE, load_or_create_world, save_world
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import write_article
from vigie_sandbox.world.price_tape import HISTORY_DAYS
from vigie_sandbox.world.price_walk import CLOSE
from vigie_sandbox.world.scenes.arc import (
    ARC,
    CALM_BEFORE_MS,
    COIN_CRASH,
    LONGEST_WAIT_MS,
    TRADED_ARC,
    Arc,
)
from vigie_sandbox.world.scenes.scenarios import SCENARIOS
from vigie_sandbox.world.scenes.schedule import Scene, combine_effects

TRADED = ("BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE")


def awaiting(seed=10, opened_ms=OPENED_MS, **wanted):
    return small_world(
        Hand(), seed=seed, opened_ms=opened_ms, arc=Arc(opened_ms), **{"quiet": False, **wanted}
    )


def starts(world):
    return {scene.scenario.name: scene for scene in world.schedule.until(world.now_ms() + DAY_MS)}


def test_nothing_happens_before_somebody_looks_then_five_scenes_and_four_that_wait_for_an_account():
    world = awaiting()
    go(world, 20 * HOUR_MS)
    assert {scene.scenario.name for scene in world.schedule.until(world.now_ms())} == {"calm"}
    assert world.begin_arc()
    begun = world.schedule.arc.begun_ms
    coming = [scene for scene in world.schedule.coming(world.now_ms()) if scene.origin == "arc"]
    assert sorted(scene.scenario.name for scene in coming) == sorted(
        [COIN_CRASH, *(name for name, _ in (*ARC, *TRADED_ARC))]
    )
    assert all(begun < scene.start_ms and scene.end_ms <= begun + 31 * HOUR_MS for scene in coming)
    planned = [scene for scene in world.schedule.coming(world.now_ms()) if scene.origin == "planned"]
    assert min(scene.start_ms for scene in planned) > max(scene.end_ms for scene in coming)


def test_it_begins_once_and_changes_nothing_that_was_seen():
    looked_at, other = awaiting(), awaiting()
    go(looked_at, 90_000)
    assert looked_at.begin_arc()
    begun = looked_at.schedule.arc.begun_ms
    go(looked_at, 3 * HOUR_MS)
    assert not looked_at.begin_arc()
    assert looked_at.schedule.arc.begun_ms == begun
    go(other, 3 * HOUR_MS + 90_000)
    seen = (begun - looked_at.tape.minutes_start_ms) // MINUTE_MS
    first, second = (world.tape.minutes()[:, :, :] for world in (looked_at, other))
    assert np.array_equal(first[:, :, :seen], second[:, :, :seen])
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_world_that_is_stopped_goes_on_with_its_arc(tmp_path, is_begun):
    hand = Hand()
    world = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    go(world, 10 * MINUTE_MS)
    if is_begun:
        world.begin_arc()
        go(world, HOUR_MS)
        world.begin_second_part()
    go(world, 3 * HOUR_MS)
    save_world(world, tmp_path)
    again = load_or_create_world(hand, OPENED_MS + DAY_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    assert again.schedule.arc == world.schedule.arc
    assert again.begin_arc() != is_begun
    assert np.array_equal(again.tape.minutes()[:, :, :], world.tape.minutes()[:, :, :])


def test_the_second_part_begins_when_the_account_trades_and_changes_nothing_that_was_seen():
    world, other = awaiting(), awaiting()
    for one in (world, other):
        go(one, 90_000)
    assert not world.begin_second_part()
    for one in (world, other):
        one.begin_arc()
        go(one, 3 * HOUR_MS + 90_000)
    # What was planned by then comes after the arc, wherever that ends.
    world.schedule.coming(world.now_ms())
    assert world.begin_second_part()
    assert not world.begin_second_part()
    seen = (world.schedule.arc.traded_ms - world.tape.minutes_start_ms) // MINUTE_MS
    begins = {name: scene.start_ms for name, scene in starts(world).items()}
    full_hour = -(-world.schedule.arc.traded_ms // HOUR_MS) * HOUR_MS
    assert {name: begins[name] - full_hour for name, _ in TRADED_ARC} == {
        name: minute * MINUTE_MS for name, minute in TRADED_ARC
    }
    for one in (world, other):
        go(one, 11 * HOUR_MS)
    first, second = (one.tape.minutes()[:, :, :] for one in (world, other))
    assert np.array_equal(first[:, :, :seen], second[:, :, :seen])
    assert not np.array_equal(first, second)


# So long after the first page the account of a demonstration traded, measured, and somewhat later.
@pytest.mark.parametrize("traded_after_min", [180, 232, 292, 360, 420, 479])
def test_five_scenes_happen_within_ten_minutes_of_the_first_page(traded_after_min):
    begun = OPENED_MS // MINUTE_MS * MINUTE_MS + 7 * MINUTE_MS
    arc = Arc(OPENED_MS, begun, begun + traded_after_min * MINUTE_MS)
    begins = {name: (start - begun) // MINUTE_MS for name, start in arc.starts()}
    # A market's minute is a second here. When each is over: read, denied, fallen, back.
    over = {
        "release": begins["release"],
        "squeeze": begins["squeeze"] + 90,
        "false-story": begins["false-story"] + 75,
        COIN_CRASH: begins[COIN_CRASH] + sum(phase.minutes for phase in SCENARIOS[COIN_CRASH].phases[:3]),
        "venue-outage": begins["venue-outage"] + 45,
    }
    assert max(over.values()) <= 600
    # The climb ends with an hour's bar, and nothing begins before the account trades.
    assert begins[COIN_CRASH] >= traded_after_min
    assert (begun + begins[COIN_CRASH] * MINUTE_MS) % HOUR_MS == HOUR_MS // 2


@pytest.mark.parametrize("has_coin_crash", [True, False])
def test_a_world_from_before_the_drift_or_the_crash_of_two_coins_keeps_its_past(tmp_path, has_coin_crash):
    hand = Hand()
    world = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    world.begin_arc()
    world.begin_second_part()
    save_world(world, tmp_path)
    path = tmp_path / STATE_FILE
    state = json.loads(path.read_text())
    assert state["arc"].pop("drift")
    if not has_coin_crash:
        assert state["arc"].pop("coin_crash")
    path.write_text(json.dumps(state))
    again = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    names = [name for name, _ in again.schedule.arc.starts()]
    before = ["release", "squeeze", "false-story", "venue-outage", "rally", "breakout-crash"]
    assert sorted(names) == sorted([*before, COIN_CRASH] if has_coin_crash else before)
    save_world(again, tmp_path)
    assert json.loads(path.read_text())["arc"] == state["arc"]


def test_an_account_that_never_trades_keeps_the_second_part_waiting_for_a_time():
    world = awaiting()
    world.begin_arc()
    begun = world.schedule.arc.begun_ms
    go(world, LONGEST_WAIT_MS + HOUR_MS)
    assert not world.begin_second_part()
    assert LONGEST_WAIT_MS <= starts(world)["surge"].start_ms - begun < LONGEST_WAIT_MS + HOUR_MS


def test_a_world_whose_arc_had_one_part_keeps_it(tmp_path):
    hand = Hand()
    world = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    world.begin_arc()
    save_world(world, tmp_path)
    path = tmp_path / STATE_FILE
    state = json.loads(path.read_text())
    del state["arc"]["traded_ms"], state["arc"]["coin_crash"], state["arc"]["drift"]
    path.write_text(json.dumps(state))
    again = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    assert not again.begin_second_part()
    assert [name for name, _ in again.schedule.arc.starts()][-2:] == ["breakout-crash", "venue-outage"]
    save_world(again, tmp_path)
    assert "traded_ms" not in json.loads(path.read_text())["arc"]


def test_a_world_from_before_there_was_an_arc_has_none(tmp_path):
    hand = Hand()
    save_world(load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path), tmp_path)
    path = tmp_path / STATE_FILE
    state = json.loads(path.read_text())
    del state["arc"]
    path.write_text(json.dumps(state))
    world = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    assert not world.begin_arc()
    assert world.schedule.coming(world.now_ms())


def test_the_hours_before_are_calm():
    calm, usual = awaiting(), small_world(Hand())
    first = (OPENED_MS - CALM_BEFORE_MS - calm.tape.minutes_start_ms) // MINUTE_MS
    spread = [np.diff(np.log(world.tape.minutes()[0, CLOSE, first:])).std() for world in (calm, usual)]
    assert spread[0] < 0.6 * spread[1]


def test_the_control_begins_it_and_lists_what_comes():
    world = awaiting()
    control = WorldControl(world)
    listed = control.answer("GET", "/scenes", {}).body
    assert listed["arc"]["is_awaited"]
    lines = list(scene_lines(listed))
    assert "2 min 00 s after the first page squeeze" in " ".join(" ".join(lines).split())
    assert control.answer("POST", "/arc", {}).body["begun_ms"] == world.schedule.arc.begun_ms is not None
    listed = control.answer("GET", "/scenes", {}).body
    assert not listed["arc"]["is_awaited"]
    lines = " ".join(" ".join(scene_lines(listed)).split())
    # A minute passes until it begins.
    assert "in 1 min 01 s release" in lines
    assert all(f"{name} {scenario.about}" in lines for name, scenario in SCENARIOS.items())


def test_a_release_is_the_regulators_own_and_about_bitcoin():
    world = small_world()
    scene = world.start_scene("release")
    go(world, 5 * MINUTE_MS)
    first = Archive(world).all_pieces_until(scene.start_ms)[-1]
    assert (first.ts, first.outlet.id, first.kind) == (scene.start_ms, "valmer", "official")
    assert "Bitcoin" in write_article(world, first, world.now_ms()).title


def test_a_false_story_is_an_aggregators_and_the_regulator_denies_it_before_anybody_repeats_it_later():
    for seed in range(8):
        world = small_world(Hand(), seed=seed)
        scene = world.start_scene("false-story")
        go(world, 6 * HOUR_MS)
        pieces = [
            piece
            for piece in Archive(world).all_pieces_until(world.now_ms())
            if piece.event.kind.startswith("false.") and piece.ts >= scene.start_ms
        ]
        false = [piece for piece in pieces if piece.event.kind == "false.ban"]
        denials = [piece for piece in pieces if piece.event.kind == "false.ban_denied"]
        assert (false[0].outlet.id, denials[0].outlet.id) == ("coinmirror", "valmer")
        assert denials[0].ts == scene.start_ms + 75 * MINUTE_MS
        assert all(piece.ts < denials[0].ts for piece in false)
        assert len({piece.id for piece in pieces}) == len(pieces)
        days = {str(piece.event.fixed_facts.get("days", "")) for piece in denials}
        told = " ".join(write_article(world, false[0], world.now_ms()).paragraphs)
        assert all(day in told for day in days)


def test_a_squeeze_closes_short_positions_by_force():
    world = small_world(Hand())
    venue, coin = world.venues["binance"], world.coin_by_symbol["SOL"]

    def forced(minutes):
        orders = []
        for _ in range(minutes):
            now = go(world, MINUTE_MS)
            orders += venue.liquidations(coin, now - MINUTE_MS, now)
        return sum(order.is_buy for order in orders), len(orders)

    before = forced(60)
    world.start_scene("squeeze")
    go(world, 20 * MINUTE_MS)
    during = forced(60)
    assert during[0] > 10 * max(1, before[0])
    assert during[0] > 0.8 * during[1]


def bars_of(world, ticker):
    coin = world.coin_by_symbol[ticker]
    candles = world.venues["bitget"].candles(coin, HOUR_MS, 0, world.now_ms(), world.now_ms())
    columns = [np.ascontiguousarray(row[:-1]) for row in candles.rows]
    return Bars(coin.profile.instrument, HOUR_MS, candles.ts[:-1], *columns, venue="bitget-perp"), coin


def breakouts(world, tickers, account, from_ms=0):
    """Run the shipped strategy of breakouts on the world's hours, by an account that trades from a time on."""
    strategy = catalogue.load("bollinger_squeeze")
    none = settlements_of(np.zeros(0, np.int64), np.zeros(0))
    plans = []
    for ticker in tickers:
        bars, coin = bars_of(world, ticker)
        plans.append(
            PlannedSlot(
                slot=SlotId(bars.instrument, "1h", "bollinger_squeeze"),
                bars=bars,
                strategy=strategy,
                params=strategy.defaults(),
                versions=(coin.profile.rules,),
                account=account,
                funding=none,
                first=int(np.searchsorted(bars.ts + HOUR_MS, from_ms, side="right")),
            )
        )
    return execute(plans, account, seed=1)


def stopped_by(world, tickers, fall_ms):
    """Return the long trades of the shipped strategy of breakouts that a fall ended at their stops."""
    return [
        trade
        for slot in breakouts(world, tickers, AccountSettings()).slots
        for trade in slot.trades
        if trade["side"] == 1
        and trade["entry_ts"] <= fall_ms < trade["exit_ts"] <= fall_ms + HOUR_MS
        and trade["reason"] == STOP
    ]


@pytest.mark.parametrize(("seed", "hour"), [(10, 0), (10, 9), (10, 17), (22, 4), (24, 15)])
def test_who_buys_the_breakout_is_stopped_by_the_crash(seed, hour):
    """The engine trades the shipped strategy of breakouts on the world's bars: it buys, and its stops are met."""
    world = awaiting(seed, OPENED_MS // DAY_MS * DAY_MS + hour * HOUR_MS)
    go(world, 2 * MINUTE_MS)
    world.begin_arc()
    world.begin_second_part()
    crash = starts(world)["breakout-crash"]
    go(world, 11 * HOUR_MS)
    assert stopped_by(world, TRADED, crash.start_ms + 55 * MINUTE_MS)


@pytest.mark.parametrize(("seed", "hour"), [(10, 0), (10, 9), (22, 5), (24, 15), (31, 5)])
def test_who_buys_the_climb_of_two_coins_is_stopped_soon_after_the_account_trades(seed, hour):
    world = awaiting(seed, OPENED_MS // DAY_MS * DAY_MS + hour * HOUR_MS)
    go(world, 2 * MINUTE_MS)
    world.begin_arc()
    go(world, 290 * MINUTE_MS)
    world.begin_second_part()
    crash = starts(world)[COIN_CRASH]
    go(world, 4 * HOUR_MS)
    assert stopped_by(world, crash.scenario.coins, crash.start_ms + 55 * MINUTE_MS)


def states_of(run, since_ms):
    """Return the changes of the setups of one slot, a setup a list."""
    lives: dict[str, list[SetupChange]] = {}
    for change in SlotFold().take(run, run.plan.first):
        assert change.ts_known > since_ms
        lives.setdefault(change.setup, []).append(change)
    return list(lives.values())


@pytest.mark.parametrize("hour", [4, 8, 10, 16])
def test_a_setup_forms_and_is_confirmed_another_is_invalidated_and_a_third_entry_is_beyond_two_positions(
    hour,
):
    """By the shipped strategy on the world's bars, from when the account trades to an hour after the breakout."""
    # As `vigie demo` makes it. How calm the day before is depends on the hour and the weekday: this is a Monday.
    opened_ms = OPENED_MS // DAY_MS * DAY_MS + 333 * DAY_MS + hour * HOUR_MS
    world = awaiting(WORLD_SEED, opened_ms, has_wave=True, history_days=HISTORY_DAYS)
    go(world, 12 * MINUTE_MS)
    world.begin_arc()
    go(world, 230 * MINUTE_MS)
    world.begin_second_part()
    traded_ms, breakout = world.schedule.arc.traded_ms, starts(world)["breakout"]
    # An hour more: what is decided at the last close of a run is not in its log.
    go(world, breakout.start_ms + 2 * HOUR_MS + MINUTE_MS - world.now_ms())
    tickers = ("BTC", "ETH", "XRP")
    lone = dict(zip(tickers, breakouts(world, tickers, AccountSettings(), traded_ms).slots, strict=True))
    lives = {ticker: states_of(run, traded_ms) for ticker, run in lone.items()}
    # XRP is confirmed at the end of its jump, so that a plan of it is open when the others break out.
    jump_ms = starts(world)["surge"].start_ms + HOUR_MS
    assert ("long", "confirmed", jump_ms) in [
        (change.side, change.state, change.ts_known) for life in lives["XRP"] for change in life
    ]
    told = {ticker: [[change.state for change in life] for life in lives[ticker]] for ticker in tickers}
    assert ["forming", "confirmed"] in told["BTC"]
    assert ["forming", "invalidated"] in [*told["ETH"], *told["XRP"]]
    shared = AccountSettings(
        mode="portfolio", sizing=Sizing(risk_fraction=RISK), protections=Protections(max_positions=2)
    )
    outcome = breakouts(world, tickers, shared, traded_ms).outcomes[0]
    refused = {(int(row[0]), int(row[6])) for row in outcome.log[outcome.refusals]}
    assert (breakout.start_ms, MAX_POSITIONS) in refused


def test_what_goes_against_a_scene_moves_as_far_the_other_way():
    scene = Scene(SCENARIOS["breakout"], OPENED_MS)
    moves = {
        symbol: sum(
            combine_effects([scene], symbol, 1.0, OPENED_MS + minute * MINUTE_MS)[0]
            for minute in range(scene.scenario.minutes)
        )
        for symbol in ("BTC", "ETH", "SOL")
    }
    assert moves["BTC"] > 0.0
    assert moves == {"BTC": moves["BTC"], "ETH": -moves["BTC"], "SOL": 0.0}
