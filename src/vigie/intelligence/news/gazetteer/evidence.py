"""Whether an ambiguous name is meant: what stands beside it, around it, and elsewhere in the same item.

Evidence is what a person would point at: another form of the same entity, a word such as «token» or «protocole» beside
the name, a verb that only somebody who acts takes, a word of its own list anywhere, a place in a list of coins. That
the text is about crypto is none: «Optimism returns to crypto markets».
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from vigie.intelligence.news.gazetteer.entries import GazetteerEntry
from vigie.intelligence.news.gazetteer.lookup import FormMatch
from vigie.intelligence.news.reading.words import Tokens

AFTER_COIN: Final = frozenset(
    """protocol protocols network blockchain chain token tokens coin coins foundation mainnet testnet
    dao dapp dapps holders stakers validators staking wallet wallets whale whales usd usdt usdc eur
    ecosystem developers devs defi labs price prices etf etfs etp futures bridge subnet subnets nft
    nfts memecoin altcoin jeton jetons reseau fondation validateurs detenteurs cours treasury
    hardfork governance airdrop rollup sidechain stablecoin based backed powered native""".split()
)
BEFORE_COIN: Final = frozenset(
    """token tokens jeton jetons coin protocole protocol reseau blockchain altcoin altcoins memecoin
    crypto cryptomonnaie cryptocurrency stablecoin rollup layer1 fondation cours l1 l2 wrapped
    staked""".split()
)
# One of these anywhere tells that a text is of coins; words of roads and rooms as well («bridge», «price») do not.
_OF_COINS: Final = frozenset(
    """crypto cryptocurrency cryptomonnaie blockchain token tokens altcoin altcoins mainnet testnet defi staking
    stakers validators memecoin airdrop rollup stablecoin jeton jetons usdt usdc nft nfts""".split()
)
AFTER_FIRM: Final = frozenset(
    """ceo cfo cto coo founder cofounder exchange labs inc ltd capital ventures wallet wallets custody
    shares stock customers users spokesperson executives creditors lawyers plateforme clients
    utilisateurs marketplace platform startup president chairman cto coo director executive lawyer
    co backed led powered investors subsidiary spac ipo layoffs bankruptcy valuation stablecoin trustee""".split()
)
BEFORE_FIRM: Final = frozenset(
    """exchange lender issuer custodian broker firm startup company ceo plateforme bourse emetteur
    societe entreprise fabricant preteur courtier jeune-pousse by marketplace miner manager bank
    neobank fintech investor giant wallet provider network game studio banque mineur portefeuille
    gestionnaire geant marche fonds fund via ex former says selon""".split()
)
BEFORE_PERSON: Final = frozenset(
    """senator sen representative rep congressman congresswoman judge justice mayor president chair
    chairman chairwoman commissioner minister secretary ceo cto cfo founder cofounder governor
    chancellor director general attorney mr mrs ms mme m juge senateur senatrice depute deputee
    ministre gouverneur gouverneure maire presidente patron pdg fondateur avocat analyst trader""".split()
)
# What stands before «of X», «de X» where X is a firm.
_OFFICES: Final = frozenset(
    """founder cofounder ceo cfo cto head chief shares customers users creditors collapse bankruptcy
    acquisition fondateur fondatrice cofondateur patron pdg dirigeant actions clients utilisateurs
    creanciers faillite chute rachat acquisition""".split()
)
_OF: Final = frozenset(("of", "de", "d", "du"))
# What is told to be «on X» or to go «to X», where X is a chain or a place to trade.
_ON: Final = frozenset(("on", "to", "sur"))
_BUILT: Final = frozenset(
    """live launches launched launch deploys deployed deploy built build builds listed lists expands comes
    arrives nfts defi token tokens stablecoin protocol apps dapps app exchange trading migrates moves
    bridge bridges lance deploye""".split()
)
# «X and others» ends a list of firms.
_OTHERS: Final = frozenset(("others", "more", "autres"))
ACTS: Final = frozenset(
    """announces announced launches launched ships unveils unveiled proposes proposed partners
    partnered migrates migrated integrates integrated upgrades upgraded activates activated deploys
    deployed releases released introduces introduced acquires acquired hires appoints raises raised
    sues denies denied confirms confirmed files filed applies applied joins joined expands lists
    delists pauses paused resumes halts halted suspends suspended secures secured patches votes
    voted approves rejects adopts burns mints signs annonce lance devoile propose integre active
    deploie publie acquiert recrute nomme leve poursuit dement confirme depose rejoint etend suspend
    reprend corrige vote approuve rejette adopte brule signe migre says said told buys bought sells
    sold adds added closes closed plans eyes taps tapped hits settles settled opens opened reports
    reported invests invested pays paid delists delisted listed relisted hacked exploited sued fined
    charged halved freezes froze offers offered wins won posts posted backs backed rebrands rebranded
    rolls begins began starts started warns warned hikes cuts moves wants seeks asks achete vend
    ajoute ouvre ferme lance paie cote delistee delistes delistee liste listee pirate piratee
    poursuivi condamne condamnee""".split()
)
# What snow and sunshine do as well: «Avalanche closes the pass road».
_ANYTHING_DOES: Final = frozenset("closes closed cuts hits moves rolls buries".split())
# Of the words of an entity's own list these stand beside snow and sunshine too: «Avalanche cuts the bridge road».
_ANYWHERE: Final = frozenset(
    (word,) for word in "alliance anchors base bridge bridges ecosystem network nodes pool pools rush".split()
)
# After «X to», «X will», «X has»: what somebody who acts does.
_WILLS: Final = frozenset(("to", "will", "has", "va", "a"))
_DEEDS: Final = frozenset(
    """acquire launch list delist buy sell raise open close add offer join partner expand pay settle
    cut lay hire build invest release integrate acquired launched listed bought sold raised opened
    closed added joined paid settled hired invested filed lancer acheter vendre ouvrir fermer lever
    racheter lance achete vendu ouvert ferme leve rachete""".split()
)
_LISTED: Final = frozenset(
    (", ", " ", "/", " / ", " & ", "-", ", $", " $", " #", ", #", "/$", " and ", " et ", "; ", " + ")
)
_JOINTS: Final = frozenset(("and", "et", "or", "ou", "vs", "versus", "puis", "plus"))


class SearchedText:
    """A text that is searched for evidence: its words, the places in it, and every phrase of the whole item."""

    def __init__(self, tokens: Tokens, places: Sequence[FormMatch]) -> None:
        self.words = tokens
        self.places = places

    def before(self, place: FormMatch, beyond: int = 0) -> str:
        """Return the word before a place, as compared, or the one so many words further."""
        index = place.first - 1 - beyond
        return self.words.folded[index] if index >= 0 else ""

    def after(self, place: FormMatch, beyond: int = 0) -> str:
        """Return the word after a place, or so many words further, as compared; a possessive s is passed over."""
        folded, index = self.words.folded, place.last
        if (
            index < len(folded)
            and folded[index] == "s"
            and self.words.starts[index] - self.words.ends[index - 1] == 1
        ):
            index += 1
        index += beyond
        return folded[index] if index < len(folded) else ""


def is_meant(
    searched: SearchedText,
    place: FormMatch,
    entry: GazetteerEntry,
    *,
    forms_by_entity: Mapping[str, Collection[tuple[str, ...]]],
    certain: Collection[int],
    phrases: Collection[tuple[str, ...]],
) -> bool:
    """Tell whether an ambiguous name stands for its entity.

    Parameters
    ----------
    forms_by_entity : mapping
        The forms in which every entity stands in the item, by id.
    certain : collection of int
        Numbers of the places of this text that are certain by now.
    phrases : collection
        Words, and pairs of words, of the whole item as compared.
    """
    return (
        len(forms_by_entity[entry.id]) > 1
        or _has_evidence_beside(searched, place, entry.kind, phrases)
        or _is_among_its_words(searched, place, entry, phrases)
        or _is_in_coin_list(searched, place, entry.kind, certain)
    )


def _is_among_its_words(
    searched: SearchedText, place: FormMatch, entry: GazetteerEntry, phrases: Collection[tuple[str, ...]]
) -> bool:
    """Tell whether a word of the entity's own list stands in the item."""
    if _is_common_action(searched, place, entry.kind, phrases):
        return not (entry.context - _ANYWHERE).isdisjoint(phrases)
    return not entry.context.isdisjoint(phrases)


