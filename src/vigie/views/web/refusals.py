"""What operations refuse, in the visitor's language: a sentence with its values, matched to one in French.

Operations speak English: programs read them. Where no sentence fits, the English one is shown rather than none.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from vigie.views.web.language import UserLanguage

_HERE: Final = Path(__file__).parent / "locales"
# A refusal quotes what was given, however long that is; no sentence of ours is longer than this.
LONGEST: Final = 2_000
MOST_PARTS: Final = 30
_PLACE: Final = re.compile(r"\{(\w+)\}")
# Texts of pydantic and ours begin with the field's name.
_FIELD: Final = re.compile(r"^([a-z_.0-9]+): (.+)$", re.DOTALL)
# What a sentence is about, in one word before it: a field, a file, a series.
_AHEAD: Final = re.compile(r"^(\S+): (.+)$", re.DOTALL)

# A value whose name ends in _word: the name of a parameter, without spaces; a colon after it makes it a field.
_WORD: Final = re.compile(r"\S*[^\s:]")

# What somebody may do, as the page of an account calls it.
_SCOPES: Final = {"read": "de lire", "write": "de modifier", "trade": "de négocier", "admin": "d’administrer"}


@dataclass(frozen=True, slots=True)
class RefusalPattern:
    """A sentence with places for values: what stands between them, and their names.

    Matched from left to right, each value as short as it may be: a pattern with several values would try all ways to
    cut a text that somebody made for it.
    """

    parts: tuple[str, ...]
    names: tuple[str, ...]

    def values(self, text: str) -> dict[str, str] | None:
        """Return the values of a text, each of one sign at least; None where it is another sentence."""
        if not self.names:
            return {} if text == self.parts[0] else None
        first, *between, last = self.parts
        if not text.startswith(first) or not text.endswith(last):
            return None
        by_name: dict[str, str] = {}
        at = len(first)
        for name, part in zip(self.names[:-1], between, strict=True):
            end = text.find(part, at + 1)
            if end < 0:
                return None
            by_name[name] = text[at:end]
            at = end + len(part)
        end = len(text) - len(last)
        return {**by_name, self.names[-1]: text[at:end]} if at < end else None


@cache
def _patterns() -> tuple[tuple[RefusalPattern, str], ...]:
    catalogue = tomllib.loads((_HERE / "refusals.fr.toml").read_text(encoding="utf-8"))
    sorted_texts = sorted(catalogue["sentences"], key=how_narrow)
    return tuple((parse_pattern(english), catalogue["sentences"][english]) for english in sorted_texts)


def how_narrow(english: str) -> tuple[bool, int]:
    """Return by what sentences are ordered before a text is compared with them."""
    # What holds another sentence is unpacked first; of others the one with most words of its own says best what it is.
    return not english.startswith("{said_"), -len(_PLACE.sub("", english))


@cache
def _field_names() -> dict[str, str]:
    catalogue = tomllib.loads((_HERE / "refusals.fr.toml").read_text(encoding="utf-8"))
    return dict(catalogue["fields"])


def parse_pattern(english: str) -> RefusalPattern:
    """Read a sentence whose values stand in braces."""
    parts = _PLACE.split(english)
    return RefusalPattern(tuple(parts[::2]), tuple(parts[1::2]))


def translate_to_french(refusal: str) -> str:
    """Return a refusal in French, for what is told beside the pages: mails, feeds."""
    return translate_refusal(UserLanguage("fr"), refusal)


def translate_refusal(lang: UserLanguage, refusal: str) -> str:
    """Return a refusal in the language of a visitor."""
    if lang.language == "en" or len(refusal) > LONGEST:
        return refusal
    parts = refusal.split("; ")
    # No form has so many fields: it is somebody's text, and each part is compared with every sentence.
    if len(parts) > MOST_PARTS:
        return refusal
    # The last value of a sentence reaches to the end: it would take the refusals of other fields with it.
    whole = refusal if all(_FIELD.match(part) for part in parts) else _translate_part(lang, refusal)
    if whole != refusal:
        return whole
    return "; ".join(_translate_part(lang, part) for part in parts)


def fits(values: dict[str, str]) -> bool:
    """Tell whether values can stand where a sentence has them."""
    # "x must be a number" would fit "the key of a source must be a number" as well: half of it would stay English.
    return all(_WORD.fullmatch(text) for name, text in values.items() if name.endswith("_word"))


def _translate_value(lang: UserLanguage, name: str, text: str) -> str:
    if name == "scope":
        return _SCOPES.get(text, text)
    # A sentence inside a sentence: what was tried three times and failed.
    return _translate_part(lang, text, is_inner=True) if name.startswith("said_") else text


# The same few stand in every row of a table, and each is compared with every sentence.
@lru_cache(maxsize=1_024)
def _translate_part(lang: UserLanguage, text: str, *, is_inner: bool = False) -> str:
    for english, french in _patterns():
        values = english.values(text)
        if values is not None and fits(values):
            return french.format(
                **{name: _translate_value(lang, name, text) for name, text in values.items()}
            )
    field = None if is_inner else _AHEAD.match(text)
    if field:
        inner = _translate_part(lang, field[2], is_inner=True)
        name = _field_names().get(field[1])
        return f"{lang.text(name) if name else field[1]} : {inner}" if inner != field[2] else text
    return lang.text(text)
