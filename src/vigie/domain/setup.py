"""A setup: a signal with a life, told by the changes it goes through."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from vigie.domain.ids import SlotId
from vigie.domain.signal import CriterionState

SetupSide = Literal["long", "short"]
SetupState = Literal["forming", "confirmed", "played_out", "invalidated", "expired"]
SetupCause = Literal[
    "near", "decided",
    "stop", "target", "liquidation",
    "not_near", "beyond_stop", "gap", "strategy_changed",
    "gap_through_level", "entry_refused", "exit_condition", "opposite_signal",
    "closes", "horizon",
]  # fmt: skip
"""Why a setup changed: it came near, an entry was decided; what ended its trade; what made it void; time went by."""
InsideEvent = Literal["stop", "target", "liquidation", "gap_through_level", "entry_refused"]
"""What the fill model does inside a bar to the trade of a confirmed setup, or to its entry."""
STATES: Final[tuple[SetupState, ...]] = get_args(SetupState)
MARKET_TIME: Final = "ts_market"
"""What a change of a simulated market is sealed with beside: that market's time, as the chain has the machine's."""
ENDED: Final[tuple[SetupState, ...]] = ("played_out", "invalidated", "expired")


@dataclass(frozen=True, slots=True)
class EntryTerms:
    """What an entry at a close is made of beside its price, as it was when it was decided.

    Attributes
    ----------
    stop_unit, target_unit : float
        Distances of the strategy, in the quote currency.
    leverage : float
        What the venue allowed then.
    """

    stop_unit: float
    target_unit: float
    leverage: float


@dataclass(frozen=True, slots=True)
class SetupChange:
    """A setup entered a state at the close of a bar.

    Attributes
    ----------
    setup : str
        The setup's id, the same wherever the same bars are read.
    state, cause : str
        What it is now, and why.
    ts_bar, ts_known : int
        Open time of the bar and its close, epoch milliseconds.
    ts_begun : int
        `ts_known` of the setup's first change.
    entry : float
        The close, in the quote currency; NaN where nothing was judged.
    stop, target : float or None
        As shown when the setup entered its first state, and anew when it was confirmed; None where never known.
    horizon_bars : int
        Bars after which a confirmed setup expires; 0 before it is confirmed.
    score, nearness : float
        Of the setup's side at this close: in [0, 1]; NaN where not known.
    criteria : tuple of CriterionState
        Of the setup's side at this close.
    strategy : str
        Digest of the strategy's code and parameters.
    bars : str
        SHA-256 of the bars that were judged; empty where none were.
    r : float or None
        At the end of a confirmed one: result of its trade alone, after fees, slippage and funding, over what it risked
        (quantity times |close - stop| as decided); None before, and where there was no trade.
    regime : str
        Trend and volatility of the market at this close; empty where too few closes are known.
    funding : float or None
        What of `r` is funding; None where there is no R, or funding is left out of it.
    rates : tuple of (int, float)
        By open time of each bar in which the trade bore funding, the sum of the rates that were known at this close.
    """

    setup: str
    venue: str
    slot: SlotId
    side: SetupSide
    state: SetupState
    cause: SetupCause
    ts_bar: int
    ts_known: int
    ts_begun: int
    entry: float
    stop: float | None
    target: float | None
    horizon_bars: int
    score: float
    nearness: float
    criteria: tuple[CriterionState, ...]
    strategy: str
    bars: str
    r: float | None = None
    regime: str = ""
    funding: float | None = None
    rates: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SetupScope:
    """Whose setups belong together: those of an account's runs one after the other, or of its replayed past.

    Attributes
    ----------
    account : str
        Name of the account.
    is_replayed : bool
        Its past, decided afterwards; it tells what would have been.
    """

    account: str
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class SideLife:
    """What is remembered of one side of a slot from one close to the next.

    Attributes
    ----------
    setup : str
        Id of the open setup; empty while there is none.
    state : str
        ``forming`` or ``confirmed`` while there is one, else empty.
    ts_begun : int
        When the open setup could first be known.
    ts_entered : int
        Open time of the bar at whose close it entered its state.
    closes : int
        Closes since then.
    far_closes : int
        Of these, how many of the last in a row were far from an entry.
    stop, target : float or None
        As shown in its newest state.
    horizon_bars : int
        Of a confirmed one.
    stop_unit, target_unit, leverage : float
        Of a confirmed one, as in `EntryTerms`.
    nearness : float or None
        At the last close, while there is an open setup.
    missing : str
        Of the required criteria that did not hold then the one farthest from it; empty where all held.
    missing_at : float or None
        What it must reach.
    unmet : sequence of str
        All required criteria that did not hold then. What is remembered of an earlier version has none.
    rest : int
        Closes that are left until a setup may begin.
    ts_bar : int or None
        Open time of the last bar; None before the first.
    """

    side: SetupSide
    setup: str = ""
    state: Literal["", "forming", "confirmed"] = ""
    ts_begun: int = 0
    ts_entered: int = 0
    closes: int = 0
    far_closes: int = 0
    stop: float | None = None
    target: float | None = None
    horizon_bars: int = 0
    stop_unit: float = 0.0
    target_unit: float = 0.0
    leverage: float = 0.0
    strategy: str = ""
    nearness: float | None = None
    missing: str = ""
    missing_at: float | None = None
    unmet: Sequence[str] = field(default=(), compare=False)
    rest: int = 0
    ts_bar: int | None = None

    @property
    def terms(self) -> EntryTerms:
        """What its entry was made of, where it is confirmed.

        Returns
        -------
        EntryTerms
            All 0 where it is not.
        """
        return EntryTerms(self.stop_unit, self.target_unit, self.leverage)


def setup_id(venue: str, slot: SlotId, side: SetupSide, ts_bar: int, strategy: str) -> str:
    """Return the id of the setup that begins at a bar.

    Parameters
    ----------
    venue : str
        ``binance-perp``.
    ts_bar : int
        Open time of its first bar, epoch milliseconds.
    strategy : str
        Digest of the strategy's code and parameters.

    Returns
    -------
    str
        Sixteen digits of a SHA-256.
    """
    name = f"{venue}|{slot}|{side}|{ts_bar}|{strategy}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def seal_of(salt: str, before: str, body: str) -> str:
    """Return what seals a change: it fixes the change and all those before it, and tells nothing without the salt.

    Parameters
    ----------
    salt : str
        A random word of 128 bits.
    before : str
        The seal of the change before; empty for the first.
    body : str
        The change as it is written.

    Returns
    -------
    str
        SHA-256, 64 hex digits.
    """
    return hashlib.sha256(f"{salt}\n{before}\n{body}".encode()).hexdigest()
