"""Words for kinds of events in files of one's own: English and French ones, without case and accents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.accents import fold_text

# By kind, the words that are accepted; of each language, the first is the one that pages name.
WORDS: Final = NamedTexts("holding_kind_word", {
    "buy": "buy, bought, purchase",
    "sell": "sell, sold, sale",
    "swap": "swap, exchange, convert, conversion",
    "fork": "fork",
    "deposit": "deposit",
    "receive": "receive, received",
    "income": "income",
    "staking": "staking",
    "reward": "reward, rewards, staking reward",
    "mining": "mining",
    "interest": "interest",
    "service": "service, salary",
    "airdrop": "airdrop",
    "gift": "gift, gift in, gift received",
    "withdrawal": "withdrawal, withdraw",
    "send": "send, sent",
    "gift_out": "gift out, gift made",
    "loss": "loss, lost, theft, stolen",
    "fee": "fee, fees",
    "payment": "payment, spend",
    "transfer": "transfer",
    "donation": "donation",
})  # fmt: skip
# What may go either way: the sign of its quantity says which.
SIGNED: Final[Mapping[str, tuple[str, str]]] = {
    "transfer": ("deposit", "withdrawal"),
    "donation": ("gift", "gift_out"),
}
# For what came in and what left, as a page lists them.
TRADE_KINDS: Final = ("buy", "sell", "swap", "fork")
IN_KINDS: Final = (
    "deposit", "receive", "income", "staking", "reward", "mining", "interest", "service", "airdrop", "gift"
)  # fmt: skip
OUT_KINDS: Final = ("withdrawal", "send", "gift_out", "loss", "fee", "payment")


def kind_of(word: str) -> str:
    """Return the kind that a word means; empty where it means none.

    Parameters
    ----------
    word : str
        English or French, in any case, with or without accents.
    """
    return _kinds().get(" ".join(fold_text(word).split()), "")


def words_for(kinds: Sequence[str], language: str) -> tuple[str, ...]:
    """Return the word of each kind that a page names, in a language; English where it has none."""
    words = WORDS[language]
    return tuple(words[kind].split(", ")[0] for kind in kinds)


@cache
def _kinds() -> Mapping[str, str]:
    return {
        fold_text(word): kind
        for language in WORDS
        for kind, known in WORDS[language].items()
        for word in known.split(", ")
    }
