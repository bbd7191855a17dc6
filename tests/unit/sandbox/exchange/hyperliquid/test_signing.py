"""Who signed what: hash, curve and packing against published values and other implementations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.exchange.hyperliquid.counter import limit, open_counter
from vigie_sandbox.exchange.hyperliquid.curve import ORDER, compute_address, recover_signer
from vigie_sandbox.exchange.hyperliquid.keccak import keccak_256
from vigie_sandbox.exchange.hyperliquid.packing import Unpackable, pack
from vigie_sandbox.exchange.hyperliquid.signing import BadSignature, WalletKeyRing, make_wallet, to_canonical

coincurve = pytest.importorskip("coincurve")
msgpack = pytest.importorskip("msgpack")

SECRET = 0x0123456789012345678901234567890123456789012345678901234567890123
# What the venue's own kit for Python proves its signatures with.
DUMMY = {"type": "dummy", "num": 100_000_000_000}
PUBLISHED = [
    (
        False,
        "0x53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298",
        "0x755c40ba9bf05223521753995abb2f73ab3229be8ec921f350cb447e384d8ed8",
        27,
    ),
    (
        True,
        "0x542af61ef1f429707e3c76c5293c80d01f74ef853e34b76efffcb57e574f9510",
        "0x17b8b32f086e8cdede991f1e2c529f5dd5297cbe8128500e00cbaf766204a613",
        28,
    ),
]
SEND = {
    "type": "usdSend",
    "destination": "0x5e9ee1089755c3435139848e47e6635505d5a13a",
    "amount": "1",
    "time": 1_687_816_341_423,
    "signatureChainId": "0x66eee",
    "hyperliquidChain": "Testnet",
}
SENT = {
    "r": "0x637b37dd731507cdd24f46532ca8ba6eec616952c56218baeff04144e4a77073",
    "s": "0x11a6a24900e6e314136d2592e2f8d502cd89b7c15b198e1bee043c9589f9fad7",
    "v": 27,
}
SEEDED = settings(derandomize=True, deadline=None, max_examples=60)


@pytest.mark.parametrize(("is_test", "r", "s", "v"), PUBLISHED, ids=["main", "test"])
def test_a_published_signature_is_of_its_wallet_on_its_network_only(is_test, r, s, v):
    body = {"action": DUMMY, "nonce": 0, "signature": {"r": r, "s": s, "v": v}}
    here, there = (WalletKeyRing((make_wallet(1, 0, demo),)) for demo in (is_test, not is_test))
    assert (
        here.recover_address(body) == compute_address(SECRET) == "0x14791697260e4c9a71f18484c9f997b308e59325"
    )
    assert there.recover_address(body) != compute_address(SECRET)


def test_a_published_transfer_is_signed_in_plain_words():
    body = {"action": SEND, "nonce": 1, "signature": SENT}
    assert WalletKeyRing((make_wallet(1, 0, True),)).recover_address(body) == compute_address(SECRET)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (b"a" * 135, "34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446"),
        (b"a" * 136, "a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e"),
    ],
)
def test_a_hash_is_the_published_one_at_the_edges_of_a_block_too(data, told):
    assert keccak_256(data).hex() == told


@given(secret=st.integers(1, ORDER - 1), digest=st.binary(min_size=32, max_size=32))
@SEEDED
def test_the_signer_is_found_as_another_implementation_signed(secret, digest):
    made = coincurve.PrivateKey(secret.to_bytes(32, "big")).sign_recoverable(digest, hasher=None)
    r, s = int.from_bytes(made[:32], "big"), int.from_bytes(made[32:64], "big")
    assert recover_signer(digest, r, s, made[64]) == compute_address(secret)
    assert recover_signer(digest, r, s, 1 - made[64]) != compute_address(secret)


def test_numbers_that_are_no_signature_have_no_signer():
    digest = bytes(32)
    wrong = [(0, 1, 0), (1, 0, 0), (ORDER, 1, 0), (1, ORDER, 0), (1, 1, 2), (5, 1, 0)]
    assert [recover_signer(digest, *one) for one in wrong] == [None] * len(wrong)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(st.text(max_size=40), inner, max_size=20),
    max_leaves=40,
)


@given(value=JSON)
@SEEDED
def test_packing_is_what_another_implementation_packs(value):
    assert pack(value) == msgpack.packb(value)


@pytest.mark.parametrize("value", [1.5, 2**64, -(2**63) - 1, {"a": 0.5}, object()])
def test_what_no_action_holds_cannot_be_packed(value):
    with pytest.raises(Unpackable):
        pack(value)


def test_what_is_nested_without_end_cannot_be_packed():
    deep: list = []
    for _ in range(50):
        deep = [deep]
    with pytest.raises(Unpackable):
        pack(deep)


def test_an_action_is_hashed_in_the_venue_s_order_and_without_needless_zeros():
    told = {"grouping": "na", "orders": [{"s": "0.010", "p": "49000.0", "b": True, "a": 0}], "type": "order"}
    wanted = {"type": "order", "orders": [{"a": 0, "b": True, "p": "49000", "s": "0.01"}], "grouping": "na"}
    assert list(to_canonical(told)) == list(wanted)
    assert pack(to_canonical(told)) == pack(wanted)


def test_prices_that_were_hashed_with_needless_zeros_are_signed_by_nobody_that_is_known():
    counter = open_counter()
    request = counter.signed({"type": "order", "orders": [limit(1, "49000")], "grouping": "na"})
    request["action"]["orders"][0]["p"] = "49000.0"
    assert counter.make_reply("/exchange", request).body["status"] == "ok"
    request["action"]["orders"][0]["p"] = "49001"
    assert "does not exist" in counter.make_reply("/exchange", request).body["response"]


@pytest.mark.parametrize(
    "spoil",
    [
        {"signature": None},
        {"signature": {}},
        {"signature": {"r": "x", "s": "0x1", "v": 27}},
        {"signature": {"r": "0x1", "s": "0x1", "v": "27x"}},
        {"action": "order"},
        {"nonce": -1},
        {"nonce": 2**64},
        {"vaultAddress": "0xzz"},
    ],
)
def test_a_request_without_a_signature_is_no_request(spoil):
    counter = open_counter()
    request = counter.signed({"type": "order", "orders": [limit(1, "49000")], "grouping": "na"})
    with pytest.raises(BadSignature):
        counter.opened.venue.context.key_ring.recover_address({**request, **spoil})
    assert counter.mine("openOrders") == []


def test_a_nonce_is_good_once_near_now_and_above_the_hundred_highest():
    ring, now = WalletKeyRing((make_wallet(1, 0, True),)), 10**12
    day = 86_400_000
    assert ring.use_nonce("0x1", now, now) == ""
    assert "duplicate nonce" in ring.use_nonce("0x1", now, now)
    assert ring.use_nonce("0x2", now, now) == ""
    assert "not within" in ring.use_nonce("0x1", now - 2 * day, now)
    assert "not within" in ring.use_nonce("0x1", now + day, now)
    for number in range(1, 110):
        assert ring.use_nonce("0x1", now + number, now) == ""
    assert "lower than" in ring.use_nonce("0x1", now - 1, now)
