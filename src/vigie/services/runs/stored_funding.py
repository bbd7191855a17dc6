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
from vigie.services.app_context import AppContext
from vigie.services.market_data.perpetuals import FACTS
from vigie.services.market_data.series import Values, values_of
from vigie.services.runs.asked import BacktestRequest
from vigie.services.runs.folders import GIVEN

# A job that is taken up again charges what it charged before.
FILE: Final = "gathered-funding.csv"


def with_funding(
    house: AppContext, request: BacktestRequest, folder: Path
) -> tuple[BacktestRequest, list[str]]:
    """Let a request charge the settlements that are stored.

    Returns
    -------
    BacktestRequest and list of str
        The request, as it was where nothing is stored; and what is charged of each instrument, for the job's log.
    """
    names = list(dict.fromkeys(slot.instrument for slot in request.slots))
    series = {name: f"{FACTS}{request.venue}:{name}/funding_fraction" for name in names}
    found = values_of(house, list(series.values()))
    held = {name: found[series[name]] for name in names}
    lines = [f"{name}: {_words(values)}" for name, values in held.items()]
    if not any(map(len, held.values())):
        return request, lines
    path = folder / GIVEN / FILE
    if not path.exists():
        house.results.write(path.parent, {FILE: _rows(held)})
    return dataclasses.replace(request, funding=path), lines


@contextmanager
def kept_if_done(folder: Path) -> Iterator[None]:
    """Take away what was written for an order that is refused; one that is interrupted finds it again."""
    try:
        yield
    except VigieError:
        shutil.rmtree(folder / GIVEN, ignore_errors=True)
        with suppress(OSError):  # something else lies there, or nothing at all
            folder.rmdir()
        raise


def _rows(held: Mapping[str, Values]) -> bytes:
    rows = [
        f"{ts},{name},{rate!r}"
        for name, values in held.items()
        for ts, rate in zip(values.ts.tolist(), values.values.tolist(), strict=True)
    ]
    return "\n".join(["timestamp,symbol,funding_rate", *rows, ""]).encode()


def _words(values: Values) -> str:
    if not len(values):
        return "no funding is stored, none is charged"
    return f"funding charged at {len(values)} stored settlements, from {iso(int(values.ts[0]))} on"
