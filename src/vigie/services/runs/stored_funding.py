"""Funding that the house has gathered, for runs of pages: written beside the result, so that it can be run again."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from vigie.domain.errors import VigieError
from vigie.domain.time import iso
from vigie.ports.facts import FactStore
from vigie.ports.home import ResultsHome
from vigie.services.market_data.perpetuals import FACTS
from vigie.services.market_data.series import Values, values_of
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.folders import GIVEN_FOLDER

# A job that is taken up again charges what it charged before.
FUNDING_FILE: Final = "gathered-funding.csv"


def add_stored_funding(
    results: ResultsHome, facts: FactStore, request: BacktestRequest, folder: Path
) -> tuple[BacktestRequest, list[str]]:
    """Let a request charge the settlements that are stored.

    Returns
    -------
    BacktestRequest and list of str
        The request, as it was where nothing is stored; and what is charged of each instrument, for the job's log.
    """
    names = list(dict.fromkeys(slot.instrument for slot in request.slots))
    series = {name: f"{FACTS}{request.venue}:{name}/funding_fraction" for name in names}
    loaded = values_of(facts, list(series.values()))
    values_by_name = {name: loaded[series[name]] for name in names}
    lines = [f"{name}: {_describe_values(values)}" for name, values in values_by_name.items()]
    if not any(map(len, values_by_name.values())):
        return request, lines
    path = folder / GIVEN_FOLDER / FUNDING_FILE
    if not path.exists():
        results.write(path.parent, {FUNDING_FILE: _funding_csv(values_by_name)})
    return dataclasses.replace(request, funding=path), lines


@contextmanager
def remove_if_refused(folder: Path) -> Iterator[None]:
    """Take away what was written for an order that is refused; one that is interrupted finds it again."""
    try:
        yield
    except VigieError:
        shutil.rmtree(folder / GIVEN_FOLDER, ignore_errors=True)
        with suppress(OSError):  # something else lies there, or nothing at all
            folder.rmdir()
        raise


def _funding_csv(values_by_name: Mapping[str, Values]) -> bytes:
    rows = [
        f"{ts},{name},{rate!r}"
        for name, values in values_by_name.items()
        for ts, rate in zip(values.ts.tolist(), values.values.tolist(), strict=True)
    ]
    return "\n".join(["timestamp,symbol,funding_rate", *rows, ""]).encode()


def _describe_values(values: Values) -> str:
    if not len(values):
        return "no funding is stored, none is charged"
    return f"funding charged at {len(values)} stored settlements, from {iso(int(values.ts[0]))} on"
