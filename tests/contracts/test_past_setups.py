"""What setups made before is read once: whatever is written since, what is known is what a whole reading gives."""

from __future__ import annotations

from random import Random

import pytest

from tests.contracts.setup_alerts import HER, SetupAlerts
from vigie.domain.time import HOUR_MS
from vigie.services.caches.ended_setups import EndedSetupCache
from vigie.services.people.ownership import accounts_of
from vigie.services.setups.ended import ended_setups, live_changes, trades_of
from vigie.services.setups.noticing import trades_before

ACCOUNTS = ("main", "other", "third")


@pytest.fixture
def desk(database, clock, tmp_path):
    return SetupAlerts(database, clock, tmp_path / "facts", accounts=ACCOUNTS)


def whole(desk):
    return trades_of(ended_setups(live_changes(desk.setups, accounts_of(desk.sources.trades, HER))))


def written(desk, random: Random, lives: dict) -> None:
    """Write a change: a life goes on, ends, is ended again, or is the past of a replay or of another account."""
    account = random.choice(ACCOUNTS)
    setup, state = ("", "") if random.random() < 0.4 or not lives else random.choice([*lives.items()])
    replayed = random.random() < 0.1
    if not setup:
        setup, state = f"{random.getrandbits(64):016x}", "forming"
        cause, r = "forming", None
    elif random.random() < 0.5:
        state, cause, r = "confirmed", "decided", None
    else:
        state, cause = random.choice(
            (("played_out", "stop"), ("played_out", "target"), ("expired", "horizon"))
        )
        r = random.choice((-1.0, 0.5, 2.0, None))
    lives[setup] = state
    desk.write(state, setup=setup, cause=cause, account=account, replayed=replayed, r=r)
    desk.clock.now += HOUR_MS


@pytest.mark.parametrize("seed", range(4))
def test_what_is_known_goes_on_as_a_whole_reading_gives_it(desk, seed):
    random, lives = Random(seed), {}
    counts = set()
    for _ in range(25):
        for _ in range(random.choice((0, 1, 1, 3, 12))):
            written(desk, random, lives)
        assert trades_before(desk.sources, HER) == whole(desk)
        counts.add(len(whole(desk)))
    assert len(counts) > 5, "trades came one by one"


def test_only_what_is_new_is_read(desk, monkeypatch):
    for _ in range(30):
        setup = desk.write()
        desk.write("played_out", setup=setup, cause="stop", r=1.0)
    assert len(trades_before(desk.sources, HER)) == 30
    read = []

    def counting(name):
        real = getattr(type(desk.setups), name)

        def read_rows(self, *given, **more):
            rows = real(self, *given, **more)
            read.append(len(rows))
            return rows

        monkeypatch.setattr(type(desk.setups), name, read_rows)

    for name in ("changes", "after", "of"):
        counting(name)
    assert len(trades_before(desk.sources, HER)) == 30
    assert read == []
    setup = desk.write()
    desk.write("played_out", setup=setup, cause="target", r=2.0)
    assert len(trades_before(desk.sources, HER)) == 31
    assert sum(read) == 4


def test_a_home_that_was_put_back_is_read_anew(desk):
    setup = desk.write()
    desk.write("played_out", setup=setup, cause="stop", r=1.0)
    cache = desk.sources.ended
    assert len(trades_before(desk.sources, HER)) == 1
    (key,) = cache._kept
    known = cache._kept[key]
    cache._kept[key] = type(known)(known.number + 100, {("gone", "main"): next(iter(known.ended.values()))})
    assert trades_before(desk.sources, HER) == whole(desk)


def test_what_is_kept_is_bounded_and_never_anothers():
    cache = EndedSetupCache()
    for number in range(100):
        assert cache.get(f"u{number}", ["main"], lambda known, number=number: known or number) == number
    assert cache.get("u99", ["main"], lambda known: known) == 99
    assert len(cache._kept) == 16
