"""Addresses of what people own: encrypted, shown to no host before its owner agrees, read beside their lines."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from tests.unit.adapters.test_esplora import ADDRESS as BITCOIN
from tests.unit.adapters.test_esplora import KEY
from tests.unit.adapters.test_evm_rpc import ADDRESS as ETHER
from tests.unit.services.holdings.material import BOB, ask, holding_house
from vigie.domain.errors import Conflict, NotFound, TransientError, UsageError
from vigie.intelligence.addresses.bitcoin_addresses import RECEIVE, read_extended_key
from vigie.intelligence.addresses.evm_addresses import checksum_address
from vigie.intelligence.addresses.evm_tokens import ETHEREUM_TOKENS
from vigie.ports.address_balances import AddressState

SEED = " ".join(["abandon"] * 11 + ["about"])


class BitcoinHost:
    """A host that notes what it was asked, and may be silent."""

    def __init__(self):
        self.host, self.asked, self.states, self.is_silent = "mempool.example", [], {}, False

    def read(self, address):
        self.asked.append(address)
        if self.is_silent:
            raise TransientError("balance_host_silent", "{host} does not answer now", host=self.host)
        return self.states.get(address, AddressState(0, is_used=False))


class EtherHost:
    """A node that notes what it was asked."""

    def __init__(self):
        self.host, self.asked, self.units = "node.example", [], {}

    def read(self, address, tokens=()):
        self.asked.append((address, *tokens))
        return [self.units.get(asked, 0) for asked in ("", *tokens)]


@pytest.fixture
def bitcoin():
    return BitcoinHost()


@pytest.fixture
def ether():
    return EtherHost()


@pytest.fixture
def built(tmp_path, bitcoin, ether):
    return replace(holding_house(tmp_path / "home"), bitcoin_balances=bitcoin, ethereum_balances=ether)


def added(built, address, label="Ledger"):
    return ask(built, "add_address", address=address, label=label).holding_address


def agreed(built, address, host, label="Ledger"):
    kept = added(built, address, label)
    ask(built, "agree_address", holding_address=kept, host=host)
    return kept


def test_no_host_sees_an_address_before_its_owner_agrees_to_it_by_name(built, bitcoin):
    kept = added(built, BITCOIN)
    (row,) = ask(built, "addresses").rows
    assert (row.chain, row.kind, row.host, row.is_agreed) == ("bitcoin", "address", "mempool.example", False)
    assert row.short == f"{BITCOIN[:6]}…{BITCOIN[-4:]}"
    with pytest.raises(UsageError, match=r"mempool\.example would see this address"):
        ask(built, "read_address", holding_address=kept)
    with pytest.raises(Conflict, match=r"the host is mempool\.example now"):
        ask(built, "agree_address", holding_address=kept, host="other.example")
    assert bitcoin.asked == []
    ask(built, "agree_address", holding_address=kept, host="mempool.example")
    ask(built, "read_address", holding_address=kept)
    assert bitcoin.asked == [BITCOIN]


def test_another_host_needs_another_consent(built, bitcoin):
    kept = agreed(built, BITCOIN, "mempool.example")
    bitcoin.host = "elsewhere.example"
    with pytest.raises(UsageError, match=r"elsewhere\.example would see"):
        ask(built, "read_address", holding_address=kept)
    assert not ask(built, "addresses").rows[0].is_agreed
    assert bitcoin.asked == []


def test_what_lies_there_stands_beside_the_lines_at_the_place_of_its_name(built, bitcoin):
    ask(built, "add", coin="BTC", quantity="0.25", place="Ledger")
    ask(built, "add", coin="BTC", quantity="3", place="Kraken")
    bitcoin.states[BITCOIN] = AddressState(30_000_000, is_used=True)
    told = ask(built, "read_address", holding_address=agreed(built, BITCOIN, "mempool.example"))
    (row,) = told.rows
    assert (row.asset, row.quantity, row.in_lines, row.difference) == ("bitcoin", "0.3", "0.25", "0.05")
    assert (told.host, told.label) == ("mempool.example", "Ledger")
    # Reading changes no line.
    assert len(ask(built, "list").rows) == 2


def test_tokens_of_the_catalogue_are_asked_and_none_that_anybody_may_send(built, ether):
    usdt, usdc = ETHEREUM_TOKENS[0].contract, ETHEREUM_TOKENS[1].contract
    ether.units = {"": 1_500_000_000_000_000_001, usdt: 2_500_000}
    ask(built, "add", coin="USDC", quantity="10", place="Ledger")
    told = ask(built, "read_address", holding_address=agreed(built, ETHER.lower(), "node.example"))
    ((address, *tokens),) = ether.asked
    assert address == ETHER
    # The catalogue of this home knows no other coin of which there is a token.
    assert tokens == [usdt, usdc]
    found = {row.asset: (row.quantity, row.in_lines, row.difference) for row in told.rows}
    assert found == {
        "ethereum": ("1.500000000000000001", "0", "1.500000000000000001"),
        "tether": ("2.5", "0", "2.5"),
        "usd-coin": ("0", "10", "-10"),
    }


def test_of_an_extended_key_only_its_addresses_leave_this_machine(built, bitcoin):
    first = read_extended_key(KEY).child(RECEIVE).child(0).address()
    bitcoin.states[first] = AddressState(1, is_used=True)
    told = ask(built, "read_address", holding_address=agreed(built, KEY, "mempool.example"))
    assert told.rows[0].quantity == "0.00000001"
    # A gap of 20 behind the last used one of each branch.
    assert (bitcoin.asked[0], len(bitcoin.asked)) == (first, 41)
    assert KEY not in bitcoin.asked


def test_two_readings_before_a_line_is_added_lead_to_one_line_and_the_next_to_another(built, bitcoin):
    bitcoin.states[BITCOIN] = AddressState(50_000_000, is_used=True)
    kept = agreed(built, BITCOIN, "mempool.example")
    ids = [ask(built, "read_address", holding_address=kept).rows[0].new_id for _ in range(2)]
    for new_id in ids:
        ask(built, "add", coin="bitcoin", quantity="0.5", place="ledger", new_id=new_id)
    assert len(ask(built, "list").rows) == 1
    bitcoin.states[BITCOIN] = AddressState(80_000_000, is_used=True)
    told = ask(built, "read_address", holding_address=kept)
    # The place is written as the lines write it.
    assert (told.rows[0].difference, told.place) == ("0.3", "ledger")
    ask(built, "add", coin="bitcoin", quantity="0.3", place=told.place, new_id=told.rows[0].new_id)
    assert ask(built, "read_address", holding_address=kept).rows[0].difference == "0"


def test_a_slow_host_holds_a_reading_two_minutes_at_most_and_two_readings_at_once(built, bitcoin):
    kept = agreed(built, KEY, "mempool.example")
    clock = built.clock
    slow = replace(built, clock=clock)

    def read(address):
        bitcoin.asked.append(address)
        clock.now += 9_000
        return AddressState(0, is_used=False)

    bitcoin.read = read
    with pytest.raises(TransientError, match="within 120 seconds"):
        ask(slow, "read_address", holding_address=kept)
    assert 13 <= len(bitcoin.asked) <= 15
    with (
        built.slow_readings.one_more(),
        built.slow_readings.one_more(),
        pytest.raises(TransientError, match="minute"),
    ):
        ask(built, "read_address", holding_address=kept)


def test_no_part_is_taken_for_the_whole(built, bitcoin):
    kept = agreed(built, KEY, "mempool.example")
    bitcoin.is_silent = True
    with pytest.raises(TransientError):
        ask(built, "read_address", holding_address=kept)
    assert len(bitcoin.asked) == 1


def test_the_same_address_twice_is_one_however_it_is_written(built):
    assert added(built, ETHER) == added(built, ETHER.lower(), "other") == added(built, f" {ETHER}\n")
    assert added(built, BITCOIN) == added(built, BITCOIN.upper())
    with pytest.raises(UsageError, match="such as Ledger 2"):
        added(built, KEY, " ledger")
    assert len(ask(built, "addresses").rows) == 2


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("nonsense", "Ledger"), (BITCOIN[:-1] + "v", "Ledger"), (ETHER[:-1] + "D", "Ledger"),
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "Ledger"), ("1e30", "Ledger"), ("=cmd()", "Ledger"),
        (SEED, "Ledger"), ("f" * 64, "Ledger"), (KEY.replace("zpub", "zprv"), "Ledger"), (BITCOIN, SEED),
        (BITCOIN, f"my {BITCOIN}"), (BITCOIN, f"({ETHER})"), (BITCOIN, "   "),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence_that_repeats_nothing(built, caplog, address, label):
    with caplog.at_level(logging.DEBUG), pytest.raises(UsageError) as refused:
        added(built, address, label)
    for secret in (address, label):
        assert len(secret) < 10 or secret.strip() not in str(refused.value) + caplog.text
    assert ask(built, "addresses").rows == []


def test_an_address_is_in_no_file_log_and_record_and_goes_with_its_owners_word(built, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        kept = agreed(built, BITCOIN, "mempool.example")
        ask(built, "read_address", holding_address=kept)
    assert BITCOIN not in caplog.text
    assert BITCOIN[8:20] not in "".join(str(entry) for entry in built.audit.before(1_000_000))
    for path in (tmp_path / "home").rglob("*"):
        assert not path.is_file() or BITCOIN.encode() not in path.read_bytes(), path
    assert ask(built, "remove_address", holding_address=kept).rows == []
    with pytest.raises(NotFound):
        ask(built, "read_address", holding_address=kept)


def test_others_see_and_read_nothing(built, bitcoin):
    kept = agreed(built, BITCOIN, "mempool.example")
    assert ask(built, "addresses", BOB).rows == []
    for name, more in (("read_address", {}), ("remove_address", {}), ("agree_address", {"host": "x"})):
        with pytest.raises(NotFound):
            ask(built, name, BOB, holding_address=kept, **more)
    assert bitcoin.asked == []


def test_a_person_may_have_twenty(built):
    for number in range(20):
        added(built, f"0x{number:040x}", f"wallet {number}")
    with pytest.raises(UsageError, match="20 addresses"):
        added(built, BITCOIN)


def test_contracts_of_tokens_are_written_with_their_checksum_and_once():
    contracts = [token.contract for token in ETHEREUM_TOKENS]
    assert contracts == [checksum_address(contract) for contract in contracts]
    assert len(set(contracts)) == len({token.asset for token in ETHEREUM_TOKENS}) == len(contracts)
