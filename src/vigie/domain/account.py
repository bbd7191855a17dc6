"""Costs, sizing and protections of a run; the hard caps that no setting lifts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any, Final, Literal

from vigie.domain.errors import UsageError

MAX_RISK_FRACTION: Final = 0.02
MAX_LEVERAGE: Final = 5.0
MAX_DAILY_LOSS_FRACTION: Final = 0.04
MAX_POSITIONS: Final = 5
MAX_STOPS: Final = 32
MAX_DAYS: Final = 3_650
MAX_HOURS: Final = 87_600
MAX_COUNT: Final = 10_000
MAX_FEE: Final = 0.1
# Where neither the run, nor the settings, nor an instrument's rules state a fee; as Bitget charges on perpetuals.
DEFAULT_TAKER: Final = 0.0006
DEFAULT_MAKER: Final = 0.0002
# Maintenance margin, a fraction of notional, where no rules state one.
DEFAULT_MAINTENANCE: Final = 0.005
# Venues pay resting orders some two or three hundredths of a per cent, market makers included.
MAX_REBATE: Final = 0.0005
# A cent: of less nothing can be booked, and rates of it are noise.
MIN_CAPITAL: Final = 0.01
# Money is added in whole numbers of 1e-8, and an int64 holds no more.
MAX_CAPITAL: Final = 9e10

Mode = Literal["isolated", "portfolio"]
TargetExecution = Literal["trigger", "limit"]


def check_number(name: str, value: object) -> None:
    """Raise UsageError unless `value` is a number.

    Parameters
    ----------
    name : str
        Setting as the message names it.
    value : object
        Any real number, NaN included; bool is refused.

    Raises
    ------
    UsageError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageError("not_a_number", "{name} must be a number, was {text!r}", name=name, text=value)


def check_whole(name: str, value: float) -> None:
    """Raise UsageError unless `value` is a whole number.

    Parameters
    ----------
    name : str
        Setting as the message names it.
    value : float
        May be a float such as 20.0.

    Raises
    ------
    UsageError
        If it is none.
    """
    if value % 1 != 0:
        raise UsageError(
            "not_a_whole_number", "{name} must be a whole number, was {value}", name=name, value=value
        )


