"""What was refused, in the visitor's language: by code and arguments, from the catalogue.

Operations speak English: programs read them. A text without a code, such as a venue's own words or a row of before, is
shown as it is.
"""

from __future__ import annotations

import re
from typing import Final

from vigie.catalogue import NamedTexts, read_catalogue
from vigie.domain.refusal import Refusal
from vigie.views.web.language import UserLanguage

# Fields as their forms call them, and scopes; programs read both by their names.
_LABELS: Final = {
    "field": NamedTexts(
        "field",
        {
            "assets": "Assets",
            "account": "Account",
            "address": "Address",
            "bars": "Valid for, in bars",
            "bound": "Number or field",
            "capital": "Capital",
            "cool_down_minutes": "Minutes between alerts",
            "daily_budget": "Max per day",
            "fee": "Fee",
            "further_targets": "Further targets",
            "high": "Zone to",
            "instrument": "Instrument",
            "limit_entries": "Limit entries",
            "low": "Zone from",
            "note": "Note",
            "place": "Market",
            "plan": "Plan",
            "price": "Price",
            "quantity": "Quantity",
            "setup": "Setup",
            "side": "Side",
            "state": "State",
            "stop": "Stop",
            "target": "Target",
            "days": "Expires after (days)",
            "documents_days": "Raw documents",
            "jobs_days": "Finished jobs and logs",
            "last": "Last N bars",
            "leverage": "Max leverage",
            "maker": "Maker fee",
            "max_bars": "Time stop",
            "name": "Name",
            "quiet_from": "Quiet hours from",
            "quiet_to": "Quiet hours until",
            "random": "Random sample size",
            "risk_fraction": "Planned risk per trade",
            "slippage_bps": "Slippage",
            "stop_atr": "Stop",
            "strategy": "Strategy",
            "taker": "Taker fee",
            "target_atr": "Target",
            "timeframe": "Timeframe",
            "title": "Title",
            "venue": "Venue",
            "zone": "Time zone",
        },
    ),
    "scope": NamedTexts("scope", {"read": "read", "write": "write", "trade": "trade", "admin": "admin"}),
}


def translate_to_french(refusal: str) -> str:
    """Return a refusal in French, for what is sent: mails, feeds."""
    return translate_refusal(UserLanguage("fr"), refusal)


def translate_refusal(lang: UserLanguage, refusal: str) -> str:
    """Return a refusal in the language of a visitor."""
    if lang.language == "en":
        return _with_labels(refusal)
    if not isinstance(refusal, Refusal):
        return lang.text(refusal)
    named = read_catalogue(lang.language).named
    template = named.get(f"refusal.{refusal.code}")
    if template is None:
        return refusal
    arguments = {name: _argument_text(lang, name, value) for name, value in refusal.arguments.items()}
    try:
        return template.format(**arguments)
    except KeyError:
        # A row of a release whose sentence had other arguments.
        return refusal


def split_refusals(refusal: str) -> list[str]:
    """Return what a refusal joins as parts of their own, so that they can be counted and listed."""
    if isinstance(refusal, Refusal) and refusal.code == "several":
        return [refusal.arguments["first"], *split_refusals(refusal.arguments["rest"])]
    return [refusal]


def _with_labels(refusal: str) -> str:
    """Return an English refusal with fields as forms call them; programs read their names."""
    parts = [_with_label(part) for part in split_refusals(refusal)]
    return "; ".join(parts) if len(parts) > 1 else parts[0]


def _with_label(refusal: str) -> str:
    if not isinstance(refusal, Refusal) or refusal.code != "field_refused":
        return refusal
    field = refusal.arguments["field"]
    return f"{_LABELS['field']['en'].get(field, field)}: {refusal.arguments['reason']}"


# A number with decimals: it has a comma in French. What a person typed stands in quotation marks and stays.
_DECIMAL: Final = re.compile(r"-?\d+\.\d+")


def _argument_text(lang: UserLanguage, name: str, value: str) -> str:
    if isinstance(value, Refusal):
        return translate_refusal(lang, value)
    if name == "threshold":
        return lang.digits(value.replace(",", ""))
    if _DECIMAL.fullmatch(value):
        return lang.digits(value)
    return _LABELS[name][lang.language].get(value, value) if name in _LABELS else value
