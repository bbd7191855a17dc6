"""One side of a slot between two closes, and what the next close makes of it.

Takes the `Signal` of each close, with what the fill model did inside the bar to the trade of a confirmed setup; gives
the setup's changes. The same closes give the same changes, whether they come one by one or all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from vigie.domain.ids import SlotId
from vigie.domain.setup import (
    EntryTerms,
    InsideEvent,
    SetupCause,
    SetupChange,
    SetupSide,
    SetupState,
    SideLife,
    setup_id,
)
from vigie.domain.signal import Outlook, SideName, Signal

# A forming setup is invalidated after this many closes in a row with a nearness below this.
LOST_NEARNESS: Final = 0.5
LOST_CLOSES: Final = 2
# Closes after which a forming setup expires, and a confirmed one whose signal says no horizon.
FORMING_CLOSES_AT_MOST: Final = 10
USUAL_HORIZON: Final = 30
# Closes after which every confirmed setup expires, whatever its signal says: a history keeps at least as many bars.
LONGEST_HORIZON: Final = 5_000
# Closes after an end at which no setup begins on the same side.
REST_CLOSES: Final = 3
# How digests begin that nothing about money can be found from.
WITHOUT_CAPITAL: Final = "2:"

_INSIDE_STATES: Final[dict[InsideEvent, SetupState]] = {
    "stop": "played_out", "target": "played_out", "liquidation": "played_out", "gap_through_level": "invalidated",
    "entry_refused": "invalidated",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetupClose:
    """One close of a slot.

    Attributes
    ----------
    signal : Signal
        What the slot said.
    flagged : str
        The side whose entry conditions hold, also where the entry has no distances: it ends a trade of the other side.
    terms : EntryTerms
        What an entry at this close is made of.
    strategy : str
        Digest of the strategy's code and parameters.
    bars : callable
        Gives the SHA-256 of the bars that were judged; asked only where something changes.
    former : str
        The digest as it was made before sums of money were left out of it; a setup that began with it goes on with it.
    begun_formerly : collection of str
        Setups that are kept: of those, one that began with the former digest begins so again.
    """

    signal: Signal
    flagged: SideName
    terms: EntryTerms
    strategy: str
    bars: Callable[[], str]
    former: str = ""
    begun_formerly: Collection[str] = ()

    def digest_for(self, life: SideLife) -> str:
        """Return the digest of a setup that goes on, or begins at this close."""
        if life.setup:
            # Also at its end by a changed strategy, as the version wrote it that it began with.
            return self.former if self.former and is_former(life.strategy) else self.strategy
        if self.begun_formerly:
            signal = self.signal
            name = setup_id(signal.venue, signal.slot, life.side, signal.ts_bar, self.former)
            return self.former if name in self.begun_formerly else self.strategy
        return self.strategy

    def decides(self, side: SetupSide) -> bool:
        """Tell whether an entry of a side is decided; one that the account's rules refuse is none."""
        return self.signal.side == side and not self.signal.refusal


def is_former(strategy: str) -> bool:
    """Tell whether a digest was made before sums of money were left out of it."""
    return not strategy.startswith(WITHOUT_CAPITAL)


def advance(
    life: SideLife, close: SetupClose, inside: InsideEvent | None = None
) -> tuple[SideLife, SetupChange | None]:
    """Return what a close makes of a side, and the change if there is one.

    Parameters
    ----------
    life : SideLife
        As the close before left it.
    close : SetupClose
        A later close of the same slot; one that is not later changes nothing.
    inside : str or None
        What the fill model did inside this bar, if anything, to the trade that was decided at ``life.ts_entered``.

    Returns
    -------
    SideLife, SetupChange or None
    """
    signal = close.signal
    if life.ts_bar is not None and signal.ts_bar <= life.ts_bar:
        return life, None
    is_after_gap = life.ts_bar is not None and signal.ts_bar - life.ts_bar > signal.ts_known - signal.ts_bar
    life = replace(life, ts_bar=signal.ts_bar)
    life, change = (
        _go_on(life, close, inside, is_after_gap=is_after_gap)
        if life.state
        else _begin(life, close, is_after_gap=is_after_gap)
    )
    return _look(life, signal) if life.state else life, change


def abandon(life: SideLife, venue: str, slot: SlotId, ts: int) -> tuple[SideLife, SetupChange]:
    """Return what becomes of an open setup whose account no longer trades its slot.

    Parameters
    ----------
    life : SideLife
        With an open setup.
    ts : int
        First close of the run that has no such slot, epoch milliseconds.

    Returns
    -------
    SideLife, SetupChange
        Nothing was judged: neither close nor criteria are known, and who has its bars adds what its trade made.
    """
    change = SetupChange(
        setup=life.setup, venue=venue, slot=slot, side=life.side, state="invalidated", cause="strategy_changed",
        ts_bar=life.ts_entered if life.ts_bar is None else life.ts_bar, ts_known=ts, ts_begun=life.ts_begun,
        entry=float("nan"), stop=life.stop, target=life.target, horizon_bars=life.horizon_bars,
        score=float("nan"), nearness=float("nan"), criteria=(), strategy=life.strategy, bars="",
    )  # fmt: skip
    return SideLife(life.side, rest=REST_CLOSES, ts_bar=life.ts_bar), change


