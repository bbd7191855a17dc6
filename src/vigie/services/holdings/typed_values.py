"""Numbers and days as readers of a language type them, for a form and a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigie.intelligence.holdings.amounts import parse_plain
from vigie.intelligence.market.words import normalize_number

_COINS: Final = ("quantity", "to_quantity", "yearly_fee", "spread")
_MONEY: Final = ("amount", "fee")
# Beside a number, before or after it.
_SIGNS: Final[Mapping[str, re.Pattern[str]]] = {
    "EUR": re.compile(r"^(?:\u20ac|eur)\s*|\s*(?:\u20ac|eur|euros?)$", re.IGNORECASE),
    "USD": re.compile(r"^(?:us\$|\$|usd)\s*|\s*(?:us\$|\$|usd|dollars?)$", re.IGNORECASE),
}
_DAY: Final = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})", re.ASCII)
_MONTHS: Final = 12


def plain_values(typed: Mapping[str, str], language: str) -> dict[str, str]:
    """Return a line as an operation takes it; what is no number stays as it was typed, and so is refused.

    Parameters
    ----------
    typed : mapping of str to str
        By name of the operation's input.
    language : str
        Of the reader.
    """
    # A fee in coins has no sign of money.
    currency = typed.get("currency") or "EUR"
    fee_currency = "" if typed.get("fee_coin") else currency
    money = {"amount": currency, "fee": fee_currency}
    plain = {name: _plain_number(typed[name], language) for name in _COINS if name in typed}
    plain |= {name: _plain_number(typed[name], language, money[name]) for name in _MONEY if name in typed}
    return {**typed, **plain}


def _plain_number(text: str, language: str, currency: str = "") -> str:
    """Return a number as programs write it, without the sign or word of its own currency."""
    bare = _SIGNS[currency].sub("", text.strip()) if currency in _SIGNS else text
    number = normalize_number(bare, language)
    return text if parse_plain(number) is None else number


def plain_day(text: str, language: str) -> str:
    """Return a day as programs write it; one that may be read in two orders stays as it was typed.

    Parameters
    ----------
    text : str
        Such as 13.02.2024 or 13/02/2024.
    language : str
        Of the reader: with slashes an English one may mean the month first.
    """
    match = _DAY.fullmatch(text.strip())
    if match is None or (match[2] == "/" and language == "en" and int(match[1]) <= _MONTHS):
        return text
    return f"{match[4]}-{int(match[3]):02}-{int(match[1]):02}"
