"""Kept code: what was loaded calls, is written into what is compiled later, and is not held unpacked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.compilation import needs_compilation

KEPT = dedent(
    """
    from numba import njit

    @njit(cache=True, nogil=True)
    def tripled(value):
        return 3.0 * value + 0.25
    """
)
# Compiled anew in each process, from what the process before has kept.
LATER = dedent(
    """
    import sys
    from vigie.compiled import load_kept_code_alone
    load_kept_code_alone()
    from kept import tripled
    from numba import njit

    assert tripled(2.0) == 6.25
    (loaded,) = tripled.overloads.values()
    hits = sum(tripled.stats.cache_hits.values())

    @njit
    def ninefold(value):
        return tripled(tripled(value))

    is_packed = loaded.library._shared_module is None
    assert ninefold(2.0) == 19.0
    print(hits, is_packed, loaded.library._shared_module is None, tripled(1.0))
    """
)


@needs_compilation
def test_kept_code_is_held_packed_until_something_is_compiled_with_it(tmp_path):
    (tmp_path / "kept.py").write_text(KEPT, "utf-8")
    source = Path(__file__).parents[2] / "src"
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(source)]),
        "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
        "VIGIE_CACHE_DIR": str(tmp_path / "cache"),
    }
    said = [
        subprocess.run(
            [sys.executable, "-c", LATER], env=environ, check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(2)
    ]
    compiled, loaded = said
    assert compiled[0] == "0"
    assert loaded == ["1", "True", "False", "3.25"]
