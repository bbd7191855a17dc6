"""Whether an ambiguous name is meant: what stands beside it, around it, and elsewhere in the same item.

Evidence is what a person would point at: another form of the same entity, a word such as «token» or «protocole» beside
the name, a verb that only somebody who acts takes, a word of its own list anywhere, a place in a list of coins. That
the text is about crypto is none: «Optimism returns to crypto markets».
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from vigie.intelligence.news.gazetteer.entries import Entry
from vigie.intelligence.news.gazetteer.lookup import Place
from vigie.intelligence.news.reading.words import Words

AFTER_COIN: Final = frozenset(
    """protocol protocols network blockchain chain token tokens coin coins foundation mainnet testnet
    dao dapp dapps holders stakers validators staking wallet wallets whale whales usd usdt usdc eur
    ecosystem developers devs defi labs price prices etf etfs etp futures bridge subnet subnets nft
    nfts memecoin altcoin jeton jetons reseau fondation validateurs detenteurs cours treasury
    hardfork governance airdrop rollup sidechain stablecoin""".split()
)
BEFORE_COIN: Final = frozenset(
    """token tokens jeton jetons coin protocole protocol reseau blockchain altcoin altcoins memecoin
    crypto cryptomonnaie cryptocurrency stablecoin rollup layer1 fondation cours l1 l2 wrapped
    staked""".split()
)
AFTER_FIRM: Final = frozenset(
    """ceo cfo cto coo founder cofounder exchange labs inc ltd capital ventures wallet wallets custody
    shares stock customers users spokesperson executives creditors lawyers plateforme clients
    utilisateurs""".split()
)
BEFORE_FIRM: Final = frozenset(
    """exchange lender issuer custodian broker firm startup company ceo plateforme bourse emetteur
    societe entreprise fabricant preteur courtier jeune-pousse by""".split()
)
ACTS: Final = frozenset(
    """announces announced launches launched ships unveils unveiled proposes proposed partners
    partnered migrates migrated integrates integrated upgrades upgraded activates activated deploys
    deployed releases released introduces introduced acquires acquired hires appoints raises raised
    sues denies denied confirms confirmed files filed applies applied joins joined expands lists
    delists pauses paused resumes halts halted suspends suspended secures secured patches votes
    voted approves rejects adopts burns mints signs annonce lance devoile propose integre active
    deploie publie acquiert recrute nomme leve poursuit dement confirme depose rejoint etend suspend
    reprend corrige vote approuve rejette adopte brule signe migre""".split()
)
_LISTED: Final = frozenset(
    (", ", " ", "/", " / ", " & ", "-", ", $", " $", " #", ", #", "/$", " and ", " et ", "; ", " + ")
)
_JOINTS: Final = frozenset(("and", "et", "or", "ou", "vs", "versus", "puis", "plus"))


class Read:
    """A text that is searched for evidence: its words, the places in it, and every phrase of the whole item."""

    def __init__(self, found: Words, places: Sequence[Place]) -> None:
        self.words = found
        self.places = places

    def before(self, place: Place) -> str:
        """Return the word before a place, as compared."""
        return self.words.folded[place.first - 1] if place.first else ""

    def after(self, place: Place) -> str:
        """Return the word after a place, as compared; a possessive s is passed over."""
        folded, at = self.words.folded, place.last
        if at < len(folded) and folded[at] == "s" and self.words.starts[at] - self.words.ends[at - 1] == 1:
            at += 1
        return folded[at] if at < len(folded) else ""


def is_meant(
    read: Read,
    place: Place,
    entry: Entry,
    *,
    said: Mapping[str, Collection[tuple[str, ...]]],
    sure: Collection[int],
    phrases: Collection[tuple[str, ...]],
) -> bool:
    """Tell whether an ambiguous name stands for its entity.

    Parameters
    ----------
    said : mapping
        The forms in which every entity stands in the item, by id.
    sure : collection of int
        Numbers of the places of this text that are certain by now.
    phrases : collection
        Words, and pairs of words, of the whole item as compared.
    """
    return (
        len(said[entry.id]) > 1
        or _is_beside(read, place, entry.kind)
        or not entry.context.isdisjoint(phrases)
        or _is_listed(read, place, entry.kind, sure)
    )


def _is_beside(read: Read, place: Place, kind: str) -> bool:
    after, before = read.after(place), read.before(place)
    if after in ACTS:
        return True
    if kind == "coin":
        return after in AFTER_COIN or before in BEFORE_COIN
    return after in AFTER_FIRM or before in BEFORE_FIRM


def _is_listed(read: Read, place: Place, kind: str, sure: Collection[int]) -> bool:
    if kind != "coin":
        return False
    at = read.places.index(place)
    for other in (at - 1, at + 1):
        if other in sure and 0 <= other < len(read.places):
            left, right = sorted((read.places[other], place), key=lambda one: one.first)
            if read.places[other].form.entity.startswith("coin:") and _is_joint(
                read.words, left.last, right.first
            ):
                return True
    return False


def _is_joint(found: Words, first: int, last: int) -> bool:
    # Between two members of a list stand a comma, a stroke, or one joining word.
    between = found.folded[first:last]
    gap = found.text[found.ends[first - 1] : found.starts[last]]
    if not between:
        return gap in _LISTED and gap.strip() != ""
    return len(between) == 1 and (between[0] in _JOINTS or ("(" in gap and ")" in gap))
