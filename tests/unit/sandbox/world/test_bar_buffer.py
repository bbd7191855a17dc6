"""A reel gives back exactly what was written, read in every way in which an array is."""

import copy

import numpy as np
import pytest

from tests.unit.sandbox.world.hands import OPENED_MS
from vigie.domain.errors import InvariantBroken
from vigie_sandbox.world.bar_buffer import BarBuffer
from vigie_sandbox.world.catalogue import make_catalogue
from vigie_sandbox.world.price_tape import PriceTape
from vigie_sandbox.world.price_walk import CLOSE, COLUMNS, HIGH, OPEN, VOLUME
from vigie_sandbox.world.scenes.schedule import ScenarioSchedule

TICKS = np.array([10.0, 100.0, 1e6])
# The first and the last price that a tick is counted for, and a volume that is not.
LARGEST = 2**31 - 1


def bars(count, seed=1):
    source = np.random.default_rng(seed)
    prices = source.integers(1, LARGEST, (len(TICKS), VOLUME, count), endpoint=True) / TICKS[:, None, None]
    volumes = source.integers(1, 2**50, (len(TICKS), 1, count)) / 1e4
    return np.concatenate([prices, volumes], axis=1)


@pytest.fixture
def written():
    return bars(50)


@pytest.fixture
def reel(written):
    one = BarBuffer(TICKS, 20)
    for first, end in ((0, 1), (1, 20), (20, 21), (21, 50)):
        one.append(written[:, :, first:end])
    return one


PLACES = np.array([3, 3, 0, 49, -1])


@pytest.mark.parametrize(
    "at",
    [
        np.s_[:, :, :], np.s_[:, :, 7], np.s_[:, :, -1], np.s_[:, :, 5:9], np.s_[:, :, PLACES], np.s_[1, :, :],
        np.s_[1, :, 4], np.s_[2, :, PLACES], np.s_[:, CLOSE, :], np.s_[:, CLOSE, 3], np.s_[:, CLOSE, PLACES],
        np.s_[:, VOLUME, :], np.s_[0, VOLUME, 3], np.s_[0, VOLUME, PLACES], np.s_[0, OPEN, 3],
        np.s_[2, HIGH, 40:], np.s_[2, HIGH, 40:90], np.s_[0, CLOSE, 9:9], np.s_[1:, OPEN, :5], np.s_[:, :VOLUME, 2:4],
    ],
)  # fmt: skip
def test_what_was_written_is_read_as_from_an_array(reel, written, at):
    assert len(reel) == 50
    coins, columns, places = at
    # One axis after the other: an array asked at once puts those that are read by number and by places first.
    read, expected = reel[at], written[:, :, places][:, columns][coins]
    assert np.shape(read) == expected.shape
    assert np.array_equal(read, expected)


def test_what_was_read_is_a_copy(reel, written):
    for column in (CLOSE, VOLUME):
        reel[:, column, :][:] = 0.0
    assert np.array_equal(reel[:, :, :], written)


def test_what_is_forgotten_makes_room_and_the_rest_moves_up(reel, written):
    reel.drop_oldest(12)
    more = bars(30, seed=2)
    reel.append(more)
    assert np.array_equal(reel[:, :, :], np.concatenate([written[:, :, 12:], more], axis=2))


def test_a_place_behind_the_last_bar_is_refused(reel):
    with pytest.raises(IndexError):
        reel[0, CLOSE, 50]


@pytest.mark.parametrize("price", [0.05, 0.1 + 1e-12, (LARGEST + 1) / 10.0, 1e300, np.inf, np.nan])
def test_a_price_that_would_not_be_given_back_is_refused_and_nothing_is_written(reel, written, price):
    broken = copy.copy(bars(4))
    broken[0, HIGH, 2] = price
    with pytest.raises(InvariantBroken, match=r"2\*\*31"):
        reel.append(broken)
    assert np.array_equal(reel[:, :, :], written)


def test_every_bar_that_a_walk_makes_is_given_back_as_it_was_made(monkeypatch):
    made = []

    def noted(self, bars, write=BarBuffer.append):
        made.append((self, bars.copy()))
        write(self, bars)

    monkeypatch.setattr(BarBuffer, "append", noted)
    start = OPENED_MS // 86_400_000 * 86_400_000
    tape = PriceTape(10, start, make_catalogue(10), ScenarioSchedule(10, start), history_days=30)
    tape.extend(start + 86_400_000)
    for one in (tape.hours(), tape.minutes()):
        whole = np.concatenate([bars for reel, bars in made if reel is one], axis=2)
        assert whole.shape[1] == COLUMNS
        assert np.array_equal(one[:, :, :], whole)
