"""Wallets and signatures: the hash of an action, its nonce and its network are what a wallet signs (EIP-712)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.hyperliquid.curve import ORDER, compute_address, recover_signer
from vigie_sandbox.exchange.hyperliquid.keccak import keccak_256
from vigie_sandbox.exchange.hyperliquid.packing import Unpackable, pack
from vigie_sandbox.exchange.keys import Key, KeyRing, derive_secret

REVOKED: Final = "revoked"
UNIFIED: Final = "unified"
# What a wallet may be ill with: the agent was removed; the account is not a standard one.
WALLET_DEFECTS: Final = {REVOKED: "the agent wallet was removed", UNIFIED: "the account is unified with spot"}
_MAX_NONCES: Final = 100
_MAX_DIGITS: Final = 40
# The order of keys in which the venue hashes actions, whatever order they were sent in.
_KEY_RANKS: Final = {
    name: rank
    for rank, name in enumerate(
        "type asset isCross leverage isBuy ntli code time orders modifies cancels oid order cloid grouping builder "
        "a b o f p s r t c limit trigger tif isMarket triggerPx tpsl".split()
    )
}
_NUMBER_FIELDS: Final = ("p", "s", "triggerPx")
# Signed by the account's own wallet, in plain words: name of the type, and its fields.
_TYPED_ACTIONS: Final[Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "approveBuilderFee": (
        "ApproveBuilderFee",
        (("string", "maxFeeRate"), ("address", "builder"), ("uint64", "nonce")),
    ),
    "approveAgent": (
        "ApproveAgent",
        (("address", "agentAddress"), ("string", "agentName"), ("uint64", "nonce")),
    ),
    "withdraw3": ("Withdraw", (("string", "destination"), ("string", "amount"), ("uint64", "time"))),
    "usdSend": ("UsdSend", (("string", "destination"), ("string", "amount"), ("uint64", "time"))),
    "usdClassTransfer": (
        "UsdClassTransfer",
        (("string", "amount"), ("bool", "toPerp"), ("uint64", "nonce")),
    ),
}


class BadSignature(Exception):
    """A signature that nobody made, or an action that cannot be hashed."""


@dataclass(frozen=True, slots=True)
class WalletKey(Key):
    """An account: `key` is its address, `secret` the private key of its agent.

    Attributes
    ----------
    main : str
        The account's own private key, which may withdraw; nobody is told it.
    agent : str
        Address of the agent.
    """

    main: str = ""
    agent: str = ""


def make_wallet(seed: int, number: int, is_demo: bool) -> WalletKey:
    """Return the wallet of a seed."""
    main, agent = (_make_secret(seed, number, purpose) for purpose in ("main", "agent"))
    return WalletKey(
        compute_address(int(main, 16)),
        agent,
        is_demo=is_demo,
        main=main,
        agent=compute_address(int(agent, 16)),
    )


class WalletKeyRing(KeyRing):
    """The accounts of a venue, and its judgement of a signature.

    Parameters
    ----------
    keys : sequence of WalletKey
        At least one.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(keys, WALLET_DEFECTS, DAY_MS)
        self._agents = {wallet.agent: wallet.key for wallet in keys if isinstance(wallet, WalletKey)}
        self._nonces: dict[str, set[int]] = {}

    def find_account_of_agent(self, address: str) -> Key | None:
        """Return the account whose agent an address is, while it is."""
        account = self.get(self._agents.get(address.lower(), ""))
        return None if account is None or account.defect == REVOKED else account

    def list_agents(self, account: str) -> list[str]:
        """Return the agents of an account."""
        return [
            name for name, key in self._agents.items() if key == account and self.find_account_of_agent(name)
        ]

    def approve_agent(self, account: str, agent: str) -> None:
        """Let an address act for an account."""
        self._agents[agent.lower()] = account

    def recover_address(self, body: Mapping[str, Any]) -> str:
        """Return the address that signed a request.

        Raises
        ------
        BadSignature
            If there is no signature, or what was signed cannot be known.
        """
        action, signature = body.get("action"), body.get("signature")
        if not isinstance(action, dict) or not isinstance(signature, dict):
            raise BadSignature("no signature")
        try:
            r, s = (int(str(signature[name]), 16) for name in ("r", "s"))
            is_odd = int(signature["v"]) - 27
            kind = str(action.get("type"))
            digests = (
                _make_typed_digest(action, kind)
                if kind in _TYPED_ACTIONS
                else self._make_action_digest(action, body)
            )
        except (KeyError, ValueError, TypeError, Unpackable, OverflowError) as error:
            raise BadSignature(str(error)) from None
        address = recover_signer(digests, r, s, is_odd)
        if address is None:
            raise BadSignature("not a signature")
        return address

    def find_typed_error(self, action: Mapping[str, Any], nonce: int) -> str:
        """Return what is wrong with an action that is signed in plain words; nothing where it is good.

        Only its words are signed: a nonce beside them that is another would let them be sent again, and the words of
        one network would be good on the other.
        """
        _, fields = _TYPED_ACTIONS.get(str(action.get("type")), ("", ()))
        signed_nonce = next((action.get(name) for type_name, name in fields if type_name == "uint64"), nonce)
        if signed_nonce != nonce:
            return f"Invalid nonce: {nonce} is not the {signed_nonce} that was signed"
        chain = "Testnet" if self.all()[0].is_demo else "Mainnet"
        if fields and action.get("hyperliquidChain") != chain:
            return f"Invalid hyperliquidChain: {action.get('hyperliquidChain')} is not {chain}"
        return ""

    def use_nonce(self, address: str, nonce: int, venue_ms: int) -> str:
        """Take a nonce of a signer; return what is wrong with it, nothing where it is good."""
        if not venue_ms - 2 * self.window_ms < nonce < venue_ms + self.window_ms:
            return f"Invalid nonce: {nonce} is not within two days before and a day after {venue_ms}"
        used = self._nonces.setdefault(address, set())
        if nonce in used:
            return f"Invalid nonce: duplicate nonce {nonce}"
        if len(used) == _MAX_NONCES:
            lowest = min(used)
            if nonce < lowest:
                return f"Invalid nonce: {nonce} is lower than the {_MAX_NONCES} highest"
            used.discard(lowest)
        used.add(nonce)
        return ""

    def _make_action_digest(self, action: Mapping[str, Any], body: Mapping[str, Any]) -> bytes:
        """Return what is signed of an action: its hash, under the network that the accounts are of."""
        vault, expires = body.get("vaultAddress"), body.get("expiresAfter")
        data = pack(to_canonical(action)) + _read_integer(body["nonce"]).to_bytes(8, "big")
        data += b"\x00" if vault is None else b"\x01" + bytes.fromhex(str(vault).removeprefix("0x"))
        if expires is not None:
            data += b"\x00" + _read_integer(expires).to_bytes(8, "big")
        return make_agent_digest(keccak_256(data), is_test=self.all()[0].is_demo)


