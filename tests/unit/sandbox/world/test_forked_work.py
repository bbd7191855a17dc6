import os
import subprocess
import sys

import pytest

# What others compile of the same steps first: nothing, or those that make files of bars.
BEFORE = {
    "nothing": "",
    "the generator": """
import numpy as np
from vigie_sandbox.market.parameters import compute_seasonality, make_asset_parameters
from vigie_sandbox.market.paths import ASSET_COLUMNS, COMMON_ROWS, STATE_SIZE, walk_asset
from vigie_sandbox.market.profiles import get_profile

rows, common, season = np.full((1, ASSET_COLUMNS), 0.5), np.zeros((COMMON_ROWS, 1)), compute_seasonality(3_600_000)
pace = make_asset_parameters(get_profile("BTC", 1), 3_600_000, is_leader=True)
walk_asset(rows, common, season, 0, pace, np.zeros(STATE_SIZE), np.empty((5, 1)), np.empty(1))
""",
}
WORK = """
from pathlib import Path
from vigie_sandbox.world.forked_work import compile_in_fork
from vigie_sandbox.market.paths import walk_asset, walk_market
from vigie_sandbox.world.world import World

print(compile_in_fork(), compile_in_fork())
world = World(lambda: 0.0, 0, history_days=8, flawless=True)
world.start_scene("squeeze")
world.tape.extend(world.now_ms() + 3_600_000)
print([sum(one.stats.cache_misses.values()) for one in (walk_asset, walk_market)])
"""


# What compiles before makes the harder case.
@pytest.mark.parametrize("before", [pytest.param("nothing", marks=pytest.mark.chaos), "the generator"])
def test_what_a_world_is_made_with_is_compiled_apart_once_and_found_by_every_world(tmp_path, before):
    environ = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    environ.pop("VIGIE_CACHE_DIR", None)
    subprocess.run([sys.executable, "-c", BEFORE[before]], env=environ, check=True, timeout=300)
    done = subprocess.run(
        [sys.executable, "-c", WORK], env=environ, capture_output=True, text=True, check=True, timeout=300
    )
    is_apart = sys.platform == "linux"
    misses = "[0, 0]" if is_apart else "[1, 1]"
    assert done.stdout.split("\n")[:2] == [f"{is_apart} False", misses]
