"""Whether anything is compiled where the tests run."""

from __future__ import annotations

import pytest

from vigie.engine.isolated import run_isolated

# Where it is switched off, as in the run that counts the kernel's lines as Python, nothing is compiled or kept.
needs_compilation = pytest.mark.skipif(
    not hasattr(run_isolated, "signatures"), reason="compilation is switched off"
)