def _is_common_action(
    searched: SearchedText, place: FormMatch, kind: str, phrases: Collection[tuple[str, ...]]
) -> bool:
    return kind == "coin" and searched.after(place) in _ANYTHING_DOES and not _is_of_coins(phrases)


def _has_evidence_beside(
    searched: SearchedText, place: FormMatch, kind: str, phrases: Collection[tuple[str, ...]]
) -> bool:
    after, before = searched.after(place), searched.before(place)
    if kind != "coin" and _follows_coin(searched, place):
        # «Bitcoin Strategy Adds Value»: a coin's strategy.
        return False
    if _is_common_action(searched, place, kind, phrases):
        return False
    if after in ACTS or (after in _WILLS and _is_action(searched, place)):
        return True
    if before in _ON and searched.before(place, 1) in _BUILT:
        return True
    if kind == "coin":
        return after in AFTER_COIN or before in BEFORE_COIN
    if after in ("and", "et") and searched.after(place, 1) in _OTHERS:
        return True
    if kind == "person" and before in BEFORE_PERSON:
        return True
    if before in _OF and searched.before(place, 1) in _OFFICES:
        return True
    return after in AFTER_FIRM or before in BEFORE_FIRM


def _is_of_coins(phrases: Collection[tuple[str, ...]]) -> bool:
    return any((word,) in phrases for word in _OF_COINS)


def _follows_coin(searched: SearchedText, place: FormMatch) -> bool:
    index = searched.places.index(place)
    if not index or searched.places[index - 1].last != place.first:
        return False
    gap = searched.words.text[searched.words.ends[place.first - 1] : searched.words.starts[place.first]]
    return gap == " " and searched.places[index - 1].form.entity.startswith("coin:")


def _is_action(searched: SearchedText, place: FormMatch) -> bool:
    action = searched.after(place, 1)
    return action in _DEEDS or (action == "be" and searched.after(place, 2) in ACTS)


def _is_in_coin_list(searched: SearchedText, place: FormMatch, kind: str, certain: Collection[int]) -> bool:
    if kind != "coin":
        return False
    index = searched.places.index(place)
    for other in (index - 1, index + 1):
        if other in certain and 0 <= other < len(searched.places):
            left, right = sorted((searched.places[other], place), key=lambda match: match.first)
            if searched.places[other].form.entity.startswith("coin:") and _is_list_joint(
                searched.words, left.last, right.first
            ):
                return True
    return False


def _is_list_joint(tokens: Tokens, first: int, last: int) -> bool:
    # Between two members of a list stand a comma, a stroke, or one joining word.
    between = tokens.folded[first:last]
    gap = tokens.text[tokens.ends[first - 1] : tokens.starts[last]]
    if not between:
        return gap in _LISTED and gap.strip() != ""
    return len(between) == 1 and (between[0] in _JOINTS or ("(" in gap and ")" in gap))
