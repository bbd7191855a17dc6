"""Names of firms as registers write them, so that two ways to write one name are the same and two firms are not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vigie.domain.accents import fold_text

LEI: Final = re.compile(r"\b[A-Z0-9]{18}[0-9]{2}\b")
# Dots and apostrophes within a word are no end of it: S.A. and SA are one.
_WORD: Final = re.compile(r"[^\W_]+(?:[.'’&][^\W_]+)*\.?")
_INNER: Final = re.compile(r"[.'’]")
# What a firm is by law says nothing of which one it is; several ways to write one are one.
_FORMS: Final = {
    **{
        form: form
        for form in (
            "ltd llc inc corp co gmbh ag kg ug se sa sas sasu sarl srl spa sl bv nv oy oyj ab as asa aps plc lp llp "
            "pte pty kft zrt zoo sro ou uab sia ead ood ad eood lda eurl sca scs doo foundation"
        ).split()
    },
    "limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co",
}  # fmt: skip
# Of several words: "sp. z o.o.", "d o o".
_LONG_FORMS: Final = (("sp", "z", "oo"), ("sp", "z", "o", "o"), ("d", "o", "o"), ("a", "s"), ("s", "a"))
_PLACES: Final = frozenset(
    "europe european eu eea international global us usa uk austria belgium cyprus czech deutschland denmark estonia "
    "finland france germany gibraltar greece hungary iceland ireland italia italy latvia liechtenstein lithuania "
    "luxembourg malta netherlands norway poland polska portugal romania slovakia slovenia spain espana sweden "
    "switzerland".split()
)


@dataclass(frozen=True, slots=True)
class FirmName:
    """A name taken apart.

    Attributes
    ----------
    core : tuple of str
        Its words as compared, without what it is by law.
    form : str
        What it is by law; empty where the name does not say it.
    """

    core: tuple[str, ...]
    form: str

    @property
    def placeless(self) -> tuple[str, ...]:
        """The core without the country or region of a branch at its end; the core where nothing else is left."""
        core = self.core
        while len(core) > 1 and core[-1] in _PLACES:
            core = core[:-1]
        return core


@lru_cache(maxsize=16_384)
def parse_firm_name(text: str) -> FirmName:
    """Return the name of a firm taken apart."""
    parts = tuple(normalise_word(match[0]) for match in _WORD.finditer(text))
    return split_legal_form(tuple(part for part in parts if part))


def strip_legal_form(text: str) -> str:
    """Return the name of a firm as written, without what it is by law; the whole where nothing else is left."""
    n_kept, parts = len(parse_firm_name(text).core), text.replace(",", " ").split()
    return " ".join(parts[:n_kept]) if 0 < n_kept < len(parts) else text


def split_legal_form(parts: tuple[str, ...]) -> FirmName:
    """Return compared words taken apart into a name and what it is by law."""
    for long_form in _LONG_FORMS:
        if len(parts) > len(long_form) and parts[-len(long_form) :] == long_form:
            return FirmName(parts[: -len(long_form)], "".join(long_form))
    if len(parts) > 1 and parts[-1] in _FORMS:
        return FirmName(parts[:-1], _FORMS[parts[-1]])
    return FirmName(parts, "")


def normalise_word(word: str) -> str:
    """Return a word as it is compared."""
    return _INNER.sub("", fold_text(word)).strip()


def legal_form(word: str) -> str:
    """Return what a compared word says a firm is by law; empty where it says nothing of that."""
    return _FORMS.get(word, "")


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """Return the words of a text as compared, each with its begin and end."""
    word_positions = (
        (normalise_word(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)
    )
    return [span for span in word_positions if span[0]]
