"""The wave in one coin's price: it adds to what moves the price anyhow, and touches no other coin."""

import numpy as np
import pytest

from tests.unit.sandbox.world.hands import DAY_MS, HOUR_MS, MINUTE_MS, OPENED_MS
from vigie_sandbox.world.catalogue import make_catalogue
from vigie_sandbox.world.price_tape import PriceTape
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN, VOLUME
from vigie_sandbox.world.price_wave import HEIGHT, PERIOD_MS, SYMBOL
from vigie_sandbox.world.scenes.schedule import ScenarioSchedule

START = OPENED_MS // DAY_MS * DAY_MS
COINS = make_catalogue(10)
NUMBER = next(coin.number for coin in COINS if coin.symbol == SYMBOL)


def tape(*, has_wave: bool) -> PriceTape:
    schedule = ScenarioSchedule(10, START, quiet=True)
    return PriceTape(10, START, COINS, schedule, history_days=30, has_wave=has_wave)


@pytest.fixture(scope="module")
def still():
    return tape(has_wave=False)


@pytest.fixture(scope="module")
def waving():
    return tape(has_wave=True)


def wave(ts):
    return np.exp(HEIGHT * np.sin(2.0 * np.pi * ts / PERIOD_MS))


@pytest.mark.parametrize(
    ("bars", "first", "span"), [("minutes", "minutes_start_ms", MINUTE_MS), ("hours", "first_ms", HOUR_MS)]
)
def test_the_price_is_what_it_was_times_the_wave(still, waving, bars, first, span):
    before, after = (getattr(one, bars)()[NUMBER, :, :] for one in (still, waving))
    opens = getattr(waving, first) + np.arange(before.shape[1]) * span
    tick = 1e-2
    assert np.abs(after[OPEN] - before[OPEN] * wave(opens)).max() <= tick
    assert np.abs(after[CLOSE] - before[CLOSE] * wave(opens + span)).max() <= tick
    assert after[VOLUME].tolist() == before[VOLUME].tolist()
    assert np.ptp(np.log(after[CLOSE] / before[CLOSE])) > HEIGHT


def test_its_bars_are_sound_and_lie_on_the_grid(waving):
    profile = COINS[NUMBER].profile
    scale = profile.tick.scale / profile.tick.multiple
    for bars in (waving.hours()[NUMBER, :, :], waving.minutes()[NUMBER, :, :]):
        assert (bars[LOW] <= np.minimum(bars[OPEN], bars[CLOSE])).all()
        assert (bars[HIGH] >= np.maximum(bars[OPEN], bars[CLOSE])).all()
        ticks = bars[[OPEN, HIGH, LOW, CLOSE]] * scale
        assert np.abs(ticks - np.rint(ticks)).max() < 1e-6


def test_other_coins_are_as_without_it(still, waving):
    others = [coin.number for coin in COINS if coin.number != NUMBER]
    assert np.array_equal(waving.hours()[others, :, :], still.hours()[others, :, :])
    assert np.array_equal(waving.minutes()[others, :, :], still.minutes()[others, :, :])


def test_the_pieces_in_which_time_passes_do_not_change_it():
    whole, parts = tape(has_wave=True), tape(has_wave=True)
    whole.extend(START + DAY_MS)
    for at in range(START, START + DAY_MS + 1, 7 * HOUR_MS // 2):
        parts.extend(at)
    parts.extend(START + DAY_MS)
    assert np.array_equal(whole.minutes()[:, :, :], parts.minutes()[:, :, :])
    assert np.array_equal(whole.hours()[:, :, :], parts.hours()[:, :, :])
