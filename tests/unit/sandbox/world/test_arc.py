"""The scenes of a demonstration: from the first look on, and once its account trades, in a calm market."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, MINUTE_MS, OPENED_MS, Hand, go, small_world
from tests.unit.sandbox.world.openings import BREAKOUTS, bars_of, plan_slot, watch_opening
from vigie.domain.account import AccountSettings
from vigie.domain.codes import STOP
from vigie.engine.run import execute
from vigie.intelligence.setups.budget import USUAL_BUDGET
from vigie.views.cli.sandbox_scenes import scene_lines
from vigie_sandbox.world.control import WorldControl
from vigie_sandbox.world.home import STATE_FILE, load_or_create_world, save_world
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import write_article
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
MONDAY_MS = 1_795_996_800_000  # 30 November 2026


def awaiting(seed=10, opened_ms=OPENED_MS, **wanted):
    return small_world(
        Hand(), seed=seed, opened_ms=opened_ms, arc=Arc(opened_ms), **{"quiet": False, **wanted}
    )


def starts(world):
    return {scene.scenario.name: scene for scene in world.schedule.until(world.now_ms() + DAY_MS)}


def test_nothing_happens_before_somebody_looks_then_five_scenes_and_four_that_wait_for_an_account():
    world = awaiting()
    go(world, 20 * HOUR_MS)
    assert {scene.scenario.name for scene in world.schedule.until(world.now_ms())} == {
        "calm",
        "coin-calm",
    }
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
    assert state["arc"].pop("calmer_coin")
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


def test_a_world_from_before_one_coin_was_calmer_keeps_its_past(tmp_path):
    hand = Hand()
    world = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    save_world(world, tmp_path)
    path = tmp_path / STATE_FILE
    state = json.loads(path.read_text())
    assert state["arc"].pop("calmer_coin")
    path.write_text(json.dumps(state))
    again = load_or_create_world(hand, OPENED_MS, seed=3, speed=60.0, home=tmp_path, has_arc=True)
    calm = {scene.scenario.name for scene in again.schedule.until(again.now_ms()) if scene.origin == "arc"}
    assert calm == {"calm"}
    closes = [one.tape.minutes()[:, CLOSE, :] for one in (world, again)]
    is_other = np.any(closes[0] != closes[1], axis=1)
    assert [coin.symbol for coin, other in zip(again.coins, is_other, strict=True) if other] == ["XRP"]


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
    for name in ("traded_ms", "coin_crash", "drift", "calmer_coin"):
        del state["arc"][name]
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


def breakouts(world, tickers):
    """Run the shipped strategy of breakouts on the world's hours."""
    account = AccountSettings()
    return execute(
        [plan_slot(bars_of(world, ticker), BREAKOUTS, account, 0) for ticker in tickers], account, seed=1
    )


def stopped_by(world, tickers, fall_ms):
    """Return the long trades of the shipped strategy of breakouts that a fall ended at their stops."""
    return [
        trade
        for slot in breakouts(world, tickers).slots
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


# By the hours from this Monday on: at night, when the hours before were busy, by day, and at the end of the week.
@pytest.mark.parametrize("hour", [2, 10, 27, 76, 145])
def test_whenever_it_opens_a_plan_is_mailed_and_traded_and_an_entry_beyond_the_limit_is_refused(hour):
    shown = watch_opening(MONDAY_MS + hour * HOUR_MS, looked_at_min=12, traded_after_min=230)
    assert (shown.is_planned, shown.is_traded, shown.is_refused) == (True, True, True)
    assert min(shown.formed, shown.invalidated) >= 1
    # The plan's is mailed, others are beyond the mails of a day.
    assert shown.place <= USUAL_BUDGET < shown.confirmed


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
