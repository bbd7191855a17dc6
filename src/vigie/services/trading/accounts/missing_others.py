"""Bars that strategies of an account compare with and that are missing: what needs them opens nothing."""

from __future__ import annotations

from pathlib import Path

from vigie.data.feature_columns import other_series
from vigie.data.feature_names import find_feature_names
from vigie.data.live_history import bars_until
from vigie.domain.errors import VigieError
from vigie.domain.ids import SeriesId
from vigie.ports.home import ResultsHome
from vigie.ports.store import BarStore
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.trading import catalogue


def find_missing_others(
    store: BarStore, results: ResultsHome, plan: AccountPlan, ts: int
) -> dict[str, int | None]:
    """Return whose last bar due is not stored, as ``ada-usdt-perp/1h``, each with when the last stored one ended.

    Instruments that the account trades itself are left out: their bars may be pushed, and are stored a moment later.

    Parameters
    ----------
    ts : int
        Of the account's last event, epoch milliseconds; 0 before there is one.
    """
    # Files are read, not run: a page waits for nobody's program.
    files = catalogue.available(results.strategies)
    names: dict[SeriesId, tuple[str, ...]] = dict.fromkeys(plan.series, ())
    slots = [plan_slot.slot for plan_slot in plan.slots]
    read = {name: _read_names(files.get(name)) for name in {slot.strategy for slot in slots}}
    for slot in slots:
        names[SeriesId(plan.venue, slot.instrument, slot.timeframe)] += read[slot.strategy]
    missing: dict[str, int | None] = {}
    for other in other_series(names) if ts else ():
        due = ts // other.span_ms * other.span_ms
        if not len(bars_until(store, other, due - other.span_ms, due)):
            last = store.read(other, last=1)["timestamp"].to_physical().to_list()
            missing[f"{other.instrument}/{other.timeframe}"] = last[0] + other.span_ms if last else None
    return missing


def _read_names(path: Path | None) -> tuple[str, ...]:
    try:
        return find_feature_names(path) if path else ()
    except VigieError:  # its file was changed: what it read is not known any more
        return ()
