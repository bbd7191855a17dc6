"""Which addresses of an extended public key were ever used, and what lies there: both branches, until a gap of 20."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import UsageError
from vigie.intelligence.addresses.bitcoin_addresses import CHANGE, GAP, RECEIVE, ExtendedPublicKey
from vigie.ports.address_balances import AddressState

# A branch with more used addresses belongs to a shop, not to a person; each address is one request to a host.
MOST_ADDRESSES: Final = 200


@dataclass(frozen=True, slots=True)
class WalletScan:
    """What the addresses of an extended public key hold.

    Attributes
    ----------
    units : int
        In all, in the smallest unit of the coin.
    used : tuple of str
        Addresses that were ever used, receive branch first.
    n_asked : int
        How many addresses the host was asked about.
    """

    units: int
    used: tuple[str, ...]
    n_asked: int


def scan_wallet(key: ExtendedPublicKey, read: Callable[[str], AddressState]) -> WalletScan:
    """Ask about one address after another, on the receive and the change branch, until 20 in a row are unused.

    Parameters
    ----------
    key : ExtendedPublicKey
        Of an account, as its wallet exports it; it is handed to nobody.
    read : callable
        Asks a host about one address; what it raises ends the scan, so that no part is taken for the whole.

    Returns
    -------
    WalletScan

    Raises
    ------
    UsageError
        If a branch has more than 200 addresses before such a gap.
    """
    units, n_asked = 0, 0
    used: list[str] = []
    for branch in (RECEIVE, CHANGE):
        parent, number, unused = key.child(branch), 0, 0
        while unused < GAP:
            if number >= MOST_ADDRESSES:
                raise UsageError(
                    "wallet_too_many_addresses",
                    "this key has more than {most} addresses on one branch, which are not read",
                    most=MOST_ADDRESSES,
                )
            address = parent.child(number).address()
            state = read(address)
            unused = 0 if state.is_used else unused + 1
            if state.is_used:
                used.append(address)
                units += state.units
            number, n_asked = number + 1, n_asked + 1
    return WalletScan(units, tuple(used), n_asked)
