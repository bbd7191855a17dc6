"""What one trades: grid, minimums, margin and fees of an instrument on a venue, with versions in time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

from vigie.domain.account import DEFAULT_MAINTENANCE, DEFAULT_MAKER, DEFAULT_TAKER, MAX_REBATE
from vigie.domain.errors import UsageError
from vigie.domain.money import GridStep, parse_step

FEES: Final[tuple[str, ...]] = ("taker", "maker")


@dataclass(frozen=True, slots=True)
class Instrument:
    """The venue's rules for one instrument from `valid_from` on.

    A change of the rules makes a new version; levels that exist keep their price.

    Attributes
    ----------
    venue : str
        ``binance-perp``; empty where the rules were given by hand.
    name : str
        ``btc-usdt-perp``.
    tick, lot : GridStep
        Grid of prices and of quantities (base units).
    min_qty, max_qty : float
        Base units; `max_qty` infinite where the venue states none.
    min_notional : float
        Quote units.
    max_leverage : float
        The venue's own limit, as a multiple.
    maintenance_rate : float
        Fraction of notional.
    taker, maker : float
        Fraction of notional; `maker` is below 0 where the venue pays for resting orders.
    significant_figures : int
        Prices also keep at most this many significant figures (Hyperliquid: 5); 0 means no such rule.
    leverage_cap : float
        Vigie's own cap for this instrument in portfolio mode: 5, or 3 for small caps.
    valid_from : int
        Epoch milliseconds from which these rules hold; 0 means always.
    """

    venue: str
    name: str
    tick: GridStep
    lot: GridStep
    min_qty: float = 0.0
    min_notional: float = 0.0
    max_qty: float = float("inf")
    max_leverage: float = 125.0
    maintenance_rate: float = DEFAULT_MAINTENANCE
    taker: float = DEFAULT_TAKER
    maker: float = DEFAULT_MAKER
    significant_figures: int = 0
    leverage_cap: float = 5.0
    valid_from: int = 0

    def __post_init__(self) -> None:
        """Refuse rules that no venue can have."""
        for name in ("min_qty", "min_notional", "max_qty", "taker"):
            value = getattr(self, name)
            if not value >= 0:
                raise UsageError("below_zero", "{name} must be >= 0, was {value}", name=name, value=value)
        if not self.maker >= -MAX_REBATE:
            raise UsageError(
                "bad_maker", "maker must be >= {value:g}, was {maker}", value=-MAX_REBATE, maker=self.maker
            )
        if not 0 <= self.maintenance_rate < 1:
            raise UsageError(
                "bad_maintenance_rate",
                "maintenance_rate must be in [0, 1), was {maintenance_rate}",
                maintenance_rate=self.maintenance_rate,
            )
        if not 0 <= self.significant_figures <= 16:
            raise UsageError(
                "bad_significant_figures",
                "significant_figures must be 0..16, was {significant_figures}",
                significant_figures=self.significant_figures,
            )

    @property
    def full_name(self) -> str:
        """``binance-perp:btc-usdt-perp``, or the bare name where no venue is known."""
        return f"{self.venue}:{self.name}" if self.venue else self.name

    @property
    def is_spot(self) -> bool:
        """Whether what is bought is the coin itself: nothing is borrowed, no funding is paid, nothing is liquidated."""
        return self.name.endswith("-spot")


@dataclass(frozen=True, slots=True)
class StatedRules:
    """Rules of one instrument that a person states in place of the venue's; None leaves the venue's.

    Attributes
    ----------
    instrument : str
        As it was written: ``BTC/USDT:USDT``.
    venue : str
        The one venue that is meant; empty means all.
    tick, lot : str, optional
        Grid of prices and of quantities, as decimals.
    taker, maker : float, optional
        Fees, fractions of notional: in place of those that a run counts with, not of those that a venue takes.
    """

    instrument: str
    venue: str = ""
    tick: str | None = None
    lot: str | None = None
    min_qty: float | None = None
    max_qty: float | None = None
    min_notional: float | None = None
    max_leverage: float | None = None
    maintenance_rate: float | None = None
    taker: float | None = None
    maker: float | None = None

    def stated(self) -> dict[str, Any]:
        """Return what is stated but for fees, by name, as `Instrument` takes it.

        Returns
        -------
        dict
            Only what is not None; tick and lot as `GridStep`.
        """
        values = {spec.name: getattr(self, spec.name) for spec in fields(self)[2:] if spec.name not in FEES}
        known = {name: value for name, value in values.items() if value is not None}
        return known | {name: parse_step(known[name], name=name) for name in ("tick", "lot") if name in known}

    def fees(self) -> dict[str, float]:
        """Return the fees that are stated, by name.

        Returns
        -------
        dict of str to float
            ``taker`` and ``maker`` where not None; empty where neither is stated.
        """
        return {name: fee for name in FEES if (fee := getattr(self, name)) is not None}
