import numpy as np
import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, go, small_world
from vigie.domain.errors import UsageError
from vigie_sandbox.world.price_walk import CLOSE, VOLUME
from vigie_sandbox.world.scenes.scenarios import PLANNED


def played(name, symbol, hours=4):
    """Return a coin's minute closes from the scene's start, over the last one before it."""
    world = small_world()
    scene = world.start_scene(name)
    go(world, hours * HOUR_MS)
    coin = world.coin_by_symbol[symbol].number
    first = (scene.start_ms - world.tape.minutes_start_ms) // MINUTE_MS
    closes = world.tape.minutes()[coin, CLOSE, :]
    return closes[first : first + hours * 60 - 5] / closes[first - 1] - 1.0


def test_a_squeeze_lifts_one_coin_by_about_a_fifth():
    assert 0.12 < played("squeeze", "SOL").max() < 0.35
    assert np.abs(played("squeeze", "ADA")).max() < 0.1


@pytest.mark.parametrize("symbol", ["BTC", "ETH", "AVAX", "DOGE"])
def test_a_flash_crash_strikes_every_coin_and_mostly_recovers(symbol):
    way = played("flash-crash", symbol)
    assert way[:12].min() < -0.07
    assert way[75] > 0.6 * way[:12].min()


def test_a_stablecoin_goes_to_about_97_cents_for_hours_and_comes_back():
    way = played("stablecoin", "USDC", hours=12)
    assert np.abs(way[40:180] + 0.03).max() < 0.008
    assert abs(way[-1]) < 0.003


def test_a_flash_crash_leaves_stablecoins_alone():
    assert np.abs(played("flash-crash", "USDC")).max() < 0.004


def test_scenes_raise_the_volume():
    world = small_world()
    scene = world.start_scene("flash-crash")
    go(world, 2 * HOUR_MS)
    first = (scene.start_ms - world.tape.minutes_start_ms) // MINUTE_MS
    volume = world.tape.minutes()[world.coin_by_symbol["BTC"].number, VOLUME, :]
    assert volume[first : first + 10].mean() > 2.0 * volume[first - 60 : first].mean()


def test_what_was_before_a_scene_and_other_coins_are_untouched():
    with_scene, without = small_world(), small_world()
    scene = with_scene.start_scene("squeeze")
    for world in (with_scene, without):
        go(world, 4 * HOUR_MS)
    first = (scene.start_ms - with_scene.tape.minutes_start_ms) // MINUTE_MS
    one, other = (world.tape.minutes()[:, :, :] for world in (with_scene, without))
    assert np.array_equal(one[:, :, :first], other[:, :, :first])
    struck = with_scene.coin_by_symbol["SOL"].number
    rest = [coin.number for coin in with_scene.coins if coin.number != struck]
    assert np.array_equal(one[rest], other[rest])
    assert not np.array_equal(one[struck], other[struck])


def test_a_scene_starts_with_a_minute_nobody_has_seen():
    world = small_world()
    go(world, 30_500)
    scene = world.start_scene("squeeze")
    assert scene.start_ms % MINUTE_MS == 0
    assert world.now_ms() < scene.start_ms <= world.now_ms() + MINUTE_MS


def test_a_scene_that_is_on_is_not_started_again():
    world = small_world()
    world.start_scene("squeeze")
    go(world, 5 * MINUTE_MS)
    with pytest.raises(UsageError, match="scene squeeze is on already"):
        world.start_scene("squeeze")


def test_a_scene_that_waits_for_its_minute_is_not_started_twice():
    world = small_world()
    world.start_scene("squeeze")
    with pytest.raises(UsageError, match="on already"):
        world.start_scene("squeeze")


def test_an_unknown_scene_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="squeeze, flash-crash, stablecoin, venue-outage"):
        small_world().start_scene("flood")


def test_coming_scenes_are_known_start_by_themselves_and_take_turns():
    world = small_world(quiet=False)
    coming = world.schedule.coming(world.now_ms())
    assert [scene.scenario.name for scene in coming] == list(PLANNED)
    go(world, coming[0].start_ms - world.now_ms() + 30 * MINUTE_MS)
    assert coming[0] in world.schedule.during(world.now_ms(), world.now_ms() + 1)
    coin = world.coin_by_symbol["SOL"].number
    first = (coming[0].start_ms - world.tape.minutes_start_ms) // MINUTE_MS
    closes = world.tape.minutes()[coin, CLOSE, :]
    assert closes[first + 29] / closes[first - 1] > 1.01


def test_an_outage_takes_one_venue_away_and_moves_no_price():
    one, other = small_world(), small_world()
    scene = one.start_scene("venue-outage")
    for world in (one, other):
        go(world, HOUR_MS)
    assert np.array_equal(one.tape.minutes()[:, :, :], other.tape.minutes()[:, :, :])
    assert one.schedule.is_venue_out("binance", scene.start_ms)
    assert not one.schedule.is_venue_out("bitget", scene.start_ms)
    assert not one.schedule.is_venue_out("binance", scene.end_ms)
