"""Indicators: functions of arrays, NaN for the warm-up, no look-ahead.

One file each; the folder is the registry. Import what is needed:
``from vigie.quant.indicators.ema import ema``. An indicator with a `ChartStyle` can be chosen on the chart of an asset.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vigie.quant.indicators._spec import Indicator

_FOLDER = Path(__file__).parent


@cache
def registry() -> Mapping[str, Indicator]:
    """Return every indicator by name; imports all of them, and the compiler.

    Returns
    -------
    mapping of str to Indicator
        In alphabetical order.
    """
    return _load([path.stem for path in _FOLDER.glob("[!_]*.py")])


@cache
def charted() -> Mapping[str, Indicator]:
    """Return the indicators that the chart of an asset draws, by name: those over the price first.

    Only files that declare a style are imported: most of the others are never needed where charts are drawn.

    Returns
    -------
    mapping of str to Indicator
        Read-only; by name within each pane. Every indicator has a `chart`.
    """
    modules = [path.stem for path in _FOLDER.glob("[!_]*.py") if "=ChartStyle(" in path.read_text("utf-8")]
    styled = [(entry.chart, entry) for entry in _load(modules).values() if entry.chart is not None]
    styled.sort(key=lambda pair: (pair[0].pane == "own", pair[1].name))
    return MappingProxyType({entry.name: entry for _, entry in styled})


def _load(modules: Iterable[str]) -> Mapping[str, Indicator]:
    indicators = [entry for name in modules for entry in import_module(f"{__name__}.{name}").INDICATORS]
    return MappingProxyType({entry.name: entry for entry in sorted(indicators, key=lambda entry: entry.name)})
