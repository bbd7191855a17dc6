"""Alerts as a person says them: "alert me when bitcoin falls 5 %" opens the form, filled in."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.errors import UsageError
from vigie.views.web.pages.markets.bounds import normalize_bound
from vigie.views.web.palette_entries import PaletteEntry
from vigie.views.web.request_context import RequestContext

# Words of both languages, without accents: a person's own language is not always that of the page.
_ASKS: Final = re.compile(
    r"\b(alert|alerts|notify|warn|tell me|alerte[rz]?|alertes|previen[sr]?|prevenir|avertir|averti[ss]?|m'alerter)\b"
)
_DOWN: Final = re.compile(
    r"\b(falls?|drops?|loses?|down|below|under|baisse|chute|perd|tombe|descend|sous|dessous|recule|inferieur)\b"
)
_UP: Final = re.compile(
    r"\b(rises?|gains?|jumps?|up|above|over|climbs?|monte|hausse|gagne|depasse|dessus|augmente|superieur|grimpe)\b"
)
_AMOUNT: Final = re.compile(
    r"(\d[\d\s\u00a0\u202f]*(?:[.,]\d+)?)\s*(%|k\b|m\b|pour ?cent\b|per ?cent\b)?(?!\s*(?:h|d|j)\b)"
)
_SPANS: Final = {
    "change_1h": re.compile(r"\b(1 ?h|hour|an hour|heure|une heure)\b"),
    "change_7d": re.compile(r"\b(7 ?d|7 ?j|week|semaine|7 days|7 jours)\b"),
    "change_30d": re.compile(r"\b(30 ?d|30 ?j|month|mois|30 days|30 jours)\b"),
}
_DAY: Final = re.compile(r"\b(24 ?h|day|jour|a day|un jour|24 hours|24 heures)\b")
_WORD: Final = re.compile(r"[^\W\d_][\w-]*")


def find_alert(context: RequestContext, typed: str) -> PaletteEntry | None:
    """Return the way to the form of an alert that was asked for in words; None where none was.

    The form is opened and never sent: the person sees the rule before it exists.
    """
    folded = fold_text(typed).replace("\u2019", "'")
    if _ASKS.search(folded) is None:
        return None
    asset = _named_asset(context, folded)
    condition = _condition(folded, context.lang.content_language)
    if asset is None or condition is None:
        return None
    asset_id, name = asset
    href = f"{context.url('/alerts', kind='price', assets=asset_id, where=condition)}#rule"
    return PaletteEntry(
        context.text("Create an alert: %(asset)s, %(condition)s")
        % {"asset": name, "condition": _readable(context, condition)},
        context.text("Command"),
        href,
    )


def _named_asset(context: RequestContext, folded: str) -> tuple[str, str] | None:
    """Return the first asset whose ticker, id or name is said, with its name."""
    words = _WORD.findall(_ASKS.sub(" ", folded))
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    for said in (*pairs, *words):
        try:
            rows = context.call("assets.search", q=said[:60], limit=1).rows
        except UsageError:
            continue
        for row in rows:
            if said in (row["asset"], row["symbol"].lower(), fold_text(row["name"])):
                return row["asset"], row["name"]
    return None


def _condition(folded: str, language: str) -> str | None:
    """Return the condition of a rule, ``change_24h<-0.05``; None where a direction or a number is missing."""
    is_down, is_up = _DOWN.search(folded), _UP.search(folded)
    if (is_down is None) == (is_up is None):
        return None
    sign = "<" if is_down else ">"
    without_spans = folded
    for span in (*_SPANS.values(), _DAY):
        without_spans = span.sub(" ", without_spans)
    amount = _AMOUNT.search(without_spans)
    if amount is None:
        return None
    unit = amount[2] or ""
    if "%" in unit or "cent" in unit:
        bound = normalize_bound(f"{amount[1]}%", language)
        name = next((key for key, span in _SPANS.items() if span.search(folded)), "change_24h")
        return f"{name}{sign}{'-' if is_down else ''}{bound}"
    factor = {"k": 1_000, "m": 1_000_000}.get(unit, 1)
    bound = normalize_bound(amount[1], language)
    return f"price{sign}{float(bound) * factor:.12g}"


def _readable(context: RequestContext, condition: str) -> str:
    name, sign, bound = re.split(r"([<>])", condition)
    if name == "price":
        value = context.lang.unit(float(bound), "usd")
        text = context.text("price below %(value)s") if sign == "<" else context.text("price above %(value)s")
        return text % {"value": value}
    span = {"change_1h": "1 h", "change_24h": "24 h", "change_7d": "7 d", "change_30d": "30 d"}[name]
    value = context.lang.unit(float(bound), "change")
    return context.text("%(value)s over %(span)s") % {"value": value, "span": context.text(span)}
