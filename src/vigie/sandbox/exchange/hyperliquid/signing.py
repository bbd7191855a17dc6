"""Wallets and signatures: the hash of an action, its nonce and its network are what a wallet signs (EIP-712)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.hyperliquid.curve import ORDER, address_of, signer
from vigie.sandbox.exchange.hyperliquid.keccak import keccak_256
from vigie.sandbox.exchange.hyperliquid.packing import Unpackable, packed
from vigie.sandbox.exchange.keys import Key, KeyRing, grown

REVOKED: Final = "revoked"
UNIFIED: Final = "unified"
# What a wallet may be ill with: the agent was removed; the account is not a standard one.
ILLS: Final = {REVOKED: "the agent wallet was removed", UNIFIED: "the account is unified with spot"}
_NONCES: Final = 100
_LONGEST: Final = 40
# The order of keys in which the venue hashes actions, whatever order they were sent in.
_RANKS: Final = {
    name: rank
    for rank, name in enumerate(
        "type asset isCross leverage isBuy ntli code time orders modifies cancels oid order cloid grouping builder "
        "a b o f p s r t c limit trigger tif isMarket triggerPx tpsl".split()
    )
}
_PRICES: Final = ("p", "s", "triggerPx")
# Signed by the account's own wallet, in plain words: name of the type, and its fields.
_PLAIN: Final[Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
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
class Wallet(Key):
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


def made_wallet(seed: int, number: int, is_demo: bool) -> Wallet:
    """Return the wallet of a seed."""
    main, agent = (_secret(seed, number, what) for what in ("main", "agent"))
    return Wallet(
        address_of(int(main, 16)), agent, is_demo=is_demo, main=main, agent=address_of(int(agent, 16))
    )


class Wallets(KeyRing):
    """The accounts of a venue, and its judgement of a signature.

    Parameters
    ----------
    keys : sequence of Wallet
        At least one.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(keys, ILLS, DAY_MS)
        self._agents = {one.agent: one.key for one in keys if isinstance(one, Wallet)}
        self._nonces: dict[str, set[int]] = {}

    def agent_of(self, address: str) -> Key | None:
        """Return the account whose agent an address is, while it is."""
        account = self.get(self._agents.get(address.lower(), ""))
        return None if account is None or account.ill == REVOKED else account

    def agents(self, account: str) -> list[str]:
        """Return the agents of an account."""
        return [name for name, key in self._agents.items() if key == account and self.agent_of(name)]

    def approve(self, account: str, agent: str) -> None:
        """Let an address act for an account."""
        self._agents[agent.lower()] = account

    def signed_by(self, body: Mapping[str, Any]) -> str:
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
            odd = int(signature["v"]) - 27
            kind = str(action.get("type"))
            digests = _words_digest(action, kind) if kind in _PLAIN else self._hash_digest(action, body)
        except (KeyError, ValueError, TypeError, Unpackable, OverflowError) as error:
            raise BadSignature(str(error)) from None
        found = signer(digests, r, s, odd)
        if found is None:
            raise BadSignature("not a signature")
        return found

    def wrong_words(self, action: Mapping[str, Any], nonce: int) -> str:
        """Return what is wrong with an action that is signed in plain words; nothing where it is good.

        Only its words are signed: a nonce beside them that is another would let them be sent again, and the words of
        one network would be good on the other.
        """
        _, fields = _PLAIN.get(str(action.get("type")), ("", ()))
        stated = next((action.get(name) for form, name in fields if form == "uint64"), nonce)
        if stated != nonce:
            return f"Invalid nonce: {nonce} is not the {stated} that was signed"
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
        if len(used) == _NONCES:
            lowest = min(used)
            if nonce < lowest:
                return f"Invalid nonce: {nonce} is lower than the {_NONCES} highest"
            used.discard(lowest)
        used.add(nonce)
        return ""

    def _hash_digest(self, action: Mapping[str, Any], body: Mapping[str, Any]) -> bytes:
        """Return what is signed of an action: its hash, under the network that the accounts are of."""
        vault, expires = body.get("vaultAddress"), body.get("expiresAfter")
        data = packed(canonical(action)) + _whole(body["nonce"]).to_bytes(8, "big")
        data += b"\x00" if vault is None else b"\x01" + bytes.fromhex(str(vault).removeprefix("0x"))
        if expires is not None:
            data += b"\x00" + _whole(expires).to_bytes(8, "big")
        return agent_digest(keccak_256(data), is_test=self.all()[0].is_demo)


def canonical(value: Any) -> Any:
    """Return an action as the venue hashes it: its own order of keys, numbers without needless zeros."""
    if isinstance(value, list):
        return [canonical(one) for one in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: _RANKS.get(name, len(_RANKS)))
    return {name: _shortest(value[name]) if name in _PRICES else canonical(value[name]) for name in names}


def agent_digest(action_hash: bytes, *, is_test: bool) -> bytes:
    """Return what an agent signs of an action."""
    source, kind = _hashed("b" if is_test else "a"), _hashed("Agent(string source,bytes32 connectionId)")
    return _digest("Exchange", 1337, kind + source + action_hash)


def _words_digest(action: Mapping[str, Any], kind: str) -> bytes:
    """Return what a wallet signs of an action in plain words; the network is one of them."""
    name, rest = _PLAIN[kind]
    fields = (("string", "hyperliquidChain"), *rest)
    told = ",".join(f"{form} {field}" for form, field in fields)
    parts = b"".join(_word(form, action[field]) for form, field in fields)
    chain = int(str(action["signatureChainId"]), 16)
    head = _hashed(f"HyperliquidTransaction:{name}({told})")
    return _digest("HyperliquidSignTransaction", chain, head + parts)


def _digest(name: str, chain: int, struct: bytes) -> bytes:
    return keccak_256(b"\x19\x01" + _domain(name, chain) + keccak_256(struct))


@lru_cache(maxsize=8)
def _domain(name: str, chain: int) -> bytes:
    kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    parts = b"".join(_hashed(text) for text in (kind, name, "1"))
    return keccak_256(parts + chain.to_bytes(32, "big") + bytes(32))


@lru_cache(maxsize=32)
def _hashed(text: str) -> bytes:
    return keccak_256(text.encode())


def _word(form: str, value: Any) -> bytes:
    if form == "string":
        return keccak_256(str(value).encode())
    if form == "bool":
        return int(value is True).to_bytes(32, "big")
    return (int(str(value), 16) if form == "address" else _whole(value)).to_bytes(32, "big")


def _shortest(value: Any) -> Any:
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return value
    # A few signs may stand for millions of zeros, which nobody has to write out and hash.
    return value if number is None or abs(number.adjusted()) > _LONGEST else plain(number)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _secret(seed: int, number: int, what: str) -> str:
    def tries() -> Iterator[str]:
        found = grown(seed, number, what)
        while True:
            yield found
            found = grown(seed, number, found)

    return next("0x" + one for one in tries() if 0 < int(one, 16) < ORDER)
