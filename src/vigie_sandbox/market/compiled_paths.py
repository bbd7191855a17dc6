"""The steps of `paths`, compiled: for many bars at once; a few are made sooner without the compiler's library.

numba's disk cache misses a changed callee in another file: `prepare` keeps the code of every state of these apart.
"""

from __future__ import annotations

from numba import njit
from numba.extending import register_jitable

from vigie.compiled import prepare
from vigie_sandbox.market import paths

prepare()

# What the steps call, written into them before they are compiled.
for _helper in (
    paths._divide_polynomials, paths.normal, paths._draw_power_tail, paths._crash_share, paths._advance_crash,
    paths._draw_common_depth, paths._draw_own_depth, paths._next_regime, paths._advance_own_scale,
    paths._draw_bridge, paths._draw_volume, paths._open_ticks,
):  # fmt: skip
    register_jitable(_helper)

walk_market = njit(cache=True, nogil=True)(paths.walk_market)
walk_asset = njit(cache=True, nogil=True)(paths.walk_asset)
follow_target = njit(cache=True, nogil=True)(paths.follow_target)
