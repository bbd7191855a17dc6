"""Indicators: functions of arrays, NaN for the warm-up, no look-ahead.

One file each; the folder is the registry. Import what is needed:
``from vigie.quant.indicators.ema import ema``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vigie.quant.indicators._spec import Indicator


@cache
def registry() -> Mapping[str, Indicator]:
    """Return every indicator by name; imports all of them, and the compiler.

    Returns
    -------
    mapping of str to Indicator
        In alphabetical order.
    """
    folder = Path(__file__).parent
    modules = [path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")]
    indicators = [entry for name in modules for entry in import_module(f"{__name__}.{name}").INDICATORS]
    return MappingProxyType({entry.name: entry for entry in sorted(indicators, key=lambda entry: entry.name)})
