"""What a venue refuses for a while is asked again; what it refuses for good ends the process."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tests.clocks import JumpingClock
from vigie.domain.errors import AuthError, ConnectorError, OrderRejected
from vigie.domain.order import Intent, VenueOrder, VenuePosition
from vigie.engine.live.orders import Courier, Patience

ENTRY = Intent(
    "e", "run", "one", "slot", "btc", "entry", 1, 2, Decimal(2), 0, JumpingClock().now,
    ts_expires=JumpingClock().now + 60_000,
)  # fmt: skip
EXIT = Intent("x", "run", "one", "slot", "btc", "exit", -1, 2, Decimal(2), 0, JumpingClock().now)


class Refusing:
    """A venue that answers orders with an error some times, and then takes them."""

    def __init__(self, fault, times):
        self.fault, self.times = fault, times
        self.placed = []
        self.state = "live"

    def _ask(self):
        if self.times:
            self.times -= 1
            raise self.fault

    async def place(self, order):
        self._ask()
        self.placed.append(order.client_id)
        return "1"

    async def cancel(self, instrument, client_id):
        self.state = "filled"
        self._ask()
        return True

    async def flash_close(self, instrument):
        self._ask()

    async def positions(self):
        return [VenuePosition("btc", 1, Decimal(2), Decimal(100), Decimal(1), 0)]

    async def order(self, instrument, client_id):
        return VenueOrder(
            "btc", "1", client_id, 1, "market", Decimal(2), Decimal(1), self.state, False, 0, 0
        )  # fmt: skip


def courier(venue):
    async def guard():
        return None

    return Courier(venue, JumpingClock(), guard, asyncio.Event(), Patience())


def carried(venue, intent):
    return asyncio.run(courier(venue).carry(intent, may_be_sent=False))


def test_an_exit_waits_for_the_end_of_a_maintenance():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert carried(venue, EXIT).state == "acked"
    assert venue.placed == ["x"]


def test_an_entry_expires_in_a_maintenance():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert carried(venue, ENTRY).state == "expired"
    assert venue.placed == []


def test_a_key_that_is_refused_is_not_tried_again():
    with pytest.raises(AuthError):
        carried(Refusing(AuthError("no such key"), 1), EXIT)


@pytest.mark.parametrize("fault", [OrderRejected("filled already"), ConnectorError("maintenance")])
def test_a_cancel_that_is_refused_is_looked_after(fault):
    venue = Refusing(fault, 1)
    assert asyncio.run(courier(venue).until_ended(ENTRY)).state == "filled"


class Denying(Refusing):
    """A venue that takes an order and then says that there is none."""

    def __init__(self):
        super().__init__(ConnectorError(""), 0)

    async def order(self, instrument, client_id):
        return None


def test_an_order_that_was_taken_and_is_denied_is_waited_for_as_long_as_proves_its_absence():
    carrier = courier(Denying())
    assert asyncio.run(asyncio.wait_for(carrier.until_ended(ENTRY), 10)) is None
    waited_s = sum(carrier._clock.waits)
    assert Patience().window_s < waited_s < 2 * Patience().window_s


def test_a_position_that_cannot_be_closed_at_once_is_said():
    venue = Refusing(ConnectorError("maintenance"), 100)
    assert not asyncio.run(courier(venue).flatten("btc"))
