"""Whether anything is compiled where the tests run."""

from __future__ import annotations

import pytest

from vigie.engine.isolated import run_isolated

# The run that counts the kernel's lines executes it as plain Python: there nothing is compiled that could be looked at.
# The other run of `make test` executes these tests.
needs_compilation = pytest.mark.skipif(
    not hasattr(run_isolated, "signatures"),
    reason="this run executes the kernel as Python: nothing is compiled",
)
