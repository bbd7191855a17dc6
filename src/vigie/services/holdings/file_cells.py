"""How files write numbers, currencies and days in a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAY: Final = re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII)
_NAMED: Final = re.compile(
    r"(?:([A-Za-z]{3})[a-z]* (\d{1,2})|(\d{1,2}) ([A-Za-z]{3})[a-z]*),? (\d{4}),? "
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])[Mm])?",
    re.ASCII,
)
_DOTTED: Final = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}(?!\d)", re.ASCII)
# The spaces of print, which no line may break at, and the thin one.
_SPACES: Final = str.maketrans("\u00a0\u202f\u2009", "   ")
_CURRENCY: Final = re.compile(r"^(-?)(?:[€$£]|[A-Z]{3} |kr\.? ?)|(?: ?[€$£]| [A-Z]{3}| kr)$")
# What a sign beside a number may stand for; the first where nothing else says it, which nobody knows of crowns.
_SIGNS: Final[Mapping[str, Sequence[str]]] = {
    "€": ("EUR",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL"),
    "£": ("GBP",),
    "kr": ("", "SEK", "NOK", "DKK", "ISK"),
}
_WORDS: Final = {
    "EURO": "EUR", "EUROS": "EUR", "DOLLAR": "USD", "DOLLARS": "USD", "US": "USD", "POUND": "GBP", "POUNDS": "GBP",
}  # fmt: skip
_AROUND: Final = re.compile(r"[\s()€$£]+")
_CODE_LENGTH: Final = 3
_NOON: Final = 12
_SPACED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?", re.ASCII)


def bare_number(text: str) -> str:
    """Return a number without the sign or code of its currency beside it, and without spaces between its thousands."""
    bare = _CURRENCY.sub(r"\1", text.translate(_SPACES).strip())
    return bare.replace(" ", "") if _SPACED.fullmatch(bare) else bare


def currency_of(text: str) -> str:
    """Return the currency that stands beside a number, by its code before its sign; empty where none does."""
    return _code_beside(text) or next((codes[0] for sign, codes in _SIGNS.items() if sign in text), "")


def may_be_in(text: str, currency: str) -> bool:
    """Tell whether nothing beside a number says another currency or coin than this one, in capitals."""
    if text[:1].isdigit() and text[-1].isdigit():
        # Most numbers have nothing beside them.
        return True
    signs = [codes for sign, codes in _SIGNS.items() if sign in text]
    return _code_beside(text) in ("", currency) and all(
        currency in codes or ("USD" in codes and "USD" in currency) for codes in signs
    )


def named_currency(text: str) -> str:
    """Return the code of a currency that a cell names by code, sign or word; in capitals what it names otherwise."""
    bare = _AROUND.sub("", text).upper()
    return _WORDS.get(bare) or (
        bare if len(bare) == _CODE_LENGTH else currency_of(text) if not bare else text.upper()
    )


def _code_beside(text: str) -> str:
    found = re.search(r"\b([A-Z]{3})\b", text)
    return found[1] if found else ""


def written_moment(text: str) -> str:
    """Return a day or a time as `cells.parse_moment` takes it: dots are slashes, a day alone begins it."""
    text = _DOTTED.sub(r"\1/\2/\3", text)
    if _DAY.fullmatch(text):
        # A day alone begins it, as in a line by hand.
        return f"{text} 00:00"
    match = _NAMED.fullmatch(text.translate(_SPACES))
    if match is None:
        return text
    month = _MONTHS.get((match[1] or match[4]).lower())
    hour = int(match[6])
    if match[9] in ("A", "a") and hour > _NOON:
        # An afternoon in the morning: nobody says which is meant.
        return text
    if match[9]:
        hour = hour % 12 + (12 if match[9] in "Pp" else 0)
    if month is None:
        return text
    day = int(match[2] or match[3])
    return f"{match[5]}-{month:02}-{day:02} {hour:02}:{match[7]}:{match[8] or '00'}"


def is_dotted_day(text: str) -> bool:
    """Tell whether a day, or a time that it begins, is written with dots."""
    return _DOTTED.match(text) is not None


def is_unsure_day(written: str) -> bool:
    """Tell whether a day may be read in two orders.

    Parameters
    ----------
    written : str
        As `written_moment` returns it.
    """
    match = _SLASHED.match(written)
    return match is not None and match[1] != match[2] and int(match[1]) <= 12 and int(match[2]) <= 12
