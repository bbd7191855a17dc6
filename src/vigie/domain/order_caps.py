"""What a home lets its accounts order: an allow-list, and a maximum of orders per run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId


@dataclass(frozen=True, slots=True)
class OrderCaps:
    """Asked before an entry is meant, and of the allow-list once more before it is sent; exits are always let through.

    Attributes
    ----------
    allowed : tuple of str
        Instruments, or an instrument and a timeframe as ``btc-usdt-perp/1h``; none: what run files name.
    max_run_orders : int or None
        Maximum orders per run, the setting `most_orders`: at that count a run enters nothing more, today or later.
        The limits of orders a day and of orders under way have no setting, see `entry_rules`. None means unlimited.
    """

    allowed: tuple[str, ...] = ()
    max_run_orders: int | None = None

    def allows(self, slot: SlotId) -> bool:
        """Tell whether a slot is on the allow-list.

        Parameters
        ----------
        slot : SlotId
            What wants to enter.

        Returns
        -------
        bool
            True for every slot where there is no list.
        """
        return not self.allowed or any(
            name in (slot.instrument, f"{slot.instrument}/{slot.timeframe}") for name in self.allowed
        )

    def check(self, slots: Iterable[SlotId]) -> None:
        """Refuse to begin with slots that are not on the allow-list.

        Parameters
        ----------
        slots : iterable of SlotId
            All of a run.

        Raises
        ------
        UsageError
            With the slots.
        """
        disallowed = [str(slot) for slot in slots if not self.allows(slot)]
        if disallowed:
            raise UsageError(
                "orders_not_allowed",
                "orders in {disallowed} are not allowed: order_only in the settings allows "
                "{allowed}; add them there, or remove them from the run file",
                disallowed=", ".join(disallowed),
                allowed=", ".join(self.allowed),
            )
