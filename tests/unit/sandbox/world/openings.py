"""What a demonstration that is opened at some hour has to show of setups and plans, by the engine of the backtests.

The world is opened, looked at and traded as `vigie demo` does it; its bars are judged and traded by the shipped
strategies. The plan of the demonstration's person is the trade of the setup that breaks out first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.unit.sandbox.world.hands import HOUR_MS, MINUTE_MS, Hand, go
from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import STOP, TARGET
from vigie.domain.ids import SlotId
from vigie.domain.setup import SetupChange
from vigie.engine.inputs import settlements_of
from vigie.engine.records import Run
from vigie.engine.run import PlannedSlot, execute
from vigie.services.demo_world import RISK, SETUPS_CONFIRMED, STRATEGIES, TRADED
from vigie.services.setups.folding import SlotFold
from vigie.trading import catalogue
from vigie.views.cli.demo import WORLD_SEED
from vigie.views.cli.demo_person import MOST_POSITIONS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.price_tape import HISTORY_DAYS
from vigie_sandbox.world.scenes.arc import CALMER_COIN, Arc
from vigie_sandbox.world.world import World

BREAKOUTS: Final = "bollinger_squeeze"
NAMES: Final = tuple(STRATEGIES.split(","))
ACCOUNT: Final = AccountSettings(mode="portfolio", sizing=Sizing(risk_fraction=RISK))


@dataclass(frozen=True, slots=True)
class Opening:
    """What a demonstration shows from when its account trades to two hours after the last scene of prices begins.

    Attributes
    ----------
    is_planned : bool
        Whether a setup of the coin that breaks out first is confirmed at the end of its jump.
    place : int
        Of the first setup of that coin then among those that the demonstration mails as they are confirmed, if those
        of other coins at the same close come first.
    is_traded : bool
        Whether the plan of it is entered, though the account trades the other coins, and ends in this time.
    formed : int
        Setups that formed first and were confirmed later.
    confirmed : int
        Setups that were confirmed of the coins that the demonstration mails.
    invalidated : int
        Setups of other coins that became void.
    is_refused : bool
        Whether an entry is beyond the positions that the person allows while the plan is open.
    """

    is_planned: bool
    place: int
    is_traded: bool
    formed: int
    confirmed: int
    invalidated: int
    is_refused: bool


def bars_of(world: World, ticker: str) -> tuple[Bars, Coin]:
    """Return the whole hours of a coin at the demonstration's venue."""
    coin = world.coin_by_symbol[ticker]
    candles = world.venues["bitget"].candles(coin, HOUR_MS, 0, world.now_ms(), world.now_ms())
    columns = [np.ascontiguousarray(row[:-1]) for row in candles.rows]
    return Bars(coin.profile.instrument, HOUR_MS, candles.ts[:-1], *columns, venue="bitget-perp"), coin


def plan_slot(market: tuple[Bars, Coin], name: str, account: AccountSettings, from_ms: int) -> PlannedSlot:
    """Return a slot of a shipped strategy that decides at closes after a time."""
    bars, coin = market
    strategy = catalogue.load(name)
    return PlannedSlot(
        slot=SlotId(bars.instrument, "1h", name),
        bars=bars,
        strategy=strategy,
        params=strategy.defaults(),
        versions=(coin.profile.rules,),
        account=account,
        funding=settlements_of(np.zeros(0, np.int64), np.zeros(0)),
        first=int(np.searchsorted(bars.ts + HOUR_MS, from_ms, side="right")),
    )


def lives_of(run: Run) -> list[list[SetupChange]]:
    """Return the changes of the setups of all slots of a run, a setup a list."""
    lives: dict[str, list[SetupChange]] = {}
    for slot in run.slots:
        for change in SlotFold().take(slot, slot.plan.first):
            lives.setdefault(change.setup, []).append(change)
    return list(lives.values())


def watch_opening(opened_ms: int, *, looked_at_min: int, traded_after_min: int) -> Opening:
    """Open a demonstration's world, look at it and trade there; return what it shows.

    Parameters
    ----------
    looked_at_min, traded_after_min : int
        Minutes of the market until somebody looks, and from then until the account trades.
    """
    world = World(
        Hand(), opened_ms, seed=WORLD_SEED, arc=Arc(opened_ms), has_wave=True, history_days=HISTORY_DAYS
    )
    go(world, looked_at_min * MINUTE_MS)
    world.begin_arc()
    go(world, traded_after_min * MINUTE_MS)
    world.begin_second_part()
    arc = world.schedule.arc
    begins = dict(arc.starts())
    go(world, begins["breakout-crash"] + 2 * HOUR_MS + MINUTE_MS - world.now_ms())
    markets = {ticker: bars_of(world, ticker) for ticker in TRADED}
    # A setup's trade is of its slot alone; the account is asked below.
    alone = AccountSettings()
    every = [plan_slot(markets[ticker], name, alone, arc.traded_ms) for ticker in TRADED for name in NAMES]
    lives = lives_of(execute(every, alone, seed=1))
    own = markets[CALMER_COIN][0].instrument
    jump_ms = begins["surge"] + HOUR_MS
    mailed = [
        change
        for life in lives
        for change in life
        if change.state == "confirmed" and change.slot.instrument in SETUPS_CONFIRMED["instrument"]
    ]
    plan, others = _trade(markets, arc.traded_ms, jump_ms)
    return Opening(
        is_planned=any(
            (change.slot.instrument, change.slot.strategy, change.ts_known) == (own, BREAKOUTS, jump_ms)
            for change in mailed
        ),
        place=1 + sum(change.ts_known < jump_ms + (change.slot.instrument != own) for change in mailed),
        is_traded=plan is not None,
        formed=sum([change.state for change in life[:2]] == ["forming", "confirmed"] for life in lives),
        confirmed=len(mailed),
        invalidated=sum(life[-1].state == "invalidated" and life[0].slot.instrument != own for life in lives),
        is_refused=plan is not None and _meets_the_limit(plan, others),
    )


def _trade(
    markets: dict[str, tuple[Bars, Coin]], traded_ms: int, jump_ms: int
) -> tuple[tuple[int, int] | None, list[tuple[int, int]]]:
    """Return entry and exit of the plan, and those of the other coins' trades of the same account."""
    slots = [
        plan_slot(markets[ticker], name, ACCOUNT, traded_ms)
        for ticker in TRADED
        for name in NAMES
        if ticker != CALMER_COIN
    ]
    own = plan_slot(markets[CALMER_COIN], BREAKOUTS, ACCOUNT, jump_ms - 1)
    *others, last = execute([*slots, own], ACCOUNT, seed=1).slots
    plans = [
        (int(trade["entry_ts"]), int(trade["exit_ts"]))
        for trade in last.trades
        if trade["entry_ts"] == jump_ms and trade["reason"] in (STOP, TARGET)
    ]
    spans = sorted(
        (int(trade["entry_ts"]), int(trade["exit_ts"])) for slot in others for trade in slot.trades
    )
    return plans[0] if plans else None, spans


def _meets_the_limit(plan: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Tell whether an entry finds the person's positions taken: up to the first one, no trade is another than here."""
    entered, left = plan
    for number, (entry_ms, _) in enumerate(others):
        held = sum(entry_ms < exit_ms for _, exit_ms in others[:number])
        if entered < entry_ms < left and held + 1 >= MOST_POSITIONS:
            return True
    return False
