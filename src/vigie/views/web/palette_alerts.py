"""Alerts as a person says them: "alert me when bitcoin falls 5 %" opens the form, filled in.

What is not understood whole is not offered: a rule with a wrong number is worse than an empty form.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from vigie.domain.accents import fold_text
from vigie.views.web.palette_entries import PaletteEntry, search_key
from vigie.views.web.request_context import RequestContext

# Words of both languages, without accents: a person's own language is not always that of the page.
_ASKS: Final = re.compile(
    r"\b(alert\w*|notify|notifie\w*|warn|tell me|let me know|previen\w*|prevenez|prevenir|averti\w*)\b"
)
_DOWN: Final = re.compile(
    r"\b(falls?|drops?|loses?|down|below|under|baisse|chute|perd|tombe|descend|sous|dessous|recule|inferieur)\b|<"
)
_UP: Final = re.compile(
    r"\b(rises?|gains?|jumps?|up|above|over|climbs?|monte|hausse|gagne|depasse|dessus|augmente|superieur|grimpe)\b|>"
)
_SPAN: Final = re.compile(
    r"(?:\b(?:over|in|within|per|en|sur|dans|par|d'ici)\s)?"
    r"(?:\b(\d{1,3})\s?(h|d|j|min|hours?|heures?|days?|jours?|weeks?|semaines?|months?|mois|years?|ans?|minutes?)"
    r"|\b(?:(?:a|an|one|un|une|the|le|la)\s)?(hour|heure|day|jour|week|semaine|month|mois|year|annee|minute))\b"
)
_UNIT_HOURS: Final = {"h": 1, "d": 24, "j": 24, "w": 168, "s": 168, "mo": 720, "y": 8_760, "a": 8_760}
_FIELDS: Final = {1: "change_1h", 24: "change_24h", 168: "change_7d", 720: "change_30d", 8_760: "change_1y"}
_AMOUNT: Final = re.compile(
    r"(?<![\w.,'])\$?(\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"\s?(%|pour ?cent\b|per ?cent\b|[^\W\d_]+|\u20ac)?(?![\w]*\d)"
)
_SCALES: Final = {
    "": 1, "$": 1, "usd": 1, "dollars": 1, "k": 1e3, "thousand": 1e3, "mille": 1e3, "m": 1e6, "million": 1e6,
    "millions": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9, "md": 1e9, "milliard": 1e9, "milliards": 1e9,
}  # fmt: skip
# More digits than any price has.
_MOST_DIGITS: Final = 15
_SMALLEST, _LARGEST = 1e-12, 1e18
_SHORTEST_TICKER: Final = 3
_WORD: Final = re.compile(r"[^\W\d_][\w-]*")
# Of a sentence, not of a market: some are tickers, too, and are meant where they stand in capitals.
_SMALL_WORDS: Final = frozenset(
    "a an the of in on at to me my if when it is by be this that price cost one more than each time please coin "
    "crypto le la les un une de des du d l s y il elle est se ce que qu quand lorsque si prix cours au aux chaque "
    "fois par pour sur en dans moi m t te tu peux stp svp c cela ca plus moins and et ou or".split()
)


class _Condition(NamedTuple):
    """One condition of a rule on prices."""

    field: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.field}{self.sign}{self.bound:.12g}"


def find_alert(context: RequestContext, typed: str) -> PaletteEntry | None:
    """Return the way to the form of an alert that was asked for in words; None where none was, or not clearly.

    The form is opened and never sent: the person sees the rule before it exists.
    """
    said = search_key(typed)
    if _ASKS.search(said) is None:
        return None
    condition = _read_condition(_ASKS.sub(" ", said), is_english=context.lang.language != "fr")
    asset = _named_asset(context, typed) if condition else None
    if asset is None or condition is None:
        return None
    asset_id, name = asset
    href = f"{context.url('/alerts', kind='price', assets=asset_id, where=str(condition))}#rule"
    title = context.text("Create an alert: %(asset)s, %(condition)s")
    return PaletteEntry(
        title % {"asset": name, "condition": _readable(context, condition)}, context.text("Command"), href
    )


def _named_asset(context: RequestContext, typed: str) -> tuple[str, str] | None:
    """Return the asset that is said, with its name: by name or id first, then by ticker."""
    words = [word for word in _WORD.findall(typed) if fold_text(word) not in _SMALL_WORDS or word.isupper()]
    words = [
        word for word in words if not any(part.fullmatch(fold_text(word)) for part in (_ASKS, _DOWN, _UP))
    ]
    by_ticker = None
    for word in (*(f"{first} {second}" for first, second in pairwise(words)), *words):
        said = fold_text(word)
        for row in context.call("assets.search", q=word[:60], limit=1).rows:
            found = (row["asset"], row["name"])
            if said in (row["asset"], fold_text(row["name"])):
                return found
            is_ticker = said == row["symbol"].lower()
            if is_ticker and by_ticker is None and (len(said) >= _SHORTEST_TICKER or word.isupper()):
                by_ticker = found
    return by_ticker


def _read_condition(said: str, *, is_english: bool) -> _Condition | None:
    """Return the condition of a rule, ``change_24h<-0.05``; None where one part is missing or has two meanings."""
    spans = list(_SPAN.finditer(said))
    rest = _SPAN.sub(" ", said)
    is_down, is_up = _DOWN.search(rest) is not None, _UP.search(rest) is not None
    if is_down == is_up or len(spans) > 1:
        return None
    sign = "<" if is_down else ">"
    amounts = list(_read_amounts(rest, is_english=is_english))
    if any(math.isnan(value) for value, _is_share in amounts):
        return None
    shares = [value for value, is_share in amounts if is_share]
    if len(shares) == 1:
        field = _FIELDS.get(_hours(spans[0])) if spans else "change_24h"
        if field is None or (is_down and shares[0] >= 1):
            return None
        return _Condition(field, sign, -shares[0] if is_down else shares[0])
    if shares or len(amounts) != 1 or spans:
        return None
    return _Condition("price", sign, amounts[0][0])


def _hours(span: re.Match[str]) -> int:
    unit = span[2] or span[3]
    for start in ("mo", unit[0]):
        if unit.startswith(start) and start in _UNIT_HOURS:
            return int(span[1] or 1) * _UNIT_HOURS[start]
    return 0


def _read_amounts(text: str, *, is_english: bool) -> Iterator[tuple[float, bool]]:
    """Yield each number of a sentence, and whether it is a share; one that cannot be read is a number all the same."""
    for match in _AMOUNT.finditer(text):
        unit = match[2] or ""
        number = _read_number(match[1], is_english=is_english)
        is_share = unit == "%" or unit.endswith("cent")
        scale = 0.01 if is_share else _SCALES.get(unit)
        if scale is None and unit and (match[0].rstrip().endswith(f" {unit}")):
            # A word behind a number, such as "90 000 when": none of a scale that is known, so the number stands alone.
            scale = 1 if unit in _SMALL_WORDS else None
        value = number * scale if number is not None and scale is not None else float("nan")
        yield (value, is_share) if _SMALLEST <= value <= _LARGEST else (float("nan"), is_share)


def _read_number(typed: str, *, is_english: bool) -> float | None:
    """Read a number as the language writes it: a comma before three digits parts thousands in English alone."""
    text = typed.replace(" ", "").replace("'", "")
    group, point = (",", ".") if is_english else (".", ",")
    if sum(letter.isdigit() for letter in text) > _MOST_DIGITS:
        return None
    if re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{group}\d{{3}})+(?:\{point}\d+)?", text):
        return float(text.replace(group, "").replace(point, "."))
    plain = text.replace(",", ".")
    return float(plain) if plain.count(".") <= 1 else None


def _readable(context: RequestContext, condition: _Condition) -> str:
    if condition.field == "price":
        text = (
            context.text("price below %(value)s")
            if condition.sign == "<"
            else context.text("price above %(value)s")
        )
        return text % {"value": context.lang.unit(condition.bound, "usd")}
    span = {
        "change_1h": "1 h",
        "change_24h": "24 h",
        "change_7d": "7 d",
        "change_30d": "30 d",
        "change_1y": "1 y",
    }
    value = context.lang.unit(condition.bound, "change")
    return context.text("%(value)s over %(span)s") % {
        "value": value,
        "span": context.text(span[condition.field]),
    }
