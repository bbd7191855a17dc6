"""An id that was used: whether the order that has it is the one that was to be placed."""

from __future__ import annotations

from collections.abc import Awaitable

from vigie.adapters.venues.envelope import Said
from vigie.domain.errors import InvariantBroken, OutcomeUnknown, TransientError
from vigie.domain.order import VenueOrder
from vigie.ports.trading import NewOrder


def adopted(order: NewOrder, existing: VenueOrder, title: str) -> str:
    """Return the venue's id of an order that was found under our id.

    Raises
    ------
    InvariantBroken
        If it is another order than the one that was to be placed.
    """
    wanted = (order.instrument, order.side, order.qty, order.is_reduce_only)
    actual = (existing.instrument, existing.side, existing.qty, existing.is_reduce_only)
    if actual != wanted:
        raise InvariantBroken(
            "bad_order",
            "order {client_id} at {title} must be {wanted}, was {actual}: its id was used by someone else",
            client_id=order.client_id,
            title=title,
            wanted=wanted,
            actual=actual,
        )
    return existing.order_id


async def read_back(order: NewOrder, said: Said, title: str, question: Awaitable[VenueOrder | None]) -> str:
    """Return the venue's id of the order that has our id, where the venue said that there is one.

    Parameters
    ----------
    said : Said
        What the venue answered to the order.
    question : awaitable of VenueOrder or None
        Which order has its id.

    Raises
    ------
    OutcomeUnknown
        If it is not told.
    InvariantBroken
        If it is another order than the one that was to be placed.
    """
    try:
        existing = await question
    except TransientError as error:
        raise OutcomeUnknown(
            "state_could_not_read",
            "{title} {said}, and its state could not be read: {error}",
            title=title,
            said=said,
            error=error,
        ) from error
    if existing is None:
        raise OutcomeUnknown(
            "order_not_listed", "{title} {said}, and the order is not listed", title=title, said=said
        )
    return adopted(order, existing, title)
