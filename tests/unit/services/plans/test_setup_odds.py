"""How setups like a plan's ended: live and replayed ones apart, a rate from thirty on, funding over what they held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import houses
from tests.houses import Browser
from tests.unit.intelligence.setups.closes import decided
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.errors import UsageError
from vigie.domain.fact import Observation
from vigie.domain.quote import Quote
from vigie.domain.setup import SetupScope, SideLife
from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
from vigie.intelligence.setups.life import advance
from vigie.ports.setups import FollowedCloses
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.plans.figures import HORIZON
from vigie.services.plans.plan_funding import FundingTerms
from vigie.services.reader_texts import say_refusal
from vigie.services.setups.folding import change_record
from vigie.services.trading.process.trading import begin_run

SLOT = "btc-usdt-perp/1h/donchian_breakout"
BODY = change_record(advance(SideLife("long"), decided(0))[1])
CAUSES = {"target": 12, "stop": 15, "liquidation": 1, "horizon": 2}


def write(house, count, *, slot=SLOT, side="long", venue=houses.VENUE, replayed=False, first=0, held=10):
    """Write confirmed setups that ended: so many of each cause, held for so long; return the first one's id."""
    changes = []
    for n, cause in enumerate(cause for cause, share in count.items() for _ in range(share)):
        setup, ts = f"{first + n:016x}", BEGUN - (200 - n) * HOUR_MS
        same = {"setup": setup, "venue": venue, "slot": slot, "side": side, "ts_begun": ts}
        for state, why, after, r in (("confirmed", "decided", 0, None), ("played_out", cause, held, 0.25)):
            known = {"ts_bar": ts + after * HOUR_MS, "ts_known": ts + (after + 1) * HOUR_MS}
            changes.append({**BODY, **same, **known, "state": state, "cause": why, "r": r})
    run = house.trades.run("main").id
    house.setups.record(FollowedCloses(SetupScope("main", replayed), run, slot, (), tuple(changes)))
    return f"{first:016x}"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odds")
    house = at(houses.house(folder / "home"), BEGUN)
    bound(house, begin_run)(planned(house, folder, text=PLANS), "owner")
    setup = write(house, CAUSES)
    # None of these was entered: nothing was held, and nothing paid.
    write(house, {"entry_refused": 20, "gap_through_level": 10}, held=1, first=500)
    write(house, {"target": 29}, replayed=True, first=1_000)
    # Others: of the other side, of another market, of another timeframe, of the same account on another venue before.
    write(house, {"stop": 40}, side="short", first=2_000)
    write(house, {"stop": 40}, slot="eth-usdt-perp/1h/donchian_breakout", first=3_000)
    write(house, {"stop": 40}, slot="btc-usdt-perp/4h/donchian_breakout", first=4_000)
    write(house, {"stop": 40}, venue="bitget-perp", first=5_000)
    house.facts.append(
        [Observation("derivatives/binance-perp:btc-usdt-perp/funding_fraction", BEGUN, BEGUN, 0.0004)]
    )
    return alive(house), setup, close_of(house, "btc-usdt-perp", BEGUN)


def plan(price, setup):
    return {
        "place": "binance-perp:btc-usdt-perp", "side": "long", "low": price * 0.99, "high": price, "stop": price * 0.97,
        "target": price * 1.05, "account": "main", "setup": setup,
    }  # fmt: skip


def test_setups_like_it_are_counted_beside_any_bar_and_pay_funding_for_what_they_held(made):
    house, setup, price = made
    told = run_operation(house, OWNER, "plans.preview", plan(price, setup))
    live, replayed = told.setups
    assert (live.kind, replayed.kind, live.strategy) == ("live", "replayed", "donchian_breakout")
    assert [(line.count, line.of) for line in live.lines] == [(12, 30), (16, 30), (2, 30)]
    assert live.lines[0].rate == pytest.approx(0.4)
    assert live.lines[0].low < 0.4 < live.lines[0].high
    # Ten bars of an hour are a settlement and a quarter; a long pays at a positive rate.
    account = told.in_account
    assert live.held_bars == 10
    assert live.funding == pytest.approx(-account.notional * 0.0004 * 1.25)
    target, stop, neither = (line.result for line in live.lines)
    assert target == pytest.approx(account.gain + live.funding)
    assert stop == pytest.approx(account.loss + live.funding)
    # R is in distances to the stop: what it costs to leave there is no part of it.
    distance = account.qty * (account.entry - price * 0.97)
    assert distance < -account.loss
    assert neither == pytest.approx(0.25 * distance + live.funding)
    assert live.expected == pytest.approx(0.4 * target + 16 / 30 * stop + 2 / 30 * neither)
    # Under thirty the count stands alone.
    assert (replayed.lines[0].count, replayed.lines[0].of, replayed.lines[0].rate) == (29, 29, None)
    assert replayed.expected is None


