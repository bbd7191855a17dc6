"""Relevance: whether an item is about crypto, by what it names and the words it uses; few releases of regulators are.

Body: ``is_relevant``; ``signs``, codes of the reasons: asset, organisation, person, law (one of crypto's own is named),
word (one that only crypto uses), words (two that it uses among others), source (nothing of these, but its publisher
tells of crypto alone); of what is not relevant no_sign.

The words that others use too, such as token or wallet, count in pairs only, and never in what a regulator publishes.
A publisher tells of crypto alone where nearly all of its items of three days have a sign of their own; where few are
known, its name decides. Regulators never do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.gazetteer.general_entities import load_general_entities
from vigie.intelligence.news.reading.earlier_findings import all_mentions, entity_kind
from vigie.intelligence.news.reading.words import TITLE_READ, Tokens, tokenize
from vigie.intelligence.news.step import Context, ReadingStep

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
SPAN_MS: Final = 72 * HOUR_MS
# From so many items on their share decides; so many of them must have a sign of their own.
_KNOWN: Final = 10
_SHARE: Final = 0.9
_OF_CRYPTO: Final = re.compile(
    r"\b(?:crypto|bitcoin|blockchain|coin(?!s?\b))|\bjournal ?du ?coin\b", re.IGNORECASE
)
_SOURCE: Final = "source"
_NO_SIGN: Final = "no_sign"
_MEANT: Final = 0.7


class RelevanceStep:
    """Looks for signs of crypto."""

    name = "relevance"
    version = 2
    needs: tuple[str, ...] = ("entities",)

    def __init__(self, general_entities: frozenset[str]) -> None:
        self.general_entities = general_entities

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return whether it is about crypto."""
        parts = tokenize(item.content.title, TITLE_READ), tokenize(item.content.text)
        signs = {
            _KINDS[entity_kind(entity)]: entity
            for entity in _crypto_entities(context.findings, self.general_entities)
        }
        crypto_word = next((word for part in parts if (word := _find_crypto_word(part))), "")
        if crypto_word:
            signs["word"] = crypto_word
        if context.publisher.tier != "regulator":
            weak = sorted({word for part in parts for word in part.folded if word in _WEAK})
            if len(weak) >= _LEAST_WEAK:
                signs["words"] = " ".join(weak[:3])
        if not signs and is_crypto_publisher(item, context):
            signs[_SOURCE] = context.publisher.title
        body = {"is_relevant": bool(signs), "signs": sorted(signs) or [_NO_SIGN]}
        why = "; ".join(f"{code}: {sign}" for code, sign in sorted(signs.items()))
        return ItemFinding(
            self.name, self.version, body, why or "names nothing of crypto and uses none of its words"
        )


def is_crypto_publisher(item: NewsItem, context: Context) -> bool:
    """Tell whether the publisher of an item tells of crypto alone."""
    if context.publisher.tier == "regulator":
        return False
    window = context.window.before(item, SPAN_MS)
    signs_of_items = [
        finding.body["signs"]
        for entry in window
        if entry.item.content.source == item.content.source
        and (finding := entry.findings.get(RelevanceStep.name)) is not None
    ]
    if len(signs_of_items) < _KNOWN:
        return _OF_CRYPTO.search(f"{context.publisher.title} {context.publisher.domain}") is not None
    signed = sum(not {_SOURCE, _NO_SIGN}.intersection(signs) for signs in signs_of_items)
    return signed >= _SHARE * len(signs_of_items)


def _crypto_entities(findings: Mapping[str, ItemFinding], general_entities: frozenset[str]) -> list[str]:
    sure = (mention for mention in all_mentions(findings) if mention["surety"] >= _MEANT)
    return [
        mention["id"]
        for mention in sure
        if mention["kind"] in _KINDS and mention["id"] not in general_entities
    ]


def _find_crypto_word(tokens: Tokens) -> str:
    for raw, word in zip(tokens.raw, tokens.folded, strict=True):
        if raw in _WRITTEN or word in _WHOLE or (word.startswith(_BEGINS) and not word.startswith(_NOT)):
            return raw
    for word_before, word_after in pairwise(tokens.folded):
        if word_before in _FIRST and word_after in _SECOND:
            return f"{word_before} {word_after}"
    return ""


def make() -> ReadingStep:
    """Return the step."""
    return RelevanceStep(load_general_entities())