def _go_on(
    life: SideLife, close: SetupClose, inside: InsideEvent | None, *, is_after_gap: bool
) -> tuple[SideLife, SetupChange | None]:
    signal = close.signal
    life = replace(
        life, closes=life.closes + 1, far_closes=life.far_closes + 1 if _is_far(life, signal) else 0
    )
    if life.state == "confirmed" and inside is not None:
        # It came before what is decided at the close, and before what a person changed since: no loss becomes void.
        return _end(life, close, _INSIDE_STATES[inside], inside)
    if life.strategy not in (close.strategy, close.former):
        return _end(life, close, "invalidated", "strategy_changed")
    if life.state == "forming":
        return _advance_forming(life, close, is_after_gap=is_after_gap)
    return _advance_confirmed(life, close)


def _begin(life: SideLife, close: SetupClose, *, is_after_gap: bool) -> tuple[SideLife, SetupChange | None]:
    if life.rest:
        return replace(life, rest=life.rest - 1), None
    if close.decides(life.side):
        return _enter(life, close, "confirmed")
    # Two closes with bars missing between them are not two in a row.
    if close.signal.forming == life.side and not is_after_gap:
        return _enter(life, close, "forming")
    return life, None


def _advance_forming(
    life: SideLife, close: SetupClose, *, is_after_gap: bool
) -> tuple[SideLife, SetupChange | None]:
    # What formed before a gap is not known to form still, and no entry after it counts as its own.
    if is_after_gap:
        return _end(life, close, "invalidated", "gap")
    if close.decides(life.side):
        return _enter(life, close, "confirmed")
    if _is_beyond(life, close.signal.entry):
        return _end(life, close, "invalidated", "beyond_stop")
    if life.far_closes >= LOST_CLOSES:
        return _end(life, close, "invalidated", "not_near")
    if life.closes >= FORMING_CLOSES_AT_MOST:
        return _end(life, close, "expired", "closes")
    return life, None


def _advance_confirmed(life: SideLife, close: SetupClose) -> tuple[SideLife, SetupChange | None]:
    exit_condition = close.signal.exits.get(life.side)
    if exit_condition is not None and exit_condition.holds:
        return _end(life, close, "invalidated", "exit_condition")
    if close.flagged not in (life.side, "none"):
        return _end(life, close, "invalidated", "opposite_signal")
    if life.closes >= life.horizon_bars:
        return _end(life, close, "expired", "horizon")
    return life, None


def _enter(
    life: SideLife, close: SetupClose, state: Literal["forming", "confirmed"]
) -> tuple[SideLife, SetupChange]:
    signal, strategy = close.signal, close.digest_for(life)
    is_new = not life.setup
    life = replace(
        life,
        setup=setup_id(signal.venue, signal.slot, life.side, signal.ts_bar, strategy)
        if is_new
        else life.setup,
        state=state,
        ts_begun=signal.ts_known if is_new else life.ts_begun,
        ts_entered=signal.ts_bar,
        closes=0,
        far_closes=0,
        stop=signal.stop,
        target=signal.target,
        horizon_bars=_horizon(signal) if state == "confirmed" else 0,
        stop_unit=close.terms.stop_unit if state == "confirmed" else 0.0,
        target_unit=close.terms.target_unit if state == "confirmed" else 0.0,
        leverage=close.terms.leverage if state == "confirmed" else 0.0,
        strategy=strategy,
    )
    return life, _change(life, close, state, "decided" if state == "confirmed" else "near")


def _end(
    life: SideLife, close: SetupClose, state: SetupState, cause: SetupCause
) -> tuple[SideLife, SetupChange]:
    return SideLife(life.side, rest=REST_CLOSES, ts_bar=life.ts_bar), _change(life, close, state, cause)


def _change(life: SideLife, close: SetupClose, state: SetupState, cause: SetupCause) -> SetupChange:
    signal, outlook = close.signal, _outlook(close.signal, life.side)
    return SetupChange(
        setup=life.setup,
        venue=signal.venue,
        slot=signal.slot,
        side=life.side,
        state=state,
        cause=cause,
        ts_bar=signal.ts_bar,
        ts_known=signal.ts_known,
        ts_begun=life.ts_begun,
        entry=signal.entry,
        stop=life.stop,
        target=life.target,
        horizon_bars=life.horizon_bars,
        score=outlook.score,
        nearness=outlook.nearness,
        criteria=outlook.criteria,
        strategy=close.digest_for(life),
        bars=close.bars(),
    )


def _look(life: SideLife, signal: Signal) -> SideLife:
    """Return an open setup with how near it is at a close, and what is missing most."""
    outlook = _outlook(signal, life.side)
    unmet = [criterion for criterion in outlook.criteria if criterion.required and not criterion.holds]
    # What is not known is the farthest.
    farthest = min(unmet, key=lambda criterion: np.nan_to_num(criterion.nearness, nan=-1.0), default=None)
    return replace(
        life,
        nearness=_known(outlook.nearness),
        missing=farthest.name if farthest else "",
        missing_at=_known(farthest.threshold) if farthest else None,
        unmet=tuple(criterion.name for criterion in unmet),
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _outlook(signal: Signal, side: SetupSide) -> Outlook:
    return signal.long if side == "long" else signal.short


def _is_far(life: SideLife, signal: Signal) -> bool:
    """Tell whether a side is far from an entry; what is not known is not near."""
    return not _outlook(signal, life.side).nearness >= LOST_NEARNESS


def _is_beyond(life: SideLife, price: float) -> bool:
    if life.stop is None:
        return False
    return price < life.stop if life.side == "long" else price > life.stop


def _horizon(signal: Signal) -> int:
    if signal.horizon_bars is None:
        return USUAL_HORIZON
    return min(max(1, int(np.ceil(signal.horizon_bars))), LONGEST_HORIZON)
