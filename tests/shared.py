"""Where the real data for tests lies; tests that need it skip with a clear word where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_dir(*parts: str) -> Path:
    """Return a path inside the shared data, or skip the calling test."""
    base = Path(os.environ.get("VIGIE_SHARED") or ROOT.parent / "shared")
    path = base.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data not found at {path}; set VIGIE_SHARED")
    return path
