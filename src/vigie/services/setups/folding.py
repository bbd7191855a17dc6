"""One slot from one close to the next: the setups of both sides, read off its run.

Takes a slot as the kernel sees it; gives the changes of its setups. What the fill model does inside a bar is asked of
the kernel, on the arrays that a backtest reads.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from vigie.data.decided_bars import bars_fingerprint
from vigie.domain.account import Costs, Sizing
from vigie.domain.setup import EntryTerms, SetupCause, SetupChange, SetupSide, SideLife
from vigie.domain.signal import SideName, Signal
from vigie.domain.time import iso
from vigie.engine import kernel
from vigie.engine.inputs import Settlements, SlotInput
from vigie.engine.lone_trade import InsideEnd, LoneFunding, inside_end, lone_funding, settled_r
from vigie.engine.run import PlannedSlot
from vigie.intelligence.setups.life import WITHOUT_CAPITAL, SetupClose, advance, is_former
from vigie.intelligence.setups.regime import regime_at
from vigie.research.files import to_json_value
from vigie.research.fingerprints import strategy_source
from vigie.services.judging.signal_reading import JudgedSlot, fields_as_dict, signals_of
from vigie.trading.loaded_strategy import Strategy

# Of an R, where its setup tells nothing about money: all of them would tell the quantity that was rounded in it.
_R_DECIMALS: Final = 4
_SIDES: Final[tuple[SetupSide, ...]] = ("long", "short")
_WITHOUT_TRADE: Final[tuple[SetupCause, ...]] = ("gap_through_level", "entry_refused")
_SIDE_NAMES: Final[dict[int, SideName]] = {1: "long", -1: "short", 0: "none"}


def strategy_digest(plan: PlannedSlot, *, has_capital: bool = False) -> str:
    """Return the SHA-256 of what makes a slot's signals: code, parameters, and what levels are made of.

    Parameters
    ----------
    plan : PlannedSlot
        The slot.
    has_capital : bool
        As it was made formerly: whoever knows the rest finds a round sum of capital in it by trying.
    """
    return digest_of(plan.strategy, plan.params, plan.account.sizing, plan.costs, has_capital=has_capital)


def digest_of(
    strategy: Strategy, params: Any, sizing: Sizing, costs: Costs, *, has_capital: bool = False
) -> str:
    """Return what `strategy_digest` returns, where no bars are at hand."""
    sized = fields_as_dict(sizing)
    if not has_capital:
        del sized["capital"]
    made_of = [strategy_source(strategy), fields_as_dict(params), sized, fields_as_dict(costs)]
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True, default=str).encode()).hexdigest()
    return digest if has_capital else f"{WITHOUT_CAPITAL}{digest}"


class SlotFold:
    """The setups of one slot up to a close.

    Parameters
    ----------
    lives : sequence of SideLife
        What was remembered of its sides; of none, nothing is known yet.
    kept : collection of str
        Ids of setups that are kept, where they are made anew: some began with the former digest.
    """

    def __init__(self, lives: Sequence[SideLife] = (), kept: Collection[str] = ()) -> None:
        self._kept = kept
        known = {life.side: life for life in lives}
        self._lives: list[SideLife] = [known.get(side, SideLife(side)) for side in _SIDES]
        self._ends: list[InsideEnd | None] = [None for _ in _SIDES]

    @property
    def lives(self) -> tuple[SideLife, ...]:
        """What is remembered of both sides."""
        return tuple(self._lives)

    @property
    def ts_bar(self) -> int | None:
        """Open time of the last bar that was read; None before the first."""
        return self._lives[0].ts_bar

    def take(
        self, slot: JudgedSlot, first: int, settled: Callable[[int], Settlements] | None = None
    ) -> Iterator[SetupChange]:
        """Yield the changes of some closes, in their order; of one close, long before short.

        Parameters
        ----------
        slot : JudgedSlot
            With the bar at whose close each open setup was confirmed.
        first : int
            Index of the first bar whose close is read, to the last one; closes that were read change nothing.
        settled : callable, optional
            Given the open time of a bar, the funding that was told by its close; else that of the slot, as it was.
        """
        digests = self._digests(slot)
        self._ends = [self._end_of(slot, life) for life in self._lives]
        at_bars = range(first, len(slot.plan.bars))
        for bar, signal in zip(at_bars, signals_of(slot, at_bars), strict=True):
            yield from self._take_close(slot, bar, signal, digests, settled)

    def _take_close(
        self,
        slot: JudgedSlot,
        bar: int,
        signal: Signal,
        digests: tuple[str, str],
        settled: Callable[[int], Settlements] | None,
    ) -> Iterator[SetupChange]:
        bars, (strategy, former) = slot.plan.bars, digests
        flagged = _SIDE_NAMES[int(kernel.entry_side(int(slot.input.flags[bar])))]
        fingerprint = partial(bars_fingerprint, bars, bar + 1)
        for place, end in enumerate(self._ends):
            # What happened inside bars that nobody followed is told at the next close.
            inside = end.event if end is not None and end.bar <= bar else None
            before, told = self._amend_signal(self._lives[place], signal)
            close = SetupClose(
                told, flagged, _terms_at(slot, bar), strategy, fingerprint, former, self._kept
            )  # fmt: skip
            self._lives[place], change = advance(before, close, inside)
            if change is not None:
                self._ends[place] = self._end_of(slot, self._lives[place])
                regime = regime_at(bars.close[: bar + 1])
                known = slot.input.funding if settled is None else settled(int(bars.ts[bar]))
                result = _r_at(slot, before, change, end, bar)
                funded = None if result is None else _funding_at(slot, before, end, bar, known)
                yield with_result(dataclasses.replace(change, regime=regime), result, funded)

    def _digests(self, slot: JudgedSlot) -> tuple[str, str]:
        """Return the digest of what makes the slot's signals, and the former one where a setup may have it."""
        former = strategy_digest(slot.plan, has_capital=True) if self._has_former() else ""
        return strategy_digest(slot.plan), former

    def _amend_signal(self, life: SideLife, signal: Signal) -> tuple[SideLife, Signal]:
        """Return what is remembered of a side and what the strategy says at a close."""
        return life, signal

    def _has_former(self) -> bool:
        """Tell whether a setup may have begun with the former digest: it takes as long as a close to make it."""
        strategies = [life.strategy for life in self._lives if life.strategy]
        return bool(self._kept) or not all(strategy.startswith(WITHOUT_CAPITAL) for strategy in strategies)

    @staticmethod
    def _end_of(slot: JudgedSlot, life: SideLife) -> InsideEnd | None:
        """Return what ends the trade of a confirmed setup within the bars there are."""
        if life.state != "confirmed":
            return None
        bar = _entered_at(slot, life)
        if bar is None:
            # Another run of the account has other bars: what its trade does cannot be told, it ends by time or sign.
            return None
        # Beyond its horizon too: bars may have passed that nobody followed, and it expires by followed closes.
        return inside_end(unfunded(slot.input), bar, life.side, len(slot.plan.bars), life.terms)


