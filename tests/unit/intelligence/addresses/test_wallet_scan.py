"""An extended key's addresses are asked on both branches until 20 in a row are unused; a fault ends all of it."""

from __future__ import annotations

import pytest

from vigie.domain.errors import TransientError, UsageError
from vigie.intelligence.addresses import wallet_scan
from vigie.intelligence.addresses.bitcoin_addresses import CHANGE, GAP, RECEIVE, read_extended_key
from vigie.intelligence.addresses.wallet_scan import scan_wallet
from vigie.ports.address_balances import AddressState

# Of BIP84.
KEY = read_extended_key(
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
NOTHING = AddressState(0, is_used=False)


def address_of(branch: int, number: int) -> str:
    assert KEY is not None
    return KEY.child(branch).child(number).address()


def test_used_addresses_are_found_across_gaps_of_19_and_not_across_20():
    units = {
        address_of(RECEIVE, 0): 0,
        address_of(RECEIVE, GAP): 500,
        address_of(RECEIVE, 2 * GAP + 1): 70_000,
        address_of(CHANGE, 3): 30,
    }
    asked: list[str] = []

    def read(address: str) -> AddressState:
        asked.append(address)
        return AddressState(units[address], is_used=True) if address in units else NOTHING

    found = scan_wallet(KEY, read)
    beyond_the_gap = address_of(RECEIVE, 2 * GAP + 1)
    assert found.units == 530
    assert found.used == tuple(address for address in units if address != beyond_the_gap)
    assert asked == [address_of(RECEIVE, at) for at in range(GAP + 1 + GAP)] + [
        address_of(CHANGE, at) for at in range(3 + 1 + GAP)
    ]
    assert found.n_asked == len(asked)


def test_an_unused_key_asks_twenty_addresses_of_each_branch():
    found = scan_wallet(KEY, lambda address: NOTHING)
    assert (found.units, found.used, found.n_asked) == (0, (), 2 * GAP)


def test_a_host_that_fails_gives_no_part_of_the_sum():
    def read(address: str) -> AddressState:
        if address == address_of(RECEIVE, 2):
            raise TransientError("the host does not answer")
        return AddressState(1, is_used=True)

    with pytest.raises(TransientError):
        scan_wallet(KEY, read)


def test_a_branch_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(wallet_scan, "MOST_ADDRESSES", 25)
    with pytest.raises(UsageError) as refused:
        scan_wallet(KEY, lambda address: AddressState(1, is_used=True))
    assert refused.value.args[0].code == "wallet_too_many_addresses"
