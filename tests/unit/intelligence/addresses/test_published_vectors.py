"""Addresses are read and derived as the published vectors say.

BIP32, BIP84, BIP173, BIP350 and EIP-55 print theirs; RIPEMD-160's are its authors'. The account keys of BIP44 and BIP49
are those of BIP84's seed, with the first addresses that Trezor's and Ian Coleman's pages show for it.
"""

from __future__ import annotations

import pytest

from vigie.domain.errors import UsageError
from vigie.intelligence.addresses.bitcoin_addresses import (
    CHANGE,
    RECEIVE,
    is_bitcoin_address,
    read_extended_key,
)
from vigie.intelligence.addresses.digests import keccak256, ripemd160
from vigie.intelligence.addresses.evm_addresses import checksum_address, is_evm_address

# BIP32, vectors 1 and 2: a key, the number of a child, and the child.
BIP32 = (
    (
        "xpub68Gmy5EdvgibQVfPdqkBBCHxA5htiqg55crXYuXoQRKfDBFA1WEjWgP6LHhwBZeNK1VTsfTFUHCdrfp1bgwQ9xv5ski8PX9rL2dZXvgGDnw",
        1,
        "xpub6ASuArnXKPbfEwhqN6e3mwBcDTgzisQN1wXN9BJcM47sSikHjJf3UFHKkNAWbWMiGj7Wf5uMash7SyYq527Hqck2AxYysAA7xmALppuCkwQ",
    ),
    (
        "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
        0,
        "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH",
    ),
)
ZPUB = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
YPUB = "ypub6Ww3ibxVfGzLrAH1PNcjyAWenMTbbAosGNB6VvmSEgytSER9azLDWCxoJwW7Ke7icmizBMXrzBx9979FfaHxHcrArf3zbeJJJUZPf663zsP"
XPUB = "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj"
EIP55 = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)


@pytest.mark.parametrize(("parent", "number", "child"), BIP32)
def test_a_child_is_the_one_of_bip32(parent, number, child):
    key, expected = read_extended_key(parent), read_extended_key(child)
    assert key is not None
    assert key.child(number) == expected
    with pytest.raises(UsageError, match="number of a child"):
        key.child(2**31)


@pytest.mark.parametrize(
    ("text", "branch", "number", "address"),
    [
        (ZPUB, RECEIVE, 0, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"),
        (ZPUB, RECEIVE, 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"),
        (ZPUB, CHANGE, 0, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"),
        (YPUB, RECEIVE, 0, "37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"),
        (XPUB, RECEIVE, 0, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"),
    ],
)
def test_an_extended_key_has_the_addresses_of_its_form(text, branch, number, address):
    key = read_extended_key(text)
    assert key is not None
    assert key.child(branch).child(number).address() == address
    assert is_bitcoin_address(address)
    assert read_extended_key(text[:-1] + "t") is None, "its checksum is wrong"


@pytest.mark.parametrize(
    "text",
    [
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ],
)
def test_addresses_of_bip173_and_bip350_are_read(text):
    assert is_bitcoin_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "bc1rw5uspcuh",
        "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabB",
        "",
        ZPUB,
    ],
)
def test_what_is_no_address_of_the_main_network_is_not_read(text):
    assert not is_bitcoin_address(text)


@pytest.mark.parametrize("address", EIP55)
def test_capitals_are_the_checksum_of_eip55(address):
    assert checksum_address(address.lower()) == address
    assert is_evm_address(address)
    assert is_evm_address(address.lower())
    assert not is_evm_address("0x" + address[2:].swapcase())
    assert not is_evm_address(address[:-1])


def test_digests_are_the_published_ones():
    assert ripemd160(b"abc").hex() == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"
    assert ripemd160(b"1234567890" * 8).hex() == "9b752e45573d4b39f4dbd3323cab82bf63326bfb"
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
