"""How setups like a plan's ended: same strategy, market, timeframe and side, live and replayed ones apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vigie.domain.ids import parse_slot
from vigie.domain.setup import ENDED, SetupScope
from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import TradePlan
from vigie.ports.setups import SetupFilter, StoredChange
from vigie.services.people.ownership import accounts_of
from vigie.services.plans.figures import Frequency, PlanMoney, frequency, funding_over
from vigie.services.plans.plan_funding import FundingTerms
from vigie.services.plans.plan_markets import is_of_setup
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.setups.outcomes import LEAST, WITHOUT_TRADE, Outcomes, outcomes_of

# Of so many of the latest ends the mean R is read.
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class SetupOdds:
    """How the live or the replayed setups like a plan's ended; rates stand from thirty trades on.

    Attributes
    ----------
    kind : str
        ``live`` or ``replayed``.
    strategy : str
        Whose setups they are.
    lines : tuple of Frequency
        As `PlanOdds.lines`; a liquidation counts as stopped, every other end as ``neither``.
    held_bars : float or None
        Mean bars from the decision to the end; None where none ended.
    funding : float
        Expected over as long at the last settled rate, quote units; what is paid is below 0.
    expected : float or None
        Mean result at these rates, with costs and this funding; None for fewer than 30 trades.
    """

    kind: Literal["live", "replayed"]
    strategy: str
    lines: tuple[Frequency, ...]
    held_bars: float | None
    funding: float
    expected: float | None


def setup_odds(
    sources: PlanSources, plan: TradePlan, money: PlanMoney, terms: FundingTerms | None
) -> tuple[SetupOdds, ...]:
    """Return how setups like a plan's ended, live ones first; nothing of a plan that came of no setup.

    Parameters
    ----------
    money : PlanMoney
        What the plan makes at its levels.
    terms : FundingTerms or None
        Of its market; None where no rate is known.
    """
    if not plan.setup:
        return ()
    changes = sources.setups.of(plan.setup, accounts_of(sources.logs.trades, plan.owner))
    # Plans of an earlier version may name a setup of another market or side.
    if not changes or not is_of_setup(changes[0], plan.venue, plan.instrument, plan.side):
        return ()
    kinds: tuple[Literal["live", "replayed"], ...] = ("live", "replayed")
    return tuple(_odds(sources, plan, money, terms, changes[0], kind) for kind in kinds)


def _odds(
    sources: PlanSources,
    plan: TradePlan,
    money: PlanMoney,
    terms: FundingTerms | None,
    change: StoredChange,
    kind: Literal["live", "replayed"],
) -> SetupOdds:
    is_replayed, slot = kind == "replayed", parse_slot(change.slot)
    # Of one account: two that trade alike have each setup twice.
    like = SetupFilter([change.account], ENDED, [change.side], [change.slot], is_replayed, venue=change.venue)
    ended = outcomes_of(sources.setups.ends(like), is_replayed=is_replayed)
    trades = [end for end in sources.setups.newest(like, limit=_MOST) if end.cause not in WITHOUT_TRADE]
    traded = {end.setup for end in trades}
    spans = [
        span.ts_ended - span.ts_bar
        for span in sources.setups.confirmed(SetupScope(change.account, is_replayed))
        if span.ts_ended is not None and span.setup in traded
    ]
    held = float(np.mean(spans)) / timeframe_ms(slot.timeframe) if spans else None
    settlements = (held or 0.0) * timeframe_ms(slot.timeframe) / terms.every_ms if terms else 0.0
    funding = funding_over(plan, money, terms, settlements)
    mean_r = _mean_otherwise(trades)
    # R counts in the distance to the stop, without what it costs to leave there.
    later = None if mean_r is None else mean_r * money.results.qty * abs(money.entry - plan.stop)
    lines = _lines(ended, money, funding, later)
    shares = [(line.rate, line.result) for line in lines if line.count]
    is_known = ended.entered >= LEAST and all(None not in share for share in shares)
    expected = sum(share * result for share, result in shares if share is not None and result is not None)
    return SetupOdds(kind, slot.strategy, lines, held, funding, expected if is_known else None)


def _lines(ended: Outcomes, money: PlanMoney, funding: float, later: float | None) -> tuple[Frequency, ...]:
    results, is_refused = money.results, bool(money.results.refusal)
    made = {
        "target": (ended.target, results.gain + funding),
        "stop": (ended.stop + ended.liquidated, results.loss + funding),
        "neither": (ended.otherwise, None if later is None else later + funding),
    }
    return tuple(
        frequency(kind, count, ended.entered, None if is_refused else result)
        for kind, (count, result) in made.items()
    )


def _mean_otherwise(ends: Sequence[StoredChange]) -> float | None:
    """Return the mean R of the trades that ended at no level; None where none did."""
    known = [
        float(r)
        for end in ends
        if end.cause not in ("target", "stop", "liquidation")
        if isinstance(r := end.body.get("r"), int | float)
    ]
    return float(np.mean(known)) if known else None
