"""Settings as a person who writes Python gives them: of the account, its protections and the instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from vigie.domain.account import (
    AccountSettings,
    Costs,
    Protections,
    Sizing,
    check_number,
    check_whole,
    make_protections,
)
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep, parse_step

_SIZING = tuple(f.name for f in fields(Sizing))
_COSTS = tuple(f.name for f in fields(Costs))
_INSTRUMENT_SETTINGS = ("min_qty", "max_qty", "min_notional", "significant_figures", "maintenance_rate")
_SETTINGS = frozenset({*_SIZING, *_COSTS, *_INSTRUMENT_SETTINGS})


def parse_protections(given: Protections | Mapping[str, Any] | bool | None) -> Protections | None:
    """Return the protections that are meant: True for all with their defaults, a mapping for some.

    Parameters
    ----------
    given : Protections, mapping, bool or None
        None and False are none.

    Returns
    -------
    Protections or None
    """
    if given is None or given is False:
        return None
    if given is True:
        return Protections()
    return given if isinstance(given, Protections) else make_protections(given)


def split_settings(settings: Mapping[str, Any]) -> tuple[AccountSettings, dict[str, Any]]:
    """Sort settings into account settings and rules of the instrument; unknown names are refused.

    Parameters
    ----------
    settings : mapping
        As `backtest` takes them.

    Returns
    -------
    AccountSettings, dict
        The dict holds fees, ticks and other rules of the instrument.

    Raises
    ------
    UsageError
        If a setting has another name than any of these.
    """
    unknown = [name for name in settings if name not in _SETTINGS]
    if unknown:
        raise UsageError(f"setting must be one of {' '.join(sorted(_SETTINGS))}, was {unknown[0]!r}")
    values = {name: value for name, value in settings.items() if value is not None}
    for name in _INSTRUMENT_SETTINGS:
        check_number(name, values.get(name, 0))
    check_whole("significant_figures", values.get("significant_figures", 0))
    sizing = Sizing(**{name: values[name] for name in _SIZING if name in values})
    costs = Costs(**{name: values[name] for name in _COSTS if name in values})
    return AccountSettings(sizing=sizing, costs=costs), {
        n: values[n] for n in _INSTRUMENT_SETTINGS if n in values
    }


def make_instrument(
    bars: Bars, tick: str | float, lot: str | float, rules: Mapping[str, Any], sizing: Sizing
) -> Instrument:
    """Return the instrument of a history with its grid and what the settings say of it.

    Parameters
    ----------
    bars : Bars
        Name the instrument.
    tick, lot : str or float
        Grid of prices and of quantities.
    rules : mapping
        What the settings say beside the grid: fees and the like.
    sizing : Sizing
        Of the account.

    Returns
    -------
    Instrument
    """
    values = {"maintenance_rate": sizing.maintenance_rate, **rules}
    return Instrument(
        venue=bars.venue,
        name=bars.instrument,
        tick=_step(tick, "tick"),
        lot=_step(lot, "lot"),
        **values,
    )


def _step(value: str | float, name: str) -> GridStep:
    return _parse_step_text(value, name) if type(value) is str else parse_step(value, name=name)


@lru_cache
def _parse_step_text(value: str, name: str) -> GridStep:
    return parse_step(value, name=name)
