"""How much of the worth may depend on one coin, place, issuer or chain before a person is warned: a setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SHARE_LIMIT_SETTING: Final = "share_limit"
USUAL_SHARE_LIMIT: Final = 40


def share_limit_in(kept: Mapping[str, object]) -> float:
    """Return the limit of a share by a person's settings, 0.01 to 1; at 1 nothing is warned of."""
    given = str(kept.get(SHARE_LIMIT_SETTING) or "")
    return (int(given) if given.isdecimal() else USUAL_SHARE_LIMIT) / 100