def check_range(name: str, value: float, low: float, high: float, *, open_low: bool = False) -> None:
    """Raise UsageError unless `value` is a number in the interval; NaN never is.

    Parameters
    ----------
    name : str
        Setting as the message names it.
    low, high : float
        Bounds, both inclusive.
    open_low : bool
        Whether `low` itself is refused.

    Raises
    ------
    UsageError
        If it lies outside, or is no number.
    """
    check_number(name, value)
    inside = (value > low if open_low else value >= low) and value <= high
    if not inside:
        bracket = "(" if open_low else "["
        raise UsageError(
            "outside_interval",
            "{name} must be in {bracket}{low:g}, {high:g}], was {value}",
            name=name,
            bracket=bracket,
            low=low,
            high=high,
            value=value,
        )


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs: fees as fractions of notional, slippage in basis points against us.

    Attributes
    ----------
    taker, maker : float
        Fees as fractions of notional; `maker` below 0 is a rebate, at most 0.0005.
    slippage_bps : float
        Added to the price of market orders, against us; 1 bps is 0.0001 of the price.
    """

    taker: float = DEFAULT_TAKER
    maker: float = DEFAULT_MAKER
    slippage_bps: float = 5.0

    def __post_init__(self) -> None:
        """Refuse costs that cannot be."""
        check_range("taker", self.taker, 0.0, MAX_FEE)
        check_range("maker", self.maker, -MAX_REBATE, MAX_FEE)
        check_range("slippage_bps", self.slippage_bps, 0.0, 1_000.0)


@dataclass(frozen=True, slots=True)
class Sizing:
    """How large a position is and where its levels lie.

    Attributes
    ----------
    capital : float
        Quote units at the start: of each slot in isolated mode, of the shared account in portfolio mode.
    risk_fraction : float
        Share of equity lost between entry and stop, before costs; at most 0.02.
    leverage : float
        Notional as a multiple of equity, at most 5.
    stop_atr, target_atr : float
        Distance of stop and target, in multiples of the strategy's distance unit (ATR(14) by default).
    maintenance_rate : float
        Maintenance margin as a fraction of notional.
    target_execution : str
        ``trigger`` pays taker fee and slippage; ``limit`` fills at the level for the maker fee.
    max_bars : int
        Time stop: longest holding time in bars; 0 for none.
    """

    capital: float = 10_000.0
    risk_fraction: float = 0.02
    leverage: float = 5.0
    stop_atr: float = 2.0
    target_atr: float = 3.0
    maintenance_rate: float = DEFAULT_MAINTENANCE
    target_execution: TargetExecution = "trigger"
    max_bars: int = 0

    def __post_init__(self) -> None:
        """Refuse settings beyond the hard caps, and nonsense."""
        # None at all is asked of the fill model, where everything is refused.
        check_range("capital", self.capital, 0.0 if self.capital == 0 else MIN_CAPITAL, MAX_CAPITAL)
        check_range("risk_fraction", self.risk_fraction, 0.0, MAX_RISK_FRACTION, open_low=True)
        check_range("leverage", self.leverage, 0.0, MAX_LEVERAGE, open_low=True)
        check_range("stop_atr", self.stop_atr, 0.0, 100.0, open_low=True)
        check_range("target_atr", self.target_atr, 0.0, 1_000.0, open_low=True)
        check_range("maintenance_rate", self.maintenance_rate, 0.0, 0.5)
        check_range("max_bars", self.max_bars, 0, 1_000_000)
        check_whole("max_bars", self.max_bars)
        if self.target_execution not in ("trigger", "limit"):
            raise UsageError(
                "target_execution_must_trigger_limit",
                "target_execution must be trigger or limit, was {target_execution!r}",
                target_execution=self.target_execution,
            )


@dataclass(frozen=True, slots=True)
class Protections:
    """Limits of portfolio mode (and of isolated mode with `--protections on`); see docs/portfolio-rules.

    A count, a number of days or a fraction of 0 switches its rule off; the hard caps are never off.

    Attributes
    ----------
    stop_guard_instrument_stops, stop_guard_account_stops : int
        Stop exits within the window that lock the instrument, or the account.
    stop_guard_window_hours, stop_guard_lock_hours : int
        Length of that window, and of the lock.
    window_drawdown_fraction, window_drawdown_days : float, int
        Fall below the peak of these UTC days, today included, that locks entries.
    low_profit_trades, low_profit_days, low_profit_lock_days : int
        An instrument with this many trades in these days, together below 0, is locked for the lock days.
    cooldown_bars, cooldown_stop_bars : int
        Closes without entry after an exit, and after a stop or liquidation; the exit's bar counts.
    loss_streak_trades : int
        Losing trades in a row that pause entries until the next UTC day.
    halve_after_losses, restore_after_wins : int
        Losses in a row that halve the risk fraction, and wins in a row that restore it.
    slot_drawdown_fraction : float
        Fall of a slot's own result below its peak, as a fraction of capital, that locks the slot.
    global_drawdown_fraction : float
        Fall of equity below its peak that locks entries.
    daily_loss_fraction, daily_loss_readings : float, int
        Loss since the day's opening equity, seen at this many samples in a row, that blocks entries for the
        day.
    account_drawdown_fraction : float
        Fall of equity below its peak that halts the account and closes its positions.
    drawdown_unlock_days : int
        Length of every drawdown lock and of the halt.
    max_positions : int
        Open positions and pending entries together, at most 5.
    instrument_exposure_fraction, correlated_exposure_fraction : float
        Most notional in one instrument, and in one correlated group, as fractions of equity times leverage.
    correlation_limit, correlation_days : float, int
        Instruments belong to one group above this correlation of their daily closes.
    margin_fraction : float
        Most initial margin in use, as a fraction of equity.
    asset_loss_risks : float
        Open loss that closes a position, in multiples of its planned risk.
    funding_cost_limit : float
        Highest funding rate that an entry may pay, as a fraction per 8 hours.
    """

    stop_guard_instrument_stops: int = 3
    stop_guard_account_stops: int = 5
    stop_guard_window_hours: int = 24
    stop_guard_lock_hours: int = 24
    window_drawdown_fraction: float = 0.10
    window_drawdown_days: int = 30
    low_profit_trades: int = 8
    low_profit_days: int = 30
    low_profit_lock_days: int = 7
    cooldown_bars: int = 1
    cooldown_stop_bars: int = 2
    loss_streak_trades: int = 4
    halve_after_losses: int = 3
    restore_after_wins: int = 2
    slot_drawdown_fraction: float = 0.03
    global_drawdown_fraction: float = 0.08
    daily_loss_fraction: float = MAX_DAILY_LOSS_FRACTION
    daily_loss_readings: int = 3
    account_drawdown_fraction: float = 0.10
    drawdown_unlock_days: int = 30
    max_positions: int = MAX_POSITIONS
    instrument_exposure_fraction: float = 0.30
    correlated_exposure_fraction: float = 0.40
    correlation_limit: float = 0.80
    correlation_days: int = 90
    margin_fraction: float = 0.80
    asset_loss_risks: float = 2.0
    funding_cost_limit: float = 0.001

    def __post_init__(self) -> None:
        """Refuse settings beyond their bounds, and counts that are not whole."""
        for spec in fields(self):
            value = getattr(self, spec.name)
            check_number(spec.name, value)
            low, high = protection_bounds(spec.name)
            check_range(spec.name, value, low, high, open_low=spec.name == "daily_loss_fraction")
            if isinstance(spec.default, int):
                check_whole(spec.name, value)
                object.__setattr__(self, spec.name, int(value))


_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "daily_loss_fraction": (0.0, MAX_DAILY_LOSS_FRACTION),
    "max_positions": (1, MAX_POSITIONS),
    "daily_loss_readings": (1, 1_000),
    "stop_guard_instrument_stops": (0, MAX_STOPS),
    "stop_guard_account_stops": (0, MAX_STOPS),
    "asset_loss_risks": (0.0, 100.0),
}


def _default_bound(name: str, default: object) -> float:
    """Return the bound of a setting that has none of its own: by its unit."""
    if name.endswith("_days"):
        return MAX_DAYS
    if name.endswith("_hours"):
        return MAX_HOURS
    return MAX_COUNT if isinstance(default, int) else 1.0


def protection_bounds(name: str) -> tuple[float, float]:
    """Return the least and the most that a protection may be.

    Parameters
    ----------
    name : str
        A field of `Protections`.

    Returns
    -------
    tuple of two floats
        Both inclusive, but for 0 of `daily_loss_fraction`.
    """
    default = Protections.__dataclass_fields__[name].default
    return _BOUNDS.get(name, (0.0, _default_bound(name, default)))


def make_protections(values: Mapping[str, Any]) -> Protections:
    """Build protections from values by name.

    Parameters
    ----------
    values : mapping
        By field name of `Protections`; the rest keep their defaults.

    Returns
    -------
    Protections
        Checked; counts as int.

    Raises
    ------
    UsageError
        If a name is unknown, or a value is no number or beyond its bounds.
    """
    known = [spec.name for spec in fields(Protections)]
    for name in values:
        if name not in known:
            raise UsageError(
                "unknown_protection",
                "protection must be one of {known}, was {name!r}",
                known=" ".join(known),
                name=name,
            )
    return Protections(**values)


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Everything that the kernel needs to know about an account.

    Attributes
    ----------
    mode : str
        ``isolated`` gives each slot an account of its own; ``portfolio`` shares one among all.
    protections : Protections or None
        None switches them off, in isolated mode only; portfolio mode takes the defaults instead.
    """

    mode: Mode = "isolated"
    costs: Costs = field(default_factory=Costs)
    sizing: Sizing = field(default_factory=Sizing)
    protections: Protections | None = None

    def __post_init__(self) -> None:
        """Portfolio mode always has its protections."""
        if self.mode not in ("isolated", "portfolio"):
            raise UsageError(
                "mode_must_isolated_portfolio",
                "mode must be isolated or portfolio, was {mode!r}",
                mode=self.mode,
            )
        if self.mode == "portfolio" and self.protections is None:
            object.__setattr__(self, "protections", Protections())
