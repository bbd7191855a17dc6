"""The texts of Vigie in other languages: one catalogue a language, ``vigie/locales/fr.po``, by the English texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LOCALES: Final = Path(__file__).parents[1] / "locales"
# French sets a space before these marks, and no line begins with one of them.
_BEFORE_MARK: Final = re.compile(" (?=[;:!?\u00bb])|(?<=\u00ab) ")
# Catalogues are typed with the sign of the keyboard; what is read has the one of print, as beside it elsewhere.
_ELIDED: Final = re.compile(r"(?<=[^\W\d_])'(?=[\w%\u00ab])")
TranslateToFrench = Callable[[str], str]
"""Returns why something failed in French, or as it is where no French of it is known."""
_NUMBER: Final = re.compile(r"-?\d+\.\d+")


@cache
def read_catalogue(language: str) -> Mapping[str, str]:
    """Return the texts of a language by their English, plurals beside singulars."""
    texts: dict[str, str] = {}
    for message in read_po(BytesIO((LOCALES / f"{language}.po").read_bytes()), locale=language):
        if not message.id or message.fuzzy:
            continue
        keys, translations = message.id, message.string
        pairs = zip(
            keys if isinstance(keys, tuple | list) else (keys,),
            translations if isinstance(translations, tuple | list) else (translations,),
            strict=False,
        )
        texts.update({key: _typographic(text) for key, text in pairs if text})
    return texts


def _typographic(text: str) -> str:
    """Return a text with the spaces and apostrophes of print."""
    return _ELIDED.sub("\u2019", _BEFORE_MARK.sub("\u00a0", text))


def untranslated(text: str) -> str:
    """Return a text: for who has no French of why something failed."""
    return text


def translate(sentence: str, values: Mapping[str, str]) -> str:
    """Return a sentence in French with its values: words in French where they are known, decimals with a comma."""
    texts = read_catalogue("fr")
    values_fr = {
        name: value.replace(".", ",") if _NUMBER.fullmatch(value) else texts.get(value, value)
        for name, value in values.items()
    }
    return texts.get(sentence, sentence) % values_fr
