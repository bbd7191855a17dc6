"""How much each family of contributions weighs for a person: settings, 0 to 1, with the usual weights as defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.intelligence.setups.contributions import FAMILIES, USUAL_WEIGHTS, Family
from vigie.ports.accounts import UserStore

WEIGHT_SETTINGS: Final[Mapping[Family, str]] = {family: f"weight_{family}" for family in FAMILIES}


def weights_of(accounts: UserStore, owner: str) -> dict[Family, float]:
    """Return how much each family of contributions weighs for a person.

    Parameters
    ----------
    accounts : UserStore
        Where settings are kept.
    owner : str
        Whose.

    Returns
    -------
    dict of str to float
        0 to 1, one a family; what was never set, or is no number, has the usual weight.
    """
    return weights_in(accounts.settings(owner)[1])


def weights_in(kept: Mapping[str, object]) -> dict[Family, float]:
    """Return how much each family weighs by a person's settings."""
    return {
        family: _weight(kept.get(name), USUAL_WEIGHTS[family]) for family, name in WEIGHT_SETTINGS.items()
    }


def _weight(given: object, usual: float) -> float:
    try:
        weight = float(str(given))
    except ValueError:
        return usual
    return weight if 0.0 <= weight <= 1.0 else usual
