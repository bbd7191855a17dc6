"""French of what services say themselves, in mails as on pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from vigie.catalogue import read_catalogue

TranslateToFrench = Callable[[str], str]
"""Returns why something failed in French, or as it is where no French of it is known."""
_NUMBER: Final = re.compile(r"-?\d+\.\d+")


def untranslated(text: str) -> str:
    """Return a text: for who has no French of why something failed."""
    return text


def translate(sentence: str, values: Mapping[str, str]) -> str:
    """Return a sentence in French with its values: words in French where they are known, decimals with a comma."""
    texts = read_catalogue("fr").texts
    values_fr = {
        name: value.replace(".", ",") if _NUMBER.fullmatch(value) else texts.get(value, value)
        for name, value in values.items()
    }
    return texts.get(sentence, sentence) % values_fr
