"""Which coin a typed name or ticker means: of several that share it nobody guesses one, and state money is none."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from vigie.domain.asset import WATCHED, Asset
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal

_SHIPPED: Final = {asset.id: asset for asset in WATCHED}
_NAMES: Final = 5
_MIN_SIMILARITY: Final = 0.7
# Codes of currencies that people pay coins with, and what they call them.
STATE_MONEY: Final = frozenset(
    "eur usd gbp chf jpy cad aud nzd sek nok dkk pln czk huf ron bgn try brl mxn inr cny krw sgd hkd zar rub uah thb "
    "euro euros dollar dollars pound pounds franc francs yen \u20ac $ \u00a3".split()
)


class SharedCoinName(UsageError):
    """Several coins have a name or ticker; `assets` are they."""

    def __init__(self, typed: str, assets: Sequence[Asset]) -> None:
        super().__init__(
            Refusal(
                "holding_shared_name",
                "{typed} is the name or ticker of several coins ({names}); choose one and give its id",
                typed=typed,
                names=", ".join(f"{asset.name}: {asset.id}" for asset in assets[:_NAMES]),
            )
        )
        self.assets = tuple(assets)


def find_coin(assets: Sequence[Asset], typed: str) -> Asset:
    """Return the coin that is meant.

    Parameters
    ----------
    assets : sequence of Asset
        The catalogue.
    typed : str
        A ticker or a name, in any case, or a catalogue id, which is in lower case.

    Raises
    ------
    SharedCoinName
        If several coins have it.
    UsageError
        If it is state money, or no coin has it.
    """
    word = " ".join(typed.split()).lower()
    if word in STATE_MONEY:
        raise UsageError(
            "holding_state_money",
            "{typed} is state money, which is not kept here; give a coin, such as BTC, or EURC for euros as a coin",
            typed=typed,
        )
    if word in _SHIPPED:
        return _SHIPPED[word]
    by_id = [asset for asset in assets if asset.id == word]
    others = [asset for asset in assets if asset.symbol.lower() == word and asset.id != word]
    # In capitals it is a ticker: that one coin has it as its id, too, does not say that it is meant.
    if by_id and (typed.strip() == word or not others):
        return by_id[0]
    # The coins of the watch have their tickers and names, whoever else takes one.
    known = [asset for asset in WATCHED if word in (asset.symbol.lower(), asset.name.lower())]
    found = known or [asset for asset in assets if word in (asset.symbol.lower(), asset.name.lower())]
    if len(found) > 1:
        raise SharedCoinName(typed, found)
    if not found:
        raise UsageError(
            "holding_unknown_coin",
            "{typed} is no coin that Vigie knows; give a catalogue id, a ticker or a name, such as {names}",
            typed=typed,
            names=", ".join(_similar(assets, word) or ("bitcoin", "ETH", "Solana")),
        )
    return found[0]


def _similar(assets: Sequence[Asset], word: str) -> Sequence[str]:
    ids = {
        text: asset.id for asset in assets for text in (asset.symbol.lower(), asset.name.lower(), asset.id)
    }
    near = get_close_matches(word, ids, n=_NAMES, cutoff=_MIN_SIMILARITY)
    return list(dict.fromkeys(ids[text] for text in near))