def to_canonical(value: Any) -> Any:
    """Return an action as the venue hashes it: its own order of keys, numbers without needless zeros."""
    if isinstance(value, list):
        return [to_canonical(part) for part in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: _KEY_RANKS.get(name, len(_KEY_RANKS)))
    return {
        name: _shorten_number(value[name]) if name in _NUMBER_FIELDS else to_canonical(value[name])
        for name in names
    }


def make_agent_digest(action_hash: bytes, *, is_test: bool) -> bytes:
    """Return what an agent signs of an action."""
    source, kind = (
        _hash_text("b" if is_test else "a"),
        _hash_text("Agent(string source,bytes32 connectionId)"),
    )
    return _make_digest("Exchange", 1337, kind + source + action_hash)


def _make_typed_digest(action: Mapping[str, Any], kind: str) -> bytes:
    """Return what a wallet signs of an action in plain words; the network is one of them."""
    name, rest = _TYPED_ACTIONS[kind]
    fields = (("string", "hyperliquidChain"), *rest)
    type_fields = ",".join(f"{type_name} {field}" for type_name, field in fields)
    parts = b"".join(_encode_word(type_name, action[field]) for type_name, field in fields)
    chain = int(str(action["signatureChainId"]), 16)
    head = _hash_text(f"HyperliquidTransaction:{name}({type_fields})")
    return _make_digest("HyperliquidSignTransaction", chain, head + parts)


def _make_digest(name: str, chain: int, struct: bytes) -> bytes:
    return keccak_256(b"\x19\x01" + _hash_domain(name, chain) + keccak_256(struct))


@lru_cache(maxsize=8)
def _hash_domain(name: str, chain: int) -> bytes:
    kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    parts = b"".join(_hash_text(text) for text in (kind, name, "1"))
    return keccak_256(parts + chain.to_bytes(32, "big") + bytes(32))


@lru_cache(maxsize=32)
def _hash_text(text: str) -> bytes:
    return keccak_256(text.encode())


def _encode_word(type_name: str, value: Any) -> bytes:
    if type_name == "string":
        return keccak_256(str(value).encode())
    if type_name == "bool":
        return int(value is True).to_bytes(32, "big")
    return (int(str(value), 16) if type_name == "address" else _read_integer(value)).to_bytes(32, "big")


def _shorten_number(value: Any) -> Any:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return value
    # A few signs may stand for millions of zeros, which nobody has to write out and hash.
    return value if number is None or abs(number.adjusted()) > _MAX_DIGITS else format_decimal(number)


def _read_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _make_secret(seed: int, number: int, purpose: str) -> str:
    def tries() -> Iterator[str]:
        digest = derive_secret(seed, number, purpose)
        while True:
            yield digest
            digest = derive_secret(seed, number, digest)

    return next("0x" + candidate for candidate in tries() if 0 < int(candidate, 16) < ORDER)