def test_a_plan_of_no_setup_has_none_beside_it_and_says_its_price(made):
    house, _, price = made
    told = run_operation(house, OWNER, "plans.preview", plan(price, ""))
    assert told.setups == []
    assert (told.price, told.price_ts) == (price, BEGUN)


@pytest.mark.parametrize(
    ("first", "setup", "given"),
    [
        (2_000, "short on binance-perp:btc-usdt-perp", {}),
        (3_000, "long on binance-perp:eth-usdt-perp", {}),
        (5_000, "long on bitget-perp:btc-usdt-perp", {}),
        (0, "long on binance-perp:btc-usdt-perp", {"place": "bitget-perp:btc-usdt-perp", "account": ""}),
        (0, "long on binance-perp:btc-usdt-perp", {"place": "binance-perp:eth-usdt-perp"}),
    ],
)
@pytest.mark.parametrize("operation", ["plans.preview", "plans.make"])
def test_a_plan_names_no_setup_of_another_market_or_side(made, operation, first, setup, given):
    house, _, price = made
    asked = plan(price, f"{first:016x}") | given
    with pytest.raises(UsageError) as refused:
        run_operation(house, OWNER, operation, asked)
    assert f"setup {first:016x} is {setup}, this plan is long on {asked['place']}" in str(refused.value)
    assert say_refusal(str(refused.value), "fr").startswith(f"le setup {first:016x} est ")


def test_a_kept_plan_that_names_another_ones_setup_is_told_nothing_of_it(made):
    house, _, price = made
    kept = run_operation(house, OWNER, "plans.make", plan(price, "")).newest.plan
    (before,) = house.plans.versions("owner", kept)
    other = replace(before.plan, version=2, setup=f"{2_000:016x}")
    house.plans.add(other, "owner")
    assert run_operation(house, OWNER, "plans.figures", {"plan": kept}).setups == []


def test_the_page_shows_both_beside_the_same_distances(made):
    house, setup, price = made
    kept = run_operation(house, OWNER, "plans.make", plan(price, setup)).newest.plan
    page = Browser(house).get(f"/plan/{kept}").text
    assert "Live setups" in page
    assert "Replayed setups" in page
    assert "29 of 29" in page
    assert "Live ones were held for 10 bars on average" in page
    assert "It is the mark price where the venue tells one, else the last" in page
    french = Browser(house, language="fr").get(f"/plan/{kept}").text
    assert "Setups rejoués" in french
    assert "ils ont duré 10 bougies en moyenne" in french


@pytest.mark.parametrize(
    ("timeframe", "hour", "settlements", "most"),
    [
        ("15m", 20, 1, 1),
        ("1h", 21, 4, 4),
        ("1h", 1, 3, 4),
        ("1h", 0, 3, 4),
        ("1h", 18, 4, 4),
        ("4h", 0, 15, 15),
    ],
)
def test_the_settlements_that_lie_in_the_horizon_are_counted(timeframe, hour, settlements, most):
    terms = FundingTerms(0.0001, BEGUN, BEGUN // DAY_MS * DAY_MS + hour * HOUR_MS)
    held_ms = HORIZON * timeframe_ms(timeframe)
    assert (terms.count(held_ms), terms.most(held_ms)) == (settlements, most)


@given(
    start=st.integers(0, 10**7),
    held=st.integers(1, 10**6),
    every=st.integers(1, 10**5),
    at=st.integers(0, 10**7),
)
def test_no_entry_meets_more_settlements_than_the_most(start, held, every, at):
    terms = FundingTerms(0.0001, 0, start, every, at)
    # The fill model's: what is settled at the entry is not the position's, what is settled at the exit is.
    assert terms.count(held) == sum(1 for ts in range(at % every, start + held + 1, every) if ts > start)
    assert terms.most(held) - 1 <= terms.count(held) <= terms.most(held)


def test_a_venue_that_settles_each_hour_is_counted_so(made):
    house, setup, price = made
    once = run_operation(house, OWNER, "plans.preview", plan(price, setup))
    ticker = Quote(houses.VENUE, "btc-usdt-perp", BEGUN, BEGUN, price, funding_hours=1.0)
    house.quotes.put([ticker])
    told = run_operation(house, OWNER, "plans.preview", plan(price, setup))
    house.quotes.put([replace(ticker, funding_hours=None)])
    assert (told.funding.hours, told.funding.settlements, told.funding.most) == (1.0, 30, 30)
    assert (told.funding.rate, told.funding.ts, told.funding.venue) == (0.0004, BEGUN, houses.VENUE)
    assert told.in_account.funding == pytest.approx(30 / once.funding.settlements * once.in_account.funding)
    assert told.in_account.worst_loss < once.in_account.worst_loss
    assert told.setups[0].funding == pytest.approx(8 * once.setups[0].funding)
