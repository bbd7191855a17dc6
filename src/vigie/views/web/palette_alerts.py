"""Alerts as a person says them: "alert me when bitcoin falls 5 %" opens the form, filled in.

What is not understood whole is not offered: a rule with a wrong number is worse than an empty form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from vigie.domain.accents import fold_text
from vigie.intelligence.market.words import numbers_of
from vigie.views.web.alert_grammar import AlertGrammar, alert_grammar
from vigie.views.web.palette_entries import PaletteEntry, search_key
from vigie.views.web.request_context import RequestContext

_FIELDS: Final = {1: "change_1h", 24: "change_24h", 168: "change_7d", 720: "change_30d", 8_760: "change_1y"}
# More digits than any price has.
_MOST_DIGITS: Final = 15
_SMALLEST, _LARGEST = 1e-12, 1e18
_SHORTEST_TICKER: Final = 3
_WORD: Final = re.compile(r"[^\W\d_][\w-]*")
_BY: Final = re.compile(r"\bby\b")
_LEFT: Final = re.compile(r"[^\s,;:!?.\-']+")


class NamedAsset(NamedTuple):
    """An asset, and by which words a sentence names it."""

    id: str
    name: str
    said: str


class Condition(NamedTuple):
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
    said, grammar = search_key(typed), alert_grammar(context.lang.language)
    if grammar.ask.search(said) is None:
        return None
    condition = read_condition(said, context.lang.language)
    if condition is not None and condition.field == "price" and _BY.search(said):
        # "falls by 5,000 dollars" is a distance, which no rule on prices measures.
        return None
    asset = _named_asset(context, typed, grammar) if condition else None
    if asset is None or condition is None or not _is_all_understood(said, asset.said, grammar):
        return None
    asset_id, name = asset.id, asset.name
    href = f"{context.url('/alerts', kind='price', assets=asset_id, where=str(condition))}#rule"
    title = context.text("Create an alert: %(asset)s, %(condition)s")
    return PaletteEntry(
        title % {"asset": name, "condition": _readable(context, condition)}, context.text("Command"), href
    )


def _is_all_understood(said: str, asset: str, grammar: AlertGrammar) -> bool:
    """Tell whether a sentence says nothing beside an asset and its condition: no "not", no volume, no second asset."""
    rest = grammar.ask.sub(" ", said)
    for pattern in (grammar.span, grammar.amount):
        # What follows a number may be the next word: it is looked at like the others.
        rest = pattern.sub(lambda match: f" {_next_word(match, grammar)} ", rest)
    rest = re.sub(
        rf"\b{re.escape(search_key(asset))}\b", " ", grammar.down.sub(" ", grammar.up.sub(" ", rest))
    )
    # Letters alone are articles: l'ethereum.
    return all(word in grammar.small or (len(word) == 1 and word.isalpha()) for word in _LEFT.findall(rest))


def _next_word(match: re.Match[str], grammar: AlertGrammar) -> str:
    unit = match[2] or ""
    return unit if unit and match.re is grammar.amount and unit not in grammar.scales else ""


def _named_asset(context: RequestContext, typed: str, grammar: AlertGrammar) -> NamedAsset | None:
    """Return the asset that is said, with its name: by name or id first, then by ticker."""
    patterns = (grammar.ask, grammar.down, grammar.up)
    words = [word for word in _WORD.findall(typed) if fold_text(word) not in grammar.small or word.isupper()]
    words = [word for word in words if not any(pattern.fullmatch(fold_text(word)) for pattern in patterns)]
    by_ticker = None
    for word in (*(f"{first} {second}" for first, second in pairwise(words)), *words):
        said = fold_text(word)
        for row in context.call("assets.search", q=word[:60], limit=1).rows:
            found = NamedAsset(row["asset"], row["name"], word)
            if said in (row["asset"], fold_text(row["name"])):
                return found
            is_ticker = said == row["symbol"].lower()
            if is_ticker and by_ticker is None and (len(said) >= _SHORTEST_TICKER or word.isupper()):
                by_ticker = found
    return by_ticker


def read_condition(said: str, language: str) -> Condition | None:
    """Return the condition of a rule, ``change_24h<-0.05``; None where one part is missing or has two meanings.

    Parameters
    ----------
    said : str
        What was typed, as `search_key` gives it.
    language : str
        Of the page: how numbers are written, and what letters after them stand for.
    """
    grammar = alert_grammar(language)
    rest = grammar.ask.sub(" ", said)
    spans = list(grammar.span.finditer(rest))
    rest = grammar.span.sub(" ", rest)
    is_down, is_up = grammar.down.search(rest) is not None, grammar.up.search(rest) is not None
    if is_down == is_up or len(spans) > 1:
        return None
    sign = "<" if is_down else ">"
    amounts = list(_read_amounts(rest, grammar, language))
    values = [value for value, _is_share in amounts if value is not None]
    if len(values) < len(amounts):
        return None
    shares = [value for value, (_value, is_share) in zip(values, amounts, strict=True) if is_share]
    if len(shares) == 1:
        field = _FIELDS.get(_hours(spans[0], grammar)) if spans else "change_24h"
        if field is None or (is_down and shares[0] >= 1):
            return None
        return Condition(field, sign, -shares[0] if is_down else shares[0])
    if shares or len(values) != 1 or spans:
        return None
    return Condition("price", sign, values[0])


def _hours(span: re.Match[str], grammar: AlertGrammar) -> int:
    return int(span[1] or 1) * grammar.hours[span[2] or span[3]]


def _read_amounts(text: str, grammar: AlertGrammar, language: str) -> Iterator[tuple[float | None, bool]]:
    """Yield each number of a sentence, None if it or its unit is not understood, and whether it is a share."""
    for match in grammar.amount.finditer(text):
        number, unit = _read_number(match[1], language), match[2] or ""
        scale = grammar.scales.get(unit) if unit else 1.0
        if scale is None and unit in grammar.small and f" {unit}" in match[0]:
            # The next word of the sentence, such as "90 000 when", is no unit.
            scale = 1.0
        value = number * scale if number is not None and scale is not None else 0.0
        yield value if _SMALLEST <= value <= _LARGEST else None, unit in grammar.per_cent


def _read_number(typed: str, language: str) -> float | None:
    """Read a number as the language writes it: a comma before three digits parts thousands in English."""
    text = typed.replace(" ", "").replace("'", "")
    point = numbers_of(language).point
    group = "," if point == "." else "."
    if sum(letter.isdigit() for letter in text) > _MOST_DIGITS:
        return None
    if re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{group}\d{{3}})+(?:\{point}\d+)?", text):
        return float(text.replace(group, "").replace(point, "."))
    plain = text.replace(",", ".")
    return float(plain) if plain.count(".") <= 1 else None


def _readable(context: RequestContext, condition: Condition) -> str:
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
