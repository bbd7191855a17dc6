"""A target that somebody moves at the venue is put back; a venue that shows levels elsewhere is asked ever later."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.crash.seconds import TICK_S, told
from tests.crash.test_between_bars import BTC, HELD, RHYTHM, SYMBOL, noted, nothing
from tests.crash.test_moved_stops import MOVED, NEAR, NEARER, Moved, moved
from tests.parity.core_venue import ACCOUNT

TARGET = "trade.target_moved"
LOOKS = 40
# Twice as long between two tries each time: at the first look, after one, two, four, eight and sixteen.
MOST_TRIES = 6


@pytest.mark.parametrize("share", [Decimal("0.03"), Decimal("-0.004")], ids=["further", "nearer"])
def test_a_target_that_was_moved_is_put_back_at_the_next_look_and_said_once(sqlite_database, share):
    venue = moved(share, after_s=RHYTHM.orders_s + TICK_S, kind="target")
    story = told(sqlite_database, f"target-{share}", venue)
    before, after, now = venue.seen
    assert before == now != after
    (note,) = noted(sqlite_database, story, TARGET)
    assert note.subject == BTC
    assert [Decimal(note.text[name]) for name in ("target", "meant")] == [after[1][0], before[1][0]]
    assert not noted(sqlite_database, story, MOVED) + noted(sqlite_database, story, NEARER)
    assert not story.naked_s, "it has a stop all the while"
    assert len(venue.put) == 1
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


def test_a_target_that_is_put_back_leaves_a_stop_where_it_was_moved_nearer(sqlite_database):
    venue = Moved()
    venue.quiet[HELD] = [
        (1.0, lambda: venue.move(NEAR)), (1.0, lambda: venue.move(Decimal("0.03"), "target")),
        (2 * RHYTHM.orders_s, venue.look),
    ]  # fmt: skip
    told(sqlite_database, "both", venue)
    stops, targets = zip(*venue.seen, strict=True)
    assert stops[-1] == stops[1] != stops[0]
    assert targets[-1] == targets[0] != targets[-2]


def test_a_target_that_stands_a_tick_beside_is_left_alone(sqlite_database):
    venue = Moved()

    def beside():
        (plan,) = venue.plans("target")
        tick = venue.exchange.contract(SYMBOL).tick
        venue.exchange.modify_plan(ACCOUNT, plan.id, trigger=plan.trigger - tick)

    venue.quiet[HELD] = [(1.0, beside), (3 * RHYTHM.orders_s, nothing)]
    story = told(sqlite_database, "target-tick", venue)
    assert not venue.put
    assert not noted(sqlite_database, story, TARGET)


def test_a_target_that_the_price_has_passed_meanwhile_is_put_back_when_it_is_before_it_again(sqlite_database):
    venue = moved(Decimal("0.03"), after_s=2 * RHYTHM.orders_s, kind="target")
    beyond = [True]
    venue.off = lambda _: Decimal(10) ** (9 * venue.side) if beyond else venue.stop
    venue.quiet[HELD] += [(1.0, beyond.clear), (3 * RHYTHM.orders_s, venue.look)]
    story = told(sqlite_database, "target-passed", venue)
    before, after, while_beyond, at_last = venue.seen
    assert while_beyond == after != before
    assert at_last == before
    assert len(noted(sqlite_database, story, TARGET)) == 1


class Stubborn(Moved):
    """A venue that shows a level of bitcoin elsewhere than it was given it, or shows none."""

    def __init__(self, **shown):
        super().__init__()
        self.shown, self.put_ts = shown, []

    async def positions(self):
        return [
            replace(one, **self.of(one)) if one.instrument == BTC else one
            for one in await super().positions()
        ]

    def of(self, one):
        return {
            level: None if share is None else getattr(one, level) * (1 + one.side * share)
            for level, share in self.shown.items()
            if getattr(one, level) is not None
        }

    async def protect(self, levels, ts=None):
        self.put_ts.append(self.clock.now)
        await super().protect(levels, ts)


@pytest.mark.parametrize(
    ("shown", "kinds"),
    [
        ({"stop": Decimal("-0.05")}, {MOVED: 1, "trade.stop_stays": 1}),
        ({"target": Decimal("0.05")}, {TARGET: 1}),
        ({"target": None}, {"trade.target_lost": 1}),
    ],
    ids=["stop", "target", "no-target"],
)
def test_a_venue_that_shows_a_level_elsewhere_for_ever_is_asked_ever_later_and_told_of_once(
    sqlite_database, shown, kinds
):
    venue = Stubborn(**shown)
    venue.quiet[HELD] = [(LOOKS * RHYTHM.orders_s, nothing)]
    story = told(sqlite_database, "stubborn-" + "-".join(kinds), venue)
    told_of = {kind: len(noted(sqlite_database, story, kind)) for kind in kinds}
    assert told_of == kinds
    while_held = [ts for ts in venue.put_ts if ts <= venue.put_ts[0] + LOOKS * RHYTHM.orders_s * 1_000]
    gaps = [(late - early) / 1_000 for early, late in pairwise(while_held)]
    assert 3 < len(while_held) <= MOST_TRIES
    assert all(late >= 1.5 * early for early, late in pairwise(gaps))
    assert not story.naked_s
    assert story.account.cash == pytest.approx(story.cash(), abs=1e-6)


class Doubled(Moved):
    """An exchange that tells of two stops on bitcoin."""

    async def positions(self):
        return [replace(one, stops=2) if one.instrument == BTC else one for one in await super().positions()]


def test_several_stops_are_told_of_once_of_a_position(sqlite_database):
    venue = Doubled()
    venue.quiet[HELD] = [(5 * RHYTHM.orders_s, nothing)]
    story = told(sqlite_database, "several", venue)
    first = noted(sqlite_database, story, "trade.several_stops")[0]
    assert (first.subject, first.text["count"]) == (BTC, 2)
    held = [
        one
        for one in noted(sqlite_database, story, "trade.several_stops")
        if one.text["stop"] == first.text["stop"]
    ]
    assert len(held) == 1
    assert not venue.put
