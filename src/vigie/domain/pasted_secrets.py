"""What spends coins is refused wherever a text comes in: seed phrases and private keys. The refusal repeats nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vigie.domain.errors import UsageError

# BIP39 has phrases of 12, 15, 18, 21 and 24 words of 3 to 8 letters in English. No list of words is asked: a phrase
# with a wrong word is a secret, too, and there are ten languages.
_LEAST_WORDS: Final = 12
_WORD: Final = re.compile(r"[^\W\d_]{2,14}")
_PUNCTUATION: Final = re.compile(r"[\s,;.|/\u3000-]+")
# Counted as they are on paper: "1. abandon 2. ability".
_COUNTED: Final = re.compile(r"\d{1,2}[.):]?")
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
    """Tell whether a text is a seed phrase or holds a private key, so that nothing repeats it.

    Parameters
    ----------
    text : str
        As a person typed it.

    Returns
    -------
    bool
    """
    return is_seed_phrase(text) or is_private_key(text)


def is_seed_phrase(text: str) -> bool:
    """Tell whether a text is twelve or more short words and nothing else.

    Parameters
    ----------
    text : str
        As a person typed it; numbers of words, commas and line ends do not count.

    Returns
    -------
    bool
    """
    words = [word for word in _PUNCTUATION.split(text) if word and not _COUNTED.fullmatch(word)]
    return len(words) >= _LEAST_WORDS and all(_WORD.fullmatch(word) for word in words)


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
    return any(pattern.search(text) for pattern in _KEYS)
