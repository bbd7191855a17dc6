import numpy as np
import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, ask, go, small_world
from vigie.domain.errors import UsageError
from vigie_sandbox.world.price_walk import CLOSE, VOLUME
from vigie_sandbox.world.scenes.scenarios import PLANNED, SCENARIOS


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


def measures_of(world):
    """Return volatility, funding, open interest and value locked of a world now, each as rows of one thing."""
    asked = {"resolution": "3600"}
    path = "/api/v2/public/get_volatility_index_data"
    dvol = [ask(world, "deribit", path, currency=name, **asked)["result"]["data"] for name in ("BTC", "ETH")]
    venue, now = next(iter(world.venues.values())), world.now_ms()
    coins = [coin for coin in world.coins if coin.kind != "stablecoin"]
    return (
        np.array([[row[4] for row in rows] for rows in dvol]),
        np.array([venue.funding_now(coin, now) for coin in coins]),
        np.array([venue.open_interest(coin, now) for coin in coins]),
        np.array([chain["tvl"] for chain in ask(world, "defillama", "api/v2/chains")]),
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_derivatives_and_chains_tell_in_a_scene_could_be_true(name):
    """Bounds that we chose: a rise of volatility, a cap on funding, a day's outflow of a chain."""
    world = small_world()
    dvol, _, interest, locked = measures_of(world)
    world.start_scene(name)
    for _ in range(3):
        go(world, 2 * HOUR_MS)
        volatility, funding, interest_now, locked_now = measures_of(world)
        assert volatility.min() > 15
        assert volatility.max() < 200
        assert (volatility[:, dvol.shape[1] :].max(axis=1) - dvol[:, -1]).max() < 60
        assert np.abs(funding).max() <= 0.003
        assert 0.4 < (interest_now / interest).min() <= (interest_now / interest).max() < 2.5
        assert 0.7 < (locked_now / locked).min() <= (locked_now / locked).max() < 1.4


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
