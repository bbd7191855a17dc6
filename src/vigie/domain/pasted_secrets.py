"""What spends coins is refused wherever a text comes in: seed phrases and private keys. The refusal repeats nothing.

Addresses and extended public keys spend nothing, but tell who owns what: nothing repeats them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from vigie.domain.errors import UsageError

# BIP39 has phrases of 12, 15, 18, 21 and 24 words. No list of words is asked: a phrase with a wrong word is a secret,
# too, and there are ten languages. What their lists have in common tells a phrase from a sentence: words of 3 to 8
# letters (9 in Italian, the last one a, e or o), with none of the little words that every sentence has. Chinese ones
# are one sign each.
_LEAST_WORDS: Final = 12
_PIECE: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+")
_SHORT_WORD: Final = re.compile(r"[^\W\d_]{3,8}|[^\W\d_]{8}[aeoAEO]")
# Alone in a field, words of other lists count as well: Electrum's first, and Monero's.
_LONG_WORD: Final = re.compile(r"[^\W\d_]{3,14}")
# What either needs, in ASCII: most cells of a file have it not, and are not taken apart.
_TWELVE: Final = re.compile(r"(?:[A-Za-z]{3,14}[^A-Za-z]+){11}[A-Za-z]{3}")
# Chinese, Japanese and Korean, after NFKC.
_SIGNS: Final = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{1,9}")
# Words are counted as they are on paper: "1. abandon 2. ability". A year or an amount is no count.
_COUNT: Final = re.compile(r"\d{1,2}")
# In no list of BIP39, in any of its languages.
_LITTLE_WORDS: Final = frozenset(
    "the and for from with was were are but has had not than our her his him she who your their these which while "
    "would could every did does les des une dans pour avec est sont que qui chez pas ses son aux ont par sans vers "
    "entre depuis avant après très plus puis aussi comme quand cette leur nous vous elle tout tous toute chaque jamais "
    "même deux trois fait était".split()
)
_BASE58: Final = "1-9A-HJ-NP-Za-km-z"
# Checksums are not looked at: a mistyped secret is one.
_KEYS: Final = (
    re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?[0-9a-fA-F]{64}(?![0-9A-Za-z])"),
    re.compile(rf"(?<![0-9A-Za-z])[xyztuvXYZTUV]prv[{_BASE58}]{{8,}}"),
    # WIF: uncompressed 51, compressed 52 characters, of the main network and of the test network.
    re.compile(rf"(?<![0-9A-Za-z])(?:[59][{_BASE58}]{{50}}|[KLc][{_BASE58}]{{51}})(?![0-9A-Za-z])"),
    # BIP38: a private key behind a password.
    re.compile(rf"(?<![0-9A-Za-z])6P[{_BASE58}]{{56}}(?![0-9A-Za-z])"),
)
# Of Bitcoin, its test networks too, Ethereum, and extended public keys; whatever stands before or after.
_ADDRESSES: Final = (
    re.compile(r"(?:bc1|tb1|[a-z]pub)[0-9a-z]{21,}", re.IGNORECASE),
    re.compile(r"0x[0-9a-z]{23,}", re.IGNORECASE),
    # Begins as many a word of a computer does: with nothing before it, and not a number alone.
    re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[A-Za-z])[13][0-9A-Za-z]{24,}"),
)


class PastedSecret(UsageError):
    """A seed phrase or a private key came in; what was given is not shown again either."""


def refuse_secrets(texts: Iterable[str]) -> None:
    """Refuse texts of which one holds a seed phrase or a private key.

    Parameters
    ----------
    texts : iterable of str
        As a person typed them.

    Raises
    ------
    PastedSecret
        If one does; the sentence repeats nothing of it.
    """
    for text in texts:
        if is_seed_phrase(text):
            raise PastedSecret(
                "pasted_seed_phrase",
                "this looks like a seed phrase: whoever has it can take your coins; it was not kept. Vigie never "
                "needs it, and no other page should ask for it",
            )
        if is_private_key(text):
            raise PastedSecret(
                "pasted_private_key",
                "this looks like a private key: whoever has it can take your coins; it was not kept. Vigie never "
                "needs it, and no other page should ask for it",
            )


def holds_secret(text: str) -> bool:
    """Tell whether a text holds a seed phrase or a private key, so that nothing repeats it.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    bool
    """
    return is_seed_phrase(text) or is_private_key(text)


def holds_address(text: str) -> bool:
    """Tell whether something in a text is written as an address or an extended public key, mistyped or not.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    bool
    """
    seen = _seen(text)
    return any(pattern.search(seen) for pattern in _ADDRESSES)


def is_untold(text: str) -> bool:
    """Tell whether no refusal repeats a text: it holds a secret or an address.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    bool
    """
    return holds_address(text) or holds_secret(text)


def is_seed_phrase(text: str) -> bool:
    """Tell whether twelve or more words follow each other in a text as they do in a seed phrase and in no sentence.

    Quotes, brackets, numbers of words, commas, full stops and line ends do not count, nor does what stands before or
    after. Refused wrongly are a list of twelve names of one short word each, and a sentence that manages twelve words
    without one of fewer than three letters, of more than nine, or of the little ones. Not found are words written
    together, and phrases with other words in between.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    bool
    """
    if len(text) < _LEAST_WORDS or (text.isascii() and not _TWELVE.search(text)):
        return False
    pieces = [piece for piece in _PIECE.findall(_seen(text)) if not _COUNT.fullmatch(piece)]
    run = 0
    for piece in pieces:
        run = run + 1 if _may_be_listed(piece, _SHORT_WORD) else 0
        if run == _LEAST_WORDS:
            return True
    return len(pieces) >= _LEAST_WORDS and all(_may_be_listed(piece, _LONG_WORD) for piece in pieces)


def _seen(text: str) -> str:
    """Return a text as it looks: wide letters are letters, accents join theirs, and what nobody sees goes."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in composed if unicodedata.category(sign) not in ("Cf", "Mn"))


def _may_be_listed(piece: str, word: re.Pattern[str]) -> bool:
    if _SIGNS.fullmatch(piece):
        return True
    return word.fullmatch(piece) is not None and piece.lower() not in _LITTLE_WORDS


def is_private_key(text: str) -> bool:
    """Tell whether a text holds a private key: 64 hexadecimal digits, WIF, BIP38, or an extended private key.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    bool
    """
    seen = _seen(text)
    return any(pattern.search(seen) for pattern in _KEYS)
