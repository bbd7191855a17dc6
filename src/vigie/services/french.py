"""French of what services say themselves, in mails as on pages: in a ``fr.po`` beside who says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

FILES: Final = tuple(sorted(Path(__file__).parent.glob("*/fr.po")))
# French sets a space before these marks, and no line begins with one of them.
_BEFORE_MARK: Final = re.compile(" (?=[;:!?\u00bb])|(?<=\u00ab) ")
# Catalogues are typed with the sign of the keyboard; what is read has the one of print, as beside it elsewhere.
_ELIDED: Final = re.compile(r"(?<=[^\W\d_])'(?=[\w%\u00ab])")
TranslateToFrench = Callable[[str], str]
"""Returns why something failed in French, or as it is where no French of it is known."""
_NUMBER: Final = re.compile(r"-?\d+\.\d+")


def read_catalogues(files: Iterable[Path], language: str) -> dict[str, str]:
    """Return the texts of catalogues by their English; of two the later one."""
    texts: dict[str, str] = {}
    for path in files:
        for message in read_po(BytesIO(path.read_bytes()), locale=language):
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


@cache
def french_texts() -> Mapping[str, str]:
    """Return what services say, by its English."""
    return read_catalogues(FILES, "fr")


def translate(sentence: str, values: Mapping[str, str]) -> str:
    """Return a sentence in French with its values: words in French where they are known, decimals with a comma."""
    texts = french_texts()
    values_fr = {
        name: value.replace(".", ",") if _NUMBER.fullmatch(value) else texts.get(value, value)
        for name, value in values.items()
    }
    return texts.get(sentence, sentence) % values_fr
