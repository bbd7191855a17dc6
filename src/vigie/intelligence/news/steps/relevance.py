"""Relevance: whether an item is about crypto, by what it names and the words it uses; few releases of regulators are.

Body: ``is_relevant``; ``signs``, codes of the reasons: asset, organisation, person, law (one of crypto's own is named),
word (one that only crypto uses), words (two that it uses among others); of what is not relevant no_sign.

The words that others use too, such as token or wallet, count in pairs only, and never in what a regulator publishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from vigie.domain.item import Finding, Item
from vigie.intelligence.news.gazetteer.worldly import worldly
from vigie.intelligence.news.reading.named import kind, mentions
from vigie.intelligence.news.reading.words import TITLE_READ, Words, words
from vigie.intelligence.news.step import Context, Step

_KINDS: Final = {"coin": "asset", "org": "organisation", "person": "person", "law": "law"}
_BEGINS: Final = tuple(
    "crypto blockchain stablecoin bitcoin ethereum tokeniz tokenis jetonis altcoin memecoin shitcoin".split()
)
_NOT: Final = ("cryptog", "cryptol", "cryptic")
_WHOLE: Final = frozenset(
    "nft nfts web3 cbdc cbdcs mnbc hodl hodlers dapp dapps psan casp casps depin".split()
)
# Folded, it is the French word for a challenge: only with both capitals.
_WRITTEN: Final = frozenset(("DeFi", "DEFI", "DAO", "DAOs", "DEX", "DEXs", "DLT"))
_FIRST: Final = frozenset(
    """decentralized decentralised finance digital virtual distributed actif actifs monnaie monnaies
    devise devises registre registres smart jeton jetons proof preuve meme mining cold hot""".split()
)
_SECOND: Final = frozenset(
    """asset assets currency currencies ledger ledgers decentralisee finance exchange numerique
    numeriques virtuel virtuelle virtuels virtuelles distribue distribues contract contracts work
    stake travail enjeu coin coins rig rigs wallet wallets token tokens""".split()
)
_WEAK: Final = frozenset(
    """token tokens jeton jetons wallet wallets portefeuille ledger mining miner miners minage mineur
    mineurs hashrate airdrop airdrops staking halving coin coins custody conservation onchain
    exchange exchanges mixer mixers rollup layer validator validators smart contracts metaverse""".split()
)
_LEAST_WEAK: Final = 2
_MEANT: Final = 0.7


class Relevance:
    """Looks for signs of crypto."""

    name = "relevance"
    version = 1
    needs: tuple[str, ...] = ("entities",)

    def __init__(self, worldly: frozenset[str]) -> None:
        self.worldly = worldly

    def read(self, item: Item, context: Context) -> Finding:
        """Return whether it is about crypto."""
        parts = words(item.said.title, TITLE_READ), words(item.said.text)
        signs = {_KINDS[kind(one)]: one for one in _named(context.found, self.worldly)}
        said = next((word for part in parts if (word := _word(part))), "")
        if said:
            signs["word"] = said
        if context.publisher.tier != "regulator":
            weak = sorted({word for part in parts for word in part.folded if word in _WEAK})
            if len(weak) >= _LEAST_WEAK:
                signs["words"] = " ".join(weak[:3])
        body = {"is_relevant": bool(signs), "signs": sorted(signs) or ["no_sign"]}
        why = "; ".join(f"{code}: {sign}" for code, sign in sorted(signs.items()))
        return Finding(
            self.name, self.version, body, why or "names nothing of crypto and uses none of its words"
        )


def _named(found: Mapping[str, Finding], worldly: frozenset[str]) -> list[str]:
    sure = (one for one in mentions(found) if one["surety"] >= _MEANT)
    return [one["id"] for one in sure if one["kind"] in _KINDS and one["id"] not in worldly]


def _word(found: Words) -> str:
    for raw, word in zip(found.raw, found.folded, strict=True):
        if raw in _WRITTEN or word in _WHOLE or (word.startswith(_BEGINS) and not word.startswith(_NOT)):
            return raw
    for one, other in pairwise(found.folded):
        if one in _FIRST and other in _SECOND:
            return f"{one} {other}"
    return ""


def make() -> Step:
    """Return the step."""
    return Relevance(worldly())
