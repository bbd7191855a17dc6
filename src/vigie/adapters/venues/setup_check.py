"""What an account is set to before it trades: what the venue kept otherwise is refused with its cure."""

from __future__ import annotations

from vigie.domain.errors import ConnectorError
from vigie.ports.trading import InstrumentSetup


def check_setup(setup: InstrumentSetup, instrument: str, title: str) -> None:
    """Refuse what a venue keeps although it was asked to change it.

    Raises
    ------
    ConnectorError
        If the account is in hedge mode or in cross margin still.
    """
    for is_right, name, cure in (
        (setup.is_one_way, "hedge mode", "one-way mode"),
        (setup.is_isolated, "cross margin", "isolated margin"),
    ):
        if not is_right:
            raise ConnectorError(
                "keeps_account_while_positions_orders",
                "{title} keeps the account in {name} for {instrument} while positions or orders are open; "
                "close them, or switch to {cure} in {title}'s settings",
                title=title,
                name=name,
                instrument=instrument,
                cure=cure,
            )
