"""Which slots trade what a person planned, and that their distances are those of the account.

Takes loaded strategies, parameters and sizing; refuses what would place a plan's levels elsewhere than it says.
"""

from __future__ import annotations

from vigie.domain.account import Sizing
from vigie.domain.errors import UsageError
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy


def trades_plans(strategy: Strategy) -> bool:
    """Return whether a strategy trades what a person planned; one's own file of that name does not.

    Parameters
    ----------
    strategy : Strategy
        As it was loaded.

    Returns
    -------
    bool
        Only slots of it follow plans.
    """
    return strategy.name == catalogue.PLAN and catalogue.is_shipped(strategy)


def check_distances(strategy: Strategy, params: object, sizing: Sizing) -> None:
    """Refuse a slot of plans whose distances are not the account's.

    Parameters
    ----------
    strategy : Strategy
        Others than plans pass.
    params : object
        Of its own `Params`.
    sizing : Sizing
        Of the account.

    Raises
    ------
    UsageError
        With both values: stops and targets would lie elsewhere than planned.
    """
    if not trades_plans(strategy):
        return
    for name in ("stop_atr", "target_atr"):
        own, account = getattr(params, name), getattr(sizing, name)
        if own != account:
            raise UsageError(
                "plan_distance_differs",
                "{name} of the strategy plan must be {account:g} as in [account], was {own:g}: its levels would lie "
                "elsewhere than planned",
                name=name,
                account=account,
                own=own,
            )
