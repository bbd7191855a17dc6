"""An address of an EVM chain at the world's node: read whole or not at all, and repeated by no error and no log."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from tests.clocks import JumpingClock
from tests.unit.sandbox.world.hands import ask, small_world
from vigie.adapters.balances.evm_rpc import EvmRpcReader
from vigie.domain.errors import ConnectorError, DataError, TransientError, UsageError
from vigie.intelligence.addresses.evm_addresses import is_evm_address

# Both of EIP-55.
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
CONTRACT = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
WORD = "0x" + "0" * 61 + "3e8"


def reader_of(answer):
    """Return a reader of a node that answers a question with a status and a text."""

    def handle(request: httpx.Request) -> httpx.Response:
        assert ADDRESS[2:].lower() not in str(request.url).lower()
        status, text = answer(json.loads(request.content))
        return httpx.Response(status, stream=httpx.ByteStream(text.encode()))

    transport = httpx.MockTransport(handle)
    return EvmRpcReader(
        JumpingClock(), lambda: "https://node.example/rpc", 1, is_evm_address, transport=transport
    )


def node(**results):
    """Return what answers each method with a result, the chain with 1."""
    told = {"eth_chainId": "0x1", "eth_getBalance": "0x0", "eth_call": WORD, **results}
    return lambda asked: (
        200,
        json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": told[asked["method"]]}),
    )


def test_the_world_tells_the_native_coin_and_tokens_of_an_address_and_the_same_again():
    world = small_world()
    reader = reader_of(lambda asked: (200, json.dumps(ask(world, "evm", "/", asked))))
    assert reader.host == "node.example"
    # The ten lowest addresses; 3 of 5 hold something.
    found = [reader.read(f"0x{number:040x}", [CONTRACT]) for number in range(10)]
    assert all(len(units) == 2 and min(units) >= 0 for units in found)
    assert 0 in [units[0] for units in found]
    assert max(units[1] for units in found) > 0
    assert list(reader.read(ADDRESS, [CONTRACT])) == list(reader.read(ADDRESS.lower(), [CONTRACT.lower()]))


def test_each_token_is_asked_of_its_contract_and_answers_stay_in_order():
    asked: list[dict] = []
    told = node(eth_getBalance="0xde0b6b3a7640000")

    def answer(question):
        asked.append(question)
        return told(question)

    assert list(reader_of(answer).read(ADDRESS, [CONTRACT])) == [10**18, 1_000]
    assert [question["method"] for question in asked] == ["eth_chainId", "eth_getBalance", "eth_call"]
    data = "0x70a08231" + "0" * 24 + ADDRESS[2:].lower()
    assert asked[2]["params"] == [{"to": CONTRACT, "data": data}, "latest"]


def test_a_node_of_another_chain_sees_no_address():
    asked: list[str] = []

    def answer(question):
        asked.append(question["method"])
        return node(eth_chainId="0x89")(question)

    with pytest.raises(ConnectorError) as failed:
        reader_of(answer).read(ADDRESS)
    assert "of chain 137, was asked for chain 1" in str(failed.value)
    assert asked == ["eth_chainId"]


@pytest.mark.parametrize("text", [ADDRESS.replace("aA", "aa"), ADDRESS[:-1], "0x", "vitalik.eth"])
def test_a_text_that_is_no_address_is_asked_of_nobody(text):
    reader = reader_of(lambda _: pytest.fail("asked"))
    for asked in ((text, ()), (ADDRESS, (text,))):
        with pytest.raises(UsageError) as failed:
            reader.read(*asked)
        assert str(failed.value).startswith("this is no address")
        assert text not in str(failed.value)


def error_of(asked):
    """Return a node's error that repeats the question."""
    return 200, json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": {"message": json.dumps(asked)}})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda asked: (400, json.dumps(asked)), ConnectorError),
        (lambda _: (404, ""), ConnectorError),
        (lambda asked: (503, json.dumps(asked)), TransientError),
        (lambda asked: (200, f"<html>{asked}"), TransientError),
        (lambda asked: (200, json.dumps([asked])), TransientError),
        (error_of, DataError),
        (lambda _: (200, json.dumps({"id": 99, "result": "0x1"})), DataError),
        (lambda _: (200, "x" * 70_000), ConnectorError),
        *((node(eth_getBalance=wrong), DataError) for wrong in (None, 5, "", "0x", "0x01", "-0x1", "0x" + "f" * 65)),
        # No contract lies there, or it says more than one number.
        *((node(eth_call=wrong), DataError) for wrong in ("0x", "0x3e8", WORD + "0" * 64)),
    ],
)  # fmt: skip
def test_a_node_that_fails_is_named_and_the_address_is_not_repeated(answer, kind, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(kind) as failed:
        reader_of(answer).read(ADDRESS, [CONTRACT])
    assert str(failed.value).startswith("node.example ")
    told = json.dumps([str(failed.value), repr(failed.value.__cause__), failed.value.detail]) + caplog.text
    assert ADDRESS[2:].lower() not in told.lower()
