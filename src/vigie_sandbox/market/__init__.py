"""A market made from a seed: bars, premium, funding, regimes and flash crashes of any number of assets.

>>> from vigie_sandbox.market import simulate_market
>>> market = simulate_market(7, ["BTC", "ETH"], start_ms=1_704_067_200_000, bars=2_000, timeframe="1h")
>>> market.bars("BTC", "4h").timeframe
'4h'

Everything made here carries the venue ``simulated-perp``.

generator    the market made from a seed
parameters   the numbers of the model, for one bar of a given length
paths        the steps of the common path and of an asset's
compiled_paths  the same, compiled for many bars at once
streams      random streams, one per seed, owner and purpose
profiles     what is typical of an asset
derivatives  the premium over the index, and the funding computed from it
records      what a simulated market consists of
resampling   coarser bars from finer ones
facts        stylised facts: what simulated and real markets are compared by
reality      what real perpetuals look like
"""

from vigie_sandbox.market.facts import StylisedFacts, measure_facts, return_correlations
from vigie_sandbox.market.generator import VERSION, simulate_market
from vigie_sandbox.market.profiles import VENUE, AssetProfile
from vigie_sandbox.market.reality import REAL_RANGES, RealRange
from vigie_sandbox.market.records import (
    REGIMES,
    FlashCrash,
    Gaps,
    RegimeSpan,
    Series,
    SimulatedAsset,
    SimulatedMarket,
)
from vigie_sandbox.market.resampling import resample

__all__ = [
    "REAL_RANGES",
    "REGIMES",
    "VENUE",
    "VERSION",
    "AssetProfile",
    "FlashCrash",
    "Gaps",
    "RealRange",
    "RegimeSpan",
    "Series",
    "SimulatedAsset",
    "SimulatedMarket",
    "StylisedFacts",
    "measure_facts",
    "resample",
    "return_correlations",
    "simulate_market",
]
