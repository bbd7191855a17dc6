"""An id that was used: whether the order that has it is the one that was to be placed."""

from __future__ import annotations

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import VenueOrder
from vigie.ports.trading import NewOrder


def adopted(order: NewOrder, found: VenueOrder, title: str) -> str:
    """Return the venue's id of an order that was found under our id.

    Raises
    ------
    InvariantBroken
        If it is another order than the one that was to be placed.
    """
    wanted = (order.instrument, order.side, order.qty, order.is_reduce_only)
    there = (found.instrument, found.side, found.qty, found.is_reduce_only)
    if there != wanted:
        raise InvariantBroken(
            f"order {order.client_id} at {title} must be {wanted}, was {there}: somebody else used its id"
        )
    return found.order_id