def _entered_at(slot: JudgedSlot, life: SideLife) -> int | None:
    """Return the index of the bar at whose close a setup was confirmed; None where it is not among the bars."""
    ts = slot.plan.bars.ts
    bar = int(np.searchsorted(ts, life.ts_entered))
    return bar if bar < len(ts) and ts[bar] == life.ts_entered else None


def _r_at(
    slot: JudgedSlot, life: SideLife, change: SetupChange, end: InsideEnd | None, bar: int
) -> float | None:
    """Return what the trade of a confirmed setup made that ends with a change.

    A changed strategy settles it, too: nobody makes a loss void by changing a setting. What is decided at a close is
    settled at that close: the next bar's first price is not known yet.
    """
    if life.state != "confirmed" or change.cause in _WITHOUT_TRADE:
        return None
    if end is not None and end.bar <= bar:
        r = end.r
    else:
        entered = _entered_at(slot, life)
        r = None if entered is None else settled_r(unfunded(slot.input), entered, life.side, bar, life.terms)
    return r


def _funding_at(
    slot: JudgedSlot, life: SideLife, end: InsideEnd | None, bar: int, settled: Settlements
) -> LoneFunding | None:
    entered, last = _entered_at(slot, life), bar if end is None else min(end.bar, bar)
    if entered is None:
        return None
    return lone_funding(slot.input, entered, life.side, last, life.terms, settled)


def unfunded(read: SlotInput) -> SlotInput:
    """Return a slot without settlements: what ends a trade does not depend on when they were told."""
    return dataclasses.replace(read, funding=Settlements())


def with_result(change: SetupChange, r: float | None, funded: LoneFunding | None) -> SetupChange:
    """Return a change with what its setup's trade made.

    Parameters
    ----------
    change : SetupChange
        Its last.
    r : float or None
        Before funding; None where there was no trade.
    funded : LoneFunding or None
        What funding made of it.
    """
    if r is None or is_former(change.strategy):
        # Such a setup began where funding was left out, and is told as it was.
        return dataclasses.replace(change, r=r)
    # Amounts are booked in whole 1e-8 of the quote: a full R fits one quantity alone, and that tells the capital.
    before, funding = round(r, _R_DECIMALS), round(funded.r if funded else 0.0, _R_DECIMALS)
    return dataclasses.replace(
        change,
        r=round(before + funding, _R_DECIMALS) + 0.0,
        funding=funding + 0.0,
        rates=funded.rates if funded else (),
    )


def r_before_funding(record: Mapping[str, object]) -> object:
    """Return the R of a change as it was told while funding was left out of it."""
    r, funding = record["r"], record["funding"]
    if not isinstance(r, float) or not isinstance(funding, float):
        return r
    return round(r - funding, _R_DECIMALS) + 0.0


def _terms_at(slot: JudgedSlot, bar: int) -> EntryTerms:
    read = slot.input
    return EntryTerms(float(read.stop_unit[bar]), float(read.target_unit[bar]), read.sizing.leverage)


def change_record(change: SetupChange) -> dict[str, object]:
    """Return a change as plain values, for JSON and for what is kept.

    Returns
    -------
    dict
        Times as numbers and in ISO UTC; None where a number is not known. Always in the same order.
    """
    record: dict[str, object] = {
        "setup": change.setup,
        "venue": change.venue,
        "slot": str(change.slot),
        "side": change.side,
        "state": change.state,
        "cause": change.cause,
        "known_at": iso(change.ts_known),
        "ts_bar": change.ts_bar,
        "ts_known": change.ts_known,
        "ts_begun": change.ts_begun,
        "entry": change.entry,
        "stop": change.stop,
        "target": change.target,
        "horizon_bars": change.horizon_bars,
        "score": change.score,
        "nearness": change.nearness,
        "criteria": [dataclasses.asdict(criterion) for criterion in change.criteria],
        "strategy": change.strategy,
        "bars": change.bars,
        "r": change.r,
        "regime": change.regime,
        "funding": change.funding,
        "rates": [list(rate) for rate in change.rates],
    }
    plain: dict[str, object] = to_json_value(record)
    return plain
