import numpy as np
import pytest

from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, MINUTE_MS, OPENED_MS, go, small_world
from vigie_sandbox.world.catalogue import make_catalogue
from vigie_sandbox.world.price_tape import PriceTape
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN, VOLUME
from vigie_sandbox.world.scenes.schedule import ScenarioSchedule

START = OPENED_MS // DAY_MS * DAY_MS


def tape(seed=10, **wanted):
    return PriceTape(
        seed, START, make_catalogue(seed), ScenarioSchedule(seed, START, **wanted), history_days=30
    )


def hours_of(one):
    return one.hours()[:, :, :]


def minutes_of(one):
    return one.minutes()[:, :, :]


def equal(one, other):
    return (
        np.array_equal(hours_of(one), hours_of(other))
        and np.array_equal(minutes_of(one), minutes_of(other))
        and np.array_equal(one.derivatives(), other.derivatives())
    )


def test_the_same_seed_makes_the_same_tape_and_another_seed_another_one():
    assert equal(tape(), tape())
    assert not np.array_equal(hours_of(tape()), hours_of(tape(seed=11)))


@pytest.mark.parametrize("pieces", [[2 * DAY_MS], [MINUTE_MS] * 7 + [5 * HOUR_MS, 2 * DAY_MS]])
def test_the_pieces_in_which_time_passes_do_not_change_the_tape(pieces):
    end = START + 2 * DAY_MS
    whole, parts = tape(), tape()
    whole.extend(end)
    at = START
    for piece in pieces:
        at = min(at + piece, end)
        parts.extend(at)
    parts.extend(end)
    assert equal(whole, parts)


def test_the_past_never_changes_while_time_goes_on():
    one = tape()
    hours, minutes, moods = hours_of(one), minutes_of(one), one.derivatives().copy()
    one.extend(START + DAY_MS)
    assert np.array_equal(one.hours()[:, :, : hours.shape[2]], hours)
    assert np.array_equal(one.minutes()[:, :, : minutes.shape[2]], minutes)
    assert np.array_equal(one.derivatives()[:, :, : moods.shape[2]], moods)


def test_an_hour_is_what_its_minutes_come_to():
    one = tape()
    one.extend(START + 3 * HOUR_MS)
    minutes = minutes_of(one)[:, :, (START - one.minutes_start_ms) // MINUTE_MS :][:, :, :60]
    hour = one.hours()[:, :, (START - one.first_ms) // HOUR_MS]
    assert np.array_equal(hour[:, OPEN], minutes[:, OPEN, 0])
    assert np.array_equal(hour[:, HIGH], minutes[:, HIGH].max(axis=1))
    assert np.array_equal(hour[:, LOW], minutes[:, LOW].min(axis=1))
    assert np.array_equal(hour[:, CLOSE], minutes[:, CLOSE, -1])
    assert np.allclose(hour[:, VOLUME], minutes[:, VOLUME].sum(axis=1), rtol=1e-12)


def test_minutes_follow_the_hours_before_them_without_a_jump():
    one = tape()
    last = one.hours()[:, CLOSE, (one.minutes_start_ms - one.first_ms) // HOUR_MS - 1]
    first = one.minutes()[:, OPEN, 0]
    assert np.abs(np.log(first / last)).max() < 1e-3


def test_old_minutes_are_forgotten_and_hours_are_kept():
    one = tape()
    hours = hours_of(one)
    one.extend(START + 20 * DAY_MS)
    assert one.minutes_start_ms > START
    assert one.minutes_end_ms >= START + 20 * DAY_MS
    assert np.array_equal(one.hours()[:, :, : hours.shape[2]], hours)
    assert one.hours_end_ms == START + 20 * DAY_MS


def test_bars_are_bars():
    one = tape()
    for rows in (hours_of(one), minutes_of(one)):
        assert (rows[:, HIGH] >= np.maximum(rows[:, OPEN], rows[:, CLOSE])).all()
        assert (rows[:, LOW] <= np.minimum(rows[:, OPEN], rows[:, CLOSE])).all()
        assert (rows > 0).all()


def test_stablecoins_stay_near_their_peg():
    one = tape()
    coins = {coin.symbol: coin.number for coin in make_catalogue(10)}
    for symbol in ("USDT", "USDC"):
        assert np.abs(one.hours()[coins[symbol], CLOSE, :] - 1.0).max() < 0.01


def test_a_world_that_starts_again_with_its_scenes_is_the_same_world():
    world = small_world(quiet=False)
    go(world, 90 * MINUTE_MS)
    world.start_scene("squeeze")
    now = go(world, 20 * HOUR_MS)
    again = small_world(quiet=False, market_ms=now, requested_scenes=world.schedule.requested)
    assert equal(world.tape, again.tape)
