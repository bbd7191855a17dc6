"""Records of the kernel's state, as numpy structured types that compiled and plain code read alike.

Kernel state is a fold over the ordered event log; these are its cells. Integer fields are int64, all others
float64. Times are epoch milliseconds; fields that end in `_minor` are money in minor units of 1e-8 quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.instrument import Instrument
from vigie.domain.time import DAY_MS, HOUR_MS

Records = NDArray[np.void]

NEVER: Final = -(2**62)
RING: Final = 32

# Flags of a bar, as composed from a strategy's criteria.
LONG_ENTRY: Final = 1
SHORT_ENTRY: Final = 2
LONG_EXIT: Final = 4
SHORT_EXIT: Final = 8


def _record(ints: str, floats: str) -> np.dtype[np.void]:
    fields = [(name, np.int64) for name in ints.split()] + [(name, np.float64) for name in floats.split()]
    return np.dtype(fields)


RULES: Final = _record(
    "tick_multiple lot_multiple figures valid_from",
    "tick_scale lot_scale tick lot min_qty max_qty min_notional maintenance_rate leverage_cap taker maker",
)
SETTINGS: Final = _record(
    "limit_target max_bars",
    "capital risk_fraction leverage stop_atr target_atr slip",
)
SLOT: Final = _record(
    # position
    "side lots entry_bar entry_ts decision_ts stop_ticks target_ticks exit_reason entry_rule "
    # pending entry
    "pending_side pending_lots pending_stop_ticks pending_target_ticks pending_ts "
    # bookkeeping
    "funding_at cooldown_from cooldown_bars lock_until trades refused_code "
    # booked sums
    "fees_minor funding_minor result_minor",
    "qty entry stop target liquidation low high slippage decision_equity planned_risk "
    "pending_qty pending_stop pending_target pending_equity pending_close "
    "peak lock_value limit value",
)
ACCOUNT: Final = _record(
    "day daily_count daily_latched window_until global_until halt_until "
    "streak paused pause_losses size_losses size_wins halved stops_until trade_count cash_minor",
    "equity day_open daily_value window_value global_peak global_value halt_peak halt_value stops_value",
)
INSTRUMENT: Final = _record("stops_until low_until known", "last_close stops_value low_value")
PROTECTIONS: Final = _record(
    "on stops_instrument stops_account stops_window stops_lock window_days low_trades low_window low_lock "
    "cooldown cooldown_stop streak halve_after restore_after readings unlock positions correlation_days",
    "window_drawdown slot_drawdown global_drawdown daily_loss halt_drawdown instrument_exposure "
    "group_exposure correlation margin asset_risks funding_cost",
)
TRADE: Final = _record(
    "slot instrument side lots entry_ts exit_ts entry_bar exit_bar decision_ts stop_ticks target_ticks "
    "reason bars_held pnl_minor",
    "qty entry exit stop target fees funding slippage gross pnl return_pct equity decision_equity "
    "planned_risk mae_pct mfe_pct",
)
LOG_COLUMNS: Final = 7


def joined(parts: Sequence[Records]) -> Records:
    """Return record arrays of one type, one after the other; a single one as it is.

    As rows of bytes: field by field it takes as long as a short run.

    Parameters
    ----------
    parts : sequence of record array
        At least one array, all of the same type.

    Returns
    -------
    record array, shape (n,)
        A new array; of a single part, that array itself.
    """
    if len(parts) == 1:
        return parts[0]
    kind = parts[0].dtype
    rows = [np.ascontiguousarray(part).view((np.void, kind.itemsize)) for part in parts]
    return np.concatenate(rows).view(kind)


def rules_of(versions: list[Instrument], *, costs: Costs | None = None) -> Records:
    """Return the rule versions of one instrument, ascending in `valid_from`.

    Parameters
    ----------
    versions : list of Instrument
        At least one.
    costs : Costs, optional
        Fees that replace the instrument's own.

    Returns
    -------
    record array of `RULES`, shape (n_versions,)
        Sorted by `valid_from`, epoch milliseconds.
    """
    rows = np.zeros(len(versions), RULES)
    for row, version in zip(rows, sorted(versions, key=lambda v: v.valid_from), strict=True):
        row["tick_multiple"], row["tick_scale"] = version.tick.multiple, version.tick.scale
        row["lot_multiple"], row["lot_scale"] = version.lot.multiple, version.lot.scale
        row["tick"], row["lot"] = version.tick.value, version.lot.value
        row["figures"], row["valid_from"] = version.significant_figures, version.valid_from
        row["min_qty"], row["max_qty"] = version.min_qty, version.max_qty
        row["min_notional"], row["maintenance_rate"] = version.min_notional, version.maintenance_rate
        row["leverage_cap"] = version.leverage_cap
        row["taker"] = costs.taker if costs else version.taker
        row["maker"] = costs.maker if costs else version.maker
    return rows


def settings_of(sizing: Sizing, costs: Costs) -> Records:
    """Return the settings of one slot as a record array of length 1.

    Parameters
    ----------
    sizing : Sizing
        Of the slot.
    costs : Costs
        Only slippage is read here; fees belong to the rules, see `rules_of`.

    Returns
    -------
    record array of `SETTINGS`, shape (1,)
        ``slip`` is a fraction of the price.
    """
    rows = np.zeros(1, SETTINGS)
    row = rows[0]
    row["limit_target"] = sizing.target_execution == "limit"
    row["max_bars"] = sizing.max_bars
    row["capital"], row["risk_fraction"], row["leverage"] = (
        sizing.capital,
        sizing.risk_fraction,
        sizing.leverage,
    )
    row["stop_atr"], row["target_atr"] = sizing.stop_atr, sizing.target_atr
    row["slip"] = costs.slippage_bps / 1e4
    return rows


def protections_of(given: Protections | None) -> Records:
    """Return the protections as a record array of length 1; `on` is 0 where none are given.

    Parameters
    ----------
    given : Protections or None
        None gives zeros, with which no rule applies.

    Returns
    -------
    record array of `PROTECTIONS`, shape (1,)
        Hours and days of locks and windows in milliseconds; `window_days` and `correlation_days` in days.
    """
    rows = np.zeros(1, PROTECTIONS)
    if given is None:
        return rows
    values: dict[str, Any] = {
        "on": 1,
        "stops_instrument": given.stop_guard_instrument_stops,
        "stops_account": given.stop_guard_account_stops,
        "stops_window": given.stop_guard_window_hours * HOUR_MS,
        "stops_lock": given.stop_guard_lock_hours * HOUR_MS,
        "window_days": given.window_drawdown_days,
        "low_trades": given.low_profit_trades,
        "low_window": given.low_profit_days * DAY_MS,
        "low_lock": given.low_profit_lock_days * DAY_MS,
        "cooldown": given.cooldown_bars,
        "cooldown_stop": given.cooldown_stop_bars,
        "streak": given.loss_streak_trades,
        "halve_after": given.halve_after_losses,
        "restore_after": given.restore_after_wins,
        "readings": given.daily_loss_readings,
        "unlock": given.drawdown_unlock_days * DAY_MS,
        "positions": given.max_positions,
        "correlation_days": given.correlation_days,
        "window_drawdown": given.window_drawdown_fraction,
        "slot_drawdown": given.slot_drawdown_fraction,
        "global_drawdown": given.global_drawdown_fraction,
        "daily_loss": given.daily_loss_fraction,
        "halt_drawdown": given.account_drawdown_fraction,
        "instrument_exposure": given.instrument_exposure_fraction,
        "group_exposure": given.correlated_exposure_fraction,
        "correlation": given.correlation_limit,
        "margin": given.margin_fraction,
        "asset_risks": given.asset_loss_risks,
        "funding_cost": given.funding_cost_limit,
    }
    for name, value in values.items():
        rows[0][name] = value
    return rows
