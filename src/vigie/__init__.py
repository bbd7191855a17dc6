"""Vigie: a self-hosted watch, analysis and trading desk for crypto markets.

The names of `vigie.api` are here too: ``vigie.simulate``, ``vigie.backtest``, ``vigie.sweep``,
``vigie.walk_forward``, ``vigie.bars``, ``vigie.indicator``, ``vigie.indicators``, ``vigie.judge``,
``vigie.holdings``. They are loaded when first used.
"""

from typing import TYPE_CHECKING, Any

from vigie.version import __version__

if TYPE_CHECKING:
    from vigie.api import backtest, bars, indicator, indicators, judge, simulate
    from vigie.api_holdings import holdings
    from vigie.api_research import sweep, walk_forward

__all__ = [
    "__version__",
    "backtest",
    "bars",
    "holdings",
    "indicator",
    "indicators",
    "judge",
    "simulate",
    "sweep",
    "walk_forward",
]
_PLACES = {
    "holdings": "vigie.api_holdings",
    "sweep": "vigie.api_research",
    "walk_forward": "vigie.api_research",
}


def __getattr__(name: str) -> Any:
    """Load a public function when it is first asked for."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(_PLACES.get(name, "vigie.api")), name)
    raise AttributeError(f"module 'vigie' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name what there is, loaded or not."""
    return sorted({*globals(), *__all__})
