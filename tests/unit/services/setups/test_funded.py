"""R holds funding as the log told it by the close: close by close as at once, made anew, published, and of before."""

from __future__ import annotations

import hashlib
import json
import runpy
from dataclasses import replace
from functools import partial

import pytest

from tests import houses
from tests.clocks import JumpingClock
from tests.unit.services.setups.test_following import cuts_of, followed
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import begun, replayed
from vigie.data.live_history import bars_until
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId, parse_slot
from vigie.domain.setup import SetupScope
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.fold.step_parts import ClosedBar
from vigie.engine.live.fold.steps import BarsClosed, BarsOpened
from vigie.ports.setups import SetupFilter
from vigie.services.needs import provide
from vigie.services.setups.checking import check_setups
from vigie.services.setups.following import SetupFollower
from vigie.services.setups.published import packing
from vigie.services.setups.published.packing import PROGRAM
from vigie.services.setups.told_funding import ToldFunding
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores

RATE = 0.002
SCOPE = SetupScope("main", is_replayed=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A home whose venue settles every eight hours; each third settlement is told five hours late."""
    house = houses.house(tmp_path_factory.mktemp("home") / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    first = BEGUN // DAY_MS * DAY_MS - 20 * DAY_MS
    for base in ("btc", "eth", "sol"):
        name = f"derivatives/{houses.VENUE}:{base}-usdt-perp/funding_fraction"
        house.facts.append(
            [
                Observation(name, ts, ts + (5 * HOUR_MS if number % 3 == 0 else 0), RATE)
                for number, ts in enumerate(range(first, BEGUN, 8 * HOUR_MS))
            ]
        )
    return house


@pytest.fixture(scope="module")
def stores(house):
    return provide(house, TradingStores)


@pytest.fixture(scope="module")
def run(house, stores, tmp_path_factory):
    made = begun(house, stores, tmp_path_factory.mktemp("file"))
    replayed(stores, made)
    return made


@pytest.fixture(scope="module")
def whole(stores, run):
    return followed(stores, run, [stores.trades.last_step(run.id)])


class Former:
    """Kept setups as a version wrote them that left funding out; `by` alters each R."""

    def __init__(self, setups, by=0.0):
        self.setups, self.by = setups, by
        self.lives, self.reached = setups.lives, setups.reached

    def newest(self, wanted, **more):
        return [self.former(one) for one in self.setups.newest(wanted, **more)]

    def of(self, setup, accounts):
        return [self.former(one) for one in self.setups.of(setup, accounts)]

    def former(self, change):
        body = {name: value for name, value in change.body.items() if name not in ("funding", "rates")}
        if body["r"] is not None:
            body["r"] = round(body["r"] - change.body["funding"], 4) + self.by
        text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return replace(change, body=body, digest=hashlib.sha256(text.encode()).hexdigest())


def open_of(stores, change, ts):
    slot = parse_slot(change["slot"])
    series = SeriesId(houses.VENUE, slot.instrument, slot.timeframe)
    return float(bars_until(stores.data.bars, series, ts, ts + series.span_ms).open[0])


def funded(changes):
    return [change for change in changes if change["funding"]]


def test_an_r_holds_the_funding_of_the_bars_that_its_trade_was_held(whole):
    ends = funded(whole.changes)
    assert len(ends) > 5
    life = {(one["setup"], one["state"]): one for one in whole.changes}
    for end in ends:
        deciding = life[end["setup"], "confirmed"]
        risked = abs(deciding["entry"] - deciding["stop"])
        rates = dict(end["rates"])
        assert all(deciding["ts_bar"] < ts <= end["ts_bar"] for ts in rates)
        # Longs pay where the rate is above 0, of about the price for each settlement.
        paid = sum(rates.values()) * deciding["entry"] / risked * (1 if end["side"] == "long" else -1)
        assert end["funding"] == pytest.approx(-paid, rel=0.1)
        assert all(rate == pytest.approx(RATE * round(rate / RATE)) for rate in rates.values())
    without = [one for one in whole.changes if one["r"] is None]
    assert all(one["funding"] is None and one["rates"] == [] for one in without)


@pytest.mark.parametrize("restarts", [False, True])
def test_close_by_close_and_after_restarts_funding_is_what_the_whole_log_gives(stores, run, whole, restarts):
    kept = followed(stores, run, cuts_of(stores, run, 40), restarts=restarts)
    assert json.dumps(kept.by_slot(), sort_keys=True) == json.dumps(whole.by_slot(), sort_keys=True)


def test_made_anew_they_are_as_kept_and_so_are_those_of_a_version_without_funding(house, stores, run, whole):
    SetupFollower(stores, house.setups).follow_once()
    assert check_setups(stores, house.setups, SCOPE).difference is None
    # As an earlier version wrote them: R before funding, and nothing of funding.
    former = Former(house.setups)
    assert funded(
        one.body for one in house.setups.newest(SetupFilter(["main"], is_replayed=True), limit=10_000)
    )
    assert check_setups(stores, former, SCOPE).difference is None
    altered = Former(house.setups, by=0.01)
    assert check_setups(stores, altered, SCOPE).difference is not None


def test_a_rate_that_is_told_later_is_not_known_before_and_the_first_telling_stays():
    told, bar = ToldFunding(), ClosedBar(0, 0, 1.0, 1.0, 1.0, 1.0, 0, 1.0, 1.0, ((10, 0.1), (20, 0.2)))
    told.take(BarsClosed(1, 30, (bar,)), ("btc-usdt-perp",), 6)
    told.take(BarsOpened(1, 30, (), rates=(("btc-usdt-perp", 15, 0.3), ("btc-usdt-perp", 20, 0.9))), (), 7)
    known = {step: told.known_by("btc-usdt-perp", step) for step in (5, 6, 7)}
    assert {step: of.ts.tolist() for step, of in known.items()} == {5: [], 6: [10, 20], 7: [10, 15, 20]}
    assert known[7].rate.tolist() == [0.1, 0.3, 0.2]
    assert told.known_by("eth-usdt-perp", 7).ts.tolist() == []


def test_the_program_of_others_finds_outcomes_with_funding_and_none_without_it(house, stores, run):
    SetupFollower(stores, house.setups).follow_once()
    program, compared = runpy.run_path(str(PROGRAM)), 0
    ended = house.setups.newest(SetupFilter(["main"], is_replayed=True), limit=10_000)
    for end in ended:
        if abs(end.body["funding"] or 0.0) < 0.02 or end.cause not in packing._CHECKED:
            continue
        life = house.setups.of(end.setup, ["main"])
        terms, rows = (
            packing._terms(partial(load_plan, house.results), life),
            list(packing._rows(packing._bars(house.data, life))),
        )
        bodies = [one.body for one in life]
        program["check_outcome"](bodies, terms, rows)
        gross = {**end.body, "r": round(end.body["r"] - end.body["funding"], 4)}
        with pytest.raises(program["Difference"], match=" R, not "):
            program["check_outcome"]([*bodies[:-1], gross], terms, rows)
        compared += 1
    assert compared > 3


def test_the_program_of_others_gets_the_same_and_tells_funding_that_is_none(stores, whole):
    program = runpy.run_path(str(PROGRAM))
    check, difference = program["check_funding"], program["Difference"]
    for end in funded(whole.changes):
        distance = next(
            abs(one["entry"] - one["stop"])
            for one in whole.changes
            if one["setup"] == end["setup"] and one["state"] == "confirmed"
        )
        rows = [(ts, open_of(stores, end, ts)) for ts, _ in end["rates"]]
        side = 1 if end["side"] == "long" else -1
        assert check("x", end, side, rows, distance) == pytest.approx(end["funding"], abs=1e-3)
        for forged in (
            {"funding": end["funding"] + 0.01}, {"rates": []}, {"rates": [[end["rates"][0][0], 0.9]]},
            {"rates": [[1, RATE]]},
        ):  # fmt: skip
            with pytest.raises(difference):
                check("x", {**end, **forged}, side, rows, distance)
